//! What a code of Meta's means to the owner and what to do about it: one table for API, console and tasks.
//!
//! Every sentence is ours: Meta's own are translated, and may quote the customer.

use serde::Serialize;

use crate::{
    meta_code::{Meaning, NO_CONNECTION, NO_MESSAGE, meaning},
    reminder::ReminderState,
    sender::{Sender, SenderStatus},
    template::WhyUnusable,
};

/// What happened, and what the owner can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Advice {
    /// What happened.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl Advice {
    const fn new(cause: &'static str, remedy: &'static str) -> Self {
        Self { cause, remedy }
    }

    /// About a code, whether it is known or not.
    pub fn of_code(code: u32) -> Self {
        match WORDS.iter().find(|(known, ..)| *known == code) {
            Some((_, cause, remedy)) => Self::new(cause, remedy),
            None => Self::of_meaning(meaning(code)),
        }
    }

    /// About where a message stands, if it did not arrive or nobody knows.
    pub fn of_state(state: &ReminderState) -> Option<Self> {
        match state {
            // A status that names no error.
            ReminderState::Failed { code: 0 } => {
                Some(Self::new("WhatsApp could not deliver it and gave no reason.", REACH_OTHERWISE))
            }
            ReminderState::NotSent { code } | ReminderState::Failed { code } => Some(Self::of_code(*code)),
            ReminderState::Unknown => Some(Self::new(
                "WhatsApp gave no clear answer, so that nobody knows whether it went out.",
                "Ask the customer, and say what you heard; nothing more goes to this customer until then.",
            )),
            ReminderState::Expired => Some(Self::new(
                "It was not delivered within 12 hours; the phone may have been off.",
                "Nothing: it is tried once more.",
            )),
            ReminderState::Held => Some(Self::new(
                "WhatsApp holds it back to see how customers like your messages.",
                "Nothing: it goes out, or fails, within hours.",
            )),
            ReminderState::Sending
            | ReminderState::Accepted
            | ReminderState::Sent
            | ReminderState::Delivered
            | ReminderState::Read => None,
        }
    }

    /// About a number that cannot send.
    pub fn of_sender(sender: &Sender) -> Option<Self> {
        match (sender.status, sender.stopped_for, sender.restriction) {
            (SenderStatus::Ready, ..) => None,
            (SenderStatus::Blocked | SenderStatus::ReauthRequired, Some(code), _) => Some(Self::of_code(code)),
            (SenderStatus::ReauthRequired, None, _) => Some(Self::of_meaning(Some(Meaning::Reconnect))),
            (SenderStatus::Blocked, None, Some(_)) => Some(Self::new(
                "WhatsApp restricted the account for a while.",
                "Look at Business Support in Meta's manager; it goes on by itself when the restriction ends.",
            )),
            (SenderStatus::Blocked, None, None) => Some(Self::BLOCKED),
        }
    }

    const BLOCKED: Self =
        Self::new("WhatsApp does not let the number send.", "Look at the number in Meta's WhatsApp manager.");

    const fn of_meaning(meaning: Option<Meaning>) -> Self {
        match meaning {
            Some(Meaning::Reconnect) => Self::new("WhatsApp does not accept the access to the account.", CONNECT),
            Some(Meaning::StopSender) => Self::BLOCKED,
            Some(Meaning::StopTemplate(WhyUnusable::Marketing)) => Self::new(
                "WhatsApp counts the text as marketing.",
                "Object in Meta's Business Support within 60 days; another text is used until then.",
            ),
            Some(Meaning::StopTemplate(_)) => {
                Self::new("WhatsApp does not let the text be used.", "Look at the text in Meta's manager.")
            }
            Some(Meaning::SkipRecipient | Meaning::NeverAgain | Meaning::AfterADay) => {
                Self::new("WhatsApp could not deliver to this number.", REACH_OTHERWISE)
            }
            Some(Meaning::Mismatch) => Self::new(
                "The text on the WhatsApp account is not the one that Numo registered.",
                "Put it back in Meta's manager.",
            ),
            Some(Meaning::FixMessage) => {
                Self::new("WhatsApp found fault with this one message.", "Tell Numo's support the code.")
            }
            Some(Meaning::SlowDown | Meaning::WaitForRecipient | Meaning::Wait(_) | Meaning::WaitForApp) => {
                Self::new("Too much was sent within a short time.", AGAIN)
            }
            Some(Meaning::Ambiguous) => Self::new("WhatsApp had trouble of its own.", AGAIN),
            None => {
                Self::new("WhatsApp refused it for a cause that Numo does not know.", "Tell Numo's support the code.")
            }
        }
    }
}

const AGAIN: &str = "Nothing: it is tried again.";
const CONNECT: &str = "Connect the WhatsApp account again, and allow everything that is asked for.";
const SUPPORT: &str = "Look at Business Support in Meta's manager, and object there.";
const PAY: &str = "Add a payment method in Meta's WhatsApp manager.";
const REGISTER: &str = "Connect the number again.";
const REACH_OTHERWISE: &str = "Check the number with the customer, or reach them another way.";
const WORDING: &str = "Tell Numo's support the code: the text has to be written anew.";

