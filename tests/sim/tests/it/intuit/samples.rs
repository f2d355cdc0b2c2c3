//! Published payloads beside those of the simulator: the same names and types.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests find their samples and say when there are none"
)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::intuit::books::{Books, consent, exchange, refresh, token_request};
use crate::receiver::Receiver;

/// A sample's text; `None`, and a line that says so, where the folder is absent.
fn text(name: &str) -> Option<String> {
    let folder = env::var("NUMO_REFERENCE_DATA")
        .map_or_else(|_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")), PathBuf::from);
    let required = env::var("NUMO_REQUIRE_REFERENCE").is_ok_and(|value| value == "1");
    match fs::read_to_string(folder.join("quickbooks").join(name)) {
        Ok(text) => Some(text),
        Err(_) if !required => {
            eprintln!("passed over: no reference data for {name}");
            None
        }
        Err(error) => panic!("{name} is required: {error}"),
    }
}

fn sample(name: &str) -> Option<Value> {
    Some(serde_json::from_str(&text(name)?).unwrap())
}

/// Every path of a value with the type found there; the elements of a list share one.
fn shape(value: &Value) -> BTreeMap<String, &'static str> {
    let mut paths = BTreeMap::new();
    walk(value, String::new(), &mut paths);
    paths
}

fn walk(value: &Value, path: String, paths: &mut BTreeMap<String, &'static str>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    for element in value.as_array().into_iter().flatten() {
        walk(element, format!("{path}[]"), paths);
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        walk(field, format!("{path}.{name}"), paths);
    }
    paths.insert(path, kind);
}

#[tokio::test]
async fn a_dead_refresh_token_is_refused_as_in_the_published_answer() {
    let Some(expected) = sample("intuit_oauth_error_invalid_grant.json") else { return };
    let bench = Bench::start().await;
    let asked = token_request(&bench, &[("grant_type", "refresh_token"), ("refresh_token", "unknown")]);
    let response = asked.send().await.unwrap();
    assert_eq!(json!(response.status().as_u16()), expected["status"]);
    for name in expected["headers"].as_object().unwrap().keys() {
        assert!(response.headers().contains_key(name), "{name}");
    }
    assert_eq!(response.json::<Value>().await.unwrap(), expected["body"]);
}

#[tokio::test]
async fn a_token_set_has_the_published_shape() {
    let Some(expected) = sample("intuit_oauth_token_with_hard_expiry.json") else { return };
    let bench = Bench::start().await;
    let code = consent(&bench, "demo", &[("scope", "com.intuit.quickbooks.accounting")]).await;
    let token = exchange(&bench, &code).await.1["refresh_token"].as_str().unwrap().to_owned();
    let asked = token_request(&bench, &[("grant_type", "refresh_token"), ("refresh_token", &token)]);
    let (status, tokens) = answer(asked.header("x-include-refresh-token-hard-expires-in", "true")).await;
    assert_eq!((status, shape(&tokens)), (200, shape(&expected)));
    let without = refresh(&bench, &token).await.1;
    assert_eq!(without.get("x_refresh_token_hard_expires_in"), None);
}

#[tokio::test]
async fn the_discovery_document_has_the_published_fields() {
    let Some(expected) = sample("intuit_openid_sandbox_configuration.json") else { return };
    let bench = Bench::start().await;
    let found = answer(bench.http.get(bench.url("/intuit-developer/.well-known/openid_configuration"))).await.1;
    assert_eq!(shape(&found), shape(&expected));
    for (name, value) in expected.as_object().unwrap() {
        assert!(value.is_string() || found[name] == *value, "{name}");
    }
}

#[tokio::test]
async fn both_webhook_bodies_have_the_published_shape() {
    for (format, name) in [("cloudevents", "intuit_webhook_cloudevents.json"), ("legacy", "intuit_webhook_legacy.json")]
    {
        let Some(expected) = sample(name) else { return };
        let bench = Bench::start().await;
        let receiver = Receiver::start(0).await;
        let webhook = json!({ "url": receiver.url, "verifier_token": "v", "format": format });
        bench.control("intuit/webhook", webhook).await;
        let event = json!({ "realm": "demo", "entity": "Invoice", "operation": "Create", "id": "1" });
        bench.control("intuit/event", json!({ "events": [event] })).await;
        bench.control("intuit/settle", json!({})).await;
        assert_eq!(shape(&receiver.got()[0].json()), shape(&expected), "{format}");
    }
}

#[tokio::test]
async fn changes_have_the_published_envelope() {
    let Some(expected) = sample("python_quickbooks_cdc_response.json") else { return };
    let bench = Bench::start().await;
    let books = Books::of(&bench, "sandbox").await;
    for entity in ["Customer", "Invoice"] {
        books.change("row", json!({ "entity": entity, "row": { "Id": "1" } })).await;
    }
    let since_ms = bench.look("clock").await["now_ms"].as_i64().unwrap() - 3_600_000;
    let since = jiff::Timestamp::from_millisecond(since_ms).unwrap().to_string();
    let asked = [("entities", "Customer,Invoice"), ("changedSince", since.as_str())];
    let found = shape(&books.get("cdc", &asked).await);
    for (path, kind) in shape(&expected) {
        // The sample's ids are numbers, which is wrong against the live API.
        let kind = if path.ends_with(".Id") { "text" } else { kind };
        assert_eq!(found.get(&path), Some(&kind), "{path}");
    }
}

/// The names of all elements of an XML document, which are those of the JSON form.
fn elements(xml: &str) -> Vec<String> {
    let names = xml.split('<').skip(1).filter_map(|part| part.split(['>', ' ', '/']).next());
    names.filter(|name| name.starts_with(|c: char| c.is_ascii_uppercase())).map(String::from).collect()
}

#[tokio::test]
async fn throttling_has_the_published_body() {
    let Some(expected) = text("quickbooks_ruby_too_many_requests_error.xml") else { return };
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    bench.control("intuit/settings", json!({ "month_blocked": true })).await;
    let found = books.request("preferences").send().await.unwrap().text().await.unwrap();
    let inner = |text: &str| text.split_once("<Fault").unwrap().1.to_owned();
    assert_eq!(inner(&found).trim(), inner(&expected).trim());
}

#[tokio::test]
async fn company_and_inactive_customer_have_the_published_fields() {
    let bench = Bench::start().await;
    let books = Books::of(&bench, "demo").await;
    let info = books.get(&format!("companyinfo/{}", books.realm), &[]).await["CompanyInfo"].clone();
    let inactive = books.query("SELECT * FROM Customer WHERE Active = false MAXRESULTS 1").await["Customer"][0].clone();
    for (row, name, left_out) in [
        (&info, "quickbooks_ruby_company_info.xml", &["Lat", "Long", "Line2", "URI"][..]),
        (&inactive, "quickbooks_ruby_deleted_customer.xml", &["Lat", "Long", "URI", "City", "PostalCode"]),
    ] {
        let Some(expected) = text(name) else { return };
        let found = row.to_string();
        let optional = ["GivenName", "FamilyName", "AlternatePhone", "Fax", "PrimaryPhone", "WebAddr", "ShipAddr"];
        for element in elements(&expected) {
            let known = found.contains(&format!("\"{element}\""));
            let may_lack = left_out.contains(&element.as_str()) || optional.contains(&element.as_str());
            let is_wrapper =
                ["IntuitResponse", "Customer", "CompanyInfo", "CountrySubDivisionCode"].contains(&element.as_str());
            assert!(known || may_lack || is_wrapper, "{name}: {element}");
        }
    }
}
