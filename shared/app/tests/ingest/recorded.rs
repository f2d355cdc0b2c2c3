//! What an admin was told and records, when it meets what the customer writes, or a table that fails.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::SignedDuration;
use numo_app::{configure::record_consent, error::AppError, port::table::Item, store::expected::Subject, wake::Waker};
use numo_domain::{
    consent::{Consent, ConsentSource, ConsentState},
    id::UserId,
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    meddled_table::MeddledTable,
    recording_queue::RecordingQueue,
};

use super::*;

static REQUESTS: AtomicU64 = AtomicU64::new(1);

const IN: ConsentState = ConsentState::OptedIn;
const OUT: ConsentState = ConsentState::OptedOut;

/// A minute after the customer wrote, by the clocks of both.
fn later() -> Timestamp {
    now() + SignedDuration::from_mins(1)
}

/// An admin records what they were told, with what they had seen of it before.
async fn record(
    (table, journal): (Arc<dyn Table>, Arc<MemoryTable>),
    (state, seen): (ConsentState, Option<u64>),
) -> Result<(), AppError> {
    let store = Store::with_journal(table, journal);
    let store = match seen {
        Some(seen) => store.expecting(&org(), Subject::Consent(&customer()), vec![seen]),
        None => store,
    };
    // Another request each time: its ids are its own.
    let ids = Arc::new(CountingIds::new(REQUESTS.fetch_add(1, Ordering::Relaxed)));
    let waker = Waker { store, queue: Arc::new(RecordingQueue::new()), ids };
    let by: UserId = "user_ann".parse().unwrap();
    record_consent(&waker, &org(), &by, &customer(), state, "by phone", later()).await
}

fn stop(id: &str) -> Delivery {
    let Update::Inbound(message) = inbound(Some("+971501234567"), None, "STOP") else { unreachable!() };
    let written = Update::Inbound(InboundMessage { message: id.parse().unwrap(), ..message });
    Delivery { waba: waba(), updates: vec![written], skipped: Vec::new() }
}

/// What is in force for the number and the customer.
fn in_force(table: &MemoryTable) -> Vec<ConsentState> {
    consents(table).into_iter().map(|consent| consent.state).collect()
}

fn consents(table: &MemoryTable) -> Vec<Consent> {
    let kept = table.items().into_iter().filter_map(|item| item.body.get("consent").cloned());
    kept.map(|consent| serde_json::from_value(consent).unwrap()).collect()
}

/// Opt-ins that a restored table would learn of.
fn journalled_opt_ins(journal: &MemoryTable) -> usize {
    let state = |item: &Item| item.body.get("change").and_then(|change| change.get("state")).cloned();
    journal.items().iter().filter(|item| state(item).is_some_and(|state| state == "opted_in")).count()
}

/// What the admin sees now.
async fn seen(table: &Arc<MemoryTable>, number: &NumberKey) -> u64 {
    let said = Store::new(table.clone()).said_about_writing(&org(), (Some(number), &customer())).await;
    said.unwrap().revision()
}

