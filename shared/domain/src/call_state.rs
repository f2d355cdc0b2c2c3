//! Where a message stands that one call to Meta sends.

use serde::{Deserialize, Serialize};

use crate::reminder::{DeliveryStatus, ReminderState};

/// Where a message stands that one call to Meta sends; `W` says why it may be left unsent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState<W> {
    /// It is to be sent.
    Waiting,
    /// It was not sent, for a reason of ours.
    Dropped(W),
    /// Meta was called: what came of it, as for a reminder.
    Called(ReminderState),
}

impl<W: Clone> CallState<W> {
    /// The state after a status of Meta.
    pub fn after(&self, status: DeliveryStatus) -> Self {
        match self {
            Self::Called(state) => Self::Called(state.after(status)),
            // Meta knows of a call that was never noted.
            Self::Waiting | Self::Dropped(_) => Self::Called(ReminderState::Sending.after(status)),
        }
    }

    /// The state once it is known what came of the call; what a faster status said stays.
    #[must_use]
    pub fn settled(&self, outcome: &Self) -> Self {
        let is_definite = !matches!(outcome, Self::Waiting | Self::Called(ReminderState::Unknown));
        let is_under_way = match self {
            Self::Called(ReminderState::Sending) => true,
            // Somebody gave it up while the call was under way.
            Self::Called(ReminderState::Unknown) => is_definite,
            Self::Waiting | Self::Dropped(_) | Self::Called(_) => false,
        };
        if is_under_way { outcome.clone() } else { self.clone() }
    }

    /// Meta's error code, where it took or delivered nothing.
    pub const fn code(&self) -> Option<u32> {
        match self {
            Self::Called(ReminderState::NotSent { code } | ReminderState::Failed { code }) => Some(*code),
            Self::Waiting | Self::Dropped(_) | Self::Called(_) => None,
        }
    }

    /// The word in the API and the console.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dropped(_) => "dropped",
            Self::Called(state) => state.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type State = CallState<()>;

    #[test]
    fn a_status_counts_as_one_of_a_reminder_does() {
        let after = |state: State, status| state.after(status).name();
        assert_eq!(after(State::Called(ReminderState::Accepted), DeliveryStatus::Delivered), "delivered");
        assert_eq!(after(State::Called(ReminderState::Read), DeliveryStatus::Sent), "read");
        assert_eq!(after(State::Waiting, DeliveryStatus::Sent), "sent");
        assert_eq!(after(State::Dropped(()), DeliveryStatus::Read), "read");
    }

    #[test]
    fn the_outcome_of_a_call_takes_the_place_of_the_call_and_of_nothing_that_was_learnt_since() {
        let [sending, unknown, accepted, read] =
            [ReminderState::Sending, ReminderState::Unknown, ReminderState::Accepted, ReminderState::Read]
                .map(State::Called);
        for (before, outcome, after) in [
            (&sending, &accepted, &accepted),
            (&sending, &State::Waiting, &State::Waiting),
            (&sending, &unknown, &unknown),
            (&unknown, &accepted, &accepted),
            (&unknown, &State::Waiting, &unknown),
            (&read, &accepted, &read),
            (&State::Dropped(()), &accepted, &State::Dropped(())),
        ] {
            assert_eq!(before.settled(outcome), *after, "{before:?}, {outcome:?}");
        }
    }

    #[test]
    fn a_code_is_told_of_what_meta_did_not_take_or_deliver() {
        let code = |state| State::Called(state).code();
        assert_eq!(code(ReminderState::NotSent { code: 131_026 }), Some(131_026));
        assert_eq!(code(ReminderState::Failed { code: 131_049 }), Some(131_049));
        assert_eq!((code(ReminderState::Read), State::Waiting.code()), (None, None));
    }
}
