//! The activity log: what it says, and that nobody can change it unseen.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::{net::IpAddr, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    configure::{set_language, set_pace, set_ramp},
    port::{
        caller::Caller,
        table::{Key, Table, Write},
    },
    seal_activity::{Verified, seal_days, verify_activity},
    store::{
        Store,
        activity::{Activity, Actor},
    },
    wake::Waker,
};
use numo_domain::{
    id::{ActivityId, OrgId},
    language::Language,
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};
use serde_json::{Value, json};
use uuid::Builder;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

/// Writes a line, as whoever made its id at an instant does.
async fn write(store: &Store, at: Timestamp, action: &str) {
    let milliseconds = u64::try_from(at.as_millisecond()).unwrap();
    let id = Builder::from_unix_timestamp_millis(milliseconds, &[7; 10]).into_uuid();
    let activity = Activity { at, actor: Actor::Numo, action: action.to_owned(), detail: json!({}) };
    store.record(&org(), ActivityId::new(id), &activity).await.unwrap();
}

/// Four lines on three days, with one day between them on which nothing was done.
async fn four_lines(store: &Store) {
    for (at, action) in [
        (at("2026-11-20T00:00:00Z"), "first"),
        (at("2026-11-20T23:59:59.999Z"), "second"),
        (at("2026-11-21T12:00:00Z"), "third"),
        (at("2026-11-23T12:00:00Z"), "fourth"),
    ] {
        write(store, at, action).await;
    }
}

fn intact(days: usize, lines: usize) -> Verified {
    Verified::Intact { days, lines }
}

#[tokio::test]
async fn a_day_is_sealed_once_when_it_is_over_and_its_last_lines_are_written() {
    let store = Store::new(Arc::new(MemoryTable::new()));
    four_lines(&store).await;
    for (now, expected) in [
        ("2026-11-20T23:59:00Z", vec![]),
        ("2026-11-21T00:59:00Z", vec![]),
        ("2026-11-21T01:00:00Z", vec![("2026-11-20", 2)]),
        ("2026-11-23T23:00:00Z", vec![("2026-11-20", 2), ("2026-11-21", 1)]),
        ("2026-12-01T00:00:00Z", vec![("2026-11-20", 2), ("2026-11-21", 1), ("2026-11-23", 1)]),
    ] {
        seal_days(&store, &org(), at(now)).await.unwrap();
        seal_days(&store, &org(), at(now)).await.unwrap();
        let seals = store.seals(&org()).await.unwrap();
        let days: Vec<(String, usize)> = seals.iter().map(|seal| (seal.day.to_string(), seal.lines)).collect();
        let expected: Vec<(String, usize)> = expected.into_iter().map(|(day, lines)| (day.to_owned(), lines)).collect();
        assert_eq!(days, expected, "{now}");
    }
    let seals = store.seals(&org()).await.unwrap();
    let links: Vec<Option<&str>> = seals.iter().map(|seal| seal.previous.as_deref()).collect();
    assert_eq!(links, [None, Some(seals[0].hash.as_str()), Some(seals[1].hash.as_str())]);
    assert_eq!(verify_activity(&store, &org()).await.unwrap(), intact(3, 4));
    // A reader of the log sees lines alone, the newest first.
    let lines = store.activity(&org(), 100).await.unwrap();
    let actions: Vec<String> = lines.into_iter().map(|line| line.activity.action).collect();
    assert_eq!(actions, ["fourth", "third", "second", "first"]);
}

#[tokio::test]
async fn whatever_is_changed_removed_or_added_afterwards_is_found() {
    let broken = |day: &str| Verified::Broken { day: day.parse().unwrap() };
    let is_line = |key: &Key| !key.sk.starts_with('#');
    for n in 0..4 {
        let (table, store) = sealed().await;
        let lines: Vec<_> = table.items().into_iter().filter(|item| is_line(&item.key)).collect();
        let day = ["2026-11-20", "2026-11-20", "2026-11-21", "2026-11-23"][n];
        let mut changed = lines[n].clone();
        changed.rev += 1;
        changed.body["action"] = json!("something_else");
        table.write(Write::Replace(changed)).await.unwrap();
        assert_eq!(verify_activity(&store, &org()).await.unwrap(), broken(day), "line {n} changed");
        let (table, store) = sealed().await;
        table.write(Write::Delete { key: lines[n].key.clone(), rev: 1 }).await.unwrap();
        assert_eq!(verify_activity(&store, &org()).await.unwrap(), broken(day), "line {n} removed");
    }
    // A day that is gone with its seal, and a line on a day that had none.
    let (table, store) = sealed().await;
    let of_day = |key: &Key| key.sk == "#SEAL#2026-11-21" || is_line(key);
    let gone: Vec<_> = table.items().into_iter().filter(|item| of_day(&item.key)).collect();
    for item in [&gone[0], &gone[3]] {
        assert!(
            item.key.sk.ends_with("2026-11-21") || item.body.get("action") == Some(&json!("third")),
            "{:?}",
            item.key
        );
        table.write(Write::Delete { key: item.key.clone(), rev: item.rev }).await.unwrap();
    }
    assert_eq!(verify_activity(&store, &org()).await.unwrap(), broken("2026-11-23"));
    let (_, store) = sealed().await;
    write(&store, at("2026-11-22T12:00:00Z"), "late").await;
    assert_eq!(verify_activity(&store, &org()).await.unwrap(), broken("2026-11-23"));
}

