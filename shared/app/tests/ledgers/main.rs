//! Two accounting systems: connecting, reading, limits, news, and the end of a connection.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails is a test that fails"
)]

mod connect;
mod disconnect;
mod documents;
mod erased;
mod limits;
mod news;
mod numbers;
mod records;
mod refusals;
mod schedule;
mod sweep;
mod sync;
mod world;
