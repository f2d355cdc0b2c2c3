//! One person in several organisations.

use numo_app::port::session::Role;
use serde_json::{Value, json};

use crate::{
    client::Answer,
    policies::{edit, new_group},
    seed::{CONNECTION_A, GROUP_A, org},
    world::World,
};

/// A copy of the organisation's own policy of another organisation.
pub(crate) fn onto_the_default(from: &str) -> Value {
    json!({"from": {"organisation": from, "policy": "default"}, "onto": {"policy": "default", "based_on": 2}})
}

/// Bea of the second organisation looks after the first one as well.
async fn world() -> World {
    let world = World::with_two_organisations().await;
    world.people.join(&org("org_a"), &"user_bea".parse().unwrap(), Role::Member);
    world
}

async fn copies(world: &World, body: &Value) -> Answer {
    world.post("admin-b", "/v1/policies/copies", body).await
}

#[tokio::test]
async fn somebody_of_two_organisations_sees_how_each_stands_in_numbers_alone() {
    let world = world().await;
    world.save_plan("org_a").await;
    world.tell("org_a").await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    let answer = world.get("admin-b", "/v1/clients").await;
    let expected = json!({"clients": [
        {
            "organisation": "org_a", "name": "Harbour Lane", "role": "member", "paused": false,
            "open_tasks": {"ledgers": 0, "whatsapp": 1, "customers": 0, "other": 0},
            "awaiting_approval": 1, "unread": 1, "today": {"sends": 1, "skips": 0},
        },
        {
            "organisation": "org_b", "name": "Harbour Lane", "role": "admin", "paused": false,
            "open_tasks": {"ledgers": 0, "whatsapp": 0, "customers": 0, "other": 0},
            "awaiting_approval": 0, "unread": 0,
        },
    ]});
    assert_eq!(answer.json(), expected);
    for private in ["Acme", "Borealis", "hello", "+971"] {
        assert!(!answer.text.contains(private), "{private}");
    }
}

#[tokio::test]
async fn a_day_on_which_nothing_goes_out_says_why_for_how_many_customers() {
    let world = world().await;
    let reason = json!({"state": "opted_out", "reason": "by phone"});
    world.post("admin-a", &format!("/v1/customers/{CONNECTION_A}/c-1/consent"), &reason).await;
    world.save_plan("org_a").await;
    let today = world.get("admin-b", "/v1/clients").await.json()["clients"][0]["today"].clone();
    let why = world.get("admin-a", "/v1/plans/2026-11-24").await.json()["decisions"][0]["reasons"][0].clone();
    let because = json!([{"code": why["code"], "sentence": why["sentence"], "customers": 1}]);
    assert_eq!(today, json!({"sends": 0, "skips": 1, "nothing_because": because}));
}

#[tokio::test]
async fn who_belongs_where_is_clerks_word_at_this_moment() {
    let world = world().await;
    let of_bea = |answer: Answer| answer.json()["clients"].as_array().unwrap().len();
    assert_eq!(of_bea(world.get("admin-b", "/v1/clients").await), 2);
    world.people.leave(&org("org_a"), &"user_bea".parse().unwrap());
    let answer = world.get("admin-b", "/v1/clients").await;
    assert!(!answer.text.contains("org_a"), "{}", answer.text);
    assert_eq!(of_bea(answer), 1);
    let (status, error) = copies(&world, &onto_the_default("org_a")).await.error();
    assert_eq!((status, &error["code"]), (404, &json!("not_found")));
    assert_eq!(copies(&world, &onto_the_default("org_nowhere")).await.error(), (404, error));
    world.people.set_down(true);
    assert_eq!(world.get("admin-b", "/v1/clients").await.status, 503);
    assert_eq!(copies(&world, &onto_the_default("org_b")).await.status, 503);
}

#[tokio::test]
async fn an_organisation_that_nobody_ever_opened_is_left_out() {
    let world = world().await;
    world.people.join(&org("org_c"), &"user_bea".parse().unwrap(), Role::Admin);
    let answer = world.get("admin-b", "/v1/clients").await;
    assert!(!answer.text.contains("org_c"), "{}", answer.text);
}

