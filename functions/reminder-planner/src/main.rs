//! Wiring of the planner.

use std::process::ExitCode;

use lambda_runtime::Error;
use numo_app::{job::Job, mail_owner::MailPorts};
use numo_runtime::{env::Env, mail::mailer, platform::Platform, sqs, start::start};
use reminder_planner::{config::Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("reminder-planner", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, mail) = (Platform::start()?, config.mail);
    let (waker, clock) = (platform.waker(platform.store(&config.table), config.queues), platform.clock());
    let ports = MailPorts { waker, clock: clock.clone(), mailer: mailer(&platform, mail).await? };
    sqs::serve(clock.as_ref(), |job: Job, deadline| handle(&ports, job, deadline)).await
}
