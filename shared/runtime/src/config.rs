//! Groups of variables that several functions share.

use std::{convert::Infallible, fmt, str::FromStr};

use numo_app::job::QueueName;
use numo_aws::{
    config::{Account, Keys},
    sqs::QueueUrls,
};
use numo_domain::email::EmailAddress;
use numo_providers::http::base_url::BaseUrl;
use url::Url;

use crate::env::Env;

/// The queues of jobs that a function may send to, and no others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobQueues(pub(crate) QueueUrls);

impl JobQueues {
    /// Reads `NUMO_QUEUE_SYNC`, `NUMO_QUEUE_PLAN`, `NUMO_QUEUE_DISPATCH` and `NUMO_QUEUE_ERASURE`, as far as they are named.
    pub fn read(env: &mut Env, names: &[QueueName]) -> Option<Self> {
        let mut urls = QueueUrls::default();
        let mut is_complete = true;
        for name in names {
            let (key, place) = match name {
                QueueName::Sync => ("NUMO_QUEUE_SYNC", &mut urls.sync),
                QueueName::Plan => ("NUMO_QUEUE_PLAN", &mut urls.plan),
                QueueName::Dispatch => ("NUMO_QUEUE_DISPATCH", &mut urls.dispatch),
                QueueName::Erasure => ("NUMO_QUEUE_ERASURE", &mut urls.erasure),
            };
            *place = env.required(key);
            is_complete &= place.is_some();
        }
        is_complete.then_some(Self(urls))
    }
}

/// Reads what Lambda gives every function: `AWS_REGION` and the keys of its role.
///
/// `AWS_ENDPOINT_URL` points every client at another server than AWS.
pub(crate) fn read_account(env: &mut Env) -> Option<Account> {
    let region = env.required("AWS_REGION");
    let endpoint = env.optional("AWS_ENDPOINT_URL");
    let id = env.required("AWS_ACCESS_KEY_ID");
    let secret: Option<String> = env.required("AWS_SECRET_ACCESS_KEY");
    let session: Option<String> = env.optional("AWS_SESSION_TOKEN");
    let keys = Keys { id: id?, secret: secret?.into(), session: session.map(Into::into) };
    Some(Account { region: region?, endpoint, keys })
}

/// Where Xero lives.
#[derive(Debug, Clone)]
pub struct XeroConfig {
    /// `NUMO_XERO_LOGIN_BASE`: consent pages.
    pub login: BaseUrl,
    /// `NUMO_XERO_IDENTITY_BASE`: tokens.
    pub identity: BaseUrl,
    /// `NUMO_XERO_API_BASE`: everything else.
    pub api: BaseUrl,
}

impl XeroConfig {
    /// Reads the group.
    pub fn read(env: &mut Env) -> Option<Self> {
        let login = env.required("NUMO_XERO_LOGIN_BASE");
        let identity = env.required("NUMO_XERO_IDENTITY_BASE");
        let api = env.required("NUMO_XERO_API_BASE");
        Some(Self { login: login?, identity: identity?, api: api? })
    }
}

/// Where Intuit and QuickBooks Online live.
#[derive(Debug, Clone)]
pub struct IntuitConfig {
    /// `NUMO_INTUIT_DISCOVERY_BASE`: the document that names the endpoints; without it the other addresses count.
    pub discovery: Option<BaseUrl>,
    /// `NUMO_INTUIT_AUTHORIZE_BASE`: consent pages.
    pub authorize: BaseUrl,
    /// `NUMO_INTUIT_TOKEN_BASE`: tokens.
    pub token: BaseUrl,
    /// `NUMO_INTUIT_REVOKE_BASE`: ends of grants.
    pub revoke: BaseUrl,
    /// `NUMO_QUICKBOOKS_API_BASE`: everything else.
    pub api: BaseUrl,
}

impl IntuitConfig {
    /// Reads the group.
    pub fn read(env: &mut Env) -> Option<Self> {
        let discovery = env.optional("NUMO_INTUIT_DISCOVERY_BASE");
        let authorize = env.required("NUMO_INTUIT_AUTHORIZE_BASE");
        let token = env.required("NUMO_INTUIT_TOKEN_BASE");
        let revoke = env.required("NUMO_INTUIT_REVOKE_BASE");
        let api = env.required("NUMO_QUICKBOOKS_API_BASE");
        Some(Self { discovery, authorize: authorize?, token: token?, revoke: revoke?, api: api? })
    }
}

/// Where the accounting systems live.
#[derive(Debug, Clone)]
pub struct LedgersConfig {
    /// Xero.
    pub xero: XeroConfig,
    /// QuickBooks Online, by Intuit.
    pub intuit: IntuitConfig,
}

impl LedgersConfig {
    /// Reads both groups.
    pub fn read(env: &mut Env) -> Option<Self> {
        let (xero, intuit) = (XeroConfig::read(env), IntuitConfig::read(env));
        Some(Self { xero: xero?, intuit: intuit? })
    }
}

