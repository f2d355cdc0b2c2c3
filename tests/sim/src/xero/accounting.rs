use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::access;

/// `GET /Organisation`; needs the settings scope.
pub(crate) async fn organisation(State(app): State<App>, headers: HeaderMap) -> Response {
    let key = match access::tenant(&app, &headers, "accounting.settings") {
        Ok(key) => key,
        Err(response) => return *response,
    };
    let organisation = app.xero().tenant(key).map(|tenant| tenant.organisation.clone()).unwrap_or_default();
    let mut body = envelope(&app);
    body.put("Organisations", json!([organisation]));
    access::rendered(&app, &headers, key, answer::json(200, body))
}

/// The fields that every accounting answer begins with.
pub(crate) fn envelope(app: &App) -> Value {
    let id = app.new_id();
    json!({
        "Id": id, "Status": "OK", "ProviderName": "Numo",
        "DateTimeUTC": format!("/Date({})/", app.clock.now_ms()),
    })
}