async fn sealed() -> (Arc<MemoryTable>, Store) {
    let table = Arc::new(MemoryTable::new());
    let store = Store::new(table.clone());
    four_lines(&store).await;
    seal_days(&store, &org(), at("2026-12-01T00:00:00Z")).await.unwrap();
    (table, store)
}

#[tokio::test]
async fn what_is_younger_than_the_oldest_seal_that_is_left_is_verified() {
    let (table, store) = sealed().await;
    let oldest: Vec<_> = table.items().into_iter().filter(|item| item.key.sk == "#SEAL#2026-11-20").collect();
    let lines: Vec<_> =
        table.items().into_iter().filter(|item| item.body.get("action") == Some(&json!("first"))).collect();
    // It goes a month before its lines, so that no line goes from under a seal.
    let month = SignedDuration::from_hours(24 * 28);
    assert!(oldest[0].expires_at.unwrap().checked_add(month).unwrap() < lines[0].expires_at.unwrap());
    table.write(Write::Delete { key: oldest[0].key.clone(), rev: 1 }).await.unwrap();
    assert_eq!(verify_activity(&store, &org()).await.unwrap(), intact(2, 2));
}

#[tokio::test]
async fn a_sealing_that_dies_at_any_call_is_taken_up_again() {
    for call in 1..=5 {
        for fault in [Fault::Before, Fault::After] {
            let table = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
            let store = Store::new(table.clone());
            four_lines(&store).await;
            table.reset(Plan::Crash { call, fault });
            let ended = seal_days(&store, &org(), at("2026-12-01T00:00:00Z")).await;
            assert!(ended.is_err(), "call {call} {fault:?}");
            table.reset(Plan::Never);
            seal_days(&store, &org(), at("2026-12-01T00:00:00Z")).await.unwrap();
            assert_eq!(verify_activity(&store, &org()).await.unwrap(), intact(3, 4), "call {call} {fault:?}");
        }
    }
}

/// Somebody at an address.
struct Somebody;

impl Caller for Somebody {
    fn address(&self) -> Option<IpAddr> {
        Some("192.0.2.7".parse().unwrap())
    }
}

#[tokio::test]
async fn a_setting_is_in_the_log_with_what_it_was_and_from_where_it_was_changed_and_only_if_it_did() {
    let store = Store::new(Arc::new(MemoryTable::new())).asked_by(Arc::new(Somebody));
    let waker =
        Waker { store: store.clone(), queue: Arc::new(RecordingQueue::default()), ids: Arc::new(CountingIds::new(1)) };
    let (by, now) = ("user_1".parse().unwrap(), at("2026-11-23T06:00:00Z"));
    for _ in 0..2 {
        set_ramp(&waker, &org(), &by, 50, now).await.unwrap();
        set_pace(&waker, &org(), &by, None, now).await.unwrap();
        set_language(&waker, &org(), &by, Language::Arabic, now).await.unwrap();
    }
    let numo = Activity { at: now, actor: Actor::Numo, action: "x.y".to_owned(), detail: json!({}) };
    store.record(&org(), ActivityId::new(waker.ids.uuid()), &numo).await.unwrap();
    let lines = store.activity(&org(), 100).await.unwrap();
    let shown: Vec<Value> = lines.iter().rev().map(|line| serde_json::to_value(line).unwrap()).collect();
    let line = |action: &str, before: Value, after: Value| {
        json!({
            "at": "2026-11-23T06:00:00Z", "actor": {"user": "user_1"}, "action": action,
            "detail": {"before": before, "after": after}, "address": "192.0.2.7",
        })
    };
    assert_eq!(
        shown,
        [
            line("ramp.changed", json!(null), json!(50)),
            line("pace.changed", json!(100), json!(null)),
            line("language.changed", json!("en"), json!("ar")),
            // Nobody asked for what Numo does by itself.
            json!({"at": "2026-11-23T06:00:00Z", "actor": "numo", "action": "x.y", "detail": {}}),
        ]
    );
}
