use std::collections::HashMap;

use axum::Json;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::meta::accounts::BUSINESS;

/// Meta's window, where a person finishes a sign-up in one of the ways that there are.
pub(crate) async fn dialog(Query(asked): Query<HashMap<String, String>>) -> Response {
    let field = |name: &str| answer::escaped(asked.get(name).map_or("", String::as_str));
    let hidden = format!(
        "<input type=\"hidden\" name=\"app_id\" value=\"{}\"><input type=\"hidden\" name=\"config_id\" value=\"{}\">",
        field("app_id"),
        field("config_id")
    );
    let way = |event: &str, waba: &str, phone: &str, label: &str| {
        format!(
            "<form method=\"post\">{hidden}<input type=\"hidden\" name=\"event\" value=\"{event}\">\
             <input type=\"hidden\" name=\"waba_id\" value=\"{waba}\">\
             <input type=\"hidden\" name=\"phone_number_id\" value=\"{phone}\"><button>{label}</button></form>"
        )
    };
    let ways = [
        way("FINISH", "405593452673611", "409871562345871", "Souk Trading, +971 4 555 0300"),
        way("FINISH", "405593452673611", "409871562345872", "Souk Home, +971 4 555 0301, which has a PIN"),
        way("FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", "506694563784722", "", "Dune Cafe, from the phone app"),
        way("FINISH_ONLY_WABA", "607795674895833", "", "Palm Repairs, without a number"),
        way("CANCEL", "", "", "Cancel"),
        way("ERROR", "", "", "Meet an error"),
    ];
    answer::page(200, "Continue with Facebook (simulated)", &ways.concat())
}

/// The end of Meta's window: it tells the page that opened it, and closes.
pub(crate) async fn end(State(app): State<App>, Form(asked): Form<HashMap<String, String>>) -> Response {
    let told: serde_json::Map<String, Value> = asked.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let result = finish(&app, &Value::Object(told));
    // Inside a script a closing tag would end it.
    let result = result.to_string().replace('<', "\\u003c");
    let script = format!("<script>opener.postMessage({result}, \"*\"); close();</script>");
    answer::page(200, "Done", &script)
}

/// `POST /_control/meta/signup {"app_id","event","waba_id","phone_number_id"?}`: what a finished window tells a page.
pub(crate) async fn control(State(app): State<App>, Json(asked): Json<Value>) -> Json<Value> {
    Json(finish(&app, &asked))
}

/// The code, unless the person cancelled, and the message of the session (Meta: Embedded Signup, session logging).
fn finish(app: &App, told: &Value) -> Value {
    let text = |name: &str| told.at(name).as_str().unwrap_or_default().to_owned();
    let (asked, waba_id, phone) = (text("event"), text("waba_id"), text("phone_number_id"));
    // An error that a person meets is told as a cancelled window.
    let (event, data) = match asked.as_str() {
        "CANCEL" => ("CANCEL", json!({ "current_step": "PHONE_NUMBER_SETUP" })),
        "ERROR" => ("CANCEL", error_met(app)),
        finished => {
            let mut data = json!({ "waba_id": waba_id, "business_id": BUSINESS });
            if !phone.is_empty() {
                data.put("phone_number_id", json!(phone));
            }
            (finished, data)
        }
    };
    let session = json!({ "type": "WA_EMBEDDED_SIGNUP", "event": event, "version": 3, "data": data });
    let mut result = json!({ "session": session, "code": null });
    if event != "CANCEL" {
        let (code, issued_ms) = (format!("AQsim-{}", app.new_hex()), app.clock.now_ms());
        app.meta().signups.issue(code.clone(), text("app_id"), waba_id, issued_ms);
        result.put("code", json!(code));
    }
    result
}

/// What Meta's window tells of an error (Meta: Embedded Signup, errors).
fn error_met(app: &App) -> Value {
    json!({
        "error_message": "We could not verify this phone number.", "error_id": "524126",
        "session_id": "f34b51dab5e0498", "timestamp": app.clock.now_s().to_string(),
    })
}
