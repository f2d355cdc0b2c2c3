//! Due work: one claim at a time, nothing lost, nothing done twice.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    job::{Cause, Work},
    port::{
        clock::Ids,
        table::{Item, Table, Write},
    },
    store::{Store, due::Claimed},
    sweep_due::{Swept, sweep_due},
    wake::Waker,
};
use numo_domain::id::OrgId;
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    meddled_table::MeddledTable,
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};
use serde_json::Map;

fn org(id: &str) -> OrgId {
    id.parse().unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
}

const PLAN: Work = Work::PlanDay {};

fn scene() -> (Arc<RecordingQueue>, Waker) {
    scene_of(Arc::new(MemoryTable::new()))
}

fn scene_of(table: Arc<dyn Table>) -> (Arc<RecordingQueue>, Waker) {
    let queue = Arc::new(RecordingQueue::new());
    let ids: Arc<dyn Ids> = Arc::new(CountingIds::new(1));
    (queue.clone(), Waker { store: Store::new(table), queue, ids })
}

fn claim_of(claimed: Claimed) -> Timestamp {
    match claimed {
        Claimed::Claimed { claim, .. } => claim,
        Claimed::Lost => panic!("the claim was lost"),
    }
}

#[tokio::test]
async fn of_twenty_who_claim_at_once_one_wins() {
    let (_, waker) = scene();
    waker.store.mark_due(&org("org_a"), &PLAN, at(0), at(0)).await.unwrap();
    let (org_a, store) = (org("org_a"), &waker.store);
    let claims = join_all((0..20).map(|_| store.claim_work(&org_a, &PLAN, at(1)))).await;
    let won = claims.into_iter().filter(|claim| matches!(claim, Ok(Claimed::Claimed { .. }))).count();
    assert_eq!(won, 1);
}

#[tokio::test]
async fn the_sweep_wakes_what_is_due_and_nothing_else_and_nothing_twice() {
    let (queue, waker) = scene();
    waker.store.mark_due(&org("org_a"), &PLAN, at(0), at(0)).await.unwrap();
    waker.store.mark_due(&org("org_b"), &PLAN, at(9), at(0)).await.unwrap();
    assert_eq!(sweep_due(&waker, at(1)).await.unwrap(), Swept { woken: 1, lost: 0, failed: 0 });
    assert_eq!(sweep_due(&waker, at(1)).await.unwrap(), Swept::default());
    let jobs: Vec<_> = queue.jobs().into_iter().map(|job| (job.org, job.work, job.cause)).collect();
    assert_eq!(jobs, [(org("org_a"), PLAN, Cause::Due)]);
}

#[tokio::test]
async fn one_sweep_wakes_thousands_of_every_kind_and_asks_sixteen_parts_however_few_there_are() {
    let table = Arc::new(MemoryTable::new());
    let (queue, waker) = scene_of(table.clone());
    assert_eq!(sweep_due(&waker, at(-1)).await.unwrap(), Swept::default());
    table.take_counts();
    assert_eq!(sweep_due(&waker, at(0)).await.unwrap(), Swept::default());
    assert_eq!(table.take_counts().calls(), 1 + 16, "the messaging gate and each part");
    for n in 0..1_500 {
        for work in [PLAN, Work::MailOwner {}] {
            waker.store.mark_due(&org(&format!("org_{n}")), &work, at(0), at(0)).await.unwrap();
        }
    }
    assert_eq!(sweep_due(&waker, at(1)).await.unwrap(), Swept { woken: 3_000, lost: 0, failed: 0 });
    assert_eq!(queue.jobs().len(), 3_000);
}

