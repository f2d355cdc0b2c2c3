use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::client::Bench;
use crate::openapi;

const KEY: &str = "LR+QgKlbRciIPYpi65tTKLaZ3FzLLofCNEQWrRXqWXJeDFrf";

/// A webhook endpoint that checks signatures as Xero demands, or answers as a framework would.
struct Endpoint {
    url: String,
    bodies: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Endpoint {
    async fn start() -> Self {
        let bodies = Arc::<Mutex<Vec<String>>>::default();
        let router = Router::new()
            .route("/strict", post(strict))
            .route("/chatty", post(async || ([(header::SET_COOKIE, "session=1")], "{}")))
            .with_state(Arc::clone(&bodies));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        #[expect(clippy::disallowed_methods, reason = "the endpoint runs beside the test")]
        let task = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, bodies, task }
    }

    fn events(&self) -> Vec<Value> {
        let bodies = self.bodies.lock().unwrap();
        let parsed = bodies.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
        parsed.flat_map(|body| body["events"].as_array().unwrap().clone()).collect()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn strict(State(bodies): State<Arc<Mutex<Vec<String>>>>, headers: HeaderMap, body: Bytes) -> Response {
    let signed = STANDARD.encode(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes()), &body));
    if headers["x-xero-signature"] != signed.as_str() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    bodies.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
    StatusCode::OK.into_response()
}

async fn wired(path: &str) -> (Bench, Endpoint) {
    let (bench, endpoint) = (Bench::start().await, Endpoint::start().await);
    let asked = json!({ "url": format!("{}{path}", endpoint.url), "signing_key": KEY });
    bench.control("xero/webhook", asked).await;
    (bench, endpoint)
}

#[tokio::test]
async fn changes_are_told_by_kind_and_payments_as_updates_of_their_invoice() {
    let (bench, endpoint) = wired("/strict").await;
    let sale = bench.control("xero/invoice", json!({ "tenant": "other", "invoice": {} })).await;
    bench.control("xero/pay", json!({ "tenant": "other", "invoice_id": sale["InvoiceID"] })).await;
    let note = bench.control("xero/credit_note", json!({ "tenant": "other", "credit_note": {} })).await;
    let contacts = bench.look("xero/contacts?tenant=other").await;
    let contact = contacts[0]["ContactID"].clone();
    let overrides = json!({ "ContactID": contact, "Name": "Renamed" });
    bench.control("xero/contact", json!({ "tenant": "other", "contact": overrides })).await;
    bench.control("xero/prepayment", json!({ "tenant": "other", "prepayment": {} })).await;
    let told: Vec<Value> = endpoint
        .events()
        .iter()
        .map(|event| json!([event["eventCategory"], event["eventType"], event["resourceId"], event.get("data")]))
        .collect();
    let expected = json!([
        ["INVOICE", "CREATE", sale["InvoiceID"], null],
        ["INVOICE", "UPDATE", sale["InvoiceID"], null],
        ["CREDITNOTE", "CREATE", note["CreditNoteID"], { "Type": "ACCRECCREDIT", "Status": "AUTHORISED" }],
        ["CONTACT", "UPDATE", contact, null],
    ]);
    assert_eq!(Value::Array(told), expected);
}

#[tokio::test]
async fn events_are_posted_in_one_body_with_xeros_spaces_and_running_numbers() {
    let (bench, endpoint) = wired("/strict").await;
    let id = "717f2bfc-c6d4-41fd-b238-3f2f0c0cf777";
    let event = |tenant: &str| json!({ "tenant": tenant, "category": "CONTACT", "type": "UPDATE", "id": id });
    let delivery = bench.control("xero/event", json!({ "events": [event("demo"), event("other")] })).await;
    assert_eq!((&delivery["status"], &delivery["as_xero_demands"]), (&json!(200), &json!(true)));
    bench.control("xero/event", json!({ "events": [event("demo")] })).await;
    let bodies = endpoint.bodies.lock().unwrap().clone();
    assert!(bodies[0].contains("\"firstEventSequence\": 1,\"lastEventSequence\": 2, \"entropy\": \""));
    assert!(bodies[1].contains("\"firstEventSequence\": 3,\"lastEventSequence\": 3, \"entropy\": \""));
    assert_ne!(serde_json::from_str::<Value>(&bodies[0]).unwrap().to_string(), bodies[0]);
    let told = &endpoint.events()[1];
    let expected = json!({
        "resourceUrl": format!("https://api.xero.com/api.xro/2.0/Contacts/{id}"), "resourceId": id,
        "tenantId": bench.tenant_id("other").await, "tenantType": "ORGANISATION", "eventCategory": "CONTACT",
        "eventType": "UPDATE", "eventDateUtc": told["eventDateUtc"],
    });
    assert_eq!(*told, expected);
    assert_eq!(told["eventDateUtc"].as_str().unwrap().len(), "2024-06-21T01:15:39.902".len());
}

