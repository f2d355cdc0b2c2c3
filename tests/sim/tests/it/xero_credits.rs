use serde_json::{Value, json};

use crate::client::{Bench, Ledger, answer, strings};

const LISTS: [(&str, &str); 4] = [
    ("CreditNotes", "CreditNoteID"),
    ("Prepayments", "PrepaymentID"),
    ("Overpayments", "OverpaymentID"),
    ("Payments", "PaymentID"),
];

fn rows(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().unwrap().clone()
}

fn id<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap()
}

async fn open_sale(ledger: &Ledger<'_>, contact: &str) -> Value {
    let query = r#"Type=="ACCREC" AND Status=="AUTHORISED""#;
    ledger.get("Invoices", &[("page", "1"), ("where", query), ("ContactIDs", contact)]).await["Invoices"][0].clone()
}

#[tokio::test]
async fn credits_and_payments_are_listed_in_pages_and_found_by_id() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    for (name, field) in LISTS {
        let page = ledger.get(name, &[("page", "1"), ("pageSize", "3")]).await;
        let total = page["pagination"]["itemCount"].as_u64().unwrap();
        assert_eq!((page[name].as_array().unwrap().len(), total > 3), (3, true), "{name}");
        let whole = ledger.get(name, &[]).await;
        assert_eq!((rows(&whole, name).len() as u64, whole.get("pagination")), (total, None), "{name}");
        let past = ledger.get(name, &[("page", "9999"), ("pageSize", "3")]).await;
        assert_eq!((&past[name], &past["pagination"]["itemCount"]), (&json!([]), &json!(total)));
        let one = ledger.get(&format!("{name}/{}", id(&page[name][0], field)), &[]).await;
        assert_eq!(one[name][0], page[name][0]);
        assert_eq!(answer(ledger.request(&format!("{name}/00000000-0000-0000-0000-000000000000"))).await.0, 404);
    }
}

#[tokio::test]
async fn line_items_of_credits_come_with_a_page_only() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    for (name, _) in LISTS.into_iter().take(3) {
        let bare = |row: &Value| row["LineItems"] == json!([]);
        assert!(rows(&ledger.get(name, &[]).await, name).iter().all(bare), "{name}");
        assert!(!rows(&ledger.get(name, &[("page", "1")]).await, name).iter().any(bare), "{name}");
    }
}

#[tokio::test]
async fn the_demonstration_holds_open_used_and_ended_credits_of_both_sides() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    for (name, open, used, ended, both_ways) in [
        ("CreditNotes", 7, 13, 4, ["ACCPAYCREDIT", "ACCRECCREDIT"]),
        ("Prepayments", 3, 1, 1, ["RECEIVE-PREPAYMENT", "SPEND-PREPAYMENT"]),
        ("Overpayments", 3, 2, 1, ["RECEIVE-OVERPAYMENT", "SPEND-OVERPAYMENT"]),
    ] {
        let held = rows(&ledger.get(name, &[]).await, name);
        let count = |of: &dyn Fn(&Value) -> bool| held.iter().filter(|row| of(row)).count();
        let is_used = |row: &Value| row["Allocations"] != json!([]);
        let n_open = count(&|row| row["Status"] == "AUTHORISED" && !is_used(row));
        let n_ended = count(&|row| !["AUTHORISED", "PAID"].contains(&row["Status"].as_str().unwrap()));
        assert_eq!((n_open, count(&is_used), n_ended), (open, used, ended), "{name}");
        assert!(both_ways.iter().all(|kind| held.iter().any(|row| row["Type"] == *kind)), "{name}");
    }
    let payments = rows(&ledger.get("Payments", &[("where", "Status==\"DELETED\"")]).await, "Payments");
    assert_eq!(payments.len(), 6);
}

