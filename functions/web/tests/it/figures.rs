//! The numbers that matter, on their page and by the API.

use numo_app::{job::Work, plan_day::plan_day, store::due::Claimed};
use numo_domain::{credit::Payment, customer_file::CustomerFile, money::Money, reminder::DeliveryStatus};
use serde_json::json;

use crate::{
    seed::{ATTEMPT_A, CONNECTION_A, at, contact_ref, org},
    world::{World, now},
};

/// Plans the day, with which the numbers are counted.
async fn planned(world: &World) {
    let (org, work) = (org("org_a"), Work::PlanDay {});
    world.store.mark_due(&org, &work, now(), now()).await.unwrap();
    let Claimed::Claimed { claim, .. } = world.store.claim_work(&org, &work, now()).await.unwrap() else {
        panic!("somebody else plans");
    };
    plan_day(&world.waker, &org, claim, now()).await.unwrap();
}

async fn paid(world: &World, id: &str, on: &str, minor: i64) {
    let payment = Payment {
        id: id.parse().unwrap(),
        contact: contact_ref(CONNECTION_A, "c-1"),
        date: on.parse().ok(),
        amount: Money::new(minor, "AED".parse().unwrap()),
        invoices: vec!["i-1".parse().unwrap()],
        is_reversed: false,
        updated_at: at("2026-11-23T00:00:00Z"),
    };
    world.store.upsert_payment(&org("org_a"), &payment, now()).await.unwrap();
}

#[tokio::test]
async fn before_the_first_plan_nothing_is_told() {
    let world = World::with_two_organisations().await;
    assert_eq!(world.get("member-a", "/v1/figures").await.json(), json!({"figures": null}));
    let page = world.page_at("/numbers", Some("member-a")).await;
    assert!(page.text.contains("What reminders bring is counted with the first plan of a day."), "{}", page.text);
}

#[tokio::test]
async fn the_numbers_of_the_day_say_what_is_owed_for_how_long_and_what_came_after_reminders() {
    let world = World::with_two_organisations().await;
    let asked = world.claim(ATTEMPT_A, 2, "2026-11-20T05:00:00Z").await;
    world.status(asked.attempt, DeliveryStatus::Read, now()).await;
    for (id, on, minor) in [("p-1", "2026-11-19", 1), ("p-2", "2026-11-23", 10_000), ("p-3", "2026-11-24", 500)] {
        paid(&world, id, on, minor).await;
    }
    let (org, customer) = (org("org_a"), contact_ref(CONNECTION_A, "c-1"));
    let replied = |file: &mut CustomerFile| file.replies(at("2026-11-21T05:00:00Z"));
    world.store.change_customer_file(&org, &customer, now(), replied).await.unwrap();
    planned(&world).await;
    let told = world.get("member-a", "/v1/figures").await.json();
    let of_days = |days: u16| json!({"days": days, "sent": 1, "delivered": 1, "read": 1, "replied": 1, "paid": 1});
    let expected = json!({"figures": {
        "date": "2026-11-24",
        "counted_at": "2026-11-24T06:00:00Z",
        "sales_since": "2024-12-01",
        "currencies": [{
            "currency": "AED",
            "owed": 137_622,
            // All 24 days of November so far, without a sale, and the 31 of October, whose sales are all owed.
            "days_sales_outstanding": 55,
            "sales": {"2026-10-01": 137_622},
            "collected": {"2026-11-01": 10_500},
        }],
        "responses": [of_days(30), of_days(90)],
        "spent": null,
    }});
    assert_eq!(told, expected);
    let page = world.page_at("/numbers", Some("member-a")).await;
    for words in [
        "<span class=\"big\">55 days</span>",
        "All sales are known since December 2024.",
        "<span class=\"big\">AED 105.00</span> <span class=\"soft\">in twelve months</span>",
        "<tr><th scope=\"row\">November 2026</th><td class=\"amount\">AED 105.00</td><td class=\"amount\">AED 0.00</td></tr>",
        "<tr><th scope=\"row\">30</th><td class=\"amount\">1</td><td class=\"amount\">1 (100%)</td>",
        "<th scope=\"col\" class=\"amount\">Replied to within 14 days</th>",
        "What messages cost is shown once their rates are entered.",
        "1 to 30 days",
    ] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(world.get("admin-b", "/v1/figures").await.json(), json!({"figures": null}));
}

#[tokio::test]
async fn the_numbers_are_counted_once_a_day() {
    let world = World::with_two_organisations().await;
    planned(&world).await;
    let first = world.get("member-a", "/v1/figures").await.json();
    paid(&world, "p-1", "2026-11-24", 1).await;
    world.table.take_counts();
    planned(&world).await;
    assert_eq!(world.get("member-a", "/v1/figures").await.json(), first);
}
