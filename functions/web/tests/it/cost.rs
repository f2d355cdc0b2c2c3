use serde_json::{Value, json};

use crate::world::World;

fn dollars(per_month: i64) -> Value {
    json!({
        "per_month": {"minor": per_month, "currency": "USD"}, "rates": {"AE": 57_600}, "rate_elsewhere": 80_000,
    })
}

#[tokio::test]
async fn an_admin_caps_what_a_month_costs_and_everybody_sees_what_it_cost() {
    let world = World::with_two_organisations().await;
    let free = json!({"month": "2026-11-01", "messages": 0, "spent": null, "cap": null});
    assert_eq!(world.get("member-a", "/v1/cost").await.json(), free);
    world.claim("01970000-0000-7000-8000-000000000001", 2, "2026-11-23T06:00:00Z").await;
    // No rate was known when it went out, so it counts at the rate for all other countries.
    let spent = json!({"millionths": 80_000, "currency": "USD"});
    let capped = json!({"month": "2026-11-01", "messages": 1, "spent": spent, "cap": dollars(2_500)});
    let answer = world.put("admin-a", "/v1/cost/cap", &dollars(2_500)).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, capped.clone()));
    assert_eq!(world.get("member-a", "/v1/cost").await.json(), capped);
    assert_eq!(world.get("admin-b", "/v1/cost").await.json(), free);
    assert_eq!(world.put("member-a", "/v1/cost/cap", &dollars(1)).await.status.as_u16(), 403);
    let latest = &world.get("admin-a", "/v1/activity").await.json()["activity"][0];
    assert_eq!((&latest["action"], &latest["detail"]["cost_cap"]), (&json!("cost_cap.changed"), &dollars(2_500)));
    let answer = world.delete("admin-a", "/v1/cost/cap").await;
    assert_eq!(answer.json(), json!({"month": "2026-11-01", "messages": 1, "spent": null, "cap": null}));
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
