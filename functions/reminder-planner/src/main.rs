//! Wiring of the planner.

use std::process::ExitCode;

use lambda_runtime::Error;
use numo_app::{check_organisation::CheckPorts, clerk_news::ClerkPorts, job::Job, mail_owner::MailPorts};
use numo_runtime::{env::Env, mail::mailer, outside::Outside, platform::Platform, sqs, start::start};
use reminder_planner::{PlannerPorts, config::Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("reminder-planner", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, outside) = (Platform::start()?, Outside::open()?);
    let (secrets, clock) = (platform.secrets(&config.secrets_id).await?, platform.clock());
    let people = outside.people(config.clerk_api, secrets.clerk_secret_key.clone());
    let store = platform.store(&config.table);
    let check = CheckPorts { clerk: ClerkPorts { store: store.clone(), ids: platform.ids() }, people: people.clone() };
    let mailer = mailer(&platform, config.mail, (&secrets, people))?;
    let mail = MailPorts { waker: platform.waker(store, config.queues), clock: clock.clone(), mailer };
    let ports = PlannerPorts { mail, check };
    sqs::serve(clock.as_ref(), |job: Job, deadline| handle(&ports, job, deadline)).await
}