#[tokio::test]
async fn work_that_cannot_be_read_keeps_no_other_work_from_being_woken() {
    let table = Arc::new(MemoryTable::new());
    let (queue, waker) = scene_of(table.clone());
    // So many that they fill the first page of every part of the index.
    for n in 0..3_000 {
        waker.store.mark_due(&org(&format!("org_{n}")), &PLAN, at(0), at(0)).await.unwrap();
    }
    for item in table.items() {
        let body = Map::from_iter([("work".to_owned(), "of a later version".into())]);
        table.write(Write::Replace(Item { body, rev: item.rev + 1, ..item })).await.unwrap();
    }
    waker.store.mark_due(&org("org_z"), &Work::MailOwner {}, at(1), at(1)).await.unwrap();
    assert_eq!(sweep_due(&waker, at(2)).await.unwrap(), Swept { woken: 1, lost: 0, failed: 3_000 });
    let jobs: Vec<_> = queue.jobs().into_iter().map(|job| (job.org, job.work)).collect();
    assert_eq!(jobs, [(org("org_z"), Work::MailOwner {})]);
}

#[tokio::test]
async fn a_part_of_the_index_that_cannot_be_read_stops_no_other_part() {
    let faults = Arc::new(FaultyTable::new(Arc::new(MemoryTable::new())));
    let (queue, waker) = scene_of(faults.clone());
    for n in 0..64 {
        waker.store.mark_due(&org(&format!("org_{n}")), &PLAN, at(0), at(0)).await.unwrap();
    }
    sweep_due(&waker, at(-1)).await.unwrap();
    // After the gate the first part is asked first.
    faults.reset(Plan::Once { call: 2, fault: Fault::Before });
    assert!(sweep_due(&waker, at(1)).await.is_err());
    let woken = queue.jobs().len();
    assert!((48..64).contains(&woken), "{woken}: a part has some four of them");
    assert_eq!(sweep_due(&waker, at(1)).await.unwrap(), Swept { woken: 64 - woken, lost: 0, failed: 0 });
}

#[tokio::test]
async fn work_whose_job_was_lost_is_woken_again_later_and_later() {
    let (queue, waker) = scene();
    waker.store.mark_due(&org("org_a"), &PLAN, at(0), at(0)).await.unwrap();
    let mut woken_at = Vec::new();
    for minute in 0..400 {
        if sweep_due(&waker, at(minute)).await.unwrap().woken == 1 {
            woken_at.push(minute);
        }
    }
    assert_eq!(woken_at, [0, 5, 15, 35, 75, 135, 195, 255, 315, 375]);
    assert_eq!(queue.jobs().len(), woken_at.len());
}

#[tokio::test]
async fn a_queue_that_fails_leaves_the_work_due() {
    let (queue, waker) = scene();
    waker.store.mark_due(&org("org_a"), &PLAN, at(0), at(0)).await.unwrap();
    queue.fail();
    assert_eq!(sweep_due(&waker, at(0)).await.unwrap(), Swept { woken: 0, lost: 0, failed: 1 });
    queue.recover();
    assert_eq!(sweep_due(&waker, at(5)).await.unwrap().woken, 1);
}

#[tokio::test]
async fn a_mark_set_while_the_work_is_done_survives_its_finish() {
    let (_, waker) = scene();
    let (store, org_a) = (&waker.store, org("org_a"));
    store.mark_due(&org_a, &PLAN, at(0), at(0)).await.unwrap();
    let claim = claim_of(store.claim_work(&org_a, &PLAN, at(0)).await.unwrap());
    store.mark_due(&org_a, &PLAN, at(1), at(1)).await.unwrap();
    store.finish_due(&org_a, &PLAN, claim, None, at(2)).await.unwrap();
    assert!(matches!(store.claim_work(&org_a, &PLAN, at(2)).await.unwrap(), Claimed::Claimed { .. }));
}

#[tokio::test]
async fn a_stale_job_holds_no_claim_and_cannot_finish_anothers_work() {
    let (_, waker) = scene();
    let (store, org_a) = (&waker.store, org("org_a"));
    store.mark_due(&org_a, &PLAN, at(0), at(0)).await.unwrap();
    let first = claim_of(store.claim_work(&org_a, &PLAN, at(0)).await.unwrap());
    let second = claim_of(store.claim_work(&org_a, &PLAN, at(6)).await.unwrap());
    assert!(!store.holds_claim(&org_a, &PLAN, first).await.unwrap());
    store.finish_due(&org_a, &PLAN, first, None, at(7)).await.unwrap();
    assert!(store.holds_claim(&org_a, &PLAN, second).await.unwrap());
    assert_eq!(store.renew_claim(&org_a, &PLAN, first, at(7)).await.unwrap(), None);
}

