//! What the environment says.

use numo_app::job::QueueName;
use numo_providers::http::base_url::BaseUrl;
use numo_runtime::{
    config::{ClerkConfig, JobQueues, LedgersConfig, MetaConfig, MetaSignupConfig, PublicUrl},
    env::{ConfigError, Env},
};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::state::{MetaSignup, Publisher, Site};

/// Everything that this function is told from outside.
#[derive(Debug)]
pub struct Config {
    /// `NUMO_TABLE`: the table.
    pub table: String,
    /// `NUMO_JOURNAL`: the table that outlives it.
    pub journal: String,
    /// `NUMO_EXPORTS`: the bucket of archives.
    pub exports: String,
    /// `NUMO_VAULT_KEY`: the key that seals tokens.
    pub vault_key: String,
    /// `NUMO_SECRETS_ID`: where the stage's secrets are.
    pub secrets_id: String,
    /// `NUMO_QUEUE_SYNC`, `NUMO_QUEUE_PLAN`, `NUMO_QUEUE_DISPATCH`, `NUMO_QUEUE_ERASURE`: what people's wishes wake.
    pub queues: JobQueues,
    /// `NUMO_PUBLIC_URL`: where browsers reach us.
    pub public_url: PublicUrl,
    /// Whose sessions count.
    pub clerk: ClerkConfig,
    /// `NUMO_CLERK_API_BASE`: who says whether somebody is an admin at this moment.
    pub clerk_api: BaseUrl,
    /// Where senders are looked up.
    pub meta: MetaConfig,
    /// Where the vault renews tokens.
    pub ledgers: LedgersConfig,
    signup: MetaSignupConfig,
    publisher: Publisher,
    region: String,
    has_mail_address: bool,
    public: Url,
    issuer: Url,
}

impl Config {
    /// Reads it; the error names every key that is missing or invalid.
    pub fn read(mut env: Env) -> Result<Self, ConfigError> {
        let (table, vault_key) = (env.required("NUMO_TABLE"), env.required("NUMO_VAULT_KEY"));
        let (journal, secrets_id) = (env.required("NUMO_JOURNAL"), env.required("NUMO_SECRETS_ID"));
        let queues = JobQueues::read(&mut env, &QUEUES);
        let exports = env.required("NUMO_EXPORTS");
        let (clerk, clerk_api) = (ClerkConfig::read(&mut env), env.required("NUMO_CLERK_API_BASE"));
        let (meta, ledgers) = (MetaConfig::read(&mut env), LedgersConfig::read(&mut env));
        let (signup, publisher) = (MetaSignupConfig::read(&mut env), publisher(&mut env));
        // Both were checked above, each by its own stricter rule; here they are absent or good.
        let region = env.required("AWS_REGION");
        let mail_from: Option<String> = env.optional("NUMO_MAIL_FROM");
        let (public, issuer) = (env.optional("NUMO_PUBLIC_URL"), env.optional("NUMO_CLERK_ISSUER"));
        env.finish(|| {
            let meta = meta?;
            Some(Self {
                table: table?,
                journal: journal?,
                exports: exports?,
                vault_key: vault_key?,
                secrets_id: secrets_id?,
                queues: queues?,
                public_url: meta.public_url.clone(),
                clerk: clerk?,
                clerk_api: clerk_api?,
                meta,
                ledgers: ledgers?,
                signup: signup?,
                publisher: publisher?,
                region: region?,
                has_mail_address: mail_from.is_some(),
                public: public?,
                issuer: issuer?,
            })
        })
    }

    /// Addresses that pages need, with the key that ClerkJS shows to Clerk and the app that Meta's script is told.
    pub fn site(
        &self,
        (clerk_publishable_key, clerk_secret_key): (&SecretString, Option<&SecretString>),
        meta_app_id: &SecretString,
    ) -> Site {
        let meta_signup = self.signup.config_id.clone().map(|config_id| MetaSignup {
            sdk_url: self.signup.sdk_url.clone(),
            app_id: meta_app_id.expose_secret().to_owned(),
            config_id,
            version: self.meta.version.clone(),
        });
        Site {
            public_url: self.public.clone(),
            clerk_issuer: self.issuer.clone(),
            clerk_publishable_key: clerk_publishable_key.expose_secret().to_owned(),
            region: self.region.clone(),
            sends_mails: self.has_mail_address && clerk_secret_key.is_some(),
            calls_per_minute: Some(CALLS_PER_MINUTE),
            meta_signup,
            publisher: self.publisher.clone(),
        }
    }
}

/// `NUMO_LEGAL_NAME`, `NUMO_FORMER_NAME`, `NUMO_LEGAL_ADDRESS`, `NUMO_CONTACT_MAIL`: who runs this deployment.
fn publisher(env: &mut Env) -> Option<Publisher> {
    let (name, address) = (env.required("NUMO_LEGAL_NAME"), env.required("NUMO_LEGAL_ADDRESS"));
    let (former_name, mail) = (env.optional("NUMO_FORMER_NAME"), env.required("NUMO_CONTACT_MAIL"));
    Some(Publisher { name: name?, former_name, address: address?, mail: mail? })
}

