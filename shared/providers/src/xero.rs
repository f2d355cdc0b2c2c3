//! Xero: consent, tokens, the accounting interface and its webhook.

pub mod auth;
pub mod reader;

mod answer;
mod contact;
mod date;
mod error;
mod invoice;
mod organisation;
mod phone;
mod token;
mod zone;
