//! Embedded Signup and the registration of numbers.

use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::openapi;

const APP: &str = "1000000000000001";
const WABA: &str = "405593452673611";
const PHONE: &str = "409871562345871";
const PHONE_WITH_PIN: &str = "409871562345872";

/// What a finished window tells the page.
async fn finished(bench: &Bench, event: &str, waba: &str) -> Value {
    bench.control("meta/signup", json!({ "app_id": APP, "event": event, "waba_id": waba })).await
}

async fn exchange(bench: &Bench, code: &Value, app: &str, secret: &str) -> (u16, Value) {
    let asked = [("client_id", app), ("client_secret", secret), ("code", code.as_str().unwrap())];
    answer(bench.http.get(bench.url("/meta/v25.0/oauth/access_token")).query(&asked)).await
}

/// A business token of an account.
async fn token(bench: &Bench, waba: &str) -> String {
    let code = finished(bench, "FINISH", waba).await["code"].clone();
    exchange(bench, &code, APP, "secret").await.1["access_token"].as_str().unwrap().to_owned()
}

async fn debug(bench: &Bench, token: &str, by: &str) -> (u16, Value) {
    let asked = [("input_token", token)];
    answer(bench.http.get(bench.url("/meta/v25.0/debug_token")).query(&asked).bearer_auth(by)).await
}

async fn register(bench: &Bench, token: &str, phone: &str, pin: &str) -> (u16, Value) {
    let body = json!({ "messaging_product": "whatsapp", "pin": pin });
    answer(bench.http.post(bench.url(&format!("/meta/v25.0/{phone}/register"))).bearer_auth(token).json(&body)).await
}

#[tokio::test]
async fn a_code_is_good_once_for_thirty_seconds_and_for_its_own_app() {
    let bench = Bench::start().await;
    let fresh = async || finished(&bench, "FINISH", WABA).await["code"].clone();
    let code = fresh().await;
    for (app, secret) in [("1000000000000009", "secret"), (APP, "wrong"), ("", "secret")] {
        assert_eq!(exchange(&bench, &code, app, secret).await.0, 400, "{app} {secret}");
    }
    assert_eq!(exchange(&bench, &code, APP, "secret").await.1["token_type"], "bearer");
    assert_eq!(exchange(&bench, &code, APP, "secret").await.1["error"]["error_subcode"], 36_009);
    let late = fresh().await;
    bench.sim.handle.advance_seconds(31);
    assert_eq!(exchange(&bench, &late, APP, "secret").await.1["error"]["error_subcode"], 36_007);
    assert_eq!(finished(&bench, "CANCEL", "").await["code"], Value::Null);
}

#[tokio::test]
async fn a_token_is_shown_to_its_app_with_and_without_its_targets() {
    let bench = Bench::start().await;
    let token = token(&bench, WABA).await;
    let (app_token, now) = (format!("{APP}|secret"), "whatsapp_business_management");
    let told = debug(&bench, &token, &app_token).await.1["data"].clone();
    let days = |name: &str| (told[name].as_i64().unwrap() - told["issued_at"].as_i64().unwrap()) / 86_400;
    assert_eq!(
        (&told["app_id"], days("expires_at"), days("data_access_expires_at"), &told["granular_scopes"][0]),
        (&json!(APP), 60, 90, &json!({ "scope": now, "target_ids": [WABA] }))
    );
    bench.control("meta/delivery", json!({ "granular_scopes": false })).await;
    let told = debug(&bench, &token, &app_token).await.1["data"].clone();
    assert_eq!((told.get("granular_scopes"), &told["scopes"][0]), (None, &json!(now)));
    assert_eq!(debug(&bench, &token, &token).await.0, 401);
    assert_eq!(debug(&bench, "made-up", &app_token).await.1["data"]["is_valid"], false);
}

#[tokio::test]
async fn a_number_is_registered_with_the_pin_that_its_owner_set() {
    let bench = Bench::start().await;
    let token = token(&bench, WABA).await;
    let code = |answer: (u16, Value)| answer.1["error"]["code"].clone();
    assert_eq!(code(register(&bench, &token, PHONE_WITH_PIN, "000000").await), 133_005);
    assert_eq!(register(&bench, &token, PHONE_WITH_PIN, "246810").await, (200, json!({ "success": true })));
    assert_eq!(code(register(&bench, &token, PHONE, "12345").await), 100);
    bench.control("meta/registration", json!({ "phone_number_id": PHONE, "is_verified": false })).await;
    assert_eq!(code(register(&bench, &token, PHONE, "123456").await), 133_006);
    bench.control("meta/registration", json!({ "phone_number_id": PHONE, "is_verified": true, "pin": "1" })).await;
    for _ in 0..5 {
        assert_eq!(code(register(&bench, &token, PHONE, "123456").await), 133_005);
    }
    assert_eq!(code(register(&bench, &token, PHONE, "123456").await), 133_008);
    for _ in 0..3 {
        register(&bench, &token, PHONE, "123456").await;
    }
    assert_eq!(code(register(&bench, &token, PHONE, "123456").await), 133_016);
    bench.sim.handle.advance_seconds(72 * 3600);
    assert_eq!(code(register(&bench, &token, PHONE, "123456").await), 133_008);
}

