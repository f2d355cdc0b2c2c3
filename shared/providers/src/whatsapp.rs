//! WhatsApp: sending, accounts, templates and what Meta's webhooks say.

pub mod changes;
pub mod delivery;
pub mod graph;
pub mod signature;
pub mod signed_request;
pub mod signup;

mod account;
mod account_news;
mod bill;
mod errors;
mod free_form;
mod library;
mod media;
mod messaging;
mod parse;
mod split;
mod status;
mod template;
mod unread;
