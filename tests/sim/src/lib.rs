#![doc = include_str!("../README.md")]
#![allow(clippy::disallowed_methods, reason = "a simulator stands outside the product and owns its clock and tasks")]

mod sim;

mod answer;
mod app;
mod calls;
mod clerk;
mod clock;
mod error;
mod faults;
mod field;
mod intuit;
mod keys;
mod meta;
mod oauth;
mod outbound;
mod random;
mod xero;

pub use error::SimError;
pub use sim::{Handle, Options, Sim};
