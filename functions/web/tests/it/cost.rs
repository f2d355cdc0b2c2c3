use std::collections::BTreeSet;

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

fn dollars(per_month: i64) -> Value {
    json!({
        "per_month": {"minor": per_month, "currency": "USD"}, "rates": {"AE": 57_600}, "rate_elsewhere": 80_000,
    })
}

#[tokio::test]
async fn an_admin_caps_what_a_month_costs_and_everybody_sees_what_it_cost() {
    let world = World::with_two_organisations().await;
    let told = json!({"billed": {}, "free": 0, "untold": 0});
    let free = json!({"month": "2026-11-01", "messages": 0, "told": told, "spent": null, "counted": null, "billed": [], "cap": null});
    assert_eq!(world.get("member-a", "/v1/cost").await.json(), free);
    world.claim("01970000-0000-7000-8000-000000000001", 2, "2026-11-23T06:00:00Z").await;
    // No rate was known when it went out, so it counts at the rate for all other countries.
    let spent = json!({"millionths": 80_000, "currency": "USD"});
    let told = json!({"billed": {}, "free": 0, "untold": 1});
    let capped = json!({"month": "2026-11-01", "messages": 1, "told": told, "spent": spent, "counted": spent, "billed": [], "cap": dollars(2_500)});
    let answer = world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, capped.clone()));
    assert_eq!(world.get("member-a", "/v1/cost").await.json(), capped);
    assert_eq!(world.get("admin-b", "/v1/cost").await.json(), free);
    assert_eq!(world.put("member-a", "/v1/cost/cap", &dollars(1)).await.status.as_u16(), 403);
    let latest = &world.get("admin-a", "/v1/activity").await.json()["activity"][0];
    assert_eq!((&latest["action"], &latest["detail"]["cost_cap"]), (&json!("cost_cap.changed"), &dollars(2_500)));
    let answer = world.delete("admin-a", "/v1/cost/cap").await;
    assert_eq!(
        answer.json(),
        json!({"month": "2026-11-01", "messages": 1, "told": told, "spent": null, "counted": null, "billed": [], "cap": null})
    );
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
