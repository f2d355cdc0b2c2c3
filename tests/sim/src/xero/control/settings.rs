use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::control::{missing, rows};
use crate::xero::state::{CapShown, XeroState};

/// Changes what is named; a limit that is `null` is not enforced.
pub(crate) async fn change(State(app): State<App>, Json(asked): Json<Value>) -> Json<Value> {
    let mut xero = app.xero();
    if let Some(on) = asked.at("malformed_rows").as_bool() {
        xero.malformed_rows = on;
    }
    let enforced = &mut xero.limits.enforced;
    for (name, limit) in [
        ("minute_limit", &mut enforced.minute),
        ("day_limit", &mut enforced.day),
        ("concurrent_limit", &mut enforced.concurrent),
        ("app_minute_limit", &mut enforced.app_minute),
    ] {
        if let Some(value) = asked.get(name) {
            *limit = value.as_u64();
        }
    }
    if let Some(most) = asked.get("connection_cap") {
        xero.cap.most = most.as_u64().and_then(|most| usize::try_from(most).ok());
    }
    if let Some(shown) = asked.get("connection_cap_shown") {
        xero.cap.shown = serde_json::from_value::<CapShown>(shown.clone()).unwrap_or_default();
    }
    Json(told(&xero))
}

fn told(xero: &XeroState) -> Value {
    let enforced = xero.limits.enforced;
    json!({
        "malformed_rows": xero.malformed_rows, "minute_limit": enforced.minute, "day_limit": enforced.day,
        "concurrent_limit": enforced.concurrent, "app_minute_limit": enforced.app_minute,
        "connection_cap": xero.cap.most, "connection_cap_shown": xero.cap.shown,
    })
}

/// Overrides fields of the organisation, for example `Edition`, `Class` or `Timezone`.
pub(crate) async fn organisation(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut xero = app.xero();
    let Some(tenant) = xero.tenant_mut(asked.at("tenant").as_str().unwrap_or_default()) else {
        return missing("tenant").into_response();
    };
    if let Some(overrides) = asked.at("organisation").as_object() {
        rows::merge(&mut tenant.organisation, overrides);
    }
    answer::json(200, tenant.organisation.clone())
}

/// Switches the reminders that Xero itself sends by e-mail.
pub(crate) async fn reminders(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut xero = app.xero();
    match xero.tenant_mut(asked.at("tenant").as_str().unwrap_or_default()) {
        Some(tenant) => {
            tenant.reminders = *asked.at("enabled") == true;
            answer::empty(204)
        }
        None => missing("tenant").into_response(),
    }
}

/// What a user does in Xero under Connected apps: the tokens stay good, the tenant is gone.
pub(crate) async fn disconnect(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let mut xero = app.xero();
    let Some(key) = asked.at("tenant").as_str().and_then(|name| xero.tenant(name)).map(|tenant| tenant.key.clone())
    else {
        return missing("tenant").into_response();
    };
    xero.connections.retain(|held| held.tenant != key);
    answer::empty(204)
}
