//! The simulator as a process of its own.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program reads its arguments and prints its address"
)]

use std::process::ExitCode;

use numo_sim::{Options, Sim};

const USAGE: &str =
    "usage: numo-sim --port N|0 [--state FILE] [--seed N] [--today YYYY-MM-DD] [--ledger DIR] [--ledger-days N]";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let (options, state_file) = arguments(std::env::args().skip(1))?;
    let sim = Sim::start(options).await.map_err(|error| error.to_string())?;
    let line = format!("{{\"base_url\":\"{}\"}}", sim.base_url);
    if let Some(path) = state_file {
        std::fs::write(&path, format!("{line}\n")).map_err(|error| format!("cannot write {path}: {error}"))?;
    }
    println!("{line}");
    sim.wait().await;
    Ok(())
}

fn arguments(mut arguments: impl Iterator<Item = String>) -> Result<(Options, Option<String>), String> {
    let mut options = Options::default();
    let mut state_file = None;
    while let Some(name) = arguments.next() {
        if name == "--help" {
            return Err(String::from(USAGE));
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value\n{USAGE}"))?;
        let refused = |reason: String| format!("{name} {value}: {reason}\n{USAGE}");
        match name.as_str() {
            "--port" => options.port = value.parse().map_err(|error| refused(format!("{error}")))?,
            "--seed" => options.seed = value.parse().map_err(|error| refused(format!("{error}")))?,
            "--today" => options.today = Some(value.parse().map_err(|error| refused(format!("{error}")))?),
            "--ledger" => options.ledger = Some(value.into()),
            "--ledger-days" => options.ledger_days = value.parse().map_err(|error| refused(format!("{error}")))?,
            "--state" => state_file = Some(value),
            _ => return Err(refused(String::from("unknown argument"))),
        }
    }
    Ok((options, state_file))
}
