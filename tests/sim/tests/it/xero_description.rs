use serde_json::{Value, json};

use crate::client::{Bench, Ledger};
use crate::openapi::{self, Description};

const LISTS: [(&str, &str, &str); 6] = [
    ("Contacts", "Contact", "ContactID"),
    ("Invoices", "Invoice", "InvoiceID"),
    ("CreditNotes", "CreditNote", "CreditNoteID"),
    ("Prepayments", "Prepayment", "PrepaymentID"),
    ("Overpayments", "Overpayment", "OverpaymentID"),
    ("Payments", "Payment", "PaymentID"),
];

/// Of the single rows of a list, one in so many is read.
const STRIDE: usize = 9;

/// Tenants of every kind, each with a ledger to read it.
async fn ledgers(bench: &Bench) -> Vec<Ledger<'_>> {
    let size = json!({
        "key": "mixed", "invoices": 30, "contacts": 7, "credit_notes": 5, "prepayments": 4, "overpayments": 3, "bills": 20,
    });
    bench.control("xero/large", size).await;
    bench.control("xero/many", json!({ "user": "owner@harbour.example", "count": 2 })).await;
    let tenants = bench.look("xero/tenants").await;
    let mut ledgers = Vec::new();
    for tenant in tenants.as_array().unwrap() {
        let id = tenant["tenant_id"].as_str().unwrap().to_owned();
        let tokens = bench.bulk(tenant["users"][0].as_str().unwrap(), &id).await;
        ledgers.push(Ledger { bench, access: tokens["access_token"].as_str().unwrap().to_owned(), tenant: id });
    }
    ledgers
}

/// What the answers of one list, and of a share of its rows, say otherwise than described.
async fn differences(
    description: &Description,
    ledger: &Ledger<'_>,
    (list, schema, id): (&str, &str, &str),
) -> Vec<String> {
    let archived = ("includeArchived", "true");
    let mut found = Vec::new();
    let mut check = |body: &Value| {
        for row in body[list].as_array().unwrap() {
            found.extend(description.differences(schema, row, schema));
        }
        if let Some(pagination) = body.get("pagination") {
            found.extend(description.differences("Pagination", pagination, "pagination"));
        }
    };
    let paged = ledger.get(list, &[("page", "1"), ("pageSize", "1000"), archived]).await;
    check(&paged);
    check(&ledger.get(list, &[archived]).await);
    check(&ledger.get(list, &[("page", "1"), ("summaryOnly", "true")]).await);
    for row in paged[list].as_array().unwrap().iter().step_by(STRIDE) {
        check(&ledger.get(&format!("{list}/{}", row[id].as_str().unwrap()), &[]).await);
    }
    found
}

#[tokio::test]
async fn every_answer_has_the_names_and_types_of_the_official_description() {
    let Some(text) = openapi::text("openapi/xero_accounting.yaml") else { return };
    let description = Description::read(&text);
    let bench = Bench::start().await;
    bench.control("xero/settings", json!({ "malformed_rows": false })).await;
    let mut found = Vec::new();
    for ledger in ledgers(&bench).await {
        for list in LISTS {
            found.extend(differences(&description, &ledger, list).await);
        }
        for (path, name, schema) in [
            ("Organisation", "Organisations", "Organisation"),
            ("InvoiceReminders/Settings", "InvoiceReminders", "InvoiceReminder"),
        ] {
            let row = ledger.get(path, &[]).await[name][0].clone();
            found.extend(description.differences(schema, &row, schema));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn rows_stay_as_described_when_control_has_changed_them() {
    let Some(text) = openapi::text("openapi/xero_accounting.yaml") else { return };
    let description = Description::read(&text);
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let put = async |kind: &str| bench.control(&format!("xero/{kind}"), json!({ "tenant": "other", kind: {} })).await;
    let invoice = put("invoice").await;
    for (kind, id) in
        [("credit_note", "CreditNoteID"), ("prepayment", "PrepaymentID"), ("overpayment", "OverpaymentID")]
    {
        let held = put(kind).await;
        let asked = json!({
            "tenant": "other", "kind": kind, "id": held[id], "invoice_id": invoice["InvoiceID"], "amount": 20,
        });
        bench.control("xero/allocate", asked).await;
    }
    bench.control("xero/pay", json!({ "tenant": "other", "invoice_id": invoice["InvoiceID"] })).await;
    put("contact").await;
    put("bill").await;
    put("payment").await;
    let contacts = bench.look("xero/contacts?tenant=other").await;
    let asked = json!({ "tenant": "other", "from": contacts[0]["ContactID"], "into": contacts[1]["ContactID"] });
    bench.control("xero/merge", asked).await;
    let mut found = Vec::new();
    for list in LISTS {
        found.extend(differences(&description, &ledger, list).await);
    }
    assert_eq!(found, Vec::<String>::new());
}

#[tokio::test]
async fn connections_have_the_names_and_types_of_the_official_description() {
    let Some(text) = openapi::text("openapi/xero-identity.yaml") else { return };
    let description = Description::read(&text);
    let bench = Bench::start().await;
    let tokens = bench.bulk("owner@harbour.example", "demo,demo_company").await;
    let rows = bench.connections(&tokens).await;
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let found: Vec<String> =
        rows.iter().flat_map(|row| description.differences("Connection", row, "Connection")).collect();
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(description.differences("AccessToken", &tokens, "AccessToken"), ["AccessToken.scope is not described"]);
}
