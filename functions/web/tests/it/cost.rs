use std::collections::BTreeSet;

use numo_app::delivery::{StatusUpdate, Update};
use numo_domain::{
    account_bill::{AccountBill, Sum, Sums, ToldBill},
    delivery_report::{
        DeliveryReport,
        pricing::{Billed, PriceCategory, Pricing},
    },
    reminder::DeliveryStatus,
};
use serde_json::{Value, json};

use crate::{
    seed::{at, org},
    world::World,
};

/// Rates that were read at Meta on a day of this quarter.
pub(crate) fn card() -> Value {
    json!({
        "currency": "USD", "rates": {"AE": 57_600}, "rate_elsewhere": 80_000, "valid_from": "2026-10-01",
        "read_on": "2026-11-20",
    })
}

/// Rates of before days were kept, as they are shown.
fn undated() -> Value {
    json!({"currency": "USD", "rates": {"AE": 57_600}, "rate_elsewhere": 80_000, "may_be_outdated": true})
}

pub(crate) fn dollars(per_month: i64) -> Value {
    json!({
        "per_month": {"minor": per_month, "currency": "USD"}, "rates": {"AE": 57_600}, "rate_elsewhere": 80_000,
    })
}

#[tokio::test]
async fn an_admin_caps_what_a_month_costs_and_everybody_sees_what_it_cost() {
    let world = World::with_two_organisations().await;
    let told = json!({"billed": {}, "free": 0, "untold": 0});
    let free = json!({"month": "2026-11-01", "messages": 0, "told": told, "spent": null, "counted": null, "rates": null, "answers": [], "billed": [], "cap": null});
    assert_eq!(world.get("member-a", "/v1/cost").await.json(), free);
    world.claim("01970000-0000-7000-8000-000000000001", 2, "2026-11-23T06:00:00Z").await;
    // No rate was known when it went out, so it counts at the rate for all other countries.
    let spent = json!({"millionths": 80_000, "currency": "USD"});
    let told = json!({"billed": {}, "free": 0, "untold": 1});
    let capped = json!({"month": "2026-11-01", "messages": 1, "told": told, "spent": spent, "counted": spent, "rates": undated(), "answers": [], "billed": [], "cap": dollars(2_500)});
    let answer = world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, capped.clone()));
    assert_eq!(world.get("member-a", "/v1/cost").await.json(), capped);
    assert_eq!(world.get("admin-b", "/v1/cost").await.json(), free);
    assert_eq!(world.put("member-a", "/v1/cost/cap", &dollars(1)).await.status.as_u16(), 403);
    let latest = &world.get("admin-a", "/v1/activity").await.json()["activity"][0];
    assert_eq!((&latest["action"], &latest["detail"]["after"]), (&json!("cost_cap.changed"), &dollars(2_500)));
    let answer = world.delete("admin-a", "/v1/cost/cap").await;
    // What the month costs is counted on, by the rates that are known.
    let uncapped = json!({"month": "2026-11-01", "messages": 1, "told": told, "spent": spent, "counted": spent, "rates": undated(), "answers": [], "billed": [], "cap": null});
    assert_eq!(answer.json(), uncapped);
}

#[tokio::test]
async fn without_a_cap_the_month_is_counted_by_rates_that_say_since_when_and_when_they_were_read() {
    let world = World::with_two_organisations().await;
    world.claim("01970000-0000-7000-8000-000000000001", 2, "2026-11-23T06:00:00Z").await;
    let answer = world.put("admin-a", "/v1/cost/rates", &card()).await;
    let mut rates = card();
    rates["may_be_outdated"] = json!(false);
    let shown = answer.json();
    let spent = json!({"millionths": 80_000, "currency": "USD"});
    assert_eq!((answer.status.as_u16(), &shown["rates"], &shown["cap"]), (200, &rates, &Value::Null));
    assert_eq!((&shown["spent"], &shown["counted"]), (&spent, &spent));
    let latest = &world.get("admin-a", "/v1/activity").await.json()["activity"][0];
    assert_eq!((&latest["action"], &latest["detail"]["after"]), (&json!("rates.changed"), &card()));
    // Of rates that were read before the quarter began nobody knows whether they still hold.
    let mut old = card();
    (old["valid_from"], old["read_on"]) = (json!("2026-07-01"), json!("2026-09-30"));
    let answer = world.put("admin-a", "/v1/cost/rates", &old).await;
    assert_eq!(answer.json()["rates"]["may_be_outdated"], true);
    assert_eq!(world.get("admin-b", "/v1/cost").await.json()["rates"], Value::Null);
}

