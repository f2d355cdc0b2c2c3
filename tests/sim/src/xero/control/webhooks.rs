use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::control::{missing, wrong};
use crate::xero::state::XeroState;
use crate::xero::webhook::{self, Category, Change, Event, Signature, Target};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_control/xero/webhook", post(target))
        .route("/_control/xero/event", post(event))
        .route("/_control/xero/intent-to-receive", post(intent_to_receive))
        .route("/_control/xero/deliveries", get(deliveries))
}

/// Where webhooks go from now on; without a `url` nowhere.
async fn target(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let text = |name: &str| asked.at(name).as_str().map(String::from);
    app.xero().webhooks.target =
        text("url").map(|url| Target { url, signing_key: text("signing_key").unwrap_or_default(), host: text("host") });
    answer::empty(204)
}

/// Posts events as they are asked for, of rows that need not exist.
async fn event(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let events: Result<Vec<Event>, Refusal> = {
        let xero = app.xero();
        asked.list("events").iter().map(|event| read(&xero, event)).collect()
    };
    let signature = if *asked.at("spoil_signature") == true { Signature::Spoiled } else { Signature::Right };
    match events {
        Ok(events) => shown(webhook::announce(&app, &events, signature).await),
        Err(refusal) => refusal.into_response(),
    }
}

fn read(xero: &XeroState, event: &Value) -> Result<Event, Refusal> {
    let text = |name: &str| event.at(name).as_str().unwrap_or_default();
    let tenant = xero.tenant(text("tenant")).ok_or_else(|| missing("tenant"))?;
    let category = Category::parse(text("category")).ok_or_else(|| wrong("unknown category"))?;
    let change = Change::parse(text("type")).ok_or_else(|| wrong("unknown type"))?;
    let noted = tenant.row(Collection::CreditNotes, text("id"));
    let field =
        |name: &str, otherwise: &str| noted.and_then(|row| row.at(name).as_str()).unwrap_or(otherwise).to_owned();
    let data = (category == Category::CreditNote).then(|| (field("Type", "ACCRECCREDIT"), field("Status", "DRAFT")));
    Ok(Event { tenant_id: tenant.id.clone(), category, change, id: text("id").to_owned(), data })
}

async fn intent_to_receive(State(app): State<App>) -> Response {
    shown(webhook::intent_to_receive(&app).await.map(Value::Array))
}

/// Every POST with what was answered, the handshakes included.
async fn deliveries(State(app): State<App>) -> Json<Value> {
    Json(json!({ "deliveries": app.xero().webhooks.deliveries }))
}

fn shown(posted: Option<Value>) -> Response {
    match posted {
        Some(posted) => answer::json(200, posted),
        None => wrong("no webhook is set").into_response(),
    }
}
