use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::intuit::control::missing;
use crate::intuit::entity::{Change, Entity, Operation};
use crate::intuit::webhook::{self, Event, Post, Signature, Webhook};
use crate::oauth::Parameters;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_control/intuit/webhook", post(set))
        .route("/_control/intuit/event", post(event))
        .route("/_control/intuit/deliveries", get(deliveries))
        .route("/_control/intuit/settle", post(settle))
}

async fn set(State(app): State<App>, Json(asked): Json<Webhook>) -> Response {
    app.intuit().hooks.webhook = Some(asked);
    answer::empty(204)
}

/// One body made by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    events: Vec<Told>,
    #[serde(default)]
    spoil_signature: bool,
    #[serde(default)]
    content_type: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    realm: String,
    entity: Entity,
    operation: Operation,
    id: String,
    #[serde(default)]
    deleted_id: Option<String>,
    /// The event's own id, to tell one twice.
    #[serde(default)]
    event_id: Option<String>,
}

async fn event(State(app): State<App>, Json(asked): Json<ByHand>) -> Response {
    let at_ms = app.clock.now_ms();
    let mut events = Vec::new();
    for told in asked.events {
        let realm = app.intuit().company(&told.realm).map(|company| company.realm.clone());
        let Some(realm) = realm else { return missing("company") };
        let id = told.event_id.unwrap_or_else(|| app.new_id());
        let change = Change { deleted_id: told.deleted_id, ..Change::new(told.entity, told.operation, &told.id) };
        events.push(Event { id, realm, change, at_ms });
    }
    let signature = if asked.spoil_signature { Signature::Spoiled } else { Signature::Right };
    webhook::post(&app, Post { events, signature, content_type: asked.content_type });
    answer::empty(204)
}

async fn deliveries(State(app): State<App>) -> Json<Value> {
    Json(Value::Array(app.intuit().hooks.deliveries.clone()))
}

/// Waits until nothing is to be posted, at most `timeout_ms` (10 s if absent); answers with the deliveries.
async fn settle(State(app): State<App>, Query(asked): Query<Parameters>) -> Response {
    let timeout_ms = asked.get("timeout_ms").and_then(|text| text.parse().ok()).unwrap_or(10_000_u64);
    let pending = || {
        let intuit = app.intuit();
        intuit.hooks.n_in_flight + intuit.hooks.waiting.len()
    };
    let settled = async {
        while pending() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_millis(timeout_ms), settled).await.is_ok();
    answer::json(if in_time { 200 } else { 504 }, json!(app.intuit().hooks.deliveries))
}
