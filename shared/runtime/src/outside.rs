//! Providers: clients of the accounting systems, Meta and Clerk over one HTTP client.

use std::{error::Error, fmt, sync::Arc};

use numo_app::port::{
    clock::Clock,
    ledger::{PerLedger, auth::LedgerAuth, check::LedgerCheck, documents::LedgerDocuments, reader::LedgerReader},
    organisations::Organisations,
    people::{NobodyToAsk, People},
    session::Sessions,
    signup::WhatsappSignup,
    whatsapp::{Messaging, WhatsappAccount},
};
use numo_aws::secrets::Secrets;
use numo_providers::{
    clerk::{backend::ClerkBackend, sessions::ClerkSessions},
    http::{self, base_url::BaseUrl},
    quickbooks::{
        auth::{IntuitApp, IntuitBases, QuickbooksAuth},
        client::QuickbooksClient,
    },
    whatsapp::{
        graph::GraphClient,
        signup::{MetaApp, SignupClient},
    },
    xero::{
        auth::{XeroApp, XeroAuth, XeroBases},
        reader::XeroReader,
    },
};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};

use crate::config::{ClerkConfig, IntuitConfig, LedgersConfig, MetaConfig, XeroConfig};

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

    /// Consent and tokens of the accounting systems.
    pub fn ledger_auth(
        &self,
        config: &LedgersConfig,
        secrets: &Secrets,
        clock: Arc<dyn Clock>,
    ) -> PerLedger<dyn LedgerAuth> {
        PerLedger {
            xero: Arc::new(self.xero_auth(&config.xero, secrets, Arc::clone(&clock))),
            quickbooks: Arc::new(self.quickbooks_auth(&config.intuit, secrets, clock)),
        }
    }

    /// What pulls ledgers.
    pub fn ledger_readers(&self, config: &LedgersConfig, clock: Arc<dyn Clock>) -> PerLedger<dyn LedgerReader> {
        PerLedger { xero: Arc::new(self.xero(config)), quickbooks: Arc::new(self.quickbooks(config, clock)) }
    }

    /// What looks at ledgers right before messages go out.
    pub fn ledger_checks(&self, config: &LedgersConfig, clock: Arc<dyn Clock>) -> PerLedger<dyn LedgerCheck> {
        PerLedger { xero: Arc::new(self.xero(config)), quickbooks: Arc::new(self.quickbooks(config, clock)) }
    }

    /// What fetches pay pages and PDFs.
    pub fn ledger_documents(&self, config: &LedgersConfig, clock: Arc<dyn Clock>) -> PerLedger<dyn LedgerDocuments> {
        PerLedger { xero: Arc::new(self.xero(config)), quickbooks: Arc::new(self.quickbooks(config, clock)) }
    }

    /// Sends messages.
    pub fn messaging(&self, config: &MetaConfig, secrets: &Secrets) -> Arc<dyn Messaging> {
        Arc::new(self.graph(config, secrets))
    }

    /// Looks after WhatsApp Business Accounts.
    pub fn whatsapp_account(&self, config: &MetaConfig, secrets: &Secrets) -> Arc<dyn WhatsappAccount> {
        Arc::new(self.graph(config, secrets))
    }

    /// Connects WhatsApp Business Accounts in the name of our app at Meta.
    pub fn whatsapp_signup(&self, config: &MetaConfig, secrets: &Secrets) -> Arc<dyn WhatsappSignup> {
        let app =
            MetaApp { id: secrets.meta_app_id.expose_secret().to_owned(), secret: secrets.meta_app_secret.clone() };
        Arc::new(SignupClient::new(self.graph(config, secrets), app))
    }

    /// Verifies sessions.
    pub fn sessions(&self, config: &ClerkConfig) -> Result<Arc<dyn Sessions>, Box<dyn Error + Send + Sync>> {
        let parties = config.authorized_parties.clone();
        Ok(Arc::new(ClerkSessions::new(self.http.clone(), &config.issuer, parties)?))
    }

    /// Who belongs to organisations; without a key nobody can be asked.
    pub fn people(&self, base: BaseUrl, key: Option<SecretString>) -> Arc<dyn People> {
        match key {
            Some(key) => Arc::new(ClerkBackend::new(self.http.clone(), base, key)),
            None => Arc::new(NobodyToAsk),
        }
    }

    /// Where organisations are at home; without a key none can be ended.
    pub fn organisations(&self, base: BaseUrl, key: Option<SecretString>) -> Arc<dyn Organisations> {
        match key {
            Some(key) => Arc::new(ClerkBackend::new(self.http.clone(), base, key)),
            None => Arc::new(NobodyToAsk),
        }
    }

    fn xero_auth(&self, config: &XeroConfig, secrets: &Secrets, clock: Arc<dyn Clock>) -> XeroAuth {
        let bases =
            XeroBases { login: config.login.clone(), identity: config.identity.clone(), api: config.api.clone() };
        let app = XeroApp {
            client_id: secrets.xero_client_id.expose_secret().to_owned(),
            client_secret: secrets.xero_client_secret.clone(),
        };
        XeroAuth::new(self.http.clone(), bases, app, clock)
    }

    fn quickbooks_auth(&self, config: &IntuitConfig, secrets: &Secrets, clock: Arc<dyn Clock>) -> QuickbooksAuth {
        let bases = IntuitBases {
            discovery: config.discovery.clone(),
            authorize: config.authorize.clone(),
            token: config.token.clone(),
            revoke: config.revoke.clone(),
            api: config.api.clone(),
        };
        let app = IntuitApp {
            client_id: secrets.intuit_client_id.expose_secret().to_owned(),
            client_secret: secrets.intuit_client_secret.clone(),
        };
        QuickbooksAuth::new(self.http.clone(), bases, app, clock)
    }

    fn xero(&self, config: &LedgersConfig) -> XeroReader {
        XeroReader::new(self.http.clone(), config.xero.api.clone())
    }

    fn quickbooks(&self, config: &LedgersConfig, clock: Arc<dyn Clock>) -> QuickbooksClient {
        QuickbooksClient::new(self.http.clone(), config.intuit.api.clone(), clock)
    }

    fn graph(&self, config: &MetaConfig, secrets: &Secrets) -> GraphClient {
        let (app, public_url) = (secrets.meta_app_id.expose_secret(), config.public_url.to_string());
        GraphClient::new(self.http.clone(), config.graph.clone(), &config.version, app, &public_url)
    }
}
