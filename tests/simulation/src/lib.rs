#![doc = include_str!("../README.md")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a broken promise has to stop the simulation where it is seen"
)]

pub mod business;
pub mod lagging_table;
pub mod ledger;
pub mod meta;
pub mod seeds;
pub mod world;
pub mod yielding_table;
