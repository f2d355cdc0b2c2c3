//! Consent, tokens and their end, by OAuth 2.0.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_domain::{
    credential::TokenSet,
    id::{ExternalId, GrantHolder, LedgerTenantId},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::port::ledger::LedgerError;

/// Gets, renews and ends access to one accounting system.
#[async_trait]
pub trait LedgerAuth: Send + Sync {
    /// Where the owner's browser goes to consent; `challenge` is the PKCE S256 challenge.
    async fn authorise_url(&self, redirect_uri: &str, state: &str, challenge: &str) -> Result<String, LedgerError>;

    /// Exchanges a single-use code; never repeated.
    ///
    /// Every organisation in the answer was opened with the new token, so that an id of the
    /// callback's query, which nobody signed, connects nothing by itself.
    async fn exchange(&self, answer: &ConsentAnswer, redirect_uri: &str) -> Result<Granted, LedgerError>;

    /// Renews a token set. A timeout or 5xx is `Unavailable`, a dead grant `ReauthRequired`.
    async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, LedgerError>;

    /// Whether the token still opens an organisation; asked after the ledger refused it.
    async fn is_open(&self, access: &SecretString, tenant: &LedgerTenantId) -> Result<bool, LedgerError>;

    /// Ends the link of one organisation at the provider, and of no other; one that is gone is done.
    async fn disconnect(&self, tokens: &TokenSet, link: &GrantedTenant) -> Result<(), LedgerError>;
}

/// What a consent page sent the browser back with.
#[derive(Debug)]
pub struct ConsentAnswer {
    /// The single-use code.
    pub code: SecretString,
    /// The PKCE verifier of the challenge.
    pub verifier: String,
    /// Intuit's `realmId`, which nobody signed.
    pub realm: Option<LedgerTenantId>,
    /// When it came.
    pub at: Timestamp,
}

/// What a consent gave.
#[derive(Debug)]
pub struct Granted {
    /// Whose token set it is: the Xero user, or the Intuit realm.
    pub holder: GrantHolder,
    /// The tokens.
    pub tokens: TokenSet,
    /// The organisations of this very consent, never all that the user ever connected.
    pub tenants: Vec<GrantedTenant>,
}

/// One organisation of a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedTenant {
    /// The ledger organisation.
    pub tenant: LedgerTenantId,
    /// The provider's id of the link.
    pub provider_connection: ExternalId,
    /// Its name.
    pub name: String,
}
