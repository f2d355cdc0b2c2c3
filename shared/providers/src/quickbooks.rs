//! QuickBooks Online: consent, tokens, the accounting interface and its webhooks.

pub mod check;
pub mod client;
pub mod documents;
pub mod reader;

mod answer;
mod contact;
mod country;
mod credit;
mod date;
mod entity;
mod error;
mod fault;
mod invoice;
mod organisation;
mod payment;
mod plan;
mod query;
mod records;
mod row;