/// Where Meta's Graph API lives.
#[derive(Debug, Clone)]
pub struct MetaConfig {
    /// `NUMO_META_GRAPH_BASE`: its address.
    pub graph: BaseUrl,
    /// `NUMO_META_GRAPH_VERSION`: the version that is called.
    pub version: String,
    /// `NUMO_PUBLIC_URL`: where buttons of messages lead.
    pub public_url: PublicUrl,
}

impl MetaConfig {
    /// Reads the group.
    pub fn read(env: &mut Env) -> Option<Self> {
        let graph = env.required("NUMO_META_GRAPH_BASE");
        let version = env.required("NUMO_META_GRAPH_VERSION");
        let public_url = PublicUrl::read(env);
        Some(Self { graph: graph?, version: version?, public_url: public_url? })
    }
}

/// What Meta's sign-up needs in a browser.
#[derive(Debug, Clone)]
pub struct MetaSignupConfig {
    /// `NUMO_META_SDK_URL`: where Meta's script is.
    pub sdk_url: Url,
    /// `NUMO_META_SIGNUP_CONFIG`: the login configuration of the sign-up; none where it is not set up.
    pub config_id: Option<String>,
}

impl MetaSignupConfig {
    /// Reads the group.
    pub fn read(env: &mut Env) -> Option<Self> {
        let address: Option<BaseUrl> = env.required("NUMO_META_SDK_URL");
        let config_id: Option<DigitsId> = env.optional("NUMO_META_SIGNUP_CONFIG");
        let sdk_url = address.and_then(|_| env.optional("NUMO_META_SDK_URL"));
        Some(Self { sdk_url: sdk_url?, config_id: config_id.map(|DigitsId(id)| id) })
    }
}

/// Ids of Meta are digits; anything else would end up in a page.
struct DigitsId(String);

impl FromStr for DigitsId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let is_id = text.bytes().all(|byte| byte.is_ascii_digit());
        if is_id { Ok(Self(text.to_owned())) } else { Err("an id of Meta has digits only") }
    }
}

/// Whose sessions count.
#[derive(Debug, Clone)]
pub struct ClerkConfig {
    /// `NUMO_CLERK_ISSUER`: who signs them, as it is written in the tokens.
    pub issuer: String,
    /// `NUMO_CLERK_AUTHORIZED_PARTIES`: origins that they were issued to.
    pub authorized_parties: Vec<String>,
}

impl ClerkConfig {
    /// Reads the group.
    pub fn read(env: &mut Env) -> Option<Self> {
        // The keys are read below it, so it has to be an address.
        let address: Option<BaseUrl> = env.required("NUMO_CLERK_ISSUER");
        let parties: Option<List> = env.required("NUMO_CLERK_AUTHORIZED_PARTIES");
        let issuer = address.and_then(|_| env.optional("NUMO_CLERK_ISSUER"));
        Some(Self { issuer: issuer?, authorized_parties: parties?.0 })
    }
}

/// What it takes to mail people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// `NUMO_MAIL_FROM`: the address that mails come from.
    pub from: String,
    /// `NUMO_PUBLIC_URL`: where links of mails lead.
    pub public_url: PublicUrl,
}

impl MailConfig {
    /// Reads the group; none where there is no address to send from, and nobody is mailed.
    pub fn read(env: &mut Env) -> Option<Self> {
        let from: EmailAddress = env.optional("NUMO_MAIL_FROM")?;
        let public_url = PublicUrl::read(env);
        let from = from.as_str().to_owned();
        Some(Self { from, public_url: public_url? })
    }
}

/// Where browsers reach us, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads `NUMO_PUBLIC_URL`.
    pub fn read(env: &mut Env) -> Option<Self> {
        env.required("NUMO_PUBLIC_URL")
    }

    /// Whether browsers reach us by https, so that cookies can be held to it.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no address of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public address is http://… or https://… without query, fragment or slash at the end")]
pub struct InvalidPublicUrl;

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let url = Url::parse(text).or(Err(InvalidPublicUrl))?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
        let is_plain = url.query().is_none() && url.fragment().is_none() && !text.ends_with('/');
        if is_web && is_plain { Ok(Self(text.to_owned())) } else { Err(InvalidPublicUrl) }
    }
}

/// A list with commas, without empty entries.
struct List(Vec<String>);

