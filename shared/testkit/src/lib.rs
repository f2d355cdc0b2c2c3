#![doc = include_str!("../README.md")]

pub mod conformance;
pub mod counting_ids;
pub mod faulty_table;
pub mod fixed_clock;
pub mod meddled_table;
pub mod memory_bucket;
pub mod memory_dead_letters;
pub mod memory_keys;
pub mod memory_ledger;
pub mod memory_library;
pub mod memory_people;
pub mod memory_signup;
pub mod memory_stage_secret;
pub mod memory_table;
pub mod recording_events;
pub mod recording_mail;
pub mod recording_queue;
pub mod seed;
pub mod virtual_time;

mod lock;
mod outage;
