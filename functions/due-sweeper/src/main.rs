//! Wiring of the sweeper.

use std::process::ExitCode;

use due_sweeper::{config::Config, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use numo_runtime::{env::Env, platform::Platform, start::start, telemetry::chain};
use serde_json::{Value, json};

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
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let swept = handle(waker, clock, &event.payload).await.map_err(|error| chain(&error))?;
        Ok::<_, Error>(json!({"woken": swept.woken, "lost": swept.lost, "failed": swept.failed}))
    }))
    .await
}
