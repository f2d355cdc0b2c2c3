//! Wiring of the webhook.

use std::process::ExitCode;

use lambda_runtime::Error;
use meta_webhook::{WebhookKeys, WebhookPorts, config::Config, route};
use numo_runtime::{
    env::Env,
    http::{gateway::Request, serve::serve as serve_http},
    platform::Platform,
    secrets::{KeptSecrets, StageSecrets},
    start::start,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start("meta-webhook", Box::pin(serve())).await
}

async fn serve() -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let platform = Platform::start()?;
    let clock = platform.clock();
    let ports = WebhookPorts { deliveries: platform.deliveries(&config.queue_meta), clock: clock.clone() };
    let source = StageSecrets { platform, id: config.secrets_id };
    let secrets = KeptSecrets::read(Box::new(source), clock.clone()).await?;
    let (ports, secrets) = (&ports, &secrets);
    serve_http(&config.public_url, clock.as_ref(), |request: Request| async move {
        let secrets = secrets.get().await;
        let app_secrets = [Some(&secrets.meta_app_secret), secrets.meta_app_secret_previous.as_ref()];
        let keys = WebhookKeys {
            app_secrets: app_secrets.into_iter().flatten().cloned().collect(),
            verify_token: secrets.meta_verify_token.clone(),
        };
        route(ports, &keys, &request).await
    })
    .await
}
