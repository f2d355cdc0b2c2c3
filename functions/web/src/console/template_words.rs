//! How a text stands at Meta, in words: what happened, and what to do.

use numo_domain::{
    meta_code::advice::Advice,
    template::{AccountTemplate, TemplateStatus, WhyUnusable},
};

use crate::console::time::{LocalTime, WallClock};

/// How a text stands.
pub(super) struct StandingText {
    pub(super) status: &'static str,
    pub(super) is_approved: bool,
    /// What to do about it, or what Numo does.
    pub(super) remedy: Option<&'static str>,
    /// About Meta's code, where there is one.
    pub(super) advice: Option<Advice>,
    pub(super) rests_until: Option<LocalTime>,
}

impl StandingText {
    pub(super) fn new(held: &AccountTemplate, clock: &WallClock) -> Self {
        Self {
            status: status_words(held.status, held.why),
            is_approved: held.is_approved(),
            remedy: held.why.map(remedy),
            advice: held.code.map(Advice::of_code),
            rests_until: held.rests_until.map(|until| clock.show(until)),
        }
    }

    /// A text that the account does not have.
    pub(super) const fn absent() -> Self {
        let status = "not handed in yet";
        Self { status, is_approved: false, remedy: None, advice: None, rests_until: None }
    }
}

const fn status_words(status: TemplateStatus, why: Option<WhyUnusable>) -> &'static str {
    match (status, why) {
        (TemplateStatus::Approved, _) => "approved",
        (TemplateStatus::Pending, _) => "Meta looks at it",
        (TemplateStatus::Unusable, None) => "may not be sent",
        (TemplateStatus::Unusable, Some(why)) => why_words(why),
    }
}

const fn why_words(why: WhyUnusable) -> &'static str {
    match why {
        WhyUnusable::Marketing => "taken for marketing: not sent, as it costs more and people can opt out of it",
        WhyUnusable::Rejected => "rejected by Meta's review",
        WhyUnusable::Paused => "paused by Meta, as customers blocked or reported it",
        WhyUnusable::Disabled => "disabled by Meta for good",
        WhyUnusable::Archived => "archived, as it was not used for a year",
        WhyUnusable::Deleted => "deleted at Meta",
        WhyUnusable::LimitExceeded => "not there, as the account has too many texts",
        WhyUnusable::Locked => "locked by somebody at Meta",
        WhyUnusable::LowQuality => "about to be paused by Meta, as customers block or report it",
        WhyUnusable::Missing => "not in the account in this language, or not approved",
        WhyUnusable::Mismatch => "not what Numo would send: somebody changed it at Meta",
        WhyUnusable::LivesTooLong => "changed at Meta, so that a message would wait too long for a phone that is off",
        WhyUnusable::NotTaken => "not taken by Meta when it was handed in",
    }
}

/// What to do about a text that may not be sent (Meta: template categories, review, pausing and archiving).
const fn remedy(why: WhyUnusable) -> &'static str {
    match why {
        WhyUnusable::Marketing => {
            "Another text is used in its place. You can object in Meta's Business Support within 60 days."
        }
        WhyUnusable::Rejected => {
            "Another text is used in its place. You can ask for another look in Meta's manager, or choose a text of \
             Meta's library, which is approved at once."
        }
        WhyUnusable::Paused => "It rests until Meta lets it go on, or until you do in Meta's manager.",
        WhyUnusable::Disabled => "It comes back under a new name with the next version of the texts.",
        WhyUnusable::Archived | WhyUnusable::Deleted | WhyUnusable::Missing | WhyUnusable::NotTaken => {
            "Numo hands it in again."
        }
        WhyUnusable::LimitExceeded => "Delete some texts in Meta's manager that you do not use.",
        WhyUnusable::Locked => "Look at it in Meta's manager.",
        WhyUnusable::LowQuality => "It rests until Meta thinks better of it.",
        WhyUnusable::Mismatch => "Put it back in Meta's manager. It is tried again after a day.",
        WhyUnusable::LivesTooLong => "It is not used: a reminder could arrive after the payment.",
    }
}
