//! An organisation that ends its account.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod asked;
mod faults;
mod ordered;
mod providers;
mod world;