/// Codes about which more can be said than what they ask for (Meta: Cloud API and health status, error codes).
const WORDS: &[(u32, &str, &str)] = &[
    (NO_CONNECTION, "WhatsApp could not be reached.", AGAIN),
    (NO_MESSAGE, "The message could not be written down.", "Tell Numo's support."),
    (3, "Numo may not use this WhatsApp account any more.", CONNECT),
    (10, "Numo may not use this WhatsApp account any more.", CONNECT),
    (131_005, "Numo may not use this WhatsApp account any more.", CONNECT),
    (33, "WhatsApp does not know the number any more.", "Look whether the account still has it, and connect it again."),
    (368, "WhatsApp blocks the account for a while, since a rule was broken.", SUPPORT),
    (131_031, "WhatsApp locked the account.", SUPPORT),
    (131_037, "The name that customers see is not approved.", "Choose another name in Meta's WhatsApp manager."),
    (131_042, "Meta has no working way to be paid for messages.", PAY),
    (131_044, "Meta has no working way to be paid for messages.", PAY),
    (141_006, "Meta has no working way to be paid for messages.", PAY),
    (141_010, "Your business has not passed Meta's verification.", "Start it in Meta's business settings."),
    (141_014, "Meta banned the account.", SUPPORT),
    (131_045, "The number is not registered at WhatsApp.", REGISTER),
    (133_000, "The number is not registered at WhatsApp.", REGISTER),
    (133_006, "The number is not verified at WhatsApp.", REGISTER),
    (133_010, "The number is not registered at WhatsApp.", REGISTER),
    (131_048, "Customers blocked or reported messages from the number too often.", "Write less, and to fewer people."),
    (
        131_064,
        "WhatsApp limits the account, since a text was not of the category that it was registered for.",
        "Look at the categories of the texts in Meta's manager.",
    ),
    (131_021, "The customer's number is your own sending number.", "Correct the number in your accounting system."),
    (131_026, "The number is not on WhatsApp, or cannot get such messages.", REACH_OTHERWISE),
    (130_472, "WhatsApp keeps such messages from this person, as part of an experiment.", "Reach them another way."),
    (130_497, "WhatsApp does not let your business write to this country.", "Reach them another way."),
    (
        131_049,
        "WhatsApp held it back, so that this person does not get too much.",
        "Nothing: it is tried once more, a day later.",
    ),
    (131_050, "This person stopped marketing from your business on WhatsApp.", "Reach them another way."),
    (
        131_047,
        "The customer wrote more than 24 hours ago.",
        "Send a reminder, or wait until the customer writes again.",
    ),
    (132_001, "The account does not have the text in this language.", "Nothing: Numo registers it again."),
    (132_007, "WhatsApp does not approve of what the text says.", "Nothing: another text is used."),
    (
        132_015,
        "WhatsApp paused the text, since customers blocked or reported it.",
        "Wait, or let it go on in Meta's manager.",
    ),
    (132_016, "WhatsApp disabled the text for good.", "Nothing: it comes back under a new name with the next version."),
    (2_388_019, "The account has as many texts as WhatsApp allows.", "Delete some that you do not use."),
    (2_388_040, "WhatsApp's rules about texts do not allow it.", WORDING),
    (2_388_047, "WhatsApp's rules about texts do not allow it.", WORDING),
    (2_388_072, "WhatsApp's rules about texts do not allow it.", WORDING),
    (2_388_073, "WhatsApp's rules about texts do not allow it.", WORDING),
    (2_388_293, "WhatsApp's rules about texts do not allow it.", WORDING),
    (2_388_299, "WhatsApp's rules about texts do not allow it.", WORDING),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta_code::CODES;

    #[test]
    fn every_code_says_what_happened_and_what_to_do_in_a_short_sentence_each() {
        let known = CODES.iter().map(|(code, _)| *code).chain(WORDS.iter().map(|(code, ..)| *code));
        for code in known.chain([200, 999_999]) {
            let Advice { cause, remedy } = Advice::of_code(code);
            for sentence in [cause, remedy] {
                let is_sentence = sentence.ends_with('.') && sentence.starts_with(char::is_uppercase);
                assert!(is_sentence && sentence.chars().count() <= 120, "{code}: {sentence}");
            }
        }
    }

    #[test]
    fn no_code_has_two_sentences_and_none_stands_here_that_means_nothing() {
        let mut codes: Vec<u32> = WORDS.iter().map(|(code, ..)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), WORDS.len());
        // Ours, and what a look at an account tells.
        let others = [141_006, 141_010, 141_014, NO_CONNECTION, NO_MESSAGE];
        let unknown: Vec<u32> = codes.into_iter().filter(|code| meaning(*code).is_none()).collect();
        assert_eq!(unknown, others);
    }

    #[test]
    fn what_arrived_or_is_on_its_way_needs_no_word() {
        let silent = [ReminderState::Sending, ReminderState::Accepted, ReminderState::Sent, ReminderState::Read];
        assert!(silent.iter().all(|state| Advice::of_state(state).is_none()));
        let cause = |state| Advice::of_state(&state).unwrap().cause;
        assert_eq!(cause(ReminderState::Failed { code: 0 }), "WhatsApp could not deliver it and gave no reason.");
        assert_eq!(cause(ReminderState::NotSent { code: NO_CONNECTION }), "WhatsApp could not be reached.");
        assert_eq!(cause(ReminderState::NotSent { code: 0 }), "WhatsApp does not accept the access to the account.");
    }
}
