//! Why a part of a delivery cannot be read.

use numo_app::delivery::{Skipped, Unknown};

/// A reason without content, and whether it is something that nobody here knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unread {
    reason: String,
    unknown: Option<Unknown>,
}

impl Unread {
    pub(crate) const fn unknown(what: Unknown, reason: String) -> Self {
        Self { reason, unknown: Some(what) }
    }

    /// As a part that stands at a place.
    pub(crate) fn at(self, path: &str) -> Skipped {
        Skipped { reason: format!("{path}: {}", self.reason), unknown: self.unknown }
    }
}

impl From<String> for Unread {
    fn from(reason: String) -> Self {
        Self { reason, unknown: None }
    }
}

impl From<&str> for Unread {
    fn from(reason: &str) -> Self {
        Self::from(reason.to_owned())
    }
}
