use serde_json::{Value, json};

use crate::client::{Bench, Ledger, answer, strings};

#[tokio::test]
async fn pages_add_up_to_the_total_and_a_page_past_the_end_is_empty() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let first = ledger.get("Invoices", &[("page", "1"), ("pageSize", "100")]).await;
    let total = first["pagination"]["itemCount"].as_u64().unwrap();
    let n_pages = first["pagination"]["pageCount"].as_u64().unwrap();
    assert_eq!(n_pages, total.div_ceil(100));
    let mut n_rows = 0;
    for page in 1..=n_pages {
        let rows = ledger.get("Invoices", &[("page", &page.to_string())]).await;
        n_rows += rows["Invoices"].as_array().unwrap().len() as u64;
    }
    assert_eq!(n_rows, total);
    let past = ledger.get("Invoices", &[("page", &(n_pages + 1).to_string())]).await;
    let expected = json!({ "page": n_pages + 1, "pageSize": 100, "pageCount": n_pages, "itemCount": total });
    assert_eq!((&past["Invoices"], &past["pagination"]), (&json!([]), &expected));
}

#[tokio::test]
async fn without_a_page_there_is_no_pagination_and_there_are_no_line_items() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let body = ledger.get("Invoices", &[]).await;
    assert_eq!(body.get("pagination"), None);
    assert!(body["Invoices"].as_array().unwrap().iter().all(|row| row["LineItems"] == json!([])));
    let paged = ledger.get("Invoices", &[("page", "1")]).await;
    assert!(paged["Invoices"].as_array().unwrap().iter().all(|row| row["LineItems"] != json!([])));
}

#[tokio::test]
async fn page_sizes_outside_one_to_a_thousand_are_refused() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    for (size, status) in [("0", 400), ("1", 200), ("1000", 200), ("1001", 400), ("x", 400)] {
        let asked = ledger.request("Invoices").query(&[("page", "1"), ("pageSize", size)]);
        assert_eq!(answer(asked).await.0, status, "{size}");
    }
}

#[tokio::test]
async fn where_joins_type_status_and_amount_by_and() {
    let bench = Bench::start().await;
    bench.control("xero/settings", json!({ "malformed_rows": false })).await;
    let ledger = bench.connected("demo").await;
    let query = r#"Type=="ACCREC" AND Status=="AUTHORISED" AND AmountDue>0"#;
    let found = ledger.get("Invoices", &[("where", query)]).await;
    let rows = found["Invoices"].as_array().unwrap();
    assert!(rows.len() > 200);
    let open = |row: &Value| {
        row["Type"] == "ACCREC" && row["Status"] == "AUTHORISED" && row["AmountDue"].as_f64().unwrap() > 0.0
    };
    assert!(rows.iter().all(open));
    let all = ledger.get("Invoices", &[]).await;
    assert_eq!(all["Invoices"].as_array().unwrap().iter().filter(|row| open(row)).count(), rows.len());
}

#[tokio::test]
async fn a_where_that_cannot_be_parsed_is_refused() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let (status, body) = answer(ledger.request("Invoices").query(&[("where", "Type is ACCREC")])).await;
    assert_eq!((status, &body["Type"]), (400, &json!("QueryParseException")));
}

#[tokio::test]
async fn id_contact_and_status_lists_are_comma_joined() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let all = ledger.get("Invoices", &[]).await["Invoices"].clone();
    let (first, second) = (all[0]["InvoiceID"].as_str().unwrap(), all[1]["InvoiceID"].as_str().unwrap());
    let two = ledger.get("Invoices", &[("IDs", &format!("{first},{second}"))]).await;
    assert_eq!(strings(&two["Invoices"], "InvoiceID"), [first, second]);
    let contact = all[0]["Contact"]["ContactID"].as_str().unwrap();
    let of_contact = ledger.get("Invoices", &[("ContactIDs", contact)]).await;
    assert!(of_contact["Invoices"].as_array().unwrap().iter().all(|row| row["Contact"]["ContactID"] == contact));
    let paid = ledger.get("Invoices", &[("Statuses", "PAID,VOIDED")]).await;
    assert_eq!(strings(&paid["Invoices"], "Status"), ["PAID"; 5]);
}

