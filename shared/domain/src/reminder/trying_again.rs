//! Whether a message that did not arrive may be tried again, when, and at which number.

use jiff::Timestamp;

use crate::{
    meta_code::{A_DAY, Meaning},
    reminder::{Reminder, ReminderState},
};

/// The number that something is to be said to, beside the one that it did not reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// The same.
    Same,
    /// The same, and an admin knows that it is reachable now.
    TriedAgain,
    /// Another one.
    Another,
}

impl Number {
    /// By whether it is the same, and whether an admin had it tried again since.
    pub const fn of(is_same: bool, is_tried_again: bool) -> Self {
        match (is_same, is_tried_again) {
            (false, _) => Self::Another,
            (true, true) => Self::TriedAgain,
            (true, false) => Self::Same,
        }
    }
}

/// No key is tried more often than this, not counting what a limit of Meta's kept from going out.
pub const LAST_ATTEMPT: usize = 9;

/// And not more often than this, limits included.
const LAST_LIMITED_ATTEMPT: usize = 40;

impl ReminderState {
    /// Whether what it says may be said again to a number at a time, where the same number may hear it from `again_from`
    /// on ([`Reminder::again_from`]).
    pub fn is_free(&self, number: Number, again_from: Option<Timestamp>, at: Timestamp) -> bool {
        let is_held_back = matches!(self.meaning(), Some(Meaning::NeverAgain | Meaning::AfterADay));
        again_from.is_some_and(|from| from <= at)
            || match number {
                Number::Same => false,
                Number::TriedAgain => self.is_undelivered() && !is_held_back,
                Number::Another => self.code().is_some(),
            }
    }
}

impl Reminder {
    /// From when on a new attempt may be claimed, if ever: Meta did not take or deliver it, or dropped it.
    pub fn again_from(&self) -> Option<Timestamp> {
        let at_once = || self.state.may_be_claimed_again().then_some(Timestamp::MIN);
        let Some(meaning) = self.state.meaning() else { return at_once() };
        let mut refusals = self.history.iter().filter(|change| change.state.meaning() == Some(meaning));
        if meaning.refusals().is_some_and(|most| refusals.clone().count() >= most) {
            return None;
        }
        match meaning {
            Meaning::AfterADay => refusals.next_back()?.at.checked_add(A_DAY).ok(),
            Meaning::SkipRecipient
            | Meaning::NeverAgain
            | Meaning::FixMessage
            | Meaning::Mismatch
            | Meaning::StopTemplate(_)
            | Meaning::SlowDown
            | Meaning::WaitForRecipient
            | Meaning::Wait(_)
            | Meaning::WaitForApp
            | Meaning::StopSender
            | Meaning::Reconnect
            | Meaning::Ambiguous => at_once(),
        }
    }

    /// Whether it was tried as often as may be.
    pub fn is_tried_too_often(&self) -> bool {
        let is_limit = |state: &ReminderState| {
            matches!(state, ReminderState::NotSent { .. }) && state.meaning().is_some_and(Meaning::is_limit)
        };
        let limited = self.history.iter().filter(|change| is_limit(&change.state)).count();
        let attempts = usize::from(self.attempt_number);
        attempts >= LAST_LIMITED_ATTEMPT || attempts.saturating_sub(limited) >= LAST_ATTEMPT
    }
}
