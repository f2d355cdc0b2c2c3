//! Wiring of the planner.

use std::process::ExitCode;

use lambda_runtime::Error;
use numo_app::job::Job;
use numo_runtime::{env::Env, platform::Platform, sqs, start::start};
use reminder_planner::{config::Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("reminder-planner", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let platform = Platform::start()?;
    let waker = platform.waker(platform.store(&config.table), config.queues);
    let clock = platform.clock();
    sqs::serve(clock.as_ref(), |job: Job, _| handle(&waker, job, clock.now())).await
}
