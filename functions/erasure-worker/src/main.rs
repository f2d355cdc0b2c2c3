//! Wiring of the erasure.

use std::process::ExitCode;

use erasure_worker::{config::Config, handle};
use lambda_runtime::Error;
use numo_app::{erase_organisation::run::ErasurePorts, export::run::ExportPorts, job::Job};
use numo_runtime::{env::Env, outside::Outside, platform::Platform, secrets::number_keys, sqs, start::start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("erasure-worker", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, outside) = (Platform::start()?, Outside::open()?);
    let (secrets, clock) = (platform.secrets(&config.secrets_id).await?, platform.clock());
    let store = platform.store_with_journal(&config.table, &config.journal);
    let auth = outside.ledger_auth(&config.ledgers, &secrets, clock.clone());
    let waker = platform.waker(store.clone(), config.queues);
    let bucket = platform.bucket(&config.exports)?;
    let ports = ErasurePorts {
        vault: platform.vault(store, &config.vault_key, auth),
        exports: ExportPorts { waker: waker.clone(), bucket, clock: clock.clone() },
        waker,
        signup: outside.whatsapp_signup(&config.meta, &secrets),
        organisations: outside.organisations(config.clerk_api, secrets.clerk_secret_key.clone()),
        number_keys: number_keys(&secrets)?,
        clock: clock.clone(),
    };
    sqs::serve(clock.as_ref(), |job: Job, deadline| handle(&ports, job, deadline)).await
}
