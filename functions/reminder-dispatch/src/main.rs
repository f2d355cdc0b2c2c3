//! Wiring of sending and settling.

use std::{process::ExitCode, sync::Arc};

use lambda_runtime::Error;
use numo_app::{dispatch_run::DispatchPorts, job::Job};
use numo_runtime::{env::Env, outside::Outside, platform::Platform, secrets::number_keys, sqs, start::start};
use reminder_dispatch::{config::Config, counted::Counted, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("reminder-dispatch", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, outside) = (Platform::start()?, Outside::open()?);
    let (secrets, clock) = (platform.secrets(&config.secrets_id).await?, platform.clock());
    let store = platform.store_with_journal(&config.table, &config.journal);
    let auth = outside.ledger_auth(&config.ledgers, &secrets, clock.clone());
    let ports = DispatchPorts {
        vault: platform.vault(store.clone(), &config.vault_key, auth),
        waker: platform.waker(store, config.queues),
        checks: outside.ledger_checks(&config.ledgers, clock.clone()),
        documents: outside.ledger_documents(&config.ledgers, clock.clone()),
        messaging: Arc::new(Counted(outside.messaging(&config.meta, &secrets))),
        account: outside.whatsapp_account(&config.meta, &secrets),
        events: platform.events(&config.bus),
        number_keys: number_keys(&secrets)?,
        clock: clock.clone(),
        timer: platform.timer(),
    };
    sqs::serve(clock.as_ref(), |job: Job, deadline| Box::pin(handle(&ports, job, deadline))).await
}
