//! Crashes, late writers and short invocations.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use numo_app::{
    erase_organisation::{begin, run::Erasing},
    port::table::Key,
    store::erasure::organisation::ErasureStage,
};
use numo_testkit::faulty_table::{Fault, Plan};
use serde_json::Value;

use crate::world::{World, ledger, org, other};

/// Everything but what is the other organisation's: by key, with what was counted.
fn end_of(world: &World) -> BTreeMap<Key, Option<Value>> {
    let others: BTreeSet<Key> = world.kept_of(&other()).into_iter().map(|item| item.key).collect();
    let items = world.table.items().into_iter().filter(|item| !others.contains(&item.key));
    items.map(|item| (item.key.clone(), item.body.get("counts").cloned())).collect()
}

#[tokio::test]
async fn a_crash_at_any_call_of_any_stage_comes_to_the_same_end() {
    let whole = World::new().await;
    begin(whole.store(), &org(), whole.now()).await.unwrap();
    whole.pass(3).await;
    let expected = end_of(&whole);
    assert_eq!(expected.len(), 2, "what says that it was erased, and the certificate");
    for fault in [Fault::Before, Fault::After] {
        for stage in 0..3 {
            for call in 1.. {
                let (world, place) = (World::new().await, format!("stage {stage}, call {call}, {fault:?}"));
                let others = world.kept_of(&other());
                begin(world.store(), &org(), world.now()).await.unwrap();
                for _ in 0..stage {
                    let job = world.jobs().await.pop().unwrap();
                    world.run(&job, 300).await.unwrap();
                    world.clock.advance(SignedDuration::from_mins(20));
                }
                let job = world.jobs().await.pop().unwrap();
                world.fail(Plan::Crash { call, fault });
                let died = world.run(&job, 300).await.is_err();
                let n_calls = world.faults.calls();
                world.fail(Plan::Never);
                // The queue shows the message again; afterwards the sweep finds the work.
                world.run(&job, 300).await.unwrap();
                while !matches!(stage_of(&world).await, ErasureStage::Done { .. }) {
                    world.clock.advance(SignedDuration::from_mins(20));
                    for job in world.jobs().await {
                        world.run(&job, 300).await.unwrap();
                    }
                }
                for job in world.jobs().await {
                    world.run(&job, 300).await.unwrap();
                }
                assert_eq!(end_of(&world), expected, "{place}");
                assert_eq!(archives(&world), ["exports/org_ab/1/1.zip"], "{place}");
                assert!(world.kept_of(&other()) == others, "{place}");
                if !died && n_calls < call {
                    assert!(call > 8, "stage {stage} has {call} calls");
                    break;
                }
            }
        }
    }
}

fn archives(world: &World) -> Vec<String> {
    world.bucket.objects().into_keys().collect()
}

async fn stage_of(world: &World) -> ErasureStage {
    world.store().organisation_erasure(&org()).await.unwrap().unwrap().value.stage
}

#[tokio::test]
async fn what_somebody_writes_late_does_not_survive() {
    let world = World::new().await;
    begin(world.store(), &org(), world.now()).await.unwrap();
    let mut n_written = 0;
    for _ in 0..2 {
        let job = world.jobs().await.pop().unwrap();
        world.run(&job, 300).await.unwrap();
        // An invocation that was under way writes whatever it has in hand.
        for partition in ["ORG", "VAULT", "AUDIT"] {
            n_written += 1;
            world.plant(format!("{partition}#{}#", org()), format!("LATE#{n_written}")).await;
        }
        let connection = ledger(1, 0, numo_domain::connection::LedgerProvider::Xero).id;
        world.owe(&org(), connection, &format!("late-{n_written}")).await;
        world.bucket.place(&format!("exports/{}/late/1.zip", org()), b"everything");
        world.clock.advance(SignedDuration::from_mins(20));
    }
    assert_eq!(world.pass(2).await.last(), Some(&Erasing::Done));
    assert_eq!(world.kept_of(&org()), []);
    assert_eq!(archives(&world), ["exports/org_ab/1/1.zip"]);
}

#[tokio::test]
async fn invocations_that_are_too_short_end_it_together_and_count_nothing_twice() {
    let whole = World::new().await;
    begin(whole.store(), &org(), whole.now()).await.unwrap();
    whole.pass(3).await;
    let world = World::new().await;
    begin(world.store(), &org(), world.now()).await.unwrap();
    let (mut jobs, mut n_continued) = (world.jobs().await, 0);
    while let Some(job) = jobs.pop() {
        // No time is left after the first step.
        match world.run(&job, 20).await.unwrap() {
            Erasing::Continued => n_continued += 1,
            Erasing::Waits => world.clock.advance(SignedDuration::from_mins(20)),
            Erasing::Done | Erasing::Stale => {}
        }
        jobs.extend(world.queue.take());
        jobs.extend(world.jobs().await);
    }
    assert!(n_continued >= 4, "{n_continued}");
    assert_eq!(world.kept_of(&org()), []);
    let counts = |world: &World| {
        let items = world.table.items().into_iter();
        items.filter(|item| item.entity == "erasure_certificate").map(|item| item.body["counts"].clone()).next()
    };
    assert_eq!(counts(&world), counts(&whole));
}
