use serde_json::Value;

use crate::client::{Bench, Ledger, answer};

async fn found(ledger: &Ledger<'_>, name: &str, query: &str) -> Vec<Value> {
    let body = ledger.get(name, &[("page", "1"), ("pageSize", "1000"), ("where", query)]).await;
    body[name].as_array().unwrap().clone()
}

#[tokio::test]
async fn contacts_are_joined_by_or_within_parentheses() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let all = found(&ledger, "Invoices", "Total>0").await;
    let (first, second) = (all[0]["Contact"]["ContactID"].clone(), all[1]["Contact"]["ContactID"].clone());
    let query = format!(
        r#"Type=="ACCREC" && (Contact.ContactID==Guid({first}) OR Contact.ContactID==guid({second})) AND AmountDue>0"#
    );
    let rows = found(&ledger, "Invoices", &query).await;
    let meant = |row: &&Value| {
        [&first, &second].contains(&&row["Contact"]["ContactID"]) && row["AmountDue"].as_f64().unwrap() > 0.0
    };
    assert_eq!((rows.len(), rows.iter().filter(meant).count()), (4, all.iter().filter(meant).count()));
}

#[tokio::test]
async fn dates_and_statuses_are_compared_as_a_client_asks() {
    let bench = Bench::start().await;
    bench.control("xero/settings", serde_json::json!({ "malformed_rows": false })).await;
    let ledger = bench.connected("demo").await;
    let due = r#"Type=="ACCREC" AND DueDate>=DateTime(2026,11,01) AND DueDate<DateTime(2026, 11, 23)"#;
    let rows = found(&ledger, "Invoices", due).await;
    let between = |row: &Value| ("2026-11-01".."2026-11-23").contains(&&row["DueDateString"].as_str().unwrap()[..10]);
    assert!(rows.len() > 50 && rows.iter().all(between));
    let alive = found(&ledger, "Invoices", r#"Status!="VOIDED" AND Status!="DELETED""#).await;
    assert!(alive.iter().all(|row| row["Status"] != "VOIDED" && row["Status"] != "DELETED"));
    let open = found(&ledger, "CreditNotes", r#"Status=="AUTHORISED" AND RemainingCredit>0"#).await;
    assert!(open.len() >= 8 && open.iter().all(|row| row["RemainingCredit"].as_f64().unwrap() > 0.0));
    let without = found(&ledger, "Invoices", r#"DueDate==null OR Status=="SUBMITTED""#).await;
    assert!(without.iter().all(|row| row.get("DueDate").is_none() || row["Status"] == "SUBMITTED"));
}

#[tokio::test]
async fn every_list_pages_up_to_a_thousand_rows() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    for name in ["Contacts", "Invoices", "CreditNotes", "Prepayments", "Overpayments", "Payments"] {
        for (size, status) in [("1000", 200), ("1001", 400)] {
            let asked = ledger.request(name).query(&[("page", "1"), ("pageSize", size)]);
            assert_eq!(answer(asked).await.0, status, "{name} {size}");
        }
    }
}

#[tokio::test]
async fn a_search_term_is_found_in_numbers_and_references_in_any_case() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let body = ledger.get("Invoices", &[("searchTerm", "ej-00")]).await;
    assert_eq!(body["Invoices"].as_array().unwrap().len(), 9);
}
