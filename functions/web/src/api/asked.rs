//! What was asked for and is done by a worker.

use serde::Serialize;

/// The id under which it can be looked at, as it was chosen by whoever asked.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct AskedView<I> {
    pub(super) id: I,
}

/// Work that a worker was woken for.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct QueuedView {
    /// `queued`.
    status: &'static str,
}

impl QueuedView {
    pub(super) const QUEUED: Self = Self { status: "queued" };
}
