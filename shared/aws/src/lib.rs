#![doc = include_str!("../README.md")]

pub mod config;
pub mod dead_letters;
pub mod dynamo;
pub mod eventbridge;
mod failure;
mod http;
pub mod kms;
pub mod s3;
pub mod secrets;
pub mod ses;
pub mod sqs;
pub mod stage_secret;
pub mod trace;

#[cfg(test)]
mod canned;
