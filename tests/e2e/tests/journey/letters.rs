//! What queues gave up, in the hands of operators: two organisations, a job each, and what Meta delivered.

use numo_e2e::journey::{self, HARBOUR_SENDER, SOON};
use serde_json::{Value, json};

use crate::operators::{SIGNED, lines_of_ann, ops, orders};
use crate::{jobs, strangers, world::World};

pub(crate) async fn what_queues_gave_up_is_told_sent_again_and_discarded(world: &mut World) {
    let connection = world.harbour.connection.clone();
    let run = journey::last_run(&world.owner(), &connection).await.unwrap();
    let consents = world.table.of_org::<Value>("org_harbour", "CONSENT#").await;
    let claim = jobs::claim(world, &format!("DUE#SYNC#{connection}")).await;
    let sync = jobs::job("org_harbour", "sync_connection.v1", json!({"connection": connection}), &claim);
    world.queues.give_up("sync", "org_harbour", &sync).await;
    let plan = jobs::job("org_joinery", "plan_day.v1", json!({}), &claim);
    world.queues.give_up("plan", "org_joinery", &plan).await;
    world.queues.give_up("meta", HARBOUR_SENDER.waba, &a_stop()).await;

    let told = ops(world, &["dead-letters", "list"], "").await.unwrap();
    let expected = [
        "sync: 1",
        "  sync_connection.v1 of org_harbour: 1",
        "plan: 1",
        "  plan_day.v1 of org_joinery: 1",
        "dispatch: none",
        "erasure: none",
        "meta: 1",
        "  meta_delivery.v1 of org_harbour: 1",
    ];
    assert_eq!(counts(&told), expected);
    let shown = ops(world, &["dead-letters", "show", "--queue", "meta"], "").await.unwrap();
    let account = format!("  account {}: messages 1; nothing else knows what it says\n", HARBOUR_SENDER.waba);
    assert!(shown.contains(": meta_delivery.v1 of org_harbour, since ") && shown.ends_with(&account), "{shown}");
    assert!(!shown.contains(strangers::NUMBER) && !shown.contains("STOP"), "{shown}");

    let again = orders(world, &["dead-letters", "redrive", "--queue", "sync"]).await;
    assert_eq!(again, "1 redriven:\n  sync_connection.v1 of org_harbour: 1\n");
    let ended = journey::synced(&world.owner(), &connection, run.as_ref(), SOON, |_| {}).await.unwrap();
    assert_eq!(ended.failure, None);

    let discard = |queue| [["dead-letters", "discard", "--queue", queue].as_slice(), &SIGNED].concat();
    let refused = ops(world, &discard("meta"), "meta\n").await.unwrap_err();
    assert!(refused.ends_with("discard: another word was typed; nothing was changed\n"), "{refused}");
    assert_eq!(world.queues.dead().await, 2);
    let gone = ops(world, &discard("meta"), "discard\n").await.unwrap();
    assert_eq!(gone, "1 discarded:\n  meta_delivery.v1 of org_harbour: 1\n  of these 1 that nothing else knows of\n");
    let gone = ops(world, &discard("plan"), "discard\n").await.unwrap();
    assert_eq!(gone, "1 discarded:\n  plan_day.v1 of org_joinery: 1\n");
    world.queues.idle().await;
    assert_eq!(world.queues.dead().await, 0);
    assert_eq!(world.table.of_org::<Value>("org_harbour", "CONSENT#").await, consents);

    let line = |fate: &str, queue: &str, kind: &str| {
        (format!("dead_letters.{fate}"), json!({"queue": queue, "kinds": {kind: 1}, "reason": "a drill"}))
    };
    let of_harbour = [line("redriven", "sync", "sync_connection.v1"), line("discarded", "meta", "meta_delivery.v1")];
    assert_eq!(lines_of_ann(world, "AUDIT#org_harbour#", "dead_letters.").await, of_harbour);
    let of_joinery = [line("discarded", "plan", "plan_day.v1")];
    assert_eq!(lines_of_ann(world, "AUDIT#org_joinery#", "dead_letters.").await, of_joinery);
}

/// A stranger's STOP, as `meta-webhook` hands it on.
fn a_stop() -> Value {
    let said = json!({
        "from": strangers::NUMBER, "id": "wamid.given-up", "timestamp": "1795413600", "type": "text",
        "text": {"body": "STOP"},
    });
    let metadata = json!({"display_phone_number": "97145550100", "phone_number_id": HARBOUR_SENDER.phone_number_id});
    let value = json!({"messaging_product": "whatsapp", "metadata": metadata, "messages": [said]});
    json!({
        "type": "meta_delivery.v1", "waba": HARBOUR_SENDER.waba, "received_at": "2026-11-23T06:00:00Z",
        "body": [{"field": "messages", "value": value}],
    })
}

/// The lines of a list without the times.
fn counts(told: &str) -> Vec<&str> {
    told.lines().map(|line| line.split(", the oldest since ").next().unwrap_or(line)).collect()
}
