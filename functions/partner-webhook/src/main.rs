//! Wiring of the webhooks.

use std::process::ExitCode;

use lambda_runtime::Error;
use numo_runtime::{
    env::Env,
    http::{gateway::Request, serve::serve as serve_http},
    platform::Platform,
    secrets::{KeptSecrets, StageSecrets},
    start::start,
};
use partner_webhook::{WebhookPorts, config::Config, partner::WebhookKeys, route};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("partner-webhook", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let platform = Platform::start()?;
    let clock = platform.clock();
    let ports = WebhookPorts { store: platform.store(&config.table), ids: platform.ids(), clock: clock.clone() };
    let source = StageSecrets { platform, id: config.secrets_id };
    let secrets = KeptSecrets::read(Box::new(source), clock.clone()).await?;
    let (ports, secrets) = (&ports, &secrets);
    let answer = |request: Request| async move {
        let secrets = secrets.get().await;
        let keys = WebhookKeys {
            xero: secrets.xero_webhook_keys.clone(),
            intuit: secrets.intuit_webhook_tokens.clone(),
            clerk: secrets.clerk_webhook_secrets.clone(),
        };
        route(ports, &keys, &request).await
    };
    Box::pin(serve_http(&config.public_url, clock.as_ref(), answer)).await
}
