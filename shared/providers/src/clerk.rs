//! Clerk: session tokens, verified in process.

pub mod sessions;

mod claims;
mod keys;
