//! Connecting a WhatsApp account through Meta's sign-up, looking after it, and ending it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails is a test that fails"
)]

mod connect;
mod disconnect;
mod faults;
mod forget;
mod library;
mod look;
mod meta;
mod world;
