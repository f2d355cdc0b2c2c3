//! The error of every fault that is injected.

/// A failure that a test asked for, or a call that the real service would refuse.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Outage(pub(crate) String);

impl Outage {
    /// An error with this reason.
    pub(crate) fn because(reason: impl Into<String>) -> Box<Self> {
        Box::new(Self(reason.into()))
    }
}
