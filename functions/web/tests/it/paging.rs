//! Lists in parts: everything once, and a cursor is good for its list and organisation alone.

use numo_domain::invoice::Invoice;
use serde_json::{Value, json};

use crate::{
    access::full_world,
    seed::{ATTEMPT_A, CONNECTION_A, contact, invoice, org},
    world::{World, now},
};

/// A world in which every list has something, and most have several.
async fn long_lists() -> World {
    let world = full_world().await;
    for number in 2..=5 {
        let contact = contact(CONNECTION_A, &format!("c-{number}"), &format!("Customer {number}"));
        world.store.upsert_contact(&org("org_a"), None, &contact, now()).await.unwrap();
        let invoice = Invoice { id: format!("i-{number}").parse().unwrap(), ..invoice(&contact) };
        world.store.upsert_invoice(&org("org_a"), None, &invoice, now(), now()).await.unwrap();
    }
    for (number, day) in [("wamid.2", 20), ("wamid.3", 21), ("wamid.4", 22)] {
        world.says(number, &format!("2026-11-{day}T05:00:00Z"), "hello again").await;
    }
    for paused in [true, false, true] {
        world.put("member-a", "/v1/organisation/pause", &json!({"paused": paused})).await;
    }
    world
}

/// The lists, each with the field that holds it.
fn lists() -> Vec<(String, &'static str)> {
    vec![
        ("/v1/customers".to_owned(), "customers"),
        ("/v1/invoices".to_owned(), "invoices"),
        ("/v1/invoices?state=open".to_owned(), "invoices"),
        ("/v1/reminders".to_owned(), "reminders"),
        ("/v1/conversations".to_owned(), "conversations"),
        ("/v1/conversations/key-c-1/200".to_owned(), "lines"),
        ("/v1/activity".to_owned(), "activity"),
        ("/v1/tasks".to_owned(), "tasks"),
        ("/v1/backlog".to_owned(), "invoices"),
        ("/v1/plan".to_owned(), "decisions"),
        ("/v1/plans/2026-11-24".to_owned(), "decisions"),
        (format!("/v1/connections/{CONNECTION_A}/syncs"), "syncs"),
        (format!("/v1/connections/{CONNECTION_A}/unreadable"), "unreadable"),
    ]
}

fn with_cursor(path: &str, cursor: &Value) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}limit=1&cursor={}", cursor.as_str().unwrap())
}

#[tokio::test]
async fn a_list_in_parts_has_what_it_has_as_a_whole() {
    let world = long_lists().await;
    let mut lengths = Vec::new();
    for (path, field) in lists() {
        let whole = world.get("admin-a", &path).await.json();
        assert_eq!(whole.get("next_cursor"), None, "{path}");
        let (mut parts, mut next) =
            (Vec::new(), Some(if path.contains('?') { format!("{path}&limit=1") } else { format!("{path}?limit=1") }));
        while let Some(part) = next {
            let part = world.get("admin-a", &part).await.json();
            let entries = part[field].as_array().unwrap().clone();
            assert!(entries.len() <= 1, "{path}");
            parts.extend(entries);
            next = part.get("next_cursor").map(|cursor| with_cursor(&path, cursor));
        }
        // Lines are shown with the oldest first, and asked for from the latest on.
        if field == "lines" {
            parts.reverse();
        }
        assert_eq!(json!(parts), whole[field], "{path}");
        lengths.push((field, parts.len()));
    }
    assert!(lengths.iter().filter(|(_, length)| *length > 1).count() >= 4, "{lengths:?}");
}

#[tokio::test]
async fn a_cursor_that_was_not_told_for_this_list_and_organisation_is_refused() {
    let world = long_lists().await;
    let cursor = world.get("admin-a", "/v1/customers?limit=1").await.json()["next_cursor"].take();
    let told = cursor.as_str().unwrap();
    let refused = (
        400,
        json!({
            "code": "invalid", "field": "cursor", "message": "it is no cursor of this list; begin again without one",
        }),
    );
    let forged = format!("QUJD{}", &told[4..]);
    for wrong in ["", ".", "nonsense", "QUJD.00", &told[..told.len() - 1], &forged] {
        let answer = world.get("admin-a", &format!("/v1/customers?cursor={wrong}")).await;
        assert_eq!(answer.error(), refused, "{wrong}");
    }
    assert_eq!(world.get("admin-b", &with_cursor("/v1/customers", &cursor)).await.error(), refused);
    assert_eq!(world.get("admin-a", &with_cursor("/v1/activity", &cursor)).await.error(), refused);
    assert_eq!(world.get("admin-a", &with_cursor("/v1/customers", &cursor)).await.status, 200);
}

#[tokio::test]
async fn a_cursor_is_bound_to_what_was_asked_for_beside_it() {
    let world = long_lists().await;
    let cursor = world.get("admin-a", "/v1/plan?limit=1&at=2026-11-25T06:00:00Z").await.json()["next_cursor"].take();
    let cursor = cursor.as_str().unwrap();
    let same = world.get("admin-a", &format!("/v1/plan?at=2026-11-25T06:00:00Z&cursor={cursor}")).await;
    assert_eq!(same.status, 200);
    let other = world.get("admin-a", &format!("/v1/plan?at=2026-11-26T06:00:00Z&cursor={cursor}")).await;
    assert_eq!(other.error().1["field"], "cursor");
}

#[tokio::test]
async fn a_query_that_is_no_part_of_a_list_is_refused_with_its_name() {
    let world = long_lists().await;
    let cases = [
        ("limit=0", "limit", "a number from 1 to 500 is needed"),
        ("limit=501", "limit", "a number from 1 to 500 is needed"),
        ("limit=ten", "limit", "a number from 1 to 500 is needed"),
        ("limit=1&limit=2", "limit", "it is given twice"),
        ("page=2", "page", "this query takes name, number, group, limit and cursor"),
    ];
    for (query, field, message) in cases {
        let answer = world.get("admin-a", &format!("/v1/customers?{query}")).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": field, "message": message})), "{query}");
    }
}

#[tokio::test]
async fn a_page_of_customers_takes_three_calls_of_the_table() {
    let world = long_lists().await;
    world.table.take_counts();
    let answer = world.get("admin-a", "/v1/customers?limit=50").await;
    assert_eq!((answer.status.as_u16(), world.table.counts().calls()), (200, 3));
    assert!(answer.text.contains("Customer 5") && !answer.text.contains(ATTEMPT_A));
}
