//! What operators do by hand: one command, one effect, one line in an activity log.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod command;
mod connections;
mod cost;
mod dead_letters;
mod explain;
mod means;
mod organisation;
mod restored;
mod rotate;
mod sending;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser;
use numo_runtime::{env::Env, platform::Platform, telemetry::chain};

use crate::{
    command::{Command, carry_out},
    means::Means,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Command::parse()).await {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// What is typed to a question.
fn answer(question: String) -> Result<String, Failure> {
    eprint!("{question}");
    io::stderr().flush()?;
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    Ok(typed)
}

async fn run(command: Command) -> Result<String, Failure> {
    let typed = command.question().map(answer).transpose()?.unwrap_or_default();
    let platform = Platform::start()?;
    let means = Means::open(Env::process(), &platform, (command.needs(), command.copy())).await?;
    Ok(carry_out(&means, command, &typed, platform.clock().now()).await?)
}
