//! What every request shares.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use numo_app::{
    add_sender::SenderPorts,
    connect_whatsapp::SignupPorts,
    forget_meta_user::ForgetKeys,
    invoice_documents::DocumentPorts,
    number_key::NumberKeys,
    port::{bucket::BucketLinks, clock::Clock, people::People, session::Sessions, signup::WhatsappSignup},
    store::Store,
    wake::Waker,
};
use numo_domain::email::EmailAddress;
use url::Url;

/// Ports and settings; cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Table, queue, ids, vault and Meta's account calls.
    pub senders: SenderPorts,
    /// Meta's calls that connect an account.
    pub signup: Arc<dyn WhatsappSignup>,
    /// What fetches pay pages.
    pub documents: DocumentPorts,
    /// Who is signed in.
    pub sessions: Arc<dyn Sessions>,
    /// Who belongs to an organisation at this moment.
    pub people: Arc<dyn People>,
    /// Makes links to archives of exports.
    pub exports: Arc<dyn BucketLinks>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What proves that Meta asks us to forget somebody, and how they are found.
    pub forget: Arc<ForgetKeys>,
    /// Addresses that pages need.
    pub site: Arc<Site>,
}

/// Addresses that pages need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Base of console and API, without a slash at the end.
    pub public_url: Url,
    /// Clerk's Frontend API, from which ClerkJS is loaded.
    pub clerk_issuer: Url,
    /// Names the Clerk instance to ClerkJS; not a secret.
    pub clerk_publishable_key: String,
    /// Where everything is stored, as AWS calls it.
    pub region: String,
    /// Whether people are mailed: there is an address to send from, and a key to ask Clerk who they are.
    pub sends_mails: bool,
    /// Calls of the API that an organisation may make in a minute; none for any number.
    pub calls_per_minute: Option<u32>,
    /// What the sign-up at Meta needs in a browser; none where it is not set up, and numbers are entered by hand.
    pub meta_signup: Option<MetaSignup>,
    /// Who runs this deployment, as its public pages say.
    pub publisher: Publisher,
}

/// Who runs a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The name of the company in law.
    pub name: String,
    /// The name under which the product was known before, if it was.
    pub former_name: Option<String>,
    /// Where the company is, on one line.
    pub address: String,
    /// Where people write to.
    pub mail: EmailAddress,
}

/// What Meta's script is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaSignup {
    /// Where the script is.
    pub sdk_url: Url,
    /// Our app at Meta; not a secret.
    pub app_id: String,
    /// Names the login configuration of the sign-up (Meta: Facebook Login for Business).
    pub config_id: String,
    /// Version of the Graph API.
    pub version: String,
}

impl AppState {
    /// Table, queue and ids.
    pub(crate) const fn waker(&self) -> &Waker {
        &self.senders.waker
    }

    /// What connects a WhatsApp account, and ends it.
    pub(crate) fn signup_ports(&self) -> SignupPorts {
        SignupPorts {
            senders: self.senders.clone(),
            signup: Arc::clone(&self.signup),
            number_keys: self.forget.number_keys.clone(),
        }
    }

    /// Keyed hashes of customers and their numbers.
    pub(crate) fn number_keys(&self) -> &NumberKeys {
        &self.forget.number_keys
    }

    /// The table.
    pub(crate) const fn store(&self) -> &Store {
        &self.senders.waker.store
    }

    /// The present instant.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState").field("site", &self.site).finish_non_exhaustive()
    }
}

impl Site {
    /// Base address as text, without a slash at the end.
    pub(crate) fn base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// Where a connection to an accounting system starts.
    pub(crate) fn start_url(&self, provider: &str) -> String {
        format!("{}/oauth/{provider}/start", self.base())
    }

    /// A script that Clerk serves.
    pub(crate) fn clerk_script(&self, path: &str) -> String {
        format!("{}{path}", self.clerk_issuer.as_str().trim_end_matches('/'))
    }

    /// Whether browsers may be told to use https alone.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}
