#![doc = include_str!("../README.md")]

pub mod clerk;
pub mod http;
pub mod quickbooks;
pub mod whatsapp;
pub mod xero;

mod signature;

#[cfg(test)]
mod samples;
