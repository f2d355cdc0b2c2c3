use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::intuit::company::served;
use crate::intuit::entity::{Change, Operation};
use crate::intuit::instants;
use crate::intuit::state::IntuitState;

/// Where webhooks go, and what waits to be told or was.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) webhook: Option<Webhook>,
    /// Posts still to be made, in order.
    pub(crate) waiting: Vec<Post>,
    pub(crate) n_in_flight: usize,
    /// Every attempt with its outcome.
    pub(crate) deliveries: Vec<Value>,
}

/// An endpoint as the developer's settings know it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) verifier_token: String,
    #[serde(default)]
    pub(crate) host: Option<String>,
    #[serde(default)]
    format: Format,
    #[serde(default)]
    content_type: Option<String>,
    /// Whether `data` of a cloud event holds the entity; otherwise it is empty.
    #[serde(default)]
    full_data: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Legacy,
    #[default]
    CloudEvents,
}

/// One event of a company.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) realm: String,
    pub(crate) change: Change,
    pub(crate) at_ms: i64,
}

/// One body to be posted; its events may be of several companies.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) events: Vec<Event>,
    pub(crate) signature: Signature,
    pub(crate) content_type: Option<String>,
}

/// Whether a body is signed as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Right,
    Spoiled,
}

/// Tells what happened in a company, if anybody listens.
pub(crate) fn tell(app: &App, realm: &str, changes: Vec<Change>) {
    let at_ms = app.clock.now_ms();
    let events =
        changes.into_iter().map(|change| Event { id: app.new_id(), realm: realm.to_owned(), change, at_ms }).collect();
    post(app, Post { events, signature: Signature::Right, content_type: None });
}

/// Puts a body in the line; without an endpoint it is lost.
pub(crate) fn post(app: &App, post: Post) {
    let mut intuit = app.intuit();
    if intuit.hooks.webhook.is_some() {
        intuit.hooks.waiting.push(post);
        app.wake_intuit.notify_one();
    }
}

impl Webhook {
    pub(crate) fn content_type<'a>(&'a self, post: &'a Post) -> &'a str {
        let usual = match self.format {
            Format::Legacy => "application/json",
            Format::CloudEvents => "application/cloudevents+json",
        };
        post.content_type.as_deref().or(self.content_type.as_deref()).unwrap_or(usual)
    }

    /// The body of a post (Intuit: webhooks, both formats).
    pub(crate) fn body(&self, events: &[Event], intuit: &IntuitState) -> Value {
        match self.format {
            Format::Legacy => legacy(events),
            Format::CloudEvents => events.iter().map(|event| self.cloud_event(event, intuit)).collect(),
        }
    }

    fn cloud_event(&self, event: &Event, intuit: &IntuitState) -> Value {
        let change = &event.change;
        let company = intuit.company(&event.realm);
        let row = company.and_then(|company| company.row(change.entity, &change.id)).filter(|_| self.full_data);
        json!({
            "specversion": "1.0", "id": event.id, "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
            "type": format!("qbo.{}.{}.v1", change.entity.name().to_lowercase(), change.operation.past()),
            "datacontenttype": "application/json", "time": instants::utc_ns(event.at_ms),
            "intuitentityid": change.id, "intuitaccountid": event.realm, "data": row.map_or(json!({}), served),
        })
    }
}

/// One notification per company, in the order of their first events.
fn legacy(events: &[Event]) -> Value {
    let mut realms: Vec<&str> = Vec::new();
    for event in events {
        if !realms.contains(&event.realm.as_str()) {
            realms.push(&event.realm);
        }
    }
    let notification = |realm: &&str| {
        let own = events.iter().filter(|event| event.realm == *realm);
        json!({ "realmId": realm, "dataChangeEvent": { "entities": own.map(entity).collect::<Vec<_>>() } })
    };
    json!({ "eventNotifications": realms.iter().map(notification).collect::<Vec<_>>() })
}

fn entity(event: &Event) -> Value {
    let change = &event.change;
    let mut entity = json!({
        "id": change.id, "operation": change.operation.legacy(), "name": change.entity.name(),
        "lastUpdated": instants::utc_ms(event.at_ms),
    });
    if let (Operation::Merge, Some(fields)) = (change.operation, entity.as_object_mut()) {
        fields.insert(String::from("deletedId"), json!(change.deleted_id));
    }
    entity
}
