//! QuickBooks Online.

mod auth;
mod books;
mod changes;
mod check;
mod documents;
mod faults;
mod large;
mod pulls;
mod webhooks;
