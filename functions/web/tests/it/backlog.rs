use numo_domain::{
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
};
use serde_json::{Value, json};

use crate::{
    seed::{CONNECTION_A, aed, at, org},
    world::{World, now},
};

/// An invoice of c-1 that was first seen today, so many days after its due date.
pub(crate) async fn old(world: &World, id: &str, due: &str, remaining: Money) {
    let invoice = Invoice {
        id: id.parse().unwrap(),
        contact: numo_domain::contact::ContactRef {
            connection: CONNECTION_A.parse().unwrap(),
            contact: "c-1".parse().unwrap(),
        },
        number: format!("INV-{id}"),
        status: InvoiceStatus::Open,
        issued: "2026-08-01".parse().ok(),
        due: due.parse().ok(),
        total: remaining,
        remaining,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: at("2026-11-20T00:00:00Z"),
    };
    world.store.upsert_invoice(&org("org_a"), None, &invoice, now(), now()).await.unwrap();
}

async fn listed(world: &World) -> Vec<String> {
    let listed = world.get("member-a", "/v1/backlog").await.json();
    let invoices = listed["invoices"].as_array().unwrap();
    invoices.iter().map(|old| format!("{} {}", old["invoice"].as_str().unwrap(), old["days_overdue"])).collect()
}

#[tokio::test]
async fn old_invoices_are_listed_by_age_until_the_owner_says_how_to_start() {
    let world = World::with_two_organisations().await;
    old(&world, "i-70", "2026-09-15", aed(50_000)).await;
    old(&world, "i-20", "2026-11-04", aed(60_000)).await;
    assert_eq!(listed(&world).await, ["i-70 70", "i-20 20"]);
    let some = |invoice: &str| json!([{"connection": CONNECTION_A, "contact": "c-1", "invoice": invoice}]);
    let left_out = json!({"start": "leave_out", "invoices": some("i-70")});
    assert_eq!(world.post("admin-a", "/v1/backlog", &left_out).await.json(), json!({"decided": 1}));
    assert_eq!(listed(&world).await, ["i-20 20"]);
    let rest = json!({"start": "by_age", "all": true});
    assert_eq!(world.post("admin-a", "/v1/backlog", &rest).await.json(), json!({"decided": 1}));
    assert_eq!(listed(&world).await, Vec::<String>::new());
    let file = world.get("member-a", &format!("/v1/customers/{CONNECTION_A}/c-1/file")).await.json();
    let choice = |start: &str| json!({"start": start, "on": "2026-11-24"});
    assert_eq!(file["backlog"], json!({"i-70": choice("leave_out"), "i-20": choice("by_age")}));
}

#[tokio::test]
async fn a_choice_names_invoices_or_all_of_them_but_not_both() {
    let world = World::with_two_organisations().await;
    let invoices = json!([{"connection": CONNECTION_A, "contact": "c-1", "invoice": "i-1"}]);
    for form in [json!({"start": "gently"}), json!({"start": "gently", "all": true, "invoices": invoices})] {
        let answer = world.post("admin-a", "/v1/backlog", &form).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (400, &json!("invoices")), "{form}");
    }
}

#[tokio::test]
async fn the_ramp_is_a_number_of_people_and_the_presets_are_policies() {
    let world = World::with_two_organisations().await;
    let organisation: Value = world.get("member-a", "/v1/organisation").await.json();
    assert_eq!(organisation["ramp_per_day"], 20);
    let changed = world.put("admin-a", "/v1/organisation/ramp", &json!({"per_day": 50})).await.json();
    assert_eq!(changed["ramp_per_day"], 50);
    for per_day in [0, 1_001] {
        let answer = world.put("admin-a", "/v1/organisation/ramp", &json!({"per_day": per_day})).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (400, &json!("per_day")));
    }
    let presets = world.get("member-a", "/v1/policies/presets").await.json();
    let names: Vec<&Value> = presets["presets"].as_array().unwrap().iter().map(|preset| &preset["preset"]).collect();
    assert_eq!(names, ["gentle", "standard", "firm"]);
}

#[tokio::test]
async fn a_burst_is_spread_as_the_owner_wishes_or_goes_out_as_fast_as_the_number_sends() {
    let world = World::with_two_organisations().await;
    for wanted in [json!(10), json!(1_000), json!(null)] {
        let form = json!({"per_ten_minutes": wanted});
        let changed = world.put("admin-a", "/v1/organisation/pace", &form).await.json();
        assert_eq!(changed["per_ten_minutes"], wanted);
    }
    for wanted in [json!({"per_ten_minutes": 9}), json!({"per_ten_minutes": 1_001})] {
        let answer = world.put("admin-a", "/v1/organisation/pace", &wanted).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (400, &json!("per_ten_minutes")));
    }
    // Nothing said is no wish.
    assert_eq!(world.put("admin-a", "/v1/organisation/pace", &json!({})).await.status.as_u16(), 400);
    let organisation: Value = world.get("member-a", "/v1/organisation").await.json();
    assert_eq!(organisation["per_ten_minutes"], json!(null));
}