#[tokio::test]
async fn a_spoiled_signature_is_to_be_refused() {
    let (bench, endpoint) = wired("/strict").await;
    let event = json!({ "tenant": "demo", "category": "INVOICE", "type": "UPDATE", "id": "a" });
    let delivery = bench.control("xero/event", json!({ "events": [event], "spoil_signature": true })).await;
    assert_eq!((&delivery["status"], &delivery["as_xero_demands"]), (&json!(401), &json!(true)));
    assert_eq!(endpoint.events(), Vec::<Value>::new());
}

#[tokio::test]
async fn the_handshake_tells_an_endpoint_that_checks_from_one_that_chats() {
    for (path, observed) in [
        ("/strict", [(200, 200, true), (401, 401, true), (401, 401, true), (200, 200, true)]),
        ("/chatty", [(200, 200, false), (401, 200, false), (401, 200, false), (200, 200, false)]),
    ] {
        let (bench, _endpoint) = wired(path).await;
        let answers = bench.control("xero/intent-to-receive", json!({})).await;
        let told: Vec<Value> = answers
            .as_array()
            .unwrap()
            .iter()
            .map(|answer| json!([answer["expected_status"], answer["status"], answer["as_xero_demands"]]))
            .collect();
        assert_eq!(told, observed.map(|(expected, status, good)| json!([expected, status, good])), "{path}");
        let first = &answers[0];
        assert_eq!((&first["empty_body"], &first["cookies"]), (&json!(path == "/strict"), &json!(path == "/chatty")));
        assert_eq!(bench.look("xero/deliveries").await["deliveries"], answers);
    }
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_a_delivery_without_a_status() {
    let bench = Bench::start().await;
    bench.control("xero/webhook", json!({ "url": "http://127.0.0.1:9/", "signing_key": KEY })).await;
    let event = json!({ "tenant": "demo", "category": "INVOICE", "type": "UPDATE", "id": "a" });
    let delivery = bench.control("xero/event", json!({ "events": [event] })).await;
    assert_eq!((&delivery["status"], &delivery["as_xero_demands"]), (&json!(null), &json!(false)));
}

#[tokio::test]
async fn signatures_are_those_of_the_published_vector() {
    let Some(vector) = openapi::text("xero/webhook_itr_signature_vector.json") else { return };
    let vector: Value = serde_json::from_str(&vector).unwrap();
    let (bench, endpoint) = (Bench::start().await, Endpoint::start().await);
    let asked = json!({ "url": format!("{}/strict", endpoint.url), "signing_key": vector["key"] });
    bench.control("xero/webhook", asked).await;
    let answers = bench.control("xero/intent-to-receive", json!({})).await;
    let sign = |body: &str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, vector["key"].as_str().unwrap().as_bytes());
        STANDARD.encode(hmac::sign(&key, body.as_bytes()))
    };
    assert_eq!(vector["valid_signature"], sign(vector["body"].as_str().unwrap()));
    assert_eq!(answers[0]["signature"], sign(answers[0]["body"].as_str().unwrap()));
    let shape = |body: &str| body.split_once("\"entropy\": \"").map(|(head, rest)| (head.to_owned(), rest.len()));
    assert_eq!(shape(answers[0]["body"].as_str().unwrap()), shape(vector["body"].as_str().unwrap()));
}

#[tokio::test]
async fn events_have_the_fields_of_the_official_samples() {
    for (sample, category) in
        [("openapi_webhook_contact_update", "CONTACT"), ("openapi_webhook_creditnote_create", "CREDITNOTE")]
    {
        let Some(text) = openapi::text(&format!("xero/{sample}.json")) else { return };
        let sample: Value = serde_json::from_str(&text).unwrap();
        let (bench, endpoint) = wired("/strict").await;
        let event = json!({ "tenant": "demo", "category": category, "type": "UPDATE", "id": "a" });
        bench.control("xero/event", json!({ "events": [event] })).await;
        let body: Value = serde_json::from_str(&endpoint.bodies.lock().unwrap()[0]).unwrap();
        assert_eq!(shape(&body), shape(&sample), "{category}");
    }
}

/// A value with every leaf replaced by the name of its type.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
    }
}