impl FromStr for List {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self(entries.map(str::to_owned).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_needs_a_region_and_keys_and_names_what_is_missing() {
        let mut env =
            Env::given([("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "s")]);
        let account = read_account(&mut env);
        let account = env.finish(|| account).unwrap();
        assert_eq!(
            (account.region.as_str(), account.endpoint, account.keys.session.is_some()),
            ("eu-west-1", None, false)
        );

        let mut env = Env::given([("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")]);
        let account = read_account(&mut env);
        assert_eq!(
            env.finish(|| account).unwrap_err().to_string(),
            "configuration: AWS_REGION is missing; AWS_ACCESS_KEY_ID is missing; AWS_SECRET_ACCESS_KEY is missing"
        );
    }

    #[test]
    fn a_public_address_has_no_end_that_would_be_doubled() {
        for good in ["https://numo.example", "http://abc.execute-api.localhost:4566", "https://numo.example/app"] {
            assert_eq!(good.parse::<PublicUrl>().map(|url| url.to_string()), Ok(good.to_owned()));
        }
        for bad in ["https://numo.example/", "numo.example", "ftp://numo.example", "https://numo.example?a=1", ""] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(InvalidPublicUrl), "{bad}");
        }
    }

    #[test]
    fn without_an_address_to_send_from_nobody_is_mailed_and_with_one_everything_else_is_needed() {
        let read = |from: &'static str| {
            let mut env = Env::given([("NUMO_MAIL_FROM", from)]);
            let mail = MailConfig::read(&mut env);
            env.finish(|| Some(mail.is_some())).map_err(|error| error.to_string())
        };
        assert_eq!(read(""), Ok(false));
        let missing = "configuration: NUMO_PUBLIC_URL is missing";
        assert_eq!(read("numo@numo.example"), Err(missing.to_owned()));
        assert!(read("Numo <numo@numo.example>").is_err_and(|error| error.contains("NUMO_MAIL_FROM")));
    }

    #[test]
    fn authorised_parties_are_a_list_with_commas() {
        let mut env = Env::given([
            ("NUMO_CLERK_ISSUER", "https://clerk.numo.example"),
            ("NUMO_CLERK_AUTHORIZED_PARTIES", "https://a.example, https://b.example,"),
        ]);
        let config = ClerkConfig::read(&mut env).unwrap();
        assert_eq!(config.authorized_parties, ["https://a.example", "https://b.example"]);
        assert_eq!(config.issuer, "https://clerk.numo.example");
    }

    #[test]
    fn a_function_has_the_addresses_of_the_queues_it_names_and_no_others() {
        let mut env = Env::given([("NUMO_QUEUE_SYNC", "https://sqs/sync"), ("NUMO_QUEUE_PLAN", "https://sqs/plan")]);
        let urls = QueueUrls { plan: Some("https://sqs/plan".to_owned()), ..QueueUrls::default() };
        assert_eq!(JobQueues::read(&mut env, &[QueueName::Plan]), Some(JobQueues(urls)));
        assert_eq!(JobQueues::read(&mut env, &[QueueName::Sync, QueueName::Dispatch]), None);
        assert_eq!(env.finish(|| Some(())).unwrap_err().to_string(), "configuration: NUMO_QUEUE_DISPATCH is missing");
    }

    #[test]
    fn intuit_can_do_without_a_discovery_document_but_not_with_a_wrong_one() {
        let given = |discovery| {
            let mut env = Env::given([
                ("NUMO_INTUIT_DISCOVERY_BASE", discovery),
                ("NUMO_INTUIT_AUTHORIZE_BASE", "https://appcenter.example"),
                ("NUMO_INTUIT_TOKEN_BASE", "https://oauth.example"),
                ("NUMO_INTUIT_REVOKE_BASE", "https://developer-api.example"),
                ("NUMO_QUICKBOOKS_API_BASE", "https://quickbooks.example"),
            ]);
            let config = IntuitConfig::read(&mut env);
            env.finish(|| config.map(|config| config.discovery.is_some())).map_err(|error| error.to_string())
        };
        assert_eq!(given("https://developer.example"), Ok(true));
        assert_eq!(given(""), Ok(false));
        assert!(given("developer.example").is_err_and(|error| error.contains("NUMO_INTUIT_DISCOVERY_BASE")));
    }

    #[test]
    fn a_group_names_every_key_that_is_wrong() {
        let mut env = Env::given([("NUMO_XERO_LOGIN_BASE", "ftp://x"), ("NUMO_META_GRAPH_BASE", "https://g.example")]);
        let (ledgers, meta) = (LedgersConfig::read(&mut env), MetaConfig::read(&mut env));
        assert!(ledgers.is_none() && meta.is_none());
        assert_eq!(
            env.finish(|| Some(())).unwrap_err().to_string(),
            "configuration: NUMO_XERO_LOGIN_BASE: a base address is https://…, or http://… on the loopback, \
             without query, fragment or user; NUMO_XERO_IDENTITY_BASE is missing; NUMO_XERO_API_BASE is missing; \
             NUMO_INTUIT_AUTHORIZE_BASE is missing; NUMO_INTUIT_TOKEN_BASE is missing; \
             NUMO_INTUIT_REVOKE_BASE is missing; NUMO_QUICKBOOKS_API_BASE is missing; \
             NUMO_META_GRAPH_VERSION is missing; NUMO_PUBLIC_URL is missing"
        );
    }
}
