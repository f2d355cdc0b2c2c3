//! Clerk: session tokens, verified in process, its Backend API, and its webhook.

pub mod backend;
pub mod sessions;
pub mod signature;
pub mod webhook;

mod claims;
mod keys;
