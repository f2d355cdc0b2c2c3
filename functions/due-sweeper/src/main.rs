//! Wiring of the sweeper.

use std::process::ExitCode;

use due_sweeper::{config::Config, handle};
use lambda_runtime::Error;
use numo_runtime::{env::Env, platform::Platform, schedule, start::start, telemetry::chain};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("due-sweeper", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let platform = Platform::start()?;
    let waker = platform.waker(platform.store(&config.table), config.queues);
    let clock = platform.clock();
    let (waker, clock) = (&waker, clock.as_ref());
    schedule::serve(|event| async move {
        let swept = handle(waker, clock, &event).await.map_err(|error| chain(&error))?;
        Ok(json!({"woken": swept.woken, "lost": swept.lost, "failed": swept.failed}))
    })
    .await
}
