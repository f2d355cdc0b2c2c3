//! Invoices as they are listed, searched for and shown.

use jiff::civil::Date;
use numo_domain::{
    contact::Contact,
    invoice::{Invoice, InvoiceStatus},
};
use serde_json::{Value, json};

use crate::{
    seed::{ATTEMPT_A, CONNECTION_A, aed, contact, invoice, org},
    world::{World, now},
};

/// A world in which an invoice stands in every state.
async fn every_state() -> World {
    let world = World::with_two_organisations().await;
    let (acme, other) = (contact(CONNECTION_A, "c-1", "Acme Trading"), contact(CONNECTION_A, "c-4", "Blue Crane"));
    world.store.upsert_contact(&org("org_a"), None, &other, now()).await.unwrap();
    for (id, contact, status, due) in [
        ("i-2", &other, InvoiceStatus::Open, Some("2026-10-01")),
        ("i-3", &acme, InvoiceStatus::Open, Some("2026-11-24")),
        ("i-4", &acme, InvoiceStatus::Open, None),
        ("i-5", &other, InvoiceStatus::Paid, Some("2026-10-02")),
        ("i-6", &acme, InvoiceStatus::Voided, Some("2026-10-02")),
        ("i-7", &acme, InvoiceStatus::Draft, Some("2026-10-02")),
    ] {
        keep(&world, &numbered(id, contact, status, due)).await;
    }
    world
}

fn numbered(id: &str, contact: &Contact, status: InvoiceStatus, due: Option<&str>) -> Invoice {
    let remaining = if status == InvoiceStatus::Paid { aed(0) } else { aed(137_622) };
    let due = due.map(|due| due.parse::<Date>().unwrap());
    let (id, number) = (id.parse().unwrap(), id.to_uppercase().replace("I-", "INV-"));
    Invoice { id, number, status, due, remaining, ..invoice(contact) }
}

async fn keep(world: &World, invoice: &Invoice) {
    world.store.upsert_invoice(&org("org_a"), None, invoice, now(), now()).await.unwrap();
}

async fn ids(world: &World, query: &str) -> Vec<String> {
    let listed = world.get("member-a", &format!("/v1/invoices{query}")).await.json();
    listed["invoices"].as_array().unwrap().iter().map(|one| one["invoice"].as_str().unwrap().to_owned()).collect()
}

fn shown(number: &str, days_overdue: Option<i32>) -> Value {
    let money = json!({"minor": 137_622, "currency": "AED", "text": "AED 1,376.22"});
    json!({
        "connection": CONNECTION_A, "invoice": number.to_lowercase().replace("inv", "i"), "number": number,
        "contact": "c-1", "customer": "Acme Trading", "status": "open", "issued": "2026-10-21", "due": "2026-11-21",
        "days_overdue": days_overdue, "total": money, "remaining": money, "marked": "sent",
        "updated_at": "2026-11-20T00:00:00Z", "read_at": "2026-11-24T06:00:00Z",
    })
}

#[tokio::test]
async fn invoices_are_listed_with_what_the_ledger_says_and_how_long_they_are_overdue() {
    let world = World::with_two_organisations().await;
    let listed = world.get("member-a", "/v1/invoices").await.json();
    assert_eq!(listed, json!({"invoices": [shown("INV-1", Some(3))]}));
}

#[tokio::test]
async fn what_can_be_paid_is_listed_by_due_date_and_the_rest_by_its_id() {
    let world = every_state().await;
    assert_eq!(ids(&world, "?state=open").await, ["i-2", "i-1", "i-3", "i-4"]);
    assert_eq!(ids(&world, "?state=overdue").await, ["i-2", "i-1"]);
    assert_eq!(ids(&world, "?state=paid").await, ["i-5"]);
    assert_eq!(ids(&world, "?state=void").await, ["i-6"]);
    assert_eq!(ids(&world, "?state=unapproved").await, ["i-7"]);
    assert_eq!(ids(&world, "").await, ["i-1", "i-2", "i-3", "i-4", "i-5", "i-6", "i-7"]);
}

#[tokio::test]
async fn invoices_are_found_by_customer_and_by_a_part_of_their_number() {
    let world = every_state().await;
    let of = |contact: &str, more: &str| format!("?connection={CONNECTION_A}&contact={contact}{more}");
    assert_eq!(ids(&world, &of("c-4", "")).await, ["i-2", "i-5"]);
    assert_eq!(ids(&world, &of("c-4", "&state=open")).await, ["i-2"]);
    assert_eq!(ids(&world, &of("c-9", "&state=open")).await, Vec::<String>::new());
    assert_eq!(ids(&world, "?number=inv-5").await, ["i-5"]);
    assert_eq!(ids(&world, "?number=%20NV-2%20&state=open").await, ["i-2"]);
}

#[tokio::test]
async fn an_invoice_is_shown_with_the_reminders_that_list_it() {
    let world = every_state().await;
    let path = |id: &str| format!("/v1/invoices/{CONNECTION_A}/{id}");
    let mut expected = shown("INV-1", Some(3));
    (expected["pay_page"], expected["reminders"]) = (Value::Null, json!([]));
    assert_eq!(world.get("member-a", &path("i-1")).await.json(), expected);
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let reminder = world.get("member-a", &format!("/v1/reminders/{ATTEMPT_A}")).await.json();
    assert_eq!(world.get("member-a", &path("i-1")).await.json()["reminders"], json!([reminder]));
    assert_eq!(world.get("member-a", &path("i-3")).await.json()["reminders"], json!([]));
}

