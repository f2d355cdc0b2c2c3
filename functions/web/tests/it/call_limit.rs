//! How many calls an organisation may make.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn an_organisation_that_made_its_calls_of_a_minute_waits_for_the_next_one() {
    let world = World::with_calls(50);
    for call in 1..=50 {
        assert_eq!(world.get("admin-a", "/v1/senders").await.status, 200, "{call}");
    }
    let answer = world.get("member-a", "/v1/senders").await;
    let message = "this organisation has made its calls of the minute";
    assert_eq!(answer.error(), (429, json!({"code": "rate_limited", "message": message})));
    assert_eq!(answer.header("retry-after"), "60");
    assert_eq!(world.get("admin-b", "/v1/senders").await.status, 200);
}

#[tokio::test]
async fn calls_are_taken_twenty_at_once() {
    let world = World::with_calls(600);
    world.get("admin-a", "/v1/senders").await;
    world.table.take_counts();
    for _ in 2..=20 {
        world.get("admin-a", "/v1/senders").await;
    }
    assert_eq!((world.table.counts().calls(), world.table.counts().items_written), (19, 0));
}

#[tokio::test]
async fn a_page_and_a_call_without_a_session_do_not_count() {
    let world = World::with_calls(1);
    for _ in 0..3 {
        world.page(Some("admin-a")).await;
        assert_eq!(world.get("expired", "/v1/senders").await.status, 401);
    }
    assert_eq!(world.get("admin-a", "/v1/senders").await.status, 200);
    assert_eq!(world.get("admin-a", "/v1/senders").await.status, 429);
}

#[tokio::test]
async fn a_pause_goes_through_however_many_calls_were_made() {
    let world = World::with_calls(1);
    assert_eq!(world.get("admin-a", "/v1/senders").await.status, 200);
    assert_eq!(world.get("admin-a", "/v1/organisation/pause").await.status, 405);
    for paused in [true, false] {
        let answer = world.put("member-a", "/v1/organisation/pause", &json!({"paused": paused})).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["paused"]), (200, &json!(paused)));
    }
    assert_eq!(world.get("member-a", "/v1/organisation").await.status, 429);
}