#[tokio::test]
async fn the_rates_of_a_cap_are_changed_with_it_and_only_in_its_currency() {
    let world = World::with_two_organisations().await;
    world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    let shown = world.put("admin-a", "/v1/cost/rates", &card()).await.json();
    let mut cap = card();
    cap.as_object_mut().unwrap().remove("currency");
    cap["per_month"] = json!({"minor": 2_500, "currency": "USD"});
    assert_eq!((&shown["cap"], &shown["rates"]["valid_from"]), (&cap, &json!("2026-10-01")));
    let refused = |field: &str, message: &str| (400, json!({"code": "invalid", "field": field, "message": message}));
    let mut euros = card();
    euros["currency"] = json!("EUR");
    let message = "the cap is in another currency; change the cap, or take it away first";
    assert_eq!(world.put("admin-a", "/v1/cost/rates", &euros).await.error(), refused("currency", message));
    for (field, value, message) in [
        (
            "rate_elsewhere",
            json!(0),
            "rate_elsewhere: what a message costs where no other rate is given, in millionths, above 0",
        ),
        ("rates", json!({"AE": 0}), "rates.AE: above 0 millionths"),
        ("read_on", json!("2026-11-25"), "read_on: a day from 2025-07-01 to today"),
        ("valid_from", json!("2025-06-30"), "valid_from: a day from 2025-07-01 to a year ahead"),
    ] {
        let mut wrong = card();
        wrong[field] = value;
        assert_eq!(world.put("admin-a", "/v1/cost/rates", &wrong).await.error(), refused("rates", message));
    }
    assert_eq!(world.get("member-a", "/v1/cost").await.json()["cap"], cap);
}

#[tokio::test]
async fn free_answers_of_the_month_are_counted_beside_paid_ones() {
    let world = World::with_two_organisations().await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    let told = [
        ("018f0000-0000-7000-8000-0000000000e1", Some(Billed::FreeCustomerService)),
        ("018f0000-0000-7000-8000-0000000000e2", Some(Billed::Regular)),
        ("018f0000-0000-7000-8000-0000000000e3", None),
    ];
    for (id, billed) in told {
        let form = json!({"id": id, "text": "Here we are."});
        assert_eq!(world.post("admin-a", "/v1/conversations/key-c-1/200/answers", &form).await.status, 202);
        let Some(billed) = billed else { continue };
        let pricing = Pricing { billed, category: PriceCategory::Service };
        let status = StatusUpdate {
            phone_number_id: "200".parse().unwrap(),
            message: format!("wamid.{id}").parse().unwrap(),
            attempt: id.parse().ok(),
            status: DeliveryStatus::Delivered,
            report: DeliveryReport::new(BTreeSet::new(), Some(pricing)),
            asks_for: None,
            recipient: None,
            at: at("2026-11-24T06:00:00Z"),
        };
        assert_eq!(world.meta_tells(Update::Status(status)).await.statuses, 1);
    }
    // The third one still waits, and has not gone out.
    let expected = json!([{
        "phone_number_id": "200", "billed": {"service": 1}, "free": 1, "untold": 0, "free_left": 998,
    }]);
    let shown = world.get("member-a", "/v1/cost").await.json();
    assert_eq!((&shown["answers"], &shown["messages"]), (&expected, &json!(0)));
    assert_eq!(world.get("admin-b", "/v1/cost").await.json()["answers"], json!([]));
}

