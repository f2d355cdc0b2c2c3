//! Exports of an organisation and of one customer.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

mod content;
mod erased;
mod faults;
mod large;
mod limits;
mod world;