#[tokio::test]
async fn finished_work_comes_again_at_its_next_time_or_never() {
    let (_, waker) = scene();
    let (store, org_a) = (&waker.store, org("org_a"));
    store.mark_due(&org_a, &PLAN, at(0), at(0)).await.unwrap();
    let claim = claim_of(store.claim_work(&org_a, &PLAN, at(0)).await.unwrap());
    store.finish_due(&org_a, &PLAN, claim, Some(at(30)), at(1)).await.unwrap();
    assert_eq!(store.claim_work(&org_a, &PLAN, at(29)).await.unwrap(), Claimed::Lost);
    let claim = claim_of(store.claim_work(&org_a, &PLAN, at(30)).await.unwrap());
    store.finish_due(&org_a, &PLAN, claim, None, at(31)).await.unwrap();
    assert_eq!(store.claim_work(&org_a, &PLAN, at(999)).await.unwrap(), Claimed::Lost);
}

#[tokio::test]
async fn a_renewed_claim_moves_ahead_and_the_old_value_is_stale() {
    let (_, waker) = scene();
    let (store, org_a) = (&waker.store, org("org_a"));
    store.mark_due(&org_a, &PLAN, at(0), at(0)).await.unwrap();
    let claim = claim_of(store.claim_work(&org_a, &PLAN, at(0)).await.unwrap());
    let renewed = store.renew_claim(&org_a, &PLAN, claim, at(3)).await.unwrap().unwrap();
    assert_eq!(renewed.duration_since(at(3)), SignedDuration::from_mins(5));
    assert!(!store.holds_claim(&org_a, &PLAN, claim).await.unwrap());
}

#[tokio::test]
async fn of_two_workers_with_one_job_one_renews_the_claim_however_long_it_lasts() {
    let (_, waker) = scene();
    let (store, org_a) = (&waker.store, org("org_a"));
    store.mark_due(&org_a, &PLAN, at(0), at(0)).await.unwrap();
    // Lost twice: the third claim lasts for twenty minutes.
    for minute in [0, 10, 30] {
        claim_of(store.claim_work(&org_a, &PLAN, at(minute)).await.unwrap());
    }
    let claim = at(50);
    assert!(store.holds_claim(&org_a, &PLAN, claim).await.unwrap());
    let renewed = store.renew_claim(&org_a, &PLAN, claim, at(31)).await.unwrap();
    assert!(renewed.is_some_and(|renewed| renewed > claim));
    assert_eq!(store.renew_claim(&org_a, &PLAN, claim, at(31)).await.unwrap(), None);
}

#[tokio::test]
async fn a_mark_for_afterwards_breaks_no_claim_that_is_made_in_this_moment() {
    for call in 1..=2 {
        let table = Arc::new(MemoryTable::new());
        let meddled = Arc::new(MeddledTable::new(table.clone()));
        let (marks, claims, org) = (Store::new(meddled.clone()), Store::new(table), org("org_a"));
        marks.mark_due(&org, &PLAN, at(0), at(0)).await.unwrap();
        let (claimer, of) = (claims.clone(), org.clone());
        meddled.meddle(call, async move {
            claim_of(claimer.claim_work(&of, &PLAN, at(0)).await.unwrap());
        });
        marks.mark_due_after_claim(&org, &PLAN, at(-1), at(0)).await.unwrap();
        assert!(meddled.is_meddled(), "call {call}");
        let claim = at(0).checked_add(SignedDuration::from_mins(5)).unwrap();
        assert!(claims.holds_claim(&org, &PLAN, claim).await.unwrap(), "call {call}");
        // The mark is there once the work is done.
        claims.finish_due(&org, &PLAN, claim, None, at(1)).await.unwrap();
        assert!(matches!(claims.claim_work(&org, &PLAN, at(1)).await.unwrap(), Claimed::Claimed { .. }), "call {call}");
    }
}
