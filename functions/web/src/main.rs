//! The function `web`: console and public pages, and everything else that is not below `/v1`.

use std::process::ExitCode;

use numo_runtime::start::start;
use web::{page_router, wiring::run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("web", Box::pin(run(page_router))).await
}
