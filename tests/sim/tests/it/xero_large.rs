use serde_json::json;

use crate::client::{Bench, Ledger};

async fn large(bench: &Bench, size: serde_json::Value) -> Ledger<'_> {
    let added = bench.control("xero/large", size).await;
    let tokens = bench.bulk("owner@harbour.example", added["tenant_id"].as_str().unwrap()).await;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    Ledger { bench, access, tenant: added["tenant_id"].as_str().unwrap().to_owned() }
}

#[tokio::test]
async fn ten_thousand_invoices_are_read_in_ten_pages_without_a_double() {
    let bench = Bench::start().await;
    let ledger = large(&bench, json!({ "key": "big", "invoices": 10_000, "contacts": 2_000 })).await;
    let mut ids = std::collections::BTreeSet::new();
    for page in 1..=10 {
        let query = [("page", page.to_string()), ("pageSize", String::from("1000"))];
        let query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body = ledger.get("Invoices", &query).await;
        assert_eq!(body["pagination"]["itemCount"], 10_000);
        ids.extend(crate::client::strings(&body["Invoices"], "InvoiceID"));
    }
    assert_eq!(ids.len(), 10_000);
    let contacts = ledger.get("Contacts", &[("page", "2"), ("pageSize", "1000")]).await;
    assert_eq!(
        (&contacts["pagination"]["itemCount"], contacts["Contacts"].as_array().unwrap().len()),
        (&json!(2_000), 1_000)
    );
}

#[tokio::test]
async fn every_kind_of_row_comes_in_the_number_asked_for() {
    let bench = Bench::start().await;
    let size = json!({
        "key": "mixed", "invoices": 30, "contacts": 7, "credit_notes": 5, "prepayments": 4, "overpayments": 3, "bills": 20,
    });
    large(&bench, size.clone()).await;
    let tenants = bench.look("xero/tenants").await;
    let told = tenants.as_array().unwrap().iter().find(|tenant| tenant["key"] == "mixed").unwrap().clone();
    let expected = json!({
        "key": "mixed", "tenant_id": told["tenant_id"], "name": "Large Trading (mixed)",
        "users": ["owner@harbour.example"], "contacts": 7, "invoices": 50, "credit_notes": 5, "prepayments": 4,
        "overpayments": 3, "payments": 30,
    });
    assert_eq!(told, expected);
    let twice = bench.http.post(bench.url("/_control/xero/large")).json(&size).send().await.unwrap();
    assert_eq!(twice.status(), 409);
}

#[tokio::test]
async fn a_summary_is_less_than_two_thirds_of_the_page() {
    let bench = Bench::start().await;
    let ledger = large(&bench, json!({ "key": "big", "invoices": 1_000, "contacts": 10 })).await;
    let size = async |summary: &str| {
        let query = [("page", "1"), ("pageSize", "1000"), ("summaryOnly", summary)];
        ledger.request("Invoices").query(&query).send().await.unwrap().bytes().await.unwrap().len()
    };
    assert!(size("true").await * 3 < size("false").await * 2);
}
