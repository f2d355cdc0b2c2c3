//! `make demo`: shows the main job on the local stack and ends with its figures as JSON.
#![expect(clippy::print_stderr, reason = "a program for the terminal says there why it failed")]

use std::process::ExitCode;
use std::time::Instant;

use numo_e2e::demo::{self, screen::Screen};
use numo_e2e::error::JourneyError;
use tokio::signal::unix::{SignalKind, signal};

/// What a shell shows for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut screen = Screen::new(Instant::now());
    match show(&mut screen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(JourneyError::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(error) => {
            eprintln!("error: {}", sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// The stack stops when this ends, by whatever way.
async fn show(screen: &mut Screen) -> Result<(), JourneyError> {
    let (stack, summary) = tokio::select! {
        shown = demo::run(screen) => shown?,
        stopped = interrupt() => return stopped.and(Err(JourneyError::Interrupted)),
    };
    let stays = screen.is_terminal() && std::env::var_os("DEMO_EXIT").is_none_or(|value| value != "1");
    if stays {
        screen.say("running", "until Ctrl-C");
    }
    let figures = serde_json::to_string(&summary)
        .map_err(|source| JourneyError::Unreadable { path: "the summary".to_owned(), source })?;
    screen.line(&figures);
    if stays {
        interrupt().await?;
    }
    drop(stack);
    Ok(())
}

/// Ends when the person or the system asks for it.
async fn interrupt() -> Result<(), JourneyError> {
    let unusable = |error| JourneyError::Stack(format!("signals cannot be received: {error}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(unusable)?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map_err(unusable),
        _ = terminate.recv() => Ok(()),
    }
}

/// The error with what caused it.
fn sentence(error: &JourneyError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
