//! Providers: clients of Xero, Meta and Clerk over one HTTP client.

use std::{error::Error, fmt, sync::Arc};

use numo_app::port::{
    clock::Clock,
    ledger::{auth::LedgerAuth, reader::LedgerReader},
    session::Sessions,
    whatsapp::{Messaging, WhatsappAccount},
};
use numo_aws::secrets::Secrets;
use numo_providers::{
    clerk::sessions::ClerkSessions,
    http,
    whatsapp::graph::GraphClient,
    xero::{
        auth::{XeroApp, XeroAuth, XeroBases},
        reader::XeroReader,
    },
};
use reqwest::Client;
use secrecy::ExposeSecret;

use crate::config::{ClerkConfig, MetaConfig, XeroConfig};

/// How we call ourselves at providers.
const USER_AGENT: &str = concat!("numo/", env!("CARGO_PKG_VERSION"));

/// The way to all providers; each function takes from it what it uses.
#[derive(Clone)]
pub struct Outside {
    http: Client,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outside")
    }
}

impl Outside {
    /// Builds the HTTP client, which is dear: once per process.
    pub fn open() -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self { http: http::client(USER_AGENT)? })
    }

    /// Xero's consent and tokens.
    pub fn xero_auth(&self, config: &XeroConfig, secrets: &Secrets, clock: Arc<dyn Clock>) -> Arc<dyn LedgerAuth> {
        let bases =
            XeroBases { login: config.login.clone(), identity: config.identity.clone(), api: config.api.clone() };
        let app = XeroApp {
            client_id: secrets.xero_client_id.expose_secret().to_owned(),
            client_secret: secrets.xero_client_secret.clone(),
        };
        Arc::new(XeroAuth::new(self.http.clone(), bases, app, clock))
    }

    /// Xero's accounting interface.
    pub fn xero_reader(&self, config: &XeroConfig) -> Arc<dyn LedgerReader> {
        Arc::new(XeroReader::new(self.http.clone(), config.api.clone()))
    }

    /// Sends messages.
    pub fn messaging(&self, config: &MetaConfig) -> Arc<dyn Messaging> {
        Arc::new(self.graph(config))
    }

    /// Looks after WhatsApp Business Accounts.
    pub fn whatsapp_account(&self, config: &MetaConfig) -> Arc<dyn WhatsappAccount> {
        Arc::new(self.graph(config))
    }

    /// Verifies sessions.
    pub fn sessions(&self, config: &ClerkConfig) -> Result<Arc<dyn Sessions>, Box<dyn Error + Send + Sync>> {
        let parties = config.authorized_parties.clone();
        Ok(Arc::new(ClerkSessions::new(self.http.clone(), &config.issuer, parties)?))
    }

    fn graph(&self, config: &MetaConfig) -> GraphClient {
        GraphClient::new(self.http.clone(), config.graph.clone(), &config.version)
    }
}
