//! What the person at the terminal sees.
#![expect(clippy::print_stdout, reason = "the demo speaks to a terminal")]

use std::io::{IsTerminal as _, Write as _, stdout};
use std::time::Instant;

/// Prints a line per stage, and progress where somebody watches.
#[derive(Debug)]
pub struct Screen {
    began: Instant,
    stage_began: Instant,
    is_terminal: bool,
}

/// Clears what progress wrote into the present line.
const CLEAR_LINE: &str = "\r\x1b[K";

impl Screen {
    /// A screen whose clock began at an instant.
    pub fn new(began: Instant) -> Self {
        Self { began, stage_began: began, is_terminal: stdout().is_terminal() }
    }

    /// Whether somebody watches.
    pub const fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Seconds since the demo began, to a tenth.
    pub fn seconds(&self) -> f64 {
        tenths(self.began)
    }

    /// Shows how a stage goes on; the next line replaces it.
    pub fn progress(&self, name: &str, text: &str) {
        if self.is_terminal {
            print!("{CLEAR_LINE}{name:<14} {text}");
            self.flush();
        }
    }

    /// Ends a stage with its line and seconds.
    pub fn stage(&mut self, name: &str, text: &str) {
        let seconds = tenths(self.stage_began);
        self.stage_began = Instant::now();
        self.line(&format!("{name:<14} {text} ({seconds} s)"));
    }

    /// A line that is no stage.
    pub fn say(&self, name: &str, text: &str) {
        self.line(&format!("{name:<14} {text}"));
    }

    /// A line as it is.
    pub fn line(&self, text: &str) {
        let clear = if self.is_terminal { CLEAR_LINE } else { "" };
        println!("{clear}{text}");
        self.flush();
    }

    fn flush(&self) {
        // A closed pipe is not the demo's concern.
        drop(stdout().flush());
    }
}

fn tenths(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10.0).round() / 10.0
}
