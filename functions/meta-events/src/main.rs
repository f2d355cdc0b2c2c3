//! Wiring of the ingestion.

use std::process::ExitCode;

use lambda_runtime::Error;
use meta_events::{config::Config, handle};
use numo_app::ingest_delivery::IngestPorts;
use numo_runtime::{
    env::Env,
    platform::Platform,
    secrets::number_keys,
    sqs::{self, message::MetaDelivery},
    start::start,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("meta-events", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let platform = Platform::start()?;
    let clock = platform.clock();
    let ports = IngestPorts {
        store: platform.store_with_journal(&config.table, &config.journal),
        events: platform.events(&config.bus),
        number_keys: number_keys(&platform.secrets(&config.secrets_id).await?)?,
        clock: clock.clone(),
    };
    sqs::serve(clock.as_ref(), |message: MetaDelivery, _| handle(&ports, message)).await
}