#[tokio::test]
async fn if_modified_since_returns_only_what_changed_from_that_second_on() {
    let bench = Bench::start().await;
    let ledger = bench.connected("other").await;
    let all = ledger.get("Invoices", &[]).await["Invoices"].clone();
    let since = |text: &str| answer(ledger.request("Invoices").header("if-modified-since", text));
    assert_eq!(since("2026-11-21T00:00:00").await.1["Invoices"], json!([]));
    assert_eq!(since("2026-11-20T00:00:00").await.1["Invoices"].as_array().unwrap().len(), 25);
    let paid = bench.control("xero/pay", json!({ "tenant": "other", "invoice_id": all[3]["InvoiceID"] })).await;
    let expected = [all[3]["InvoiceID"].as_str().unwrap()];
    assert_eq!(strings(&since("2026-11-21T00:00:00").await.1["Invoices"], "InvoiceID"), expected);
    assert_eq!(
        (&paid["Status"], &paid["AmountDue"], &paid["AmountPaid"]),
        (&json!("PAID"), &json!(0.0), &all[3]["Total"])
    );
    assert_eq!(since("yesterday").await.0, 412);
}

#[tokio::test]
async fn the_order_is_by_update_when_asked_for() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let body = ledger.get("Invoices", &[("page", "1"), ("pageSize", "1000"), ("order", "UpdatedDateUTC ASC")]).await;
    let updated = strings(&body["Invoices"], "UpdatedDateUTCString");
    assert!(updated.is_sorted());
}

#[tokio::test]
async fn archived_contacts_are_listed_only_on_request() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let size = [("page", "1"), ("pageSize", "1000")];
    let active = ledger.get("Contacts", &size).await;
    assert_eq!(active["pagination"]["itemCount"], 218);
    assert!(!strings(&active["Contacts"], "ContactStatus").contains(&String::from("ARCHIVED")));
    let all = ledger.get("Contacts", &[size[0], size[1], ("includeArchived", "true")]).await;
    assert_eq!(all["pagination"]["itemCount"], 220);
    assert!(all["Contacts"].as_array().unwrap().iter().any(|row| row["MergedToContactID"].is_string()));
}

#[tokio::test]
async fn a_list_names_the_contact_and_a_single_invoice_brings_its_phones() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let row = ledger.get("Invoices", &[("page", "1"), ("pageSize", "1")]).await["Invoices"][0].clone();
    assert_eq!((&row["Contact"]["Phones"], &row["Contact"]["Addresses"]), (&json!([]), &json!([])));
    let path = format!("Invoices/{}", row["InvoiceID"].as_str().unwrap());
    let whole = ledger.get(&path, &[]).await["Invoices"][0].clone();
    assert_eq!(whole["Contact"]["Phones"].as_array().unwrap().len(), 4);
    assert_eq!(answer(ledger.request("Invoices/00000000-0000-0000-0000-000000000000")).await.0, 404);
}

#[tokio::test]
async fn summaries_leave_out_the_nested_lists() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let body = ledger.get("Invoices", &[("page", "1"), ("summaryOnly", "true")]).await;
    assert!(body["Invoices"].as_array().unwrap().iter().all(|row| row.get("LineItems").is_none()));
}

#[tokio::test]
async fn the_answer_is_xml_unless_json_is_asked_for() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let url = bench.url("/xero-api/api.xro/2.0/Organisation");
    let asked = bench.http.get(url).bearer_auth(&ledger.access).header("xero-tenant-id", &ledger.tenant);
    let response = asked.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/xml; charset=utf-8");
    assert!(response.text().await.unwrap().starts_with("<Response"));
}

