//! QuickBooks Online: consent, tokens, the accounting interface and its webhooks.

pub mod auth;
pub mod check;
pub mod client;
pub mod documents;
pub mod reader;
pub mod signature;
pub mod webhook;

mod answer;
mod contact;
mod country;
mod credit;
mod date;
mod discovery;
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
mod token;