/// What people's wishes wake.
const QUEUES: [QueueName; 4] = [QueueName::Sync, QueueName::Plan, QueueName::Dispatch, QueueName::Erasure];

/// Ten a second, more than people need and too few to slow anybody else down.
const CALLS_PER_MINUTE: u32 = 600;

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: [(&str, &str); 27] = [
        ("AWS_REGION", "eu-west-1"),
        ("NUMO_LEGAL_NAME", "Numo Example LLC"),
        ("NUMO_LEGAL_ADDRESS", "1 Example Street, Dubai"),
        ("NUMO_CONTACT_MAIL", "privacy@numo.example"),
        ("NUMO_TABLE", "numo-test"),
        ("NUMO_JOURNAL", "numo-test-journal"),
        ("NUMO_EXPORTS", "numo-test-exports"),
        ("NUMO_VAULT_KEY", "key"),
        ("NUMO_SECRETS_ID", "numo/test"),
        ("NUMO_QUEUE_SYNC", "http://127.0.0.1:1/sync"),
        ("NUMO_QUEUE_PLAN", "http://127.0.0.1:1/plan"),
        ("NUMO_QUEUE_DISPATCH", "http://127.0.0.1:1/dispatch"),
        ("NUMO_QUEUE_ERASURE", "http://127.0.0.1:1/erasure"),
        ("NUMO_PUBLIC_URL", "https://numo.example"),
        ("NUMO_CLERK_API_BASE", "https://api.clerk.example"),
        ("NUMO_CLERK_ISSUER", "https://clerk.numo.example"),
        ("NUMO_CLERK_AUTHORIZED_PARTIES", "https://numo.example"),
        ("NUMO_META_GRAPH_BASE", "https://graph.example"),
        ("NUMO_META_GRAPH_VERSION", "v25.0"),
        ("NUMO_META_SDK_URL", "https://connect.example/sdk.js"),
        ("NUMO_XERO_LOGIN_BASE", "https://login.example"),
        ("NUMO_XERO_IDENTITY_BASE", "https://identity.example"),
        ("NUMO_XERO_API_BASE", "https://api.example"),
        ("NUMO_INTUIT_AUTHORIZE_BASE", "https://appcenter.example"),
        ("NUMO_INTUIT_TOKEN_BASE", "https://oauth.example"),
        ("NUMO_INTUIT_REVOKE_BASE", "https://developer.example"),
        ("NUMO_QUICKBOOKS_API_BASE", "https://quickbooks.example"),
    ];

    #[test]
    fn a_complete_environment_gives_the_addresses_of_the_pages() {
        let config = Config::read(Env::given(COMPLETE)).unwrap();
        let app = SecretString::from("1000".to_owned());
        let site = config.site((&SecretString::from("pk_test_1".to_owned()), None), &app);
        let expected = Site {
            public_url: "https://numo.example".parse().unwrap(),
            clerk_issuer: "https://clerk.numo.example".parse().unwrap(),
            clerk_publishable_key: "pk_test_1".to_owned(),
            region: "eu-west-1".to_owned(),
            sends_mails: false,
            calls_per_minute: Some(600),
            meta_signup: None,
            publisher: Publisher {
                name: "Numo Example LLC".to_owned(),
                former_name: None,
                address: "1 Example Street, Dubai".to_owned(),
                mail: "privacy@numo.example".parse().unwrap(),
            },
        };
        assert_eq!((site.base(), &site), ("https://numo.example", &expected));
    }

    #[test]
    fn the_sign_up_is_set_up_by_a_configuration_whose_id_has_digits() {
        let given = |id| Config::read(Env::given(COMPLETE.into_iter().chain([("NUMO_META_SIGNUP_CONFIG", id)])));
        let app = SecretString::from("1000".to_owned());
        let expected = MetaSignup {
            sdk_url: "https://connect.example/sdk.js".parse().unwrap(),
            app_id: "1000".to_owned(),
            config_id: "77".to_owned(),
            version: "v25.0".to_owned(),
        };
        assert_eq!(given("77").unwrap().site((&app, None), &app).meta_signup, Some(expected));
        assert_eq!(given("").unwrap().site((&app, None), &app).meta_signup, None);
        let error = given("7\"7").unwrap_err().to_string();
        assert!(error.contains("NUMO_META_SIGNUP_CONFIG: an id of Meta has digits only"), "{error}");
    }

    #[test]
    fn people_are_mailed_where_there_is_an_address_to_send_from_and_a_key_to_ask_clerk_with() {
        let key = SecretString::from("k".to_owned());
        let sends = |from, secret| {
            let config = Config::read(Env::given(COMPLETE.into_iter().chain([("NUMO_MAIL_FROM", from)]))).unwrap();
            config.site((&key, secret), &key).sends_mails
        };
        let some = Some(&key);
        let all = [sends("numo@numo.example", some), sends("numo@numo.example", None), sends("", some)];
        assert_eq!(all, [true, false, false]);
    }

    #[test]
    fn every_missing_key_is_named_in_one_error() {
        let error = Config::read(Env::given([])).unwrap_err().to_string();
        for (key, _) in COMPLETE {
            assert_eq!(error.matches(&format!("{key} is missing")).count(), 1, "{key} in {error}");
        }
    }
}
