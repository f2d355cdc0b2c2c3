//! What a task asks a person to do, in a sentence: the same in the console and in mails.

use numo_domain::{
    meta_code::advice::Advice, notice::NoticeKind, sender::Sender, template::WhyUnusable,
    whatsapp_account::AccountTrouble,
};

use crate::store::task::TaskAbout;

/// What more can be said of a task: why a number cannot send, or what Meta's code for a text means.
pub fn advice(about: &TaskAbout, senders: &[Sender]) -> Option<Advice> {
    if let TaskAbout::SenderBlocked(phone) = about {
        return Advice::of_sender(senders.iter().find(|sender| sender.phone_number_id == *phone)?);
    }
    let TaskAbout::AccountNotice { notice, .. } = about else { return None };
    let code = notice.word.as_deref().filter(|_| notice.what == NoticeKind::TextNotTaken)?;
    code.parse().ok().map(Advice::of_code)
}

/// What a person is asked to do.
pub const fn task_sentence(about: &TaskAbout) -> &'static str {
    match about {
        TaskAbout::OutcomeUnknown(_) => {
            "It is not known whether a message went out; look at the customer's phone or ask."
        }
        TaskAbout::ReconnectLedger(_) => "An accounting system has to be connected again.",
        TaskAbout::LedgerSuspended(_) => {
            "An accounting system does not serve one of your ledgers now; look at your subscription there."
        }
        TaskAbout::ConsentEnds(_) => {
            "The consent to read an accounting system ends soon, whatever Numo does; connect it again before."
        }
        TaskAbout::SenderBlocked(_) => "WhatsApp does not let a number send; look at it in Meta's manager.",
        TaskAbout::TextUnusable { why, .. } => why_unusable(*why),
        TaskAbout::AccountNotice { notice, .. } => notice_sentence(notice.what),
        TaskAbout::ReconnectWhatsapp(_) => {
            "A WhatsApp account has to be connected again; nothing is sent from its numbers until then."
        }
        TaskAbout::WhatsappAccessEnds(_) => {
            "The access to a WhatsApp account ends within a week; connect it again before, and nothing stops."
        }
        TaskAbout::WhatsappNumberMissing(_) => {
            "A WhatsApp account has no number yet; add one in Meta's WhatsApp manager, and it is found within an hour."
        }
        TaskAbout::WhatsappSignupUnfinished(_) => {
            "A WhatsApp account has a number that is not connected yet; finish connecting it."
        }
        TaskAbout::WhatsappTrouble { trouble, .. } => match trouble {
            AccountTrouble::Payment => {
                "Meta has no working way to be paid for an account's messages; add a payment method in Meta's WhatsApp manager."
            }
            AccountTrouble::Verification => {
                "Your business has not passed Meta's verification, which keeps the number of messages low; start it in Meta's business settings."
            }
            AccountTrouble::Banned => {
                "Meta banned a WhatsApp account; Meta's business support says why, and how to appeal."
            }
        },
        TaskAbout::LedgerUnreadable(_) => {
            "An accounting system could not be read for four hours; reminders to its customers rest until it can."
        }
        TaskAbout::SequenceFinished(_) => {
            "No reminder of the policy is left and the customer still owes; decide what comes next."
        }
        TaskAbout::UndeliveredTwice(_) => {
            "Two messages in a row did not arrive, so reminders to this customer stand still; check the number, then have it tried again."
        }
        TaskAbout::NotOnWhatsapp(_) => {
            "A customer's number is not on WhatsApp, so nothing is sent to it; correct the number, or have it tried again."
        }
        TaskAbout::WrongNumber(_) => {
            "Somebody wrote that a customer's number is the wrong one; it is not used again until you correct or confirm it."
        }
        TaskAbout::ReplyUnanswered { .. } => {
            "A customer wrote days ago and nobody looked at it; reminders to the customer rest until somebody does."
        }
        TaskAbout::CostCapReached(_) => {
            "The month's cost cap leaves no room for some messages; they wait for the next month, or for a higher cap."
        }
        TaskAbout::DayNotAccounted(_) => {
            "The messages of a day do not add up to what was planned; the operators were told."
        }
    }
}

/// What Meta tells about an account.
const fn notice_sentence(what: NoticeKind) -> &'static str {
    match what {
        NoticeKind::Violation => "WhatsApp says that your account broke one of its rules; look at Business Support.",
        NoticeKind::DisableScheduled => "WhatsApp is going to disable your account; object in Business Support.",
        NoticeKind::ReviewRejected => "WhatsApp's review refused your account; look at Meta's manager.",
        NoticeKind::AnswersRestricted => "WhatsApp does not let you answer customers for a while.",
        NoticeKind::NumbersRestricted => "WhatsApp does not let you add numbers for a while.",
        NoticeKind::NameDeclined => "WhatsApp did not approve the name that customers see; choose another one.",
        NoticeKind::QualityLow => "Customers block or report your number often; send less, and to fewer people.",
        NoticeKind::TextBecomesMarketing => {
            "WhatsApp is going to count a text as marketing within a day; it is not used from then on."
        }
        NoticeKind::BilledInOtherCategory => {
            "WhatsApp bills a text in another category than its own, which may cost more; look at its category."
        }
        NoticeKind::PinChanged => "The PIN of your WhatsApp number was changed; if that was not you, change it back.",
        NoticeKind::PinReset => {
            "Somebody asked to reset the PIN of your WhatsApp number; refuse it if that was not you."
        }
        NoticeKind::LimitNotRaised => "WhatsApp cannot raise the limits of your business yet; look at Meta's manager.",
        NoticeKind::OfficialStatus => "There is news about the official status of your WhatsApp account.",
        NoticeKind::PictureLost => "The picture of your WhatsApp profile is gone; upload it again.",
        NoticeKind::TextNotTaken => {
            "WhatsApp did not take some texts when Numo registered them; others stand in for them, and it is tried daily."
        }
        NoticeKind::OtherAlert => "WhatsApp has an alert about your account; look at Meta's manager.",
    }
}

/// Why a text is not used any more, and what comes of it.
const fn why_unusable(why: WhyUnusable) -> &'static str {
    match why {
        WhyUnusable::Marketing => {
            "WhatsApp counts a text as marketing, which costs more and does not arrive in the US: another text is used. \
             You can object in Meta's Business Support within 60 days."
        }
        WhyUnusable::Rejected => "WhatsApp did not approve a text: another one is used in its place.",
        WhyUnusable::Paused => {
            "WhatsApp paused a text that customers blocked or reported: it rests until Meta lets it go on, or until \
             you do in Meta's manager."
        }
        WhyUnusable::Disabled => {
            "WhatsApp disabled a text for good; it comes back under a new name with the next version of the texts."
        }
        WhyUnusable::LimitExceeded => "The WhatsApp account has too many texts: delete some that you do not use.",
        WhyUnusable::Locked => "WhatsApp locked a text; look at it in Meta's manager.",
        WhyUnusable::LowQuality => "Customers block or report a text often: it rests until Meta thinks better of it.",
        WhyUnusable::Mismatch => {
            "A text on the WhatsApp account is not the one that Numo registered, so that messages with it are refused: \
             put it back in Meta's manager. It is tried again after a day."
        }
        WhyUnusable::LivesTooLong => {
            "WhatsApp would try for more than 12 hours to deliver a text of Meta's library, so that a reminder could \
             arrive after the payment: the text is not used."
        }
        WhyUnusable::Archived | WhyUnusable::Deleted | WhyUnusable::Missing | WhyUnusable::NotTaken => {
            "A text is not on the WhatsApp account; Numo registers it again."
        }
    }
}
