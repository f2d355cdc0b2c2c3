//! The activity log, read by day, person and kind, and taken along as a file.

use jiff::Timestamp;
use numo_app::store::activity::{Activity, Actor};
use numo_domain::id::ActivityId;
use serde_json::{Value, json};
use uuid::Builder;

use crate::{seed::org, world::World};

/// Lines of four days of Dubai, where the 24th begins at eight in the evening of the 23rd.
pub(crate) async fn four_lines() -> World {
    let world = World::with_two_organisations().await;
    for (at, actor, action, detail) in [
        ("2026-11-20T08:00:00Z", user("user_ann"), "policy.changed", json!({"version": 2})),
        ("2026-11-21T08:00:00Z", user("user_max"), "everything.paused", json!({})),
        ("2026-11-22T08:00:00Z", Actor::Numo, "policy.deleted", json!({"note": "=1+1, \"quoted\""})),
        ("2026-11-23T20:30:00Z", user("user_ann"), "policy_draft.made", json!({})),
    ] {
        let at: Timestamp = at.parse().unwrap();
        let milliseconds = u64::try_from(at.as_millisecond()).unwrap();
        let id = ActivityId::new(Builder::from_unix_timestamp_millis(milliseconds, &[7; 10]).into_uuid());
        let activity = Activity { at, actor, action: action.to_owned(), detail };
        world.store.record(&org("org_a"), id, &activity).await.unwrap();
    }
    world
}

fn user(id: &str) -> Actor {
    Actor::User(id.parse().unwrap())
}

async fn actions(world: &World, query: &str) -> Vec<Value> {
    let answer = world.get("member-a", &format!("/v1/activity{query}")).await.json();
    answer["activity"].as_array().unwrap().iter().map(|line| line["action"].clone()).collect()
}

#[tokio::test]
async fn lines_are_chosen_by_day_person_and_kind() {
    let world = four_lines().await;
    let all = ["policy_draft.made", "policy.deleted", "everything.paused", "policy.changed"];
    for (query, expected) in [
        ("", &all[..]),
        ("?from=2026-11-21", &all[..3]),
        ("?from=2026-11-24", &all[..1]),
        ("?to=2026-11-23", &all[1..]),
        ("?from=2026-11-21&to=2026-11-22", &all[1..3]),
        ("?actor=user_ann", &[all[0], all[3]]),
        ("?actor=numo", &all[1..2]),
        ("?action=policy", &[all[1], all[3]]),
        ("?action=policy.changed&actor=user_ann&from=2026-11-20&to=2026-11-20", &all[3..]),
        ("?actor=user_bea", &[]),
    ] {
        assert_eq!(
            actions(&world, query).await,
            expected.iter().map(|action| json!(action)).collect::<Vec<_>>(),
            "{query}"
        );
    }
    assert_eq!(world.get("admin-b", "/v1/activity").await.json(), json!({"activity": []}));
}

#[tokio::test]
async fn the_next_part_goes_on_with_the_same_wishes_and_a_cursor_of_others_is_refused() {
    let world = four_lines().await;
    let first = world.get("member-a", "/v1/activity?action=policy&limit=1").await.json();
    assert_eq!(first["activity"][0]["action"], "policy.deleted");
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(actions(&world, &format!("?action=policy&limit=1&cursor={cursor}")).await, [json!("policy.changed")]);
    let answer = world.get("member-a", &format!("/v1/activity?limit=1&cursor={cursor}")).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]["field"]), (400, &json!("cursor")));
}

#[tokio::test]
async fn a_wish_that_cannot_be_read_is_named() {
    let world = four_lines().await;
    for (query, field) in
        [("from=soon", "from"), ("to=2026-13-01", "to"), ("who=ann", "who"), ("actor=a&actor=b", "actor")]
    {
        for path in ["/v1/activity", "/v1/activity.csv"] {
            let answer = world.get("member-a", &format!("{path}?{query}")).await;
            assert_eq!(
                (answer.status.as_u16(), &answer.json()["error"]["field"]),
                (400, &json!(field)),
                "{path} {query}"
            );
        }
    }
}

#[tokio::test]
async fn the_log_is_taken_along_as_a_file() {
    let world = four_lines().await;
    let answer = world.get("member-a", "/v1/activity.csv?from=2026-11-21&to=2026-11-22").await;
    let expected = "at,actor,action,detail,address\n\
        2026-11-22T08:00:00Z,numo,policy.deleted,\"{\"\"note\"\":\"\"=1+1, \\\"\"quoted\\\"\"\"\"}\",\n\
        2026-11-21T08:00:00Z,user_max,everything.paused,{},\n";
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, expected));
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"numo-activity.csv\"");
    assert_eq!(world.get("admin-b", "/v1/activity.csv").await.text, "at,actor,action,detail,address\n");
}
