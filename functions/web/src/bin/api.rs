//! The function `api`: the JSON API below `/v1`.

use std::process::ExitCode;

use numo_runtime::start::start;
use web::{api_router, wiring::run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("api", Box::pin(run(api_router))).await
}
