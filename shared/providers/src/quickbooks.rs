//! QuickBooks Online: consent, tokens, the accounting interface and its webhooks.

mod answer;
mod contact;
mod credit;
mod date;
mod entity;
mod error;
mod fault;
mod invoice;
mod payment;
mod records;
mod row;
