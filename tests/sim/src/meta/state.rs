use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::meta::failures::Failure;
use crate::meta::library::Library;
use crate::meta::limits::{Limits, Traffic};
use crate::meta::media::Media;
use crate::meta::pacing::Pacing;
use crate::meta::retries::Retries;
use crate::meta::sender::Sender;
use crate::meta::signup::Signups;
use crate::meta::template::Template;

/// Everything the simulated Meta holds.
pub(crate) struct MetaState {
    pub(crate) senders: Vec<Sender>,
    pub(crate) templates: Vec<Template>,
    pub(crate) library: Library,
    pub(crate) review: Review,
    /// Every POST of a message, accepted or not, as `/_control/meta/messages` shows it.
    pub(crate) received: Vec<Value>,
    pub(crate) not_on_whatsapp: HashSet<String>,
    /// Ids of users in the portfolio, by the digits of their numbers, as far as an inbound message told both.
    pub(crate) users: HashMap<String, String>,
    /// Last inbound message by (sender, customer), which opens the service window.
    pub(crate) windows: HashMap<(String, String), i64>,
    pub(crate) webhook: Option<Webhook>,
    pub(crate) delivery: Delivery,
    pub(crate) updates: Vec<Update>,
    pub(crate) counts: Counts,
    pub(crate) n_templates: u64,
    /// Whether `debug_token` lists targets per scope.
    pub(crate) granular_scopes: bool,
    /// Codes and tokens of Embedded Signup.
    pub(crate) signups: Signups,
    /// Accounts whose webhooks come to the app.
    pub(crate) subscribed: BTreeSet<String>,
    /// Files that were uploaded.
    pub(crate) media: Media,
    pub(crate) limits: Limits,
    pub(crate) traffic: Traffic,
    pub(crate) pacing: Pacing,
    /// Messages that fail on demand.
    pub(crate) failures: Vec<Failure>,
    /// Deliveries that were not answered with 200 yet.
    pub(crate) retries: Retries,
    /// In what requests differed from Meta's description.
    pub(crate) undescribed: Vec<String>,
}

/// What becomes of a new template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Review {
    Approve,
    Hold,
    Reject,
}

/// Where webhooks go and how they are signed.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: String,
    /// A Host header for gateways that route by name.
    pub(crate) host: Option<String>,
}

/// How statuses are delivered.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) duplicates: bool,
    pub(crate) shuffle: bool,
    pub(crate) drop: bool,
    pub(crate) delay_ms: u64,
    pub(crate) batch_size: usize,
    /// Share of delivered messages that are read, in percent.
    pub(crate) read_percent: u64,
    /// Numbers not on WhatsApp are refused at once instead of by a webhook.
    pub(crate) refuse_at_once: bool,
    pub(crate) template_updates: bool,
}

/// One change to be posted: a status, an inbound message or a template's fate.
#[derive(Debug, Clone)]
pub(crate) struct Update {
    pub(crate) waba_id: String,
    /// Order among the updates of one message: sent, delivered, read.
    pub(crate) rank: u8,
    pub(crate) kind: UpdateKind,
    pub(crate) body: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum UpdateKind {
    /// Goes into `statuses` of the number named.
    Status { phone_number_id: String, display: String },
    /// A whole change object.
    Change,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) read: u64,
    pub(crate) failed: u64,
    pub(crate) webhooks_posted: u64,
    /// Tries that were not answered with 200.
    pub(crate) webhooks_refused: u64,
    /// Deliveries that were given up.
    pub(crate) webhooks_failed: u64,
    /// Updates taken from the queue and not yet answered.
    pub(crate) in_flight: u64,
}

impl MetaState {
    pub(crate) fn new() -> Self {
        let senders = Sender::all();
        let wabas: BTreeSet<&str> = senders.iter().map(|sender| sender.waba_id).collect();
        let templates = wabas.into_iter().map(Template::hello_world).collect();
        Self {
            senders,
            templates,
            library: Library::default(),
            review: Review::Approve,
            received: Vec::new(),
            not_on_whatsapp: HashSet::new(),
            users: HashMap::new(),
            windows: HashMap::new(),
            webhook: None,
            delivery: Delivery::default(),
            updates: Vec::new(),
            counts: Counts::default(),
            n_templates: 0,
            granular_scopes: true,
            signups: Signups::default(),
            subscribed: BTreeSet::new(),
            media: Media::default(),
            limits: Limits::default(),
            traffic: Traffic::default(),
            pacing: Pacing::default(),
            failures: Vec::new(),
            retries: Retries::default(),
            undescribed: Vec::new(),
        }
    }

    pub(crate) fn sender(&self, phone_number_id: &str) -> Option<&Sender> {
        self.senders.iter().find(|sender| sender.phone_number_id == phone_number_id)
    }

    /// The account that a token opens: a standing one of a number, or one that a sign-up made.
    pub(crate) fn account_of(&self, token: &str, now_s: i64) -> Option<String> {
        let standing = self.senders.iter().find(|sender| !token.is_empty() && sender.token == token);
        let made = self.signups.tokens.get(token).filter(|made| made.is_good(now_s));
        standing.map(|sender| sender.waba_id.to_owned()).or_else(|| made.map(|made| made.waba_id.clone()))
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            duplicates: false,
            shuffle: false,
            drop: false,
            delay_ms: 20,
            batch_size: 1,
            read_percent: 60,
            refuse_at_once: false,
            template_updates: true,
        }
    }
}
