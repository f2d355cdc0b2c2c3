//! Wiring of the sync.

use std::process::ExitCode;

use lambda_runtime::Error;
use numo_app::{job::Job, sync_connection::SyncPorts};
use numo_runtime::{env::Env, outside::Outside, platform::Platform, secrets::number_keys, sqs, start::start};
use scheduled_sync::{config::Config, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("scheduled-sync", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, outside) = (Platform::start()?, Outside::open()?);
    let (secrets, clock) = (platform.secrets(&config.secrets_id).await?, platform.clock());
    let store = platform.store_with_journal(&config.table, &config.journal);
    let auth = outside.ledger_auth(&config.ledgers, &secrets, clock.clone());
    let ports = SyncPorts {
        vault: platform.vault(store.clone(), &config.vault_key, auth),
        waker: platform.waker(store, config.queues),
        readers: outside.ledger_readers(&config.ledgers, clock.clone()),
        events: platform.events(&config.bus),
        number_keys: number_keys(&secrets)?,
        clock: clock.clone(),
    };
    sqs::serve(clock.as_ref(), |job: Job, deadline| handle(&ports, job, deadline)).await
}
