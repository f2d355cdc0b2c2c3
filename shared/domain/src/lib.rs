#![doc = include_str!("../README.md")]
#![deny(clippy::float_arithmetic)]

pub mod calendar;
pub mod connection;
pub mod consent;
pub mod contact;
pub mod conversation;
pub mod cost;
pub mod credential;
pub mod credit;
pub mod customer_file;
pub mod fuse;
pub mod holidays;
pub mod id;
pub mod invoice;
pub mod language;
pub mod message;
pub mod money;
pub mod organisation;
pub mod phone;
pub mod plan;
pub mod policy;
pub mod reminder;
pub mod reply;
pub mod sender;
pub mod template;
pub mod wording;
