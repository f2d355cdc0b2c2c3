use numo_app::store::consent::ConsentOf;
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    credit::CreditKind,
    money::Money,
};
use serde_json::{Value, json};

use crate::{
    ledger::{bill, credit},
    seed::{CONNECTION_A, aed, at, contact, org},
    world::{World, now},
};

#[tokio::test]
async fn customers_are_listed_with_masked_numbers_and_what_is_wrong_with_others() {
    let world = World::with_two_organisations().await;
    let customer = |id: &str, name: &str| {
        json!({
            "connection": CONNECTION_A, "contact": id, "name": name, "status": "active", "unallocated": [],
            "open_bills": [], "number_source": "ledger",
        })
    };
    let mut expected =
        [customer("c-1", "Acme Trading"), customer("c-2", "No Number Ltd"), customer("c-3", "Landline LLC")];
    expected[0]["number"] = json!("usable");
    expected[0]["number_masked"] = json!("+971•••••67");
    expected[1]["number"] = json!("missing");
    expected[2]["number"] = json!("unusable");
    expected[2]["number_problem"] = json!("it is not a mobile number");
    let answer = world.get("member-a", "/v1/customers").await;
    assert_eq!(answer.json(), json!({"customers": expected}));
    assert!(!answer.text.contains("+971501234567"));
}

#[tokio::test]
async fn customers_are_taken_along_as_a_file_with_whole_numbers_and_what_is_known_of_consent() {
    let world = World::with_two_organisations().await;
    let formula = contact(CONNECTION_A, "c-4", "=HYPERLINK(\"http://evil.example\")");
    world.store.upsert_contact(&org("org_a"), None, &formula, now()).await.unwrap();
    let number = ConsentOf::Number("key-c-1".parse().unwrap());
    world.store.change_consent(&org("org_a"), number, &said(ConsentState::OptedOut), now()).await.unwrap();
    let answer = world.get("admin-a", "/v1/customers.csv").await;
    let formula = "\"'=HYPERLINK(\"\"http://evil.example\"\")\"";
    let expected = format!(
        "connection,contact,name,status,number,number_source,number_typed_by,number_problem,consent\n\
         {CONNECTION_A},c-1,Acme Trading,active,+971501234567,ledger,,,opted_out\n\
         {CONNECTION_A},c-2,No Number Ltd,active,,ledger,,there is none,none\n\
         {CONNECTION_A},c-3,Landline LLC,active,,ledger,,it is not a mobile number,none\n\
         {CONNECTION_A},c-4,{formula},active,+971501234567,ledger,,,none\n"
    );
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, expected.as_str()));
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"numo-customers.csv\"");
    assert!(answer.headers.get("link").is_none());
    let line = world.get("admin-a", "/v1/activity").await.json()["activity"][0].take();
    assert_eq!((&line["action"], &line["detail"]), (&json!("customers.exported"), &json!({"customers": 4})));
    assert!(!world.get("admin-b", "/v1/customers.csv").await.text.contains(CONNECTION_A));
}

#[tokio::test]
async fn a_file_of_many_customers_leads_to_the_next_one() {
    let world = World::with_two_organisations().await;
    for n in 10..1_010 {
        let contact = contact(CONNECTION_A, &format!("n-{n:04}"), &format!("Customer {n}"));
        world.store.upsert_contact(&org("org_a"), None, &contact, now()).await.unwrap();
    }
    let first = world.get("admin-a", "/v1/customers.csv").await;
    let next = first.header("link").strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned();
    let second = world.get("admin-a", &next).await;
    assert!(second.headers.get("link").is_none());
    let ids = |text: &str| -> Vec<String> {
        text.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect()
    };
    let (first, second) = (ids(&first.text), ids(&second.text));
    assert_eq!((first.len(), second.len()), (1_000, 3));
    let all: std::collections::BTreeSet<String> = first.into_iter().chain(second).collect();
    assert_eq!(all.len(), 1_003);
    for (query, field) in [("limit=1", "limit"), ("cursor=x", "cursor"), ("name=x", "name")] {
        let answer = world.get("admin-a", &format!("/v1/customers.csv?{query}")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (400, &json!(field)));
    }
}

fn said(state: ConsentState) -> ConsentChange {
    let by = ConsentSource::Message;
    ConsentChange { state, at: now(), by, note: String::new(), message: None, recorded_by: None }
}