#[tokio::test]
async fn a_number_that_was_given_up_rests_for_five_minutes_and_one_of_the_phone_app_stays_there() {
    let bench = Bench::start().await;
    let token = token(&bench, WABA).await;
    register(&bench, &token, PHONE, "123456").await;
    let url = bench.url(&format!("/meta/v25.0/{PHONE}/deregister"));
    assert_eq!(answer(bench.http.post(url).bearer_auth(&token)).await.0, 200);
    assert_eq!(register(&bench, &token, PHONE, "123456").await.1["error"]["code"], 133_015);
    bench.sim.handle.advance_seconds(301);
    assert_eq!(register(&bench, &token, PHONE, "123456").await.0, 200);
    let state = bench.control("meta/registration", json!({ "phone_number_id": PHONE })).await;
    assert_eq!((&state["registered"], &state["registrations"]), (&json!(true), &json!(2)));
    let cafe = self::token(&bench, "506694563784722").await;
    let phones = bench.url("/meta/v25.0/506694563784722/phone_numbers?fields=id,is_on_biz_app");
    let told = answer(bench.http.get(phones).bearer_auth(&cafe)).await.1;
    assert_eq!(told["data"], json!([{ "id": "510982673456982", "is_on_biz_app": true }]));
    assert_eq!(register(&bench, &cafe, "510982673456982", "123456").await.0, 400);
    assert_eq!(register(&bench, &cafe, PHONE, "123456").await.1["error"]["code"], 100);
}

#[tokio::test]
async fn the_window_tells_its_page_what_happened_and_the_script_is_served() {
    let bench = Bench::start().await;
    let get = async |path: &str| bench.http.get(bench.url(path)).send().await.unwrap().text().await.unwrap();
    assert!(get("/meta/sdk.js").await.contains(&format!("const base = \"{}\"", bench.sim.base_url)));
    assert!(get("/meta/dialog?app_id=1&config_id=%3Cx%3E").await.contains("value=\"&lt;x&gt;\""));
    let form = [("app_id", APP), ("event", "FINISH"), ("waba_id", WABA), ("phone_number_id", PHONE)];
    let end = bench.http.post(bench.url("/meta/dialog")).form(&form).send().await.unwrap().text().await.unwrap();
    assert!(end.contains("opener.postMessage({") && end.contains("WA_EMBEDDED_SIGNUP") && end.contains("AQsim-"));
}

#[tokio::test]
async fn a_window_without_an_end_tells_the_step_or_the_error_and_brings_no_code() {
    let bench = Bench::start().await;
    let told = async |event: &str| bench.control("meta/signup", json!({ "app_id": APP, "event": event })).await;
    let cancelled = told("CANCEL").await;
    assert_eq!((&cancelled["session"]["event"], &cancelled["code"]), (&json!("CANCEL"), &Value::Null));
    assert_eq!(cancelled["session"]["data"], json!({ "current_step": "PHONE_NUMBER_SETUP" }));
    let failed = told("ERROR").await;
    assert_eq!((&failed["session"]["event"], &failed["code"]), (&json!("CANCEL"), &Value::Null));
    let names: Vec<&String> = failed["session"]["data"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["error_id", "error_message", "session_id", "timestamp"]);
}

#[test]
fn what_is_registered_is_asked_for_as_metas_description_has_it() {
    let Some(text) = openapi::text("openapi/meta-business-messaging-v23.yaml") else { return };
    for path in ["register", "deregister"] {
        assert!(text.contains(&format!("  /{{Version}}/{{Phone-Number-ID}}/{path}:")), "{path}");
    }
    for path in ["subscribed_apps", "phone_numbers"] {
        assert!(text.contains(&format!("  /{{Version}}/{{WABA-ID}}/{path}:")), "{path}");
    }
    assert!(text.contains("  /{Version}/{Business-ID}/client_whatsapp_business_accounts:"));
    let request = text.split("    WhatsAppBusinessPhoneNumberRegistrationRequest:").nth(1).unwrap();
    let request: String = request.lines().skip(1).take_while(|line| line.starts_with("     ")).collect();
    for field in ["messaging_product:", "pin:", "data_localization_region:"] {
        assert!(request.contains(field), "{field}");
    }
}