#[tokio::test]
async fn what_was_applied_and_what_is_left_add_up_on_both_rows() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    for (name, field) in LISTS.into_iter().take(3) {
        for credit in rows(&ledger.get(name, &[("where", "Status!=\"VOIDED\" AND Status!=\"DELETED\"")]).await, name) {
            let amount = |row: &Value, of: &str| row[of].as_f64().unwrap();
            let allocations = credit["Allocations"].as_array().unwrap();
            let applied: f64 = allocations.iter().map(|held| amount(held, "Amount")).sum();
            assert!((amount(&credit, "Total") - applied - amount(&credit, "RemainingCredit")).abs() < 0.000_05);
            for allocation in allocations {
                let path = format!("Invoices/{}", id(&allocation["Invoice"], "InvoiceID"));
                let invoice = ledger.get(&path, &[]).await["Invoices"][0].clone();
                let nested = invoice[name].as_array().unwrap().iter().find(|held| held[field] == credit[field]);
                assert_eq!(nested.unwrap()["AppliedAmount"], allocation["Amount"], "{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_and_a_single_invoice_date_an_allocation_differently() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let query = "AmountCredited>0 AND Status==\"PAID\"";
    let listed = ledger.get("Invoices", &[("page", "1"), ("where", query)]).await["Invoices"][0].clone();
    let single = ledger.get(&format!("Invoices/{}", id(&listed, "InvoiceID")), &[]).await["Invoices"][0].clone();
    assert_ne!(listed["CreditNotes"][0]["Date"], single["CreditNotes"][0]["Date"]);
}

#[tokio::test]
async fn each_list_asks_for_its_own_scope() {
    let bench = Bench::start().await;
    let tenant = bench.tenant_id("demo").await;
    for (scope, refused) in [
        ("accounting.invoices.read", ["Prepayments", "Overpayments", "Payments", "InvoiceReminders/Settings"]),
        ("accounting.payments.read", ["CreditNotes", "Invoices", "Contacts", "InvoiceReminders/Settings"]),
    ] {
        let scopes = format!("offline_access {scope}");
        let asked = [
            ("response_type", "code"),
            ("client_id", "client"),
            ("redirect_uri", crate::client::REDIRECT),
            ("scope", &scopes),
            ("sim_choose", &tenant),
        ];
        let url = crate::client::location(&bench.authorize(&asked).await);
        let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let access = bench.exchange(&code).await.1["access_token"].as_str().unwrap().to_owned();
        let ledger = Ledger { bench: &bench, access, tenant: tenant.clone() };
        for path in refused {
            let (status, body) = answer(ledger.request(path)).await;
            assert_eq!((status, &body["Detail"]), (401, &json!("AuthorizationUnsuccessful")), "{path}");
        }
    }
}

#[tokio::test]
async fn only_an_approved_sale_has_a_link_for_the_customer() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let link = async |query: &str| {
        let found = ledger.get("Invoices", &[("page", "1"), ("pageSize", "1"), ("where", query)]).await;
        let path = format!("Invoices/{}/OnlineInvoice", id(&found["Invoices"][0], "InvoiceID"));
        let (first, second) = (answer(ledger.request(&path)).await, answer(ledger.request(&path)).await);
        assert_eq!(first.1["OnlineInvoices"], second.1["OnlineInvoices"]);
        first
    };
    let (status, body) = link(r#"Type=="ACCREC" AND Status=="AUTHORISED""#).await;
    let url = body["OnlineInvoices"][0]["OnlineInvoiceUrl"].as_str().unwrap();
    assert_eq!((status, url.starts_with("https://in.xero.com/")), (200, true));
    for query in [r#"Type=="ACCPAY" AND Status=="AUTHORISED""#, r#"Type=="ACCREC" AND Status=="DRAFT""#] {
        let (status, body) = link(query).await;
        assert_eq!((status, &body["Type"]), (400, &json!("ValidationException")), "{query}");
    }
}

#[tokio::test]
async fn an_invoice_is_a_pdf_when_that_is_asked_for() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let url = bench.url("/xero-api/api.xro/2.0/Invoices/EJ-001");
    let asked = bench.http.get(url).bearer_auth(&ledger.access).header("xero-tenant-id", &ledger.tenant);
    let response = asked.header("accept", "application/pdf").send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/pdf");
    let text = response.text().await.unwrap();
    let index_at: usize = text.lines().rev().nth(1).unwrap().parse().unwrap();
    assert!(text.starts_with("%PDF-1.4\n") && text.contains("EJ-001") && text[index_at..].starts_with("xref\n"));
    let object_at: usize = text[index_at..].lines().nth(3).unwrap()[..10].parse().unwrap();
    assert!(text[object_at..].starts_with("1 0 obj"));
}

#[tokio::test]
async fn reminders_of_xero_are_told_as_they_are_set() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let told = async || ledger.get("InvoiceReminders/Settings", &[]).await["InvoiceReminders"].clone();
    assert_eq!(told().await, json!([{ "Enabled": false }]));
    bench.control("xero/reminders", json!({ "tenant": "demo", "enabled": true })).await;
    assert_eq!(told().await, json!([{ "Enabled": true }]));
}

#[tokio::test]
async fn contacts_tell_groups_and_merges_with_a_page_only_and_balances_always() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let archived = ("includeArchived", "true");
    let paged = rows(&ledger.get("Contacts", &[("page", "1"), ("pageSize", "1000"), archived]).await, "Contacts");
    let whole = rows(&ledger.get("Contacts", &[archived]).await, "Contacts");
    let count = |rows: &[Value], of: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| of(row)).count();
    let has_group = |row: &Value| row["ContactGroups"] != json!([]);
    let is_merged = |row: &Value| row.get("MergedToContactID").is_some();
    assert_eq!((count(&paged, &has_group), count(&whole, &has_group)), (26, 0));
    assert_eq!((count(&paged, &is_merged), count(&whole, &is_merged)), (1, 0));
    assert_eq!(
        count(&paged, &|row| row.get("Balances").is_some()),
        count(&whole, &|row| row.get("Balances").is_some())
    );
    assert_eq!(count(&paged, &|row| row["IsCustomer"] == true && row["IsSupplier"] == true), 10);
    let two = format!("{},{}", id(&paged[3], "ContactID"), id(&paged[5], "ContactID"));
    let named = ledger.get("Contacts", &[("IDs", &two)]).await;
    assert_eq!(strings(&named["Contacts"], "ContactID").join(","), two);
}

#[tokio::test]
async fn balances_follow_the_documents_without_an_update_of_the_contact() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let contact = rows(&ledger.get("Contacts", &[("page", "1")]).await, "Contacts")[0].clone();
    let sale = open_sale(&ledger, id(&contact, "ContactID")).await;
    bench.control("xero/pay", json!({ "tenant": "other", "invoice_id": sale["InvoiceID"] })).await;
    let after = ledger.get(&format!("Contacts/{}", id(&contact, "ContactID")), &[]).await["Contacts"][0].clone();
    let outstanding = |row: &Value| row["Balances"]["AccountsReceivable"]["Outstanding"].as_f64().unwrap();
    let expected = outstanding(&contact) - sale["AmountDue"].as_f64().unwrap();
    assert!((outstanding(&after) - expected).abs() < 0.000_05);
    assert_eq!(after["UpdatedDateUTC"], contact["UpdatedDateUTC"]);
}
