//! What operators do by hand: one command, one effect, one line in an activity log.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the terminal")]

mod command;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser;
use numo_app::operator::OperatorPorts;
use numo_runtime::{env::Env, platform::Platform, telemetry::chain};

use crate::command::{Command, carry_out};

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
    print!("{question}");
    io::stdout().flush()?;
    let mut typed = String::new();
    io::stdin().read_line(&mut typed)?;
    Ok(typed)
}

async fn run(command: Command) -> Result<String, Failure> {
    let typed = command.question().map(answer).transpose()?.unwrap_or_default();
    let mut env = Env::process();
    let (table, journal) = (env.required::<String>("NUMO_TABLE"), env.required::<String>("NUMO_JOURNAL"));
    let (table, journal) = env.finish(|| Some((table?, journal?)))?;
    let platform = Platform::start()?;
    let ports = OperatorPorts { store: platform.store_with_journal(&table, &journal), ids: platform.ids() };
    Ok(carry_out(&ports, command, &typed, platform.clock().now()).await?)
}
