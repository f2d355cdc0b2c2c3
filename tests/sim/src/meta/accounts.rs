use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::meta::state::Sender;
use crate::meta::{errors, templates};

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
    let owner = match errors::owner(&app, &headers) {
        Ok(owner) => owner,
        Err(refusal) => return refusal.into_response(),
    };
    let fields = |default| asked.get("fields").map_or(default, String::as_str);
    if id == owner.phone_number_id {
        return answer::json(200, templates::picked(&phone(&owner), fields(PHONE_FIELDS)));
    }
    if id == owner.waba_id {
        return answer::json(200, templates::picked(&waba(&owner), fields(WABA_FIELDS)));
    }
    errors::unknown_object(&id).into_response()
}

/// `GET /{waba}/phone_numbers`.
pub(crate) async fn phone_numbers(
    State(app): State<App>,
    headers: HeaderMap,
    Path((_version, id)): Object,
    Query(asked): Asked,
) -> Response {
    match errors::owner(&app, &headers) {
        Ok(owner) if owner.waba_id == id => {
            let fields = asked.get("fields").map_or(PHONE_FIELDS, String::as_str);
            let row = templates::picked(&phone(&owner), fields);
            answer::json(200, json!({ "data": [row], "paging": { "cursors": { "before": "c0", "after": "c1" } } }))
        }
        Ok(_) => errors::unknown_object(&id).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `POST /{phone_number_id}/register`.
pub(crate) async fn register(State(app): State<App>, headers: HeaderMap, Path((_version, id)): Object) -> Response {
    match errors::owner(&app, &headers) {
        Ok(owner) if owner.phone_number_id == id => answer::json(200, json!({ "success": true })),
        Ok(_) => errors::unknown_object(&id).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `POST /{waba}/subscribed_apps`.
pub(crate) async fn subscribe(State(app): State<App>, headers: HeaderMap, path: Object) -> Response {
    set_subscription(&app, &headers, &path.0.1, true)
}

/// `DELETE /{waba}/subscribed_apps`.
pub(crate) async fn unsubscribe(State(app): State<App>, headers: HeaderMap, path: Object) -> Response {
    set_subscription(&app, &headers, &path.0.1, false)
}

/// `GET /{waba}/subscribed_apps`.
pub(crate) async fn subscribed(State(app): State<App>, headers: HeaderMap, Path((_version, id)): Object) -> Response {
    match errors::owner(&app, &headers) {
        Ok(owner) if owner.waba_id == id => {
            let row = json!({ "whatsapp_business_api_data": { "id": "634974688087057", "name": "Numo" } });
            answer::json(200, json!({ "data": if owner.subscribed { vec![row] } else { Vec::new() } }))
        }
        Ok(_) => errors::unknown_object(&id).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /debug_token`; newer answers may lack the targets per scope.
pub(crate) async fn debug_token(State(app): State<App>, Query(asked): Asked) -> Response {
    let token = asked.get("input_token").map_or("", String::as_str);
    let meta = app.meta();
    let Some(owner) = meta.senders.iter().find(|sender| sender.token == token) else {
        let error = json!({ "code": 190, "message": "Invalid OAuth access token." });
        return answer::json(200, json!({ "data": { "is_valid": false, "error": error, "scopes": [] } }));
    };
    let scopes = ["whatsapp_business_management", "whatsapp_business_messaging"];
    let mut data = json!({
        "app_id": "634974688087057", "type": "SYSTEM_USER", "application": "Numo", "is_valid": true,
        "data_access_expires_at": 0, "expires_at": 0, "issued_at": app.clock.now_s() - 3600,
        "scopes": scopes, "user_id": "122100000000000001",
    });
    if meta.granular_scopes {
        let rows: Vec<Value> =
            scopes.iter().map(|scope| json!({ "scope": scope, "target_ids": [owner.waba_id] })).collect();
        data.put("granular_scopes", json!(rows));
    }
    answer::json(200, json!({ "data": data }))
}

fn set_subscription(app: &App, headers: &HeaderMap, id: &str, on: bool) -> Response {
    let owner = match errors::owner(app, headers) {
        Ok(owner) => owner,
        Err(refusal) => return refusal.into_response(),
    };
    if owner.waba_id != id {
        return errors::unknown_object(id).into_response();
    }
    for sender in app.meta().senders.iter_mut().filter(|sender| sender.waba_id == id) {
        sender.subscribed = on;
    }
    answer::json(200, json!({ "success": true }))
}

/// The phone number object (Meta: business phone numbers).
fn phone(sender: &Sender) -> Value {
    let mut phone = json!({
        "id": sender.phone_number_id, "verified_name": sender.name, "display_phone_number": sender.display,
        "code_verification_status": "VERIFIED", "status": "CONNECTED", "name_status": "APPROVED",
        "quality_rating": "GREEN", "platform_type": "CLOUD_API", "throughput": { "level": "STANDARD" },
        "account_mode": "LIVE", "is_on_biz_app": false, "is_pin_enabled": true,
        "is_official_business_account": false,
        "whatsapp_business_manager_messaging_limit": "TIER_2K", "health_status": health(sender),
    });
    for (name, value) in &sender.overrides {
        phone.put(name.as_str(), value.clone());
    }
    phone
}

fn waba(sender: &Sender) -> Value {
    json!({
        "id": sender.waba_id, "name": sender.name, "currency": "USD", "timezone_id": "1",
        "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9", "status": "ACTIVE",
        "account_review_status": "APPROVED", "business_verification_status": "verified",
        "ownership_type": "CLIENT_OWNED", "country": "AE", "health_status": health(sender),
        "on_behalf_of_business_info": { "name": sender.name, "id": "506914307656634", "status": "APPROVED" },
    })
}

fn health(sender: &Sender) -> Value {
    let entity = |kind: &str, id: &str| json!({ "entity_type": kind, "id": id, "can_send_message": "AVAILABLE" });
    json!({
        "can_send_message": "AVAILABLE",
        "entities": [
            entity("PHONE_NUMBER", sender.phone_number_id), entity("WABA", sender.waba_id),
            entity("BUSINESS", "506914307656634"), entity("APP", "634974688087057"),
        ],
    })
}
