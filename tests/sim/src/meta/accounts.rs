use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::meta::sender::Sender;
use crate::meta::{description, errors, pricing, templates};

type Asked = Query<HashMap<String, String>>;
type Object = Path<(String, String)>;

const PHONE_FIELDS: &str =
    "verified_name,code_verification_status,display_phone_number,quality_rating,platform_type,id";
const WABA_FIELDS: &str = "id,name,currency,timezone_id,message_template_namespace";

/// `GET /{phone_number_id}` and `GET /{waba}`.
pub(crate) async fn object(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, id)): Object,
    Query(asked): Asked,
) -> Response {
    let fields = |default| asked.get("fields").map_or(default, String::as_str);
    let is_account = errors::opened(&app, &headers, &id).is_ok();
    let known = if is_account { "fields_of_an_account" } else { "fields_of_a_number" };
    if let Err(refusal) = description::check_fields(&app, known, fields("")) {
        return refusal.into_response();
    }
    if is_account {
        return account(&app, &id, fields(WABA_FIELDS));
    }
    match errors::number(&app, &headers, &id) {
        Ok(number) => {
            answer::json(200, templates::picked(&phone(&number, app.meta().limits.tier()), fields(PHONE_FIELDS)))
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn account(app: &App, id: &str, fields: &str) -> Response {
    let (analytics, fields) = pricing::parted(fields);
    let meta = app.meta();
    let named = meta.senders.iter().find(|sender| sender.waba_id == id);
    let mut object = templates::picked(&waba(id, named), &fields);
    if let Some(asked) = analytics {
        match pricing::analytics(&meta, id, &asked) {
            Ok(sums) => object.put("pricing_analytics", sums),
            Err(refusal) => return refusal.into_response(),
        }
    }
    answer::json(200, object)
}

/// `GET /{waba}/phone_numbers`.
pub(crate) async fn phone_numbers(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, id)): Object,
    Query(asked): Asked,
) -> Response {
    if let Err(refusal) = errors::opened(&app, &headers, &id) {
        return refusal.into_response();
    }
    let fields = asked.get("fields").map_or(PHONE_FIELDS, String::as_str);
    if let Err(refusal) = description::check_fields(&app, "fields_of_a_number", fields) {
        return refusal.into_response();
    }
    let meta = app.meta();
    let of_account = meta.senders.iter().filter(|sender| sender.waba_id == id);
    let rows: Vec<Value> =
        of_account.map(|sender| templates::picked(&phone(sender, meta.limits.tier()), fields)).collect();
    answer::json(200, json!({ "data": rows, "paging": { "cursors": { "before": "c0", "after": "c1" } } }))
}

/// `POST /{waba}/subscribed_apps`.
pub(crate) async fn subscribe(State(app): State<App>, headers: HeaderMap, path: Object, body: Bytes) -> Response {
    let asked = if body.is_empty() { json!({}) } else { serde_json::from_slice(&body).unwrap_or_default() };
    if let Err(refusal) = description::check(&app, "subscription", &asked) {
        return refusal.into_response();
    }
    set_subscription(&app, &headers, &path.0.1, true)
}

/// `DELETE /{waba}/subscribed_apps`.
pub(crate) async fn unsubscribe(State(app): State<App>, headers: HeaderMap, path: Object) -> Response {
    set_subscription(&app, &headers, &path.0.1, false)
}

/// `GET /{waba}/subscribed_apps`.
pub(crate) async fn subscribed(State(app): State<App>, headers: HeaderMap, Path((_version, id)): Object) -> Response {
    if let Err(refusal) = errors::opened(&app, &headers, &id) {
        return refusal.into_response();
    }
    let is_subscribed = app.meta().subscribed.contains(&id);
    let row = json!({ "whatsapp_business_api_data": { "id": STANDING_APP, "name": "Numo" } });
    answer::json(200, json!({ "data": if is_subscribed { vec![row] } else { Vec::new() } }))
}

/// The app of tokens that no sign-up made.
pub(crate) const STANDING_APP: &str = "634974688087057";

fn set_subscription(app: &App, headers: &HeaderMap, id: &str, on: bool) -> Response {
    if let Err(refusal) = errors::opened(app, headers, id) {
        return refusal.into_response();
    }
    let mut meta = app.meta();
    if on {
        meta.subscribed.insert(id.to_owned());
    } else {
        meta.subscribed.remove(id);
    }
    answer::json(200, json!({ "success": true }))
}

/// The phone number object (Meta: business phone numbers).
fn phone(sender: &Sender, tier: &str) -> Value {
    let mut phone = json!({
        "id": sender.phone_number_id, "verified_name": sender.name, "display_phone_number": sender.display,
        "name_status": "APPROVED", "quality_rating": "GREEN", "throughput": { "level": "STANDARD" },
        "account_mode": "LIVE",
        "is_official_business_account": false,
        "whatsapp_business_manager_messaging_limit": tier, "health_status": health(sender.waba_id, Some(sender)),
    });
    sender.registration.show(&mut phone);
    for (name, value) in &sender.overrides {
        phone.put(name.as_str(), value.clone());
    }
    phone
}

fn waba(id: &str, named: Option<&Sender>) -> Value {
    let name = named.map_or("A business", |sender| sender.name);
    json!({
        "id": id, "name": name, "currency": "USD", "timezone_id": "1",
        "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9", "status": "ACTIVE",
        "account_review_status": "APPROVED", "business_verification_status": "verified",
        "ownership_type": "CLIENT_OWNED", "country": "AE", "health_status": health(id, named),
        "on_behalf_of_business_info": { "name": name, "id": BUSINESS, "status": "APPROVED" },
    })
}

/// The portfolio of every simulated account.
pub(crate) const BUSINESS: &str = "506914307656634";

fn health(waba_id: &str, sender: Option<&Sender>) -> Value {
    let entity = |kind: &str, id: &str| json!({ "entity_type": kind, "id": id, "can_send_message": "AVAILABLE" });
    let number = sender.map(|sender| entity("PHONE_NUMBER", sender.phone_number_id));
    let others = [entity("WABA", waba_id), entity("BUSINESS", BUSINESS), entity("APP", STANDING_APP)];
    let entities: Vec<Value> = number.into_iter().chain(others).collect();
    json!({ "can_send_message": "AVAILABLE", "entities": entities })
}
