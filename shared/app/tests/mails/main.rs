//! Mails to the people of an organisation: who gets what, when, and how often.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod alerts;
mod digests;
mod ending;
mod faults;
mod reminded;
mod settings;
mod world;