#[tokio::test]
async fn what_meta_told_to_be_free_costs_nothing_and_the_rest_is_shown_by_its_category() {
    let world = World::with_two_organisations().await;
    world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    for (n, day, status, billed, category) in [
        (1, 2, DeliveryStatus::Delivered, Billed::Regular, PriceCategory::Utility),
        (2, 3, DeliveryStatus::Sent, Billed::Regular, PriceCategory::Marketing),
        (3, 4, DeliveryStatus::Read, Billed::FreeCustomerService, PriceCategory::Utility),
    ] {
        let at = format!("2026-11-1{day}T06:00:00Z");
        let claimed = world.claim(&format!("01970000-0000-7000-8000-00000000000{n}"), day, &at).await;
        let report = DeliveryReport::new(BTreeSet::new(), Some(Pricing { billed, category }));
        world.told(claimed.attempt, status, &report, at.parse().unwrap()).await;
    }
    let shown = world.get("member-a", "/v1/cost").await.json();
    let told = json!({"billed": {"utility": 1, "marketing": 1}, "free": 1, "untold": 0});
    assert_eq!((&shown["messages"], &shown["told"]), (&json!(2), &told));
    assert_eq!(shown["spent"], json!({"millionths": 160_000, "currency": "USD"}));
}

#[tokio::test]
async fn what_meta_billed_stands_beside_our_own_count_and_the_higher_of_the_two_counts() {
    let world = World::with_two_organisations().await;
    world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    world.claim("01970000-0000-7000-8000-000000000001", 2, "2026-11-23T06:00:00Z").await;
    let asked_at = at("2026-11-24T01:00:00Z");
    let sum = Sum { messages: 7, free: 3, millionths: 95_200 };
    let sums = Sums { currency: "USD".parse().ok(), categories: [(PriceCategory::Utility, sum)].into() };
    let told = [("100", ToldBill::Known(sums)), ("101", ToldBill::Unavailable { code: Some(10) })];
    for (waba, told) in told {
        let bill = AccountBill { waba: waba.parse().unwrap(), month: "2026-11-01".parse().unwrap(), asked_at, told };
        world.store.save_account_bill(&org("org_a"), &bill, asked_at).await.unwrap();
    }
    let shown = world.get("member-a", "/v1/cost").await.json();
    let dollars = |millionths: u64| json!({"millionths": millionths, "currency": "USD"});
    assert_eq!((&shown["spent"], &shown["counted"]), (&dollars(80_000), &dollars(95_200)));
    let categories = json!({"utility": {"messages": 7, "free": 3, "millionths": 95_200}});
    assert_eq!(
        shown["billed"],
        json!([
            {"waba_id": "100", "asked_at": asked_at, "is": "known", "currency": "USD", "categories": categories},
            {"waba_id": "101", "asked_at": asked_at, "is": "unavailable", "code": 10},
        ])
    );
    assert_eq!(world.get("admin-b", "/v1/cost").await.json()["billed"], json!([]));
}

#[tokio::test]
async fn a_cap_that_makes_no_sense_is_refused_and_the_one_before_stays() {
    let world = World::with_two_organisations().await;
    world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    let mut without_rate = dollars(100);
    without_rate["rate_elsewhere"] = json!(0);
    for (form, message) in [
        (dollars(0), "per_month.minor: between 1 and 1000000000000 minor units"),
        (without_rate, "rate_elsewhere: what a message costs where no other rate is given, in millionths, above 0"),
    ] {
        let answer = world.put("admin-a", "/v1/cost/cap", &form).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "cost_cap", "message": message})));
    }
    assert_eq!(world.get("member-a", "/v1/cost").await.json()["cap"], dollars(2_500));
}
