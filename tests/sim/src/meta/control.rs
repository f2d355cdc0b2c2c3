use std::collections::{HashMap, HashSet};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::meta::sender::Sender;
use crate::meta::state::{MetaState, Review, Webhook};
use crate::meta::{description, failures, forgery, inbound, library, limits, pacing, signup, window};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_control/meta/webhook", post(set_webhook))
        .route("/_control/meta/delivery", get(show_delivery).post(set_delivery))
        .route("/_control/meta/numbers", post(set_numbers))
        .route("/_control/meta/phone", post(set_phone))
        .route("/_control/meta/registration", post(set_registration))
        .route("/_control/meta/late_number", post(add_late_number))
        .route("/_control/meta/signup", post(window::control))
        .route("/_control/meta/tokens", post(signup::set_tokens))
        .route("/_control/meta/templates", get(show_templates).post(set_template))
        .route("/_control/meta/library", post(library::control))
        .route("/_control/meta/inbound", post(inbound::write))
        .route("/_control/meta/change", post(inbound::tell))
        .route("/_control/meta/codes", get(failures::codes))
        .route("/_control/meta/failures", get(failures::show).post(failures::set))
        .route("/_control/meta/limits", get(limits::show).post(limits::set))
        .route("/_control/meta/pacing", post(pacing::set))
        .route("/_control/meta/forgery", post(forgery::webhook))
        .route("/_control/meta/signed_request", post(forgery::signed_request))
        .route("/_control/meta/description/{name}", post(description::ask))
        .route("/_control/meta/undescribed", get(description::show))
        .route("/_control/meta/messages", get(show_messages))
        .route("/_control/meta/summary", get(show_summary))
        .route("/_control/meta/settle", post(settle))
        .route("/_control/meta/reset", post(reset))
}

/// Counted from what Meta received alone, so that it can judge the product.
pub(crate) fn summary_of(app: &App) -> Value {
    let meta = app.meta();
    let with = |outcome: &str| meta.received.iter().filter(|row| row.at("outcome") == outcome).count();
    let is_answer = |row: &&Value| row.at("outcome") == "accepted" && row.at("type") != "template";
    let answers = meta.received.iter().filter(is_answer).count();
    json!({
        "accepted": with("accepted") - answers, "answers": answers, "rejected": with("rejected"),
        "delivered": meta.counts.delivered, "read": meta.counts.read, "failed": meta.counts.failed,
        "webhooks_posted": meta.counts.webhooks_posted, "webhooks_refused": meta.counts.webhooks_refused,
        "webhooks_failed": meta.counts.webhooks_failed,
        "pending_webhooks": pending(&meta), "duplicates": duplicates(&meta),
    })
}

fn pending(meta: &MetaState) -> u64 {
    meta.counts.in_flight + u64::try_from(meta.updates.len()).unwrap_or_default()
}

/// Accepted templates beyond the first for one sender, recipient and day in Dubai.
fn duplicates(meta: &MetaState) -> usize {
    let mut seen = HashSet::new();
    meta.received
        .iter()
        .filter(|row| row.at("outcome") == "accepted" && row.at("type") == "template")
        .filter(|row| {
            !seen.insert((row.at("phone_number_id").to_string(), row.at("to").to_string(), row.at("day").to_string()))
        })
        .count()
}

async fn set_webhook(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let text = |name: &str| asked.at(name).as_str().map(String::from);
    let (Some(url), Some(secret)) = (text("url"), text("app_secret")) else {
        return answer::json(400, json!({ "error": "url and app_secret are required" }));
    };
    app.meta().webhook = Some(Webhook { url, secret, host: text("host") });
    answer::empty(204)
}

async fn show_delivery(State(app): State<App>) -> Json<Value> {
    Json(delivery_of(&app.meta()))
}

fn delivery_of(meta: &MetaState) -> Value {
    let held = &meta.delivery;
    json!({
        "duplicates": held.duplicates, "shuffle": held.shuffle, "drop": held.drop, "delay_ms": held.delay_ms,
        "batch_size": held.batch_size, "read_percent": held.read_percent,
        "refuse_at_once": held.refuse_at_once, "template_updates": held.template_updates,
        "granular_scopes": meta.granular_scopes,
    })
}

async fn set_delivery(State(app): State<App>, Json(asked): Json<Value>) -> Json<Value> {
    let mut meta = app.meta();
    let flag = |name: &str, held: bool| asked.at(name).as_bool().unwrap_or(held);
    let number = |name: &str, held: u64| asked.at(name).as_u64().unwrap_or(held);
    meta.granular_scopes = flag("granular_scopes", meta.granular_scopes);
    let held = &mut meta.delivery;
    held.duplicates = flag("duplicates", held.duplicates);
    held.shuffle = flag("shuffle", held.shuffle);
    held.drop = flag("drop", held.drop);
    held.refuse_at_once = flag("refuse_at_once", held.refuse_at_once);
    held.template_updates = flag("template_updates", held.template_updates);
    held.delay_ms = number("delay_ms", held.delay_ms);
    held.read_percent = number("read_percent", held.read_percent);
    let size = asked.at("batch_size").as_u64().and_then(|size| usize::try_from(size).ok());
    held.batch_size = size.unwrap_or(held.batch_size).clamp(1, 1000);
    Json(delivery_of(&meta))
}

