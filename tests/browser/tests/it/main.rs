//! Pages in a real browser.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic like tests")]

mod axe;
mod books;
mod checkers;
mod console;
mod markup;
mod product;
mod signup;
mod talk;
