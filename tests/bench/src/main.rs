//! `numo-bench`: what planning a day costs, and reading two ledgers, counted by the simulated providers.
//!
//! Prints every row as JSON, one per line. The functions and `numo-sim` are those built beside it.
//! With the argument `counts` it prints only what needs neither: counts over the day of a simulated business.
//! With the argument `dispatch_rate` it prints only how fast messages go out, which needs neither as well, and with
//! `erasure` only what erasing organisations costs. With `pages` it prints only a first sync on the local stack, and what
//! pages cost after it: of the functions it needs those in release form. With `cold_start` it prints only how long the
//! functions beside it take to begin.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]
#![expect(clippy::indexing_slicing, reason = "a JSON value that is not there reads as null")]

mod api_read;
mod burst;
mod check_calls;
mod cold_start;
mod counting_table;
mod dispatch;
mod dispatch_rate;
mod erasure;
mod first_sync;
mod idle_day;
mod pages;
mod planner;
mod refresh_race;
mod row;
mod sessions;
mod simulator;
mod statuses;
mod sweep;
mod unchanged;
mod usage;
mod webhook;
mod world;

use std::{path::PathBuf, process::ExitCode};

use numo_domain::connection::LedgerProvider;

use crate::{row::Row, simulator::Simulator};

/// What went wrong with a measurement.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let rows = match std::env::args().nth(1).as_deref() {
        Some("cold_start") => cold_start().await,
        Some("counts") => counts().await,
        Some("dispatch_rate") => dispatch_rate::measure().await,
        Some("erasure") => erasure::measure().await,
        Some("pages") => pages().await,
        Some(_) | None => all().await,
    };
    match rows {
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

/// What does not depend on how fast the machine or the build is.
async fn counts() -> Result<Vec<Row>, Failure> {
    let mut rows = dispatch::measure().await?;
    rows.extend(statuses::measure().await?);
    rows.extend(sweep::measure().await?);
    rows.extend(idle_day::measure().await?);
    Ok(rows)
}

/// How long functions take to begin.
async fn cold_start() -> Result<Vec<Row>, Failure> {
    cold_start::measure(&binaries()?).await
}

/// What pages cost, and the first sync before them.
async fn pages() -> Result<Vec<Row>, Failure> {
    first_sync::function(LedgerProvider::Xero, &binaries()?).await
}

/// The folder of the programs that are measured: where `NUMO_BIN_DIR` says, or that of this one.
fn binaries() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os("NUMO_BIN_DIR") {
        return Ok(folder.into());
    }
    let program = std::env::current_exe()?;
    Ok(program.parent().ok_or("this program is in no folder")?.to_path_buf())
}

async fn all() -> Result<Vec<Row>, Failure> {
    let mut rows = planner::measure()?;
    for provider in LedgerProvider::ALL {
        let simulator = Simulator::start().await?;
        rows.push(first_sync::calls(provider, &simulator).await?);
        rows.extend(unchanged::measure(provider, &simulator).await?);
        rows.extend(check_calls::measure(provider, &simulator).await?);
    }
    rows.extend(refresh_race::measure().await?);
    rows.extend(burst::measure().await?);
    rows.extend(counts().await?);
    rows.extend(dispatch_rate::measure().await?);
    rows.extend(erasure::measure().await?);
    let binaries = binaries()?;
    rows.extend(webhook::measure(&binaries).await?);
    rows.extend(cold_start::measure(&binaries).await?);
    rows.push(sessions::measure().await?);
    for provider in LedgerProvider::ALL {
        rows.extend(first_sync::function(provider, &binaries).await?);
    }
    Ok(rows)
}