async fn set_numbers(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let listed = asked.list("not_on_whatsapp");
    app.meta().not_on_whatsapp = listed.iter().filter_map(|number| number.as_str().map(String::from)).collect();
    answer::empty(204)
}

/// Overrides fields of the phone object: `{"phone_number_id", "fields": {..}}`.
async fn set_phone(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut meta = app.meta();
    let sender = meta.senders.iter_mut().find(|sender| asked.at("phone_number_id") == sender.phone_number_id);
    let (Some(sender), Some(fields)) = (sender, asked.at("fields").as_object()) else {
        return answer::json(404, json!({ "error": "no such phone_number_id, or no fields" }));
    };
    sender.overrides.extend(fields.clone());
    answer::empty(204)
}

/// How a number is registered, after setting what is given: `{"phone_number_id", "pin"?, "is_verified"?}`.
async fn set_registration(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut meta = app.meta();
    let number = meta.senders.iter_mut().find(|sender| asked.at("phone_number_id") == sender.phone_number_id);
    let Some(number) = number else { return answer::json(404, json!({ "error": "no such phone_number_id" })) };
    number.registration.set(&asked);
    let (mut body, waba_id) = (number.registration.look(), number.waba_id);
    body.put("subscribed", json!(meta.subscribed.contains(waba_id)));
    answer::json(200, body)
}

/// Gives the account without a number one, as its owner would in Meta's manager.
async fn add_late_number(State(app): State<App>) -> Response {
    app.meta().senders.push(Sender::late());
    answer::empty(204)
}

async fn show_templates(State(app): State<App>) -> Json<Value> {
    let meta = app.meta();
    let rows = meta.templates.iter().map(|held| {
        json!({
            "waba_id": held.waba_id, "id": held.id, "name": held.name, "language": held.language,
            "category": held.category, "status": held.status, "components": held.components, "quality": held.quality,
        })
    });
    Json(rows.collect())
}

/// `{"review": "approve|hold|reject"}` for new ones, or `{"name", "language"?, "status"?, "category"?, "quality"?}` for
/// one; with `"stays"` bad quality pauses nothing.
async fn set_template(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut meta = app.meta();
    match asked.at("review").as_str() {
        Some("approve") => meta.review = Review::Approve,
        Some("hold") => meta.review = Review::Hold,
        Some("reject") => meta.review = Review::Reject,
        Some(_) => return answer::json(400, json!({ "error": "review is approve, hold or reject" })),
        None => {}
    }
    let Some(name) = asked.at("name").as_str() else { return answer::empty(204) };
    let told = meta.delivery.template_updates;
    let mut updates = Vec::new();
    let mut n_changed = 0;
    for held in meta.templates.iter_mut().filter(|held| held.name == name) {
        let elsewhere = |field: &str, value: &str| asked.at(field).as_str().is_some_and(|wanted| wanted != value);
        if elsewhere("language", &held.language) || elsewhere("waba_id", &held.waba_id) {
            continue;
        }
        n_changed += 1;
        if let Some(category) = asked.at("category").as_str() {
            category.clone_into(&mut held.category);
        }
        if let Some(status) = asked.at("status").as_str() {
            updates.push(held.decide(&app, status));
        }
        if let Some(quality) = asked.at("quality").as_str() {
            updates.extend(held.rate(&app, quality, asked.at("stays") == true));
        }
    }
    meta.updates.extend(updates.into_iter().filter(|_| told));
    app.wake.notify_one();
    answer::json(200, json!({ "changed": n_changed }))
}

async fn show_messages(State(app): State<App>) -> Json<Value> {
    Json(Value::Array(app.meta().received.clone()))
}

async fn show_summary(State(app): State<App>) -> Json<Value> {
    Json(summary_of(&app))
}

/// Waits until no webhook is pending, at most `timeout_ms` (10 s if absent).
async fn settle(State(app): State<App>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let timeout_ms = asked.get("timeout_ms").and_then(|text| text.parse().ok()).unwrap_or(10_000_u64);
    let settled = async {
        while pending(&app.meta()) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_millis(timeout_ms), settled).await.is_ok();
    let mut body = summary_of(&app);
    body.put("settled", json!(in_time));
    answer::json(if in_time { 200 } else { 504 }, body)
}

/// Forgets messages, counts, windows and unreachable numbers; keeps templates and the webhook.
async fn reset(State(app): State<App>) -> Response {
    let mut meta = app.meta();
    meta.received.clear();
    meta.windows.clear();
    meta.not_on_whatsapp.clear();
    meta.failures.clear();
    meta.undescribed.clear();
    let in_flight = meta.counts.in_flight;
    meta.counts = crate::meta::state::Counts { in_flight, ..Default::default() };
    answer::empty(204)
}
