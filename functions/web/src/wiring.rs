//! Wiring of the two functions: the same ports and settings, with the routes of either.

use std::sync::Arc;

use axum::Router;
use lambda_runtime::Error;
use numo_app::{add_sender::SenderPorts, invoice_documents::DocumentPorts};
use numo_runtime::{env::Env, http::serve::serve, outside::Outside, platform::Platform, secrets::forget_keys};

use crate::{config::Config, serve::answer, state::AppState};

/// Answers requests with the routes that are made, until the process ends.
pub async fn run(routes: fn(AppState) -> Router) -> Result<(), Error> {
    let config = Config::read(Env::process())?;
    let (platform, outside) = (Platform::start()?, Outside::open()?);
    let (clock, secrets) = (platform.clock(), platform.secrets(&config.secrets_id).await?);
    let store = platform.store_with_journal(&config.table, &config.journal);
    let auth = outside.ledger_auth(&config.ledgers, &secrets, clock.clone());
    let vault = platform.vault(store.clone(), &config.vault_key, auth);
    let documents = outside.ledger_documents(&config.ledgers, clock.clone());
    let clerk = (&secrets.clerk_publishable_key, secrets.clerk_secret_key.as_ref());
    let state = AppState {
        documents: DocumentPorts { store: store.clone(), vault: vault.clone(), documents, clock: clock.clone() },
        senders: SenderPorts {
            vault,
            waker: platform.waker(store, config.queues.clone()),
            account: outside.whatsapp_account(&config.meta, &secrets),
        },
        sessions: outside.sessions(&config.clerk)?,
        people: outside.people(config.clerk_api.clone(), secrets.clerk_secret_key.clone()),
        exports: platform.bucket_links(&config.exports)?,
        clock: clock.clone(),
        forget: Arc::new(forget_keys(&secrets)?),
        signup: outside.whatsapp_signup(&config.meta, &secrets),
        site: Arc::new(config.site(clerk, &secrets.meta_app_id)),
    };
    let app = routes(state);
    serve(&config.public_url, clock.as_ref(), |request| answer(app.clone(), request)).await
}
