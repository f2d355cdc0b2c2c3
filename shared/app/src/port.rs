//! What the use cases need from outside, one trait per capability.

pub mod bucket;
pub mod caller;
pub mod clock;
pub mod dead_letters;
pub mod events;
pub mod key_service;
pub mod ledger;
pub mod mail;
pub mod organisations;
pub mod people;
pub mod queue;
pub mod session;
pub mod signup;
pub mod stage_secret;
pub mod table;
pub mod template_library;
pub mod whatsapp;
