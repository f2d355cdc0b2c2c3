//! Xero: consent, tokens and the accounting interface.

pub mod auth;
pub mod reader;

mod contact;
mod date;
mod error;
mod invoice;
mod organisation;
mod parse;
mod phone;
mod token;
mod zone;
