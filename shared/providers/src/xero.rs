//! Xero: consent, tokens, the accounting interface and its webhook.

pub mod auth;
pub mod reader;
pub mod signature;
pub mod webhook;

mod answer;
mod bill;
mod check;
mod contact;
mod credit;
mod date;
mod documents;
mod error;
mod field;
mod invoice;
mod list;
mod organisation;
mod page;
mod payment;
mod phone;
mod pull;
mod token;
mod zone;
