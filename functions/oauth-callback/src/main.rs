//! Wiring of connecting a ledger.

use std::process::ExitCode;

use lambda_runtime::Error;
use numo_app::connect_ledger::ConnectPorts;
use numo_runtime::{
    env::Env,
    http::{gateway::Request, serve::serve as serve_http},
    outside::Outside,
    platform::Platform,
    secrets::number_keys,
    start::start,
};
use oauth_callback::{OauthPorts, config::Config, route};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("oauth-callback", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, outside) = (Platform::start()?, Outside::open()?);
    let (secrets, clock) = (platform.secrets(&config.secrets_id).await?, platform.clock());
    let store = platform.store(&config.table);
    let auth = outside.ledger_auth(&config.ledgers, &secrets, clock.clone());
    let ports = OauthPorts {
        connect: ConnectPorts {
            vault: platform.vault(store.clone(), &config.vault_key, auth.clone()),
            waker: platform.waker(store, config.queues),
            auth,
            number_keys: number_keys(&secrets)?,
        },
        sessions: outside.sessions(&config.clerk)?,
        clock: clock.clone(),
        public_url: config.public_url.clone(),
    };
    let ports = &ports;
    let answer = |request: Request| async move { route(ports, &request).await };
    Box::pin(serve_http(&config.public_url, clock.as_ref(), answer)).await
}
