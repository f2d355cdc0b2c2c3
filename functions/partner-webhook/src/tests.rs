mod clerk;

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    port::table::{Item, Key as TableKey, Table, Write, Written},
    store::route::Route,
};
use numo_domain::id::ConnectionId;
use numo_runtime::{
    env::Env,
    http::gateway::{Event, Invocation},
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_table::MemoryTable,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::config::Config;

/// Xero's own spaces: a body that is written anew has another signature.
const INTENT: &str = r#"{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "ABCDEFGHIJ"}"#;

const XERO: &str = "/webhooks/xero";
const INTUIT: &str = "/webhooks/intuit";

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn keys() -> WebhookKeys {
    WebhookKeys {
        xero: vec!["xero-present".into(), "xero-previous".into()],
        intuit: vec!["intuit-present".into(), "intuit-previous".into()],
        clerk: clerk::SECRETS.map(Into::into).into(),
    }
}

fn signature(key: &str, body: &[u8]) -> String {
    BASE64_STANDARD.encode(sign(&Key::new(HMAC_SHA256, key.as_bytes()), body))
}

/// A call as API Gateway hands it on; `None` as a signature leaves the header out.
fn call(path: &str, body: &Value, is_base64: bool, headers: &[(&str, Option<String>)]) -> Request {
    let recorded = include_str!("../tests/fixtures/post.json").replace("PATH", path);
    let mut event: Value = serde_json::from_str(&recorded).unwrap();
    event["body"] = body.clone();
    event["isBase64Encoded"] = json!(is_base64);
    for (name, value) in headers {
        if let Some(value) = value {
            event["headers"][*name] = json!(value);
        }
    }
    serde_json::from_value::<Event>(event).unwrap().request(Invocation::default()).unwrap()
}

fn from_xero(body: &str, signature: Option<String>) -> Request {
    call(XERO, &json!(body), false, &[("x-xero-signature", signature)])
}

fn from_intuit(body: &str, signature: Option<String>) -> Request {
    call(INTUIT, &json!(body), false, &[("intuit-signature", signature)])
}

fn signed_by_xero(body: &str) -> Request {
    from_xero(body, Some(signature("xero-present", body.as_bytes())))
}

fn signed_by_intuit(body: &str) -> Request {
    from_intuit(body, Some(signature("intuit-present", body.as_bytes())))
}

fn xero_event(category: &str, tenant: &str) -> Value {
    json!({
        "resourceUrl": "https://api.xero.com/api.xro/2.0/Invoices/1", "resourceId": "1",
        "eventDateUtc": "2026-11-23T05:59:58.1", "eventType": "UPDATE", "eventCategory": category,
        "tenantId": tenant, "tenantType": "ORGANISATION",
    })
}

fn cloud_event(kind: &str, realm: &str) -> Value {
    json!({
        "specversion": "1.0", "id": "88cd52aa-33b6-4351-9aa4-47572edbd068", "source": "intuit.dsnj",
        "type": kind, "datacontenttype": "application/json", "time": "2026-11-23T05:59:58.179851517Z",
        "intuitentityid": "1234", "intuitaccountid": realm, "data": {},
    })
}

struct Fixture {
    table: Arc<FaultyTable>,
    memory: Arc<MemoryTable>,
    ports: WebhookPorts,
}

/// Two businesses: one with a Xero organisation and a QuickBooks company, one with another company.
async fn fixture() -> Fixture {
    let memory = Arc::new(MemoryTable::new());
    let table = Arc::new(FaultyTable::new(memory.clone()));
    let ids = Arc::new(CountingIds::new(1));
    let ports = WebhookPorts { store: Store::new(table.clone()), ids, clock: Arc::new(FixedClock::at(now())) };
    for (org, connection, provider, tenant) in [
        ("org_a", 1, LedgerProvider::Xero, "tenant-a"),
        ("org_a", 2, LedgerProvider::Quickbooks, "9341"),
        ("org_b", 3, LedgerProvider::Quickbooks, "9342"),
    ] {
        let connection = Some(ConnectionId::new(Uuid::from_u128(connection)));
        let route = Route { org: org.parse().unwrap(), connection };
        ports.store.claim_tenant(provider, &tenant.parse().unwrap(), &route, now()).await.unwrap();
    }
    Fixture { table, memory, ports }
}

impl Fixture {
    /// Status and body of the answer.
    async fn answer(&self, request: &Request) -> (u16, String) {
        let answer = route(&self.ports, &keys(), request).await;
        assert!(!answer.headers().contains_key(http::header::SET_COOKIE));
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    }

    /// The syncs that are marked due: whose, the last digit of the connection, and when.
    fn marked(&self) -> Vec<(String, char, String)> {
        let due = self.memory.items().into_iter().filter_map(|item| Some((item.key, item.due?)));
        due.map(|(key, due)| (key.pk, key.sk.chars().last().unwrap(), due.sk)).collect()
    }
}

/// What [`Fixture::marked`] says of syncs that wait for a burst to end.
fn after_burst(marks: &[(&str, char)]) -> Vec<(String, char, String)> {
    let at = format!("{:015}", (now() + SignedDuration::from_secs(20)).as_millisecond());
    marks.iter().map(|(org, connection)| (format!("ORG#{org}#"), *connection, at.clone())).collect()
}

fn empty(status: u16) -> (u16, String) {
    (status, String::new())
}

#[tokio::test]
async fn xeros_intent_to_receive_is_passed() {
    let fixture = fixture().await;
    let right = signature("xero-present", INTENT.as_bytes());
    let spoilt = if right.starts_with('/') { right.replacen('/', "B", 1) } else { format!("/{}", &right[1..]) };
    assert_eq!(fixture.answer(&from_xero(INTENT, Some(right))).await, empty(200));
    assert_eq!(fixture.answer(&from_xero(INTENT, Some(spoilt))).await, empty(401));
    assert_eq!(fixture.marked(), []);
}

#[tokio::test]
async fn xeros_events_bring_the_sync_forward_once_a_burst_is_over() {
    let fixture = fixture().await;
    let events = [xero_event("INVOICE", "tenant-a"), xero_event("CONTACT", "tenant-a")];
    let body = json!({"events": events, "firstEventSequence": 1, "lastEventSequence": 2, "entropy": "X"}).to_string();
    for _ in 0..2 {
        assert_eq!(fixture.answer(&signed_by_xero(&body)).await, empty(200));
        assert_eq!(fixture.marked(), after_burst(&[("org_a", '1')]));
    }
}

#[tokio::test]
async fn both_formats_of_intuit_are_taken_and_a_list_of_several_companies_reaches_each() {
    let legacy = json!({"eventNotifications": [{"realmId": "9341", "dataChangeEvent": {"entities": [
        {"id": "1", "operation": "Void", "name": "Invoice", "lastUpdated": "2026-11-23T05:59:58.000Z"}]}}]});
    let mixed = json!([
        cloud_event("qbo.payment.created.v1", "9342"),
        cloud_event("qbo.invoice.updated.v1", "9341"),
        cloud_event("qbo.customer.merged.v1", "9342"),
    ]);
    for (body, marks) in [(legacy, &[("org_a", '2')][..]), (mixed, &[("org_a", '2'), ("org_b", '3')])] {
        let fixture = fixture().await;
        assert_eq!(fixture.answer(&signed_by_intuit(&body.to_string())).await, empty(200));
        assert_eq!(fixture.marked(), after_burst(marks));
    }
}

#[tokio::test]
async fn events_that_cannot_be_read_or_are_of_strangers_hold_up_nobody() {
    let poisoned = json!([
        7, null, {"type": "qbo.invoice.created.v1"}, cloud_event("qbo.account.created.v1", "9342"),
        cloud_event("qbo.invoice.created.v1", "nobody"), cloud_event("qbo.invoice.created.v1", "9341"),
    ]);
    let fixture = fixture().await;
    assert_eq!(fixture.answer(&signed_by_intuit(&poisoned.to_string())).await, empty(200));
    assert_eq!(fixture.marked(), after_burst(&[("org_a", '2')]));
    // Xero's tenant is not Intuit's company, whatever it is called.
    let foreign = json!({"events": [xero_event("INVOICE", "9341"), {"tenantId": 1}]}).to_string();
    assert_eq!(fixture.answer(&signed_by_xero(&foreign)).await, empty(200));
    assert_eq!(fixture.marked(), after_burst(&[("org_a", '2')]));
}

#[tokio::test]
async fn a_signed_body_that_says_nothing_is_never_sent_again() {
    let fixture = fixture().await;
    for body in ["", "{", "[]", "null", "<html>"] {
        assert_eq!(fixture.answer(&signed_by_xero(body)).await, empty(200), "{body}");
        assert_eq!(fixture.answer(&signed_by_intuit(body)).await, empty(200), "{body}");
    }
    assert_eq!(fixture.marked(), []);
}

#[tokio::test]
async fn the_content_type_decides_nothing_and_base64_is_undone() {
    let body = json!([cloud_event("qbo.invoice.updated.v1", "9341")]).to_string();
    let signature = signature("intuit-present", body.as_bytes());
    let in_base64 = json!(BASE64_STANDARD.encode(&body));
    for content_type in ["application/cloudevents+json", "application/json; charset=utf-8", "text/plain", ""] {
        for (sent, is_base64) in [(json!(body), false), (in_base64.clone(), true)] {
            let fixture = fixture().await;
            let headers =
                [("content-type", Some(content_type.to_owned())), ("intuit-signature", Some(signature.clone()))];
            assert_eq!(fixture.answer(&call(INTUIT, &sent, is_base64, &headers)).await, empty(200), "{content_type}");
            assert_eq!(fixture.marked(), after_burst(&[("org_a", '2')]));
        }
    }
}

#[tokio::test]
async fn the_key_before_a_rotation_still_counts() {
    let fixture = fixture().await;
    let request = from_xero(INTENT, Some(signature("xero-previous", INTENT.as_bytes())));
    assert_eq!(fixture.answer(&request).await, empty(200));
    let request = from_intuit("[]", Some(signature("intuit-previous", b"[]")));
    assert_eq!(fixture.answer(&request).await, empty(200));
}

#[tokio::test]
async fn a_wrong_or_missing_signature_is_refused_without_a_word_and_marks_nothing() {
    let fixture = fixture().await;
    let of_xero = json!({"events": [xero_event("INVOICE", "tenant-a")]}).to_string();
    let of_intuit = json!([cloud_event("qbo.invoice.updated.v1", "9341")]).to_string();
    let changed = |body: &str| body.replacen('1', "2", 1);
    let wrong = |body: &str, own: &str, other: &str| {
        [
            None,
            Some(String::new()),
            Some("no base64!".to_owned()),
            Some(signature("", body.as_bytes())),
            Some(signature(other, body.as_bytes())),
            Some(signature(own, changed(body).as_bytes())),
        ]
    };
    for signature in wrong(&of_xero, "xero-present", "intuit-present") {
        assert_eq!(fixture.answer(&from_xero(&of_xero, signature)).await, empty(401));
    }
    for signature in wrong(&of_intuit, "intuit-present", "xero-present") {
        assert_eq!(fixture.answer(&from_intuit(&of_intuit, signature)).await, empty(403));
    }
    assert_eq!(fixture.marked(), []);
}

#[tokio::test]
async fn before_a_webhook_is_set_up_nobody_is_believed() {
    let fixture = fixture().await;
    let none = WebhookKeys { xero: Vec::new(), intuit: Vec::new(), clerk: Vec::new() };
    let request = from_xero(INTENT, Some(signature("", INTENT.as_bytes())));
    assert_eq!(route(&fixture.ports, &none, &request).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_table_that_fails_has_the_provider_send_it_again_until_it_works() {
    let fixture = fixture().await;
    let body = json!([cloud_event("qbo.invoice.updated.v1", "9341")]).to_string();
    // Route, cursor, due item, and the write.
    for call in 1..=4 {
        fixture.table.reset(Plan::Once { call, fault: Fault::Before });
        assert_eq!(fixture.answer(&signed_by_intuit(&body)).await, empty(503), "call {call}");
        assert_eq!(fixture.marked(), []);
    }
    fixture.table.reset(Plan::Never);
    assert_eq!(fixture.answer(&signed_by_intuit(&body)).await, empty(200));
    assert_eq!(fixture.marked(), after_burst(&[("org_a", '2')]));
}

#[tokio::test]
async fn a_stored_route_that_cannot_be_read_does_not_hold_up_what_follows() {
    let fixture = fixture().await;
    let sound = fixture.memory.items().swap_remove(0);
    let key = TableKey { pk: "ROUTE#XERO#broken".to_owned(), sk: "ROUTE".to_owned() };
    let broken = Item { key, entity: "unheard_of".to_owned(), ..sound };
    assert_eq!(fixture.memory.write(Write::Create(broken)).await.unwrap(), Written::Done);
    let body = json!({"events": [xero_event("INVOICE", "broken")]}).to_string();
    assert_eq!(fixture.answer(&signed_by_xero(&body)).await, empty(200));
}

#[tokio::test]
async fn other_paths_and_methods_are_no_webhooks() {
    let fixture = fixture().await;
    let mut request = signed_by_xero(INTENT);
    *request.method_mut() = Method::GET;
    assert_eq!(fixture.answer(&request).await, empty(405));
    let elsewhere = call("/webhooks/meta", &json!(INTENT), false, &[]);
    assert_eq!(fixture.answer(&elsewhere).await, empty(404));
}

#[test]
fn a_configuration_error_lists_every_key() {
    assert_eq!(
        Config::read(Env::given([("NUMO_TABLE", "numo-test")])).unwrap_err().to_string(),
        "configuration: NUMO_SECRETS_ID is missing; NUMO_PUBLIC_URL is missing"
    );
}