#[tokio::test]
async fn the_list_comes_in_parts_whose_cursors_are_the_persons_own() {
    let world = world().await;
    let first = world.get("admin-b", "/v1/clients?limit=1").await.json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = world.get("admin-b", &format!("/v1/clients?limit=1&cursor={cursor}")).await.json();
    let names: Vec<&Value> = [&first, &second].map(|part| &part["clients"][0]["organisation"]).to_vec();
    assert_eq!((names, &second["next_cursor"]), (vec![&json!("org_a"), &json!("org_b")], &Value::Null));
    let foreign = world.get("admin-a", &format!("/v1/clients?cursor={cursor}")).await.error();
    assert_eq!((foreign.0, &foreign.1["field"]), (400, &json!("cursor")));
    let (status, error) = world.get("admin-b", "/v1/clients?all=1").await.error();
    assert_eq!((status, &error["field"]), (400, &json!("all")));
}

#[tokio::test]
async fn a_copied_policy_says_the_same_and_leaves_hours_and_state_to_the_business() {
    let world = world().await;
    let theirs = world.put("admin-a", "/v1/policies/default", &edit()).await.json();
    let before = world.get("admin-b", "/v1/policies/default").await.json();
    let copied = copies(&world, &onto_the_default("org_a")).await.json();
    for theirs_too in ["name", "caps", "minimum_total", "approval", "repeat"] {
        assert_eq!(copied[theirs_too], theirs[theirs_too], "{theirs_too}");
    }
    for own in ["id", "state", "calendar", "clock", "language", "audience", "active_since"] {
        assert_eq!(copied[own], before[own], "{own}");
    }
    let days = |policy: &Value| -> Vec<Value> {
        policy["steps"].as_array().unwrap().iter().map(|step| step["offset_days"].clone()).collect()
    };
    assert_eq!((days(&copied), &copied["version"]), (days(&theirs), &json!(3)));
    // Days that are known keep their numbers, so that nothing is sent again.
    assert_eq!([&copied["steps"][0]["id"], &copied["steps"][1]["id"]], [&json!(1), &json!(2)]);
    assert_eq!(world.get("admin-b", "/v1/policies/default").await.json(), copied);
    assert_eq!(world.get("admin-a", "/v1/policies/default").await.json(), theirs);
    let stale = copies(&world, &onto_the_default("org_a")).await;
    assert_eq!((stale.status.as_u16(), stale.json()["error"]["code"].clone()), (409, json!("conflict")));
}

#[tokio::test]
async fn a_groups_policy_comes_as_a_draft_without_the_customers_who_were_chosen() {
    let world = world().await;
    let created = world.post("admin-a", "/v1/policies", &new_group(1)).await.json();
    let from = json!({"from": {"organisation": "org_a", "policy": created["id"]}});
    let copied = copies(&world, &from).await.json();
    let rich = json!({"owes_at_least": {"currency": "AED", "minor": 10_000_000}});
    let expected = json!({"group": {"priority": 1, "members": [rich]}});
    assert_eq!((&copied["state"], &copied["audience"]), (&json!("draft"), &expected));
    assert!(copied["id"] != created["id"]);
}

#[tokio::test]
async fn what_is_the_other_organisations_alone_is_not_copied_and_says_so() {
    let world = world().await;
    let mut chosen = new_group(1);
    let only = json!([{"chosen": [{"connection": CONNECTION_A, "contact": "c-1"}]}]);
    chosen["policy"]["audience"]["group"]["members"] = only;
    let chosen = world.post("admin-a", "/v1/policies", &chosen).await.json()["id"].clone();
    let mut one = new_group(2);
    one["policy"]["audience"] = json!({"customer": {"connection": CONNECTION_A, "contact": "c-1"}});
    let one = world.post("admin-a", "/v1/policies", &one).await.json()["id"].clone();
    let before = world.table.items();
    for (policy, message) in [
        (json!("default"), "it is the policy of a whole organisation: say onto which one it goes"),
        (chosen, "its group has nobody but customers of the other organisation"),
        (one, "it is for one customer of the other organisation"),
    ] {
        let answer = copies(&world, &json!({"from": {"organisation": "org_a", "policy": policy}})).await;
        assert_eq!(answer.error(), (400, json!({"code": "invalid", "field": "from", "message": message})));
    }
    for (from, onto) in [("default", GROUP_A), (GROUP_A, "default")] {
        let body = json!({
            "from": {"organisation": "org_a", "policy": from}, "onto": {"policy": onto, "based_on": 2},
        });
        assert_eq!(copies(&world, &body).await.status, 404, "{from} onto {onto}");
    }
    assert_eq!(world.table.items(), before);
}