#[tokio::test]
async fn a_stop_wins_wherever_it_meets_the_opt_in_that_an_admin_records() {
    for has_looked in [false, true] {
        let mut outcomes = Vec::new();
        loop {
            let (memory, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
            let way = Arc::new(MeddledTable::new(memory.clone()));
            let scene = scene_over(memory.clone(), memory.clone()).await;
            let seen = seen(&memory, &scene.key("+971501234567")).await;
            let stopped = scene.ports;
            way.meddle(outcomes.len() as u64 + 1, async move {
                ingest_delivery(&stopped, &stop("wamid.stop")).await.unwrap();
            });
            let outcome = record((way.clone(), journal.clone()), (IN, has_looked.then_some(seen))).await;
            if !way.is_meddled() {
                break;
            }
            let call = outcomes.len() + 1;
            assert_eq!(in_force(&memory), [OUT; 2], "met at call {call}");
            // What was not recorded is in no journal either.
            assert_eq!(journalled_opt_ins(&journal), if outcome.is_ok() { 2 } else { 0 }, "met at call {call}");
            match &outcome {
                Ok(()) => {}
                Err(AppError::Stale) => assert!(has_looked),
                Err(AppError::Conflict(_)) => assert!(!has_looked),
                Err(error) => panic!("met at call {call}: {error}"),
            }
            outcomes.push(outcome.is_ok());
        }
        let n_refused = outcomes.iter().filter(|is_recorded| !**is_recorded).count();
        assert!(n_refused >= 3 && outcomes.is_sorted(), "{outcomes:?}");
    }
}

#[tokio::test]
async fn an_opt_in_that_an_admin_records_in_the_middle_of_a_stop_does_not_undo_it() {
    let mut call = 1;
    loop {
        let memory = Arc::new(MemoryTable::new());
        let way = Arc::new(MeddledTable::new(memory.clone()));
        let scene = scene_over(memory.clone(), way.clone()).await;
        let table = memory.clone();
        way.meddle(call, async move {
            // Recorded a minute after the STOP was written, and before it is heard of; or refused after.
            drop(record((table, Arc::new(MemoryTable::new())), (IN, None)).await);
        });
        ingest_delivery(&scene.ports, &stop("wamid.stop")).await.unwrap();
        if !way.is_meddled() {
            break;
        }
        assert_eq!(in_force(&memory), [OUT; 2], "met at call {call}");
        call += 1;
    }
    assert!(call > 5, "{call}");
}

#[tokio::test]
async fn an_opt_out_is_lifted_by_an_admin_who_saw_it_and_by_nobody_who_did_not() {
    let memory = Arc::new(MemoryTable::new());
    let scene = scene_over(memory.clone(), memory.clone()).await;
    let number = scene.key("+971501234567");
    let journal = Arc::new(MemoryTable::new());
    let before = seen(&memory, &number).await;
    ingest_delivery(&scene.ports, &stop("wamid.1")).await.unwrap();
    let blind = record((memory.clone(), journal.clone()), (IN, None)).await.unwrap_err();
    let expected = "the customer opted out: look at what was said, and record this over it with If-Match";
    assert!(matches!(blind, AppError::Conflict(message) if message == expected), "{blind}");
    assert!(matches!(record((memory.clone(), journal.clone()), (IN, Some(before))).await, Err(AppError::Stale)));
    assert_eq!(in_force(&memory), [OUT; 2]);
    let saw = seen(&memory, &number).await;
    record((memory.clone(), journal.clone()), (IN, Some(saw))).await.unwrap();
    assert_eq!(in_force(&memory), [IN; 2]);
    let sources: Vec<Vec<ConsentSource>> =
        consents(&memory).iter().map(|consent| consent.history.iter().map(|change| change.by).collect()).collect();
    assert_eq!(sources, [[ConsentSource::Message, ConsentSource::Admin]; 2]);
    // An opt-out needs no look.
    record((memory.clone(), journal.clone()), (OUT, None)).await.unwrap();
    assert_eq!((in_force(&memory), journalled_opt_ins(&journal)), (vec![OUT; 2], 2));
}

#[tokio::test]
async fn wherever_the_table_fails_number_and_customer_say_the_same_and_asking_again_records_it() {
    for (state, fault) in [(IN, Fault::Before), (IN, Fault::After), (OUT, Fault::Before), (OUT, Fault::After)] {
        let mut n_failed = 0;
        for call in 1.. {
            let (memory, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
            scene_over(memory.clone(), memory.clone()).await;
            let way = Arc::new(FaultyTable::new(memory.clone()));
            way.reset(Plan::Once { call, fault });
            let outcome = record((way.clone(), journal.clone()), (state, None)).await;
            if way.calls() < call {
                break;
            }
            let kept = in_force(&memory);
            assert!(kept.is_empty() || kept == [state; 2], "{fault:?} at call {call}: {kept:?}");
            assert!(outcome.is_ok() || outcome.is_err_and(|error| matches!(error, AppError::AwsUnavailable(_))));
            n_failed += 1;
            record((memory.clone(), journal), (state, None)).await.unwrap();
            assert_eq!(in_force(&memory), [state; 2], "{fault:?} at call {call}");
        }
        assert!(n_failed >= 3, "{n_failed}");
    }
}