#[tokio::test]
async fn calls_without_a_valid_token_or_tenant_are_refused_with_the_documented_bodies() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let unknown = Ledger { bench: &bench, access: String::from("nonsense"), tenant: ledger.tenant.clone() };
    let (status, body) = answer(unknown.request("Organisation")).await;
    assert_eq!((status, &body["Detail"]), (401, &json!("AuthenticationUnsuccessful")));
    let stranger = bench.tenant_id("other").await;
    let foreign = Ledger { bench: &bench, access: ledger.access.clone(), tenant: stranger };
    let (status, body) = answer(foreign.request("Organisation")).await;
    assert_eq!((status, &body["detail"]), (403, &json!("AuthenticationUnsuccessful")));
    bench.sim.handle.advance_seconds(1801);
    let (status, body) = answer(ledger.request("Organisation")).await;
    let detail = body["Detail"].as_str().unwrap();
    assert!(status == 401 && detail.starts_with("TokenExpired: token expired at "), "{body}");
}

#[tokio::test]
async fn a_missing_scope_is_an_authorisation_failure() {
    let bench = Bench::start().await;
    let scope = [("scope", "offline_access accounting.invoices.read")];
    let tenant = bench.tenant_id("demo").await;
    let asked = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", crate::client::REDIRECT),
        ("state", "s1"),
        ("sim_choose", &tenant),
        scope[0],
    ];
    let location = crate::client::location(&bench.authorize(&asked).await);
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let tokens = bench.exchange(&code).await.1;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let ledger = Ledger { bench: &bench, access, tenant: tenant.clone() };
    let (status, body) = answer(ledger.request("Contacts")).await;
    assert_eq!((status, &body["Detail"]), (401, &json!("AuthorizationUnsuccessful")));
}

#[tokio::test]
async fn limits_are_told_in_headers_and_enforced_when_switched_on() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let response = ledger.request("Organisation").send().await.unwrap();
    let left = |name: &str| response.headers()[name].to_str().unwrap().parse::<u64>().unwrap();
    assert_eq!((left("x-daylimit-remaining"), left("x-appminlimit-remaining")), (4_999, 9_999));
    bench.control("xero/settings", json!({ "day_limit": 1 })).await;
    let response = ledger.request("Organisation").send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-rate-limit-problem"]),
        (429, &"day".parse().unwrap())
    );
    assert!(response.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() <= 86_400);
}

#[tokio::test]
async fn an_invoice_can_be_changed_and_added_by_control() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    let added = bench.control("xero/invoice", json!({ "tenant": "demo", "invoice": { "InvoiceNumber": "X-1" } })).await;
    let overrides = json!({ "InvoiceID": added["InvoiceID"], "DueDate": null, "Status": "VOIDED" });
    bench.control("xero/invoice", json!({ "tenant": "demo", "invoice": overrides })).await;
    let row = ledger.get("Invoices/X-1", &[]).await["Invoices"][0].clone();
    assert_eq!((&row["Status"], row.get("DueDate")), (&json!("VOIDED"), None));
}

#[tokio::test]
async fn calls_are_counted_by_path_template_until_reset() {
    let bench = Bench::start().await;
    let ledger = bench.connected("demo").await;
    bench.http.post(bench.url("/_control/xero/calls/reset")).send().await.unwrap();
    ledger.get("Invoices", &[("page", "1")]).await;
    ledger.get("Invoices", &[("page", "2")]).await;
    assert_eq!(answer(ledger.request("Invoices/nothing")).await.0, 404);
    let expected = json!({ "GET /api.xro/2.0/Invoices": 2, "GET /api.xro/2.0/Invoices/{id}": 1 });
    assert_eq!(bench.look("xero/calls").await, expected);
    assert_eq!(bench.sim.handle.calls("xero"), expected);
}
