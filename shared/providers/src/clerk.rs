//! Clerk: session tokens, verified in process, and its webhook.

pub mod sessions;
pub mod signature;
pub mod webhook;

mod claims;
mod keys;
