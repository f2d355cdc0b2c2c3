//! A state with when it was learnt, and the short text that it is stored as.
//!
//! A reminder is written again with every state, and all of its states with it: they have to stay small.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reminder::ReminderState;

/// A state and when we learnt of it; stored as `delivered 1795413600000` or `failed:131026 1795413600000`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "Stored")]
pub struct StateChange {
    /// The state.
    pub state: ReminderState,
    /// By our clock for our own acts, by Meta's for statuses; to the millisecond.
    pub at: Timestamp,
}

/// As it is stored, or was before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Short(String),
    Long { state: ReminderState, at: Timestamp },
}

/// Not a state with a time.
#[derive(Debug, thiserror::Error)]
#[error("a state of a reminder with its time is needed")]
struct NoStateChange;

impl From<StateChange> for String {
    fn from(change: StateChange) -> Self {
        change.to_string()
    }
}

impl fmt::Display for StateChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.state.name())?;
        if let ReminderState::NotSent { code } | ReminderState::Failed { code } = &self.state {
            write!(f, ":{code}")?;
        }
        write!(f, " {}", self.at.as_millisecond())
    }
}

impl TryFrom<Stored> for StateChange {
    type Error = NoStateChange;

    fn try_from(stored: Stored) -> Result<Self, NoStateChange> {
        match stored {
            Stored::Short(text) => read(&text),
            Stored::Long { state, at } => Ok(Self { state, at }),
        }
    }
}

fn read(text: &str) -> Result<StateChange, NoStateChange> {
    let (state, at) = text.split_once(' ').ok_or(NoStateChange)?;
    let at = at.parse().ok().and_then(|at| Timestamp::from_millisecond(at).ok()).ok_or(NoStateChange)?;
    Ok(StateChange { state: state_of(state)?, at })
}

fn state_of(text: &str) -> Result<ReminderState, NoStateChange> {
    let code = |code: &str| code.parse().or(Err(NoStateChange));
    Ok(match text.split_once(':') {
        Some(("not_sent", number)) => ReminderState::NotSent { code: code(number)? },
        Some(("failed", number)) => ReminderState::Failed { code: code(number)? },
        Some(_) => return Err(NoStateChange),
        None => match text {
            "sending" => ReminderState::Sending,
            "accepted" => ReminderState::Accepted,
            "held" => ReminderState::Held,
            "unknown" => ReminderState::Unknown,
            "sent" => ReminderState::Sent,
            "delivered" => ReminderState::Delivered,
            "read" => ReminderState::Read,
            "expired" => ReminderState::Expired,
            _ => return Err(NoStateChange),
        },
    })
}
