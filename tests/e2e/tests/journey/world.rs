//! What all scenarios share: one stack, its people, and what earlier scenarios left behind.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::date;
use jiff::{Timestamp, tz::TimeZone};
use numo_e2e::http::client;
use numo_e2e::journey::Day;
use numo_e2e::product::Product;
use numo_e2e::product::answers::SyncRun;
use numo_e2e::simulator::Simulator;
use numo_e2e::stack::{LocalStack, StackOptions, root, stop, target_folder};
use serde_json::json;

use crate::peers::Watch;
use crate::table::{Queues, Secret, Table};

/// Secrets of the deployment; the logs are searched for them.
pub(crate) const SECRETS: [(&str, &str); 12] = [
    ("xero_client_id", "planted-xero-client"),
    ("xero_client_secret", "planted-xero-secret-5f0c7d"),
    ("xero_webhook_keys", "planted-xero-webhook-key-81c2f6"),
    ("intuit_client_id", "planted-intuit-client"),
    ("intuit_client_secret", "planted-intuit-secret-3c9e1d"),
    ("intuit_webhook_tokens", "planted-intuit-webhook-token-44d9aa"),
    ("meta_app_id", "1000000000000002"),
    ("meta_app_secret", "planted-meta-secret-91bb3e"),
    ("meta_verify_token", "planted-verify-token-07aa42"),
    ("clerk_publishable_key", "pk_test_cGxhbnRlZC5jbGVyay5leGFtcGxlJA=="),
    ("clerk_secret_key", "sk_test_planted-clerk-key-6be20c"),
    ("pepper", "cGxhbnRlZC1wZXBwZXItMzItYnl0ZXMtZXhhY3RseSE="),
];

pub(crate) struct World {
    pub(crate) stack: LocalStack,
    pub(crate) http: reqwest::Client,
    pub(crate) simulator: Simulator,
    pub(crate) table: Table,
    pub(crate) queues: Queues,
    pub(crate) secret: Secret,
    /// Folder of the anonymised ledger, where the reference data is there.
    pub(crate) reference: Option<PathBuf>,
    pub(crate) harbour: Harbour,
    /// When a copy of the table was restored.
    pub(crate) restored_to: Option<Timestamp>,
    /// Whom the functions talk to.
    pub(crate) peers: Option<Watch>,
}

/// What became of Harbour Lane Trading so far.
#[derive(Default)]
pub(crate) struct Harbour {
    pub(crate) connection: String,
    /// The callback that connected it, for a replay.
    pub(crate) callback: String,
    pub(crate) first_run: Option<SyncRun>,
    pub(crate) day: Option<Day>,
    /// The last sync before operators ordered one.
    pub(crate) run_before_the_order: Option<SyncRun>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let reference = reference();
        let secrets: serde_json::Map<_, _> =
            SECRETS.iter().map(|(name, value)| ((*name).to_owned(), secret(name, value))).collect();
        let mut variables = BTreeMap::from([("NUMO_SECRETS_JSON".to_owned(), json!(secrets).to_string())]);
        if let Some(folder) = &reference {
            let arguments = format!("--ledger {} --ledger-days {}", folder.display(), ledger_days());
            variables.insert("NUMO_SIM_ARGS".to_owned(), arguments);
        }
        let options = StackOptions { folder: target_folder("e2e"), variables };
        println!("starting the local stack in {}; what is not built is built first", options.folder.display());
        // A run that was killed leaves its stack behind.
        stop(&options).await.unwrap();
        let stack = LocalStack::start(options).await.unwrap();
        let http = client().unwrap();
        Self {
            simulator: Simulator::new(http.clone(), stack.state.sim_url.clone()),
            table: Table::new(&stack.state),
            queues: Queues::new(&stack.state),
            secret: Secret::new(&stack.state),
            harbour: Harbour::default(),
            restored_to: None,
            peers: Some(Watch::start(stack.state.aws_endpoint.clone())),
            stack,
            http,
            reference,
        }
    }

    /// The product with a seeded user signed in.
    pub(crate) fn product(&self, user: &str) -> Product {
        Product::signed_in(self.http.clone(), &self.stack.state, user)
    }

    /// Admin of Harbour Lane Trading.
    pub(crate) fn owner(&self) -> Product {
        self.product("user_owner")
    }

    /// Admin of Edinburgh Joinery.
    pub(crate) fn joiner(&self) -> Product {
        self.product("user_joiner")
    }

    /// Admin of Gulf Marine Supplies.
    pub(crate) fn gulf(&self) -> Product {
        self.product("user_gulf")
    }

    /// Admin of the organisation with the anonymised ledger.
    pub(crate) fn ledger_owner(&self) -> Product {
        self.product("user_ledger")
    }

    /// Saves the functions' logs for whoever looks at a failure.
    pub(crate) async fn keep_logs(&self) {
        match self.stack.logs().await {
            Ok(_) => println!("the functions' logs are in {}", target_folder("e2e").join("logs/functions").display()),
            Err(error) => println!("the functions' logs could not be saved: {error}"),
        }
    }
}

/// The value of a secret: keys of ledgers' webhooks are lists, so that two can be accepted at once.
fn secret(name: &str, value: &str) -> serde_json::Value {
    if matches!(name, "xero_webhook_keys" | "intuit_webhook_tokens") { json!([value]) } else { json!(value) }
}

/// Days by which the anonymised ledger is moved: its last due date lies ten days back then.
///
/// As it is, it is older than the 24 months that a first sync reads.
#[expect(clippy::disallowed_methods, reason = "the real clock decides what lies 24 months back")]
pub(crate) fn ledger_days() -> i64 {
    let today = TimeZone::get("America/Toronto").unwrap().to_datetime(Timestamp::now()).date();
    let newest_due = date(2021, 3, 31);
    i64::from(newest_due.until(today).unwrap().get_days()) - 10
}

/// The ledger's folder; where it is absent, that is said, unless it is required.
fn reference() -> Option<PathBuf> {
    let data = std::env::var_os("NUMO_REFERENCE_DATA").map_or_else(|| root().join("../shared/data"), PathBuf::from);
    let folder = data.join("xero/ledger");
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    let required = std::env::var_os("NUMO_REQUIRE_REFERENCE").is_some_and(|value| value == "1");
    assert!(!required, "the reference ledger is missing: {}", folder.display());
    println!("the reference ledger is not at {}; its scenarios pass over", folder.display());
    None
}