#[tokio::test]
async fn an_invoice_of_a_customer_who_was_merged_shows_what_was_written_before_and_since() {
    let world = every_state().await;
    let merged = Contact { payer: "c-1".parse().ok(), ..contact(CONNECTION_A, "c-4", "Blue Crane") };
    let seen =
        world.store.contacts_by_ref(&org("org_a"), std::slice::from_ref(&merged.at)).await.unwrap().pop().unwrap();
    world.store.upsert_contact(&org("org_a"), Some(&seen), &merged, now()).await.unwrap();
    // A reminder to the payer that lists an invoice of the merged customer.
    let taken = Invoice { id: "i-1".parse().unwrap(), ..invoice(&merged) };
    let seen = world
        .store
        .invoices_by_id(&org("org_a"), merged.at.connection, std::slice::from_ref(&taken.id))
        .await
        .unwrap()
        .pop();
    let later = Invoice { updated_at: now(), ..taken };
    world.store.upsert_invoice(&org("org_a"), seen.as_ref(), &later, now(), now()).await.unwrap();
    world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let file = world.get("member-a", &format!("/v1/invoices/{CONNECTION_A}/i-1")).await.json();
    assert_eq!((&file["customer"], &file["reminders"][0]["attempt"]), (&json!("Blue Crane"), &json!(ATTEMPT_A)));
}

#[tokio::test]
async fn a_query_for_invoices_that_cannot_be_read_is_refused_with_the_field_and_what_is_needed() {
    let world = World::with_two_organisations().await;
    for (query, field, message) in [
        ("state=late", "state", "one of open, overdue, paid, unapproved and void is needed"),
        ("state=open&state=paid", "state", "it is given twice"),
        ("contact=c-1", "connection", "it goes with contact"),
        (&format!("connection={CONNECTION_A}"), "contact", "it goes with connection"),
        ("connection=x&contact=c-1", "connection", "the id of a connection"),
        (&format!("connection={CONNECTION_A}&contact="), "contact", "the ledger's id of a customer"),
        ("number=%20", "number", "a part of a number, of 1 to 100 characters, is needed"),
        (&format!("number={}", "9".repeat(101)), "number", "a part of a number, of 1 to 100 characters, is needed"),
        ("due=2026-11-24", "due", "this query takes state, connection, contact, number, limit and cursor"),
    ] {
        let answer = world.get("member-a", &format!("/v1/invoices?{query}")).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})), "{query}");
    }
    let nothing = world.get("member-a", &format!("/v1/invoices/{CONNECTION_A}/i-99")).await;
    assert_eq!(nothing.error(), (404, json!({"code": "not_found", "message": "invoice not found"})));
}

#[tokio::test]
async fn a_search_among_many_goes_on_behind_what_it_looked_at() {
    let world = World::with_two_organisations().await;
    let many = contact(CONNECTION_A, "c-1", "Acme Trading");
    for n in 0..2_100 {
        let status = if n == 2_099 { InvoiceStatus::Paid } else { InvoiceStatus::Voided };
        keep(&world, &numbered(&format!("n-{n:04}"), &many, status, None)).await;
    }
    let first = world.get("member-a", "/v1/invoices?state=paid").await.json();
    assert_eq!(first["invoices"], json!([]));
    let next = format!("/v1/invoices?state=paid&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = world.get("member-a", &next).await.json();
    assert_eq!((&second["invoices"][0]["invoice"], second.get("next_cursor")), (&json!("n-2099"), None));
    let other = next.replace("state=paid", "state=void");
    assert_eq!(world.get("member-a", &other).await.error().1["field"], "cursor");
}

#[tokio::test]
async fn customers_are_found_by_a_part_of_their_name_by_their_group_and_by_what_is_known_of_their_number() {
    let world = World::with_two_organisations().await;
    let grouped = Contact {
        groups: vec!["Trade".to_owned(), "Gulf".to_owned()],
        ..contact(CONNECTION_A, "c-4", "Falcon Group LLC")
    };
    world.store.upsert_contact(&org("org_a"), None, &grouped, now()).await.unwrap();
    let listed = world.get("member-a", "/v1/customers?group=gulf").await.json();
    assert_eq!(listed["customers"][0]["groups"], json!(["Trade", "Gulf"]));
    for (query, names) in [
        ("?name=TRAD", vec!["Acme Trading"]),
        ("?name=l", vec!["No Number Ltd", "Landline LLC", "Falcon Group LLC"]),
        ("?number=missing", vec!["No Number Ltd"]),
        ("?number=unusable", vec!["Landline LLC"]),
        ("?number=usable", vec!["Acme Trading", "Falcon Group LLC"]),
        ("?group=TRADE", vec!["Falcon Group LLC"]),
        ("?group=trad", vec![]),
        ("?number=missing&name=acme", vec![]),
    ] {
        let listed = world.get("member-a", &format!("/v1/customers{query}")).await.json();
        let found: Vec<&str> =
            listed["customers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{query}");
    }
    for (query, field, message) in [
        ("name=", "name", "a part of a name, of 1 to 100 characters, is needed"),
        ("name=a&name=b", "name", "it is given twice"),
        ("group=", "group", "the name of a group, of 1 to 100 characters, is needed"),
        ("number=landline", "number", "one of usable, unusable, missing and being_read is needed"),
    ] {
        let answer = world.get("member-a", &format!("/v1/customers?{query}")).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})), "{query}");
    }
}
