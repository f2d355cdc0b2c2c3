//! `numo-bench`: what reading two ledgers costs, counted by the simulated providers.
//!
//! Without arguments it prints every row as JSON, one per line; `first-sync PROVIDER SIM` is one
//! measurement in a process of its own, so that its memory and time are nobody else's.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
#![expect(clippy::indexing_slicing, reason = "a JSON value that is not there reads as null")]

mod burst;
mod check_calls;
mod counting_table;
mod first_sync;
mod refresh_race;
mod row;
mod simulator;
mod unchanged;
mod usage;
mod world;

use std::process::ExitCode;

use crate::{row::Row, simulator::Simulator};

/// What went wrong with a measurement.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let measured = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => all().await,
        ["first-sync", provider, sim] => first_sync::measure(provider, sim).await,
        _ => Err("usage: numo-bench [first-sync xero|quickbooks SIMULATOR]".into()),
    };
    match measured {
        Ok(rows) => {
            rows.iter().for_each(|row| println!("{row}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn all() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for provider in numo_domain::connection::LedgerProvider::ALL {
        let simulator = Simulator::start().await?;
        rows.extend(first_sync::in_its_own_process(provider, &simulator).await?);
        rows.extend(unchanged::measure(provider, &simulator).await?);
        rows.extend(check_calls::measure(provider, &simulator).await?);
    }
    rows.extend(refresh_race::measure().await?);
    rows.extend(burst::measure().await?);
    Ok(rows)
}