#[tokio::test]
async fn a_customer_shows_the_money_that_no_invoice_took_up_and_what_we_owe() {
    let world = World::with_two_organisations().await;
    world
        .sync(|held| {
            held.credits = vec![
                credit("cn-1", CreditKind::CreditNote, 20_000),
                credit("op-1", CreditKind::Overpayment, 1),
                credit("pp-1", CreditKind::Prepayment, 0),
            ];
            let usd = Money::new(50_00, "USD".parse().unwrap());
            held.bills = vec![bill("b-1", "c-1", aed(100)), bill("b-2", "c-1", aed(23)), bill("b-3", "c-1", usd)];
            held.bills.push(bill("b-4", "c-9", aed(7)));
        })
        .await;
    let customers = world.get("member-a", "/v1/customers").await.json()["customers"].take();
    let money = |minor: i64, currency: &str, text: &str| json!({"minor": minor, "currency": currency, "text": text});
    let unallocated = |kind: &str, number: &str, remaining: Value| {
        let date = "2026-11-20";
        json!({"kind": kind, "number": number, "date": date, "remaining": remaining})
    };
    assert_eq!(
        customers[0]["unallocated"],
        json!([
            unallocated("credit_note", "CN-1", money(20_000, "AED", "AED 200.00")),
            unallocated("overpayment", "OP-1", money(1, "AED", "AED 0.01")),
        ])
    );
    let bills = json!([money(123, "AED", "AED 1.23"), money(5_000, "USD", "USD 50.00")]);
    assert_eq!(customers[0]["open_bills"], bills);
    assert_eq!((&customers[1]["unallocated"], &customers[1]["open_bills"]), (&json!([]), &json!([])));
    let others = world.get("admin-b", "/v1/customers").await.json()["customers"].take();
    assert_eq!((&others[0]["unallocated"], &others[0]["open_bills"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn an_opt_out_that_an_admin_records_silences_the_customer() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/consent");
    let answer = world.post("admin-a", &path, &json!({"state": "opted_out", "reason": "told us by phone"})).await;
    let expected = json!({"connection": CONNECTION_A, "contact": "c-1", "state": "opted_out"});
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    let plan = world.get("admin-a", "/v1/plan").await.json();
    assert_eq!(plan["decisions"][0]["reasons"][0]["code"], "opted_out");
}

#[tokio::test]
async fn a_consent_is_shown_with_every_change_and_its_proof() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/consent");
    let blank = json!({
        "connection": CONNECTION_A, "contact": "c-1", "is_opted_out": false, "of_number": null, "of_contact": null,
    });
    assert_eq!(world.get("member-a", &path).await.json(), blank);
    let opt_ins = json!({"opt_ins": [crate::opt_ins::opt_in()]});
    assert_eq!(world.post("admin-a", "/v1/consent/opt-ins", &opt_ins).await.status, 200);
    let stop = ConsentChange {
        state: ConsentState::OptedOut,
        at: at("2026-11-24T05:00:00Z"),
        by: ConsentSource::Button,
        note: String::new(),
        message: "wamid.1".parse().ok(),
        recorded_by: None,
    };
    let number = ConsentOf::Number("key-c-1".parse().unwrap());
    world.store.change_consent(&org("org_a"), number, &stop, now()).await.unwrap();
    let form = json!({"state": "opted_out", "reason": "told us by phone"});
    assert_eq!(world.post("admin-a", &path, &form).await.status, 200);
    let opt_in = crate::opt_ins::opt_in();
    let imported = json!({
        "state": "opted_in", "at": now().to_string(), "source": "import", "recorded_by": "user_ann",
        "note": opt_in["source"], "given_on": opt_in["given_on"],
    });
    let button = json!({"state": "opted_out", "at": "2026-11-24T05:00:00Z", "source": "button", "message": "wamid.1"});
    let recorded = json!({
        "state": "opted_out", "at": now().to_string(), "source": "admin", "recorded_by": "user_ann",
        "note": "told us by phone",
    });
    let of = |history: Value| json!({"state": "opted_out", "changed_at": now().to_string(), "history": history});
    let expected = json!({
        "connection": CONNECTION_A, "contact": "c-1", "is_opted_out": true,
        "of_number": of(json!([imported, button, recorded])), "of_contact": of(json!([imported, recorded])),
    });
    assert_eq!(world.get("member-a", &path).await.json(), expected);
    let nobody = format!("/v1/customers/{CONNECTION_A}/c-99/consent");
    assert_eq!(world.get("member-a", &nobody).await.error().0, 404);
}

#[tokio::test]
async fn a_consent_without_a_reason_or_for_nobody_is_refused() {
    let world = World::with_two_organisations().await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/consent");
    let answer = world.post("admin-a", &path, &json!({"state": "opted_in", "reason": " "})).await;
    let message = "say how the customer told you";
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "reason", "message": message})));
    let long = json!({"state": "opted_in", "reason": "é".repeat(201)});
    let message = "at most 200 characters are kept";
    let answer = world.post("admin-a", &path, &long).await;
    assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "reason", "message": message})));
    let kept = json!({"state": "opted_in", "reason": "é".repeat(200)});
    assert_eq!(world.post("admin-a", &path, &kept).await.status, 200);
    let nobody = format!("/v1/customers/{CONNECTION_A}/c-99/consent");
    let answer = world.post("admin-a", &nobody, &json!({"state": "opted_in", "reason": "by phone"})).await;
    assert_eq!(answer.error(), (404, json!({"code": "not_found", "message": "customer not found"})));
    let unreadable = world.post("admin-a", "/v1/customers/x/c-1/consent", &json!({})).await;
    assert_eq!(unreadable.error().0, 404);
}
