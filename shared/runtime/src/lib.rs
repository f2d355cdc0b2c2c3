#![doc = include_str!("../README.md")]

pub mod clock;
pub mod config;
pub mod deliveries;
pub mod env;
pub mod http;
pub mod mail;
pub mod metric;
pub mod outside;
pub mod platform;
pub mod schedule;
pub mod secrets;
pub mod sqs;
pub mod start;
pub mod telemetry;
