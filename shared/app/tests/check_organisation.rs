//! What Clerk says in a night of whoever is known here.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    check_organisation::{CheckPorts, Checked, check_organisation},
    clerk_news::ClerkPorts,
    erase_organisation::by_operator::order_erasure,
    error::AppError,
    job::Work,
    mail_settings::{set_digest, set_mails},
    operator::OperatorPorts,
    port::{people::PeopleError, session::Role},
    store::{Store, due::Claimed, mail::Recipients},
    wake::Waker,
};
use numo_domain::id::{OrgId, UserId};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    memory_people::MemoryPeople,
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

struct World {
    faults: Arc<FaultyTable>,
    people: Arc<MemoryPeople>,
    ports: CheckPorts,
    store: Store,
    orgs: Vec<OrgId>,
}

impl World {
    /// So many organisations, each with an admin.
    async fn of(n_orgs: usize) -> Self {
        let table = Arc::new(MemoryTable::new());
        let faults = Arc::new(FaultyTable::new(table.clone()));
        let (store, people) = (Store::new(table), Arc::new(MemoryPeople::new()));
        let orgs: Vec<OrgId> = (0..n_orgs).map(|n| format!("org_{n}").parse().unwrap()).collect();
        for org in &orgs {
            store.change_organisation(org, night(0), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
            people.join(org, &user("ann"), Role::Admin);
        }
        let clerk = ClerkPorts { store: Store::new(faults.clone()), ids: Arc::new(CountingIds::new(1)) };
        let ports = CheckPorts { clerk, people: people.clone() };
        Self { faults, people, ports, store, orgs }
    }

    /// A hundred organisations: the least of which one may be missing.
    async fn new() -> Self {
        Self::of(100).await
    }

    async fn try_check(&self, org: &OrgId, now: Timestamp) -> Result<Checked, AppError> {
        let work = Work::CheckOrganisation {};
        self.store.mark_due(org, &work, now, now).await?;
        let Claimed::Claimed { claim, .. } = self.store.claim_work(org, &work, now).await? else {
            return Ok(Checked::Stale);
        };
        check_organisation(&self.ports, org, claim, now).await
    }

    async fn check(&self, place: usize, now: Timestamp) -> Checked {
        self.try_check(&self.orgs[place], now).await.unwrap()
    }

    /// Everybody is asked about, in order; the kinds of answers.
    async fn pass_night(&self, n: i64) -> Vec<Checked> {
        let mut answers = Vec::new();
        for place in 0..self.orgs.len() {
            answers.push(self.check(place, night(n)).await);
        }
        answers
    }

    fn delete(&self, places: impl IntoIterator<Item = usize>) {
        places.into_iter().for_each(|place| self.people.delete(&self.orgs[place]));
    }

    async fn is_ended(&self, place: usize) -> bool {
        self.store.organisation(&self.orgs[place]).await.unwrap().is_paused(night(0))
    }

    async fn n_ended(&self) -> usize {
        let mut n_ended = 0;
        for place in 0..self.orgs.len() {
            n_ended += usize::from(self.is_ended(place).await);
        }
        n_ended
    }

    /// When its erasure begins, if it does.
    async fn erased_from(&self, place: usize) -> Option<Timestamp> {
        let erasure = self.store.organisation_erasure(&self.orgs[place]).await.unwrap()?.value;
        assert!(erasure.is_gone_at_clerk);
        Some(erasure.begins_at)
    }

    fn waker(&self) -> Waker {
        let (store, queue) = (self.store.clone(), Arc::new(RecordingQueue::new()));
        Waker { store, queue, ids: Arc::new(CountingIds::new(500)) }
    }
}

fn user(name: &str) -> UserId {
    format!("user_{name}").parse().unwrap()
}

/// The last one of a hundred that is asked about: by then it is known how many there are.
const LAST: usize = 99;

/// Three in the morning, UTC, of a day.
fn night(n: i64) -> Timestamp {
    "2026-11-24T03:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * n)
}

#[tokio::test]
async fn an_organisation_that_is_missing_on_two_days_is_erased_without_grace() {
    let world = World::new().await;
    world.delete([LAST]);
    let first = world.pass_night(0).await;
    assert_eq!(first.iter().filter(|checked| **checked == Checked::Missing).count(), 1);
    assert_eq!((first[LAST], world.n_ended().await), (Checked::Missing, 0));
    assert_eq!((world.pass_night(1).await[LAST], world.n_ended().await), (Checked::Ended, 1));
    let begins_at = world.erased_from(LAST).await;
    assert!(begins_at.is_some());
    world.pass_night(2).await;
    assert_eq!(world.erased_from(LAST).await, begins_at);
}

#[tokio::test]
async fn one_of_few_that_is_missing_is_ended_by_an_operator_who_has_looked() {
    let world = World::of(3).await;
    world.delete([1]);
    for n in 0..3 {
        world.pass_night(n).await;
    }
    assert_eq!(world.n_ended().await, 0, "one of three is more than anybody believes");
    let ports = OperatorPorts { store: world.store.clone(), ids: Arc::new(CountingIds::new(700)) };
    let (by, now) = ("olga".parse().unwrap(), night(3));
    let org = &world.orgs[1];
    let erasure = order_erasure(&ports, org, (&by, "deleted at Clerk"), org.as_str(), now).await.unwrap();
    assert_eq!((erasure.is_gone_at_clerk, erasure.begins_at), (true, now));
    assert_eq!((world.n_ended().await, world.is_ended(1).await), (1, true));
    let again = order_erasure(&ports, org, (&by, "deleted at Clerk"), org.as_str(), now).await.unwrap();
    assert_eq!(again, erasure);
}

#[tokio::test]
async fn an_answer_of_the_same_day_or_of_a_few_hours_later_is_no_second_one() {
    let world = World::new().await;
    world.delete([LAST]);
    world.pass_night(0).await;
    for hours in [1, 19] {
        // 19 hours later is the same day; from 23:59 to 00:10 it is another one, and too near.
        assert_eq!(world.check(LAST, night(0) + SignedDuration::from_hours(hours)).await, Checked::Missing);
    }
    let late = World::new().await;
    late.pass_night(0).await;
    late.delete([LAST]);
    let before_midnight: Timestamp = "2026-11-24T23:59:00Z".parse().unwrap();
    assert_eq!(late.check(LAST, before_midnight).await, Checked::Missing);
    assert_eq!(late.check(LAST, before_midnight + SignedDuration::from_mins(11)).await, Checked::Missing);
    assert_eq!((world.n_ended().await, late.n_ended().await), (0, 0));
}

#[tokio::test]
async fn an_organisation_that_is_back_in_between_is_missing_anew() {
    let world = World::new().await;
    world.delete([LAST]);
    world.pass_night(0).await;
    world.people.restore(&world.orgs[LAST]);
    assert_eq!(world.pass_night(1).await[LAST], Checked::Present(0));
    world.delete([LAST]);
    assert_eq!(world.pass_night(2).await[LAST], Checked::Missing);
    assert_eq!((world.pass_night(3).await[LAST], world.n_ended().await), (Checked::Ended, 1));
}

#[tokio::test]
async fn a_key_of_another_instance_ends_nobody_however_long_it_is_in_use() {
    for n_orgs in [1, 2, 3, 50, 100, 320] {
        let world = World::of(n_orgs).await;
        world.pass_night(0).await;
        world.delete(0..n_orgs);
        for n in 1..10 {
            assert!(world.pass_night(n).await.contains(&Checked::Held), "{n_orgs}, night {n}");
        }
        assert_eq!(world.n_ended().await, 0, "{n_orgs}");
    }
}

#[tokio::test]
async fn a_key_that_became_wrong_at_the_end_of_a_night_ends_nobody_in_the_next() {
    let world = World::new().await;
    for place in 0..99 {
        world.check(place, night(0)).await;
    }
    world.delete(0..100);
    assert_eq!(world.check(99, night(0)).await, Checked::Missing);
    for n in 1..6 {
        world.pass_night(n).await;
    }
    assert_eq!(world.n_ended().await, 0);
}

#[tokio::test]
async fn too_many_missing_ones_are_held_and_those_of_a_later_night_end() {
    let world = World::of(400).await;
    world.pass_night(0).await;
    world.delete([1, 2, 3, 4]);
    let second = world.pass_night(1).await;
    assert_eq!(second[1..5], [Checked::Missing, Checked::Missing, Checked::Missing, Checked::Held]);
    assert_eq!(world.n_ended().await, 0);
    // The night is over, and was too much: each of them begins anew, and is too much again.
    assert_eq!(world.pass_night(2).await[4], Checked::Held);
    world.people.restore(&world.orgs[4]);
    let fourth = world.pass_night(3).await;
    assert_eq!(fourth[1..5], [Checked::Missing, Checked::Missing, Checked::Missing, Checked::Present(0)]);
    let fifth = world.pass_night(4).await;
    assert_eq!(fifth[1..4], [Checked::Ended; 3]);
    assert_eq!(world.n_ended().await, 3);
}

#[tokio::test]
async fn one_that_is_missing_for_the_second_day_waits_while_too_many_others_are_missing() {
    let world = World::of(400).await;
    world.delete([399]);
    world.pass_night(0).await;
    world.delete([1, 2, 3, 4]);
    assert_eq!(world.pass_night(1).await[399], Checked::Held);
    assert_eq!(world.n_ended().await, 0);
}

#[tokio::test]
async fn a_first_answer_counts_for_a_week() {
    let world = World::new().await;
    world.delete([LAST]);
    world.pass_night(0).await;
    assert_eq!(world.pass_night(8).await[LAST], Checked::Missing);
    assert_eq!(world.pass_night(9).await[LAST], Checked::Ended);
}

#[tokio::test]
async fn a_refused_key_stops_the_night_at_once() {
    let world = World::new().await;
    world.people.answer(Some(|| PeopleError::Refused));
    let answers = world.pass_night(0).await;
    assert_eq!(answers[0], Checked::Refused);
    assert!(answers[1..].iter().all(|checked| *checked == Checked::PassedOver));
    assert_eq!(world.people.n_calls(), 1);
    world.people.answer(None);
    assert!(world.pass_night(1).await.iter().all(|checked| *checked == Checked::Present(0)));
}

#[tokio::test]
async fn clerk_is_left_alone_as_long_as_it_asks_and_asked_again_after_a_failure() {
    let world = World::new().await;
    let is_due = |minutes: i64| {
        let (store, org) = (world.store.clone(), world.orgs[0].clone());
        async move {
            let at = night(0) + SignedDuration::from_mins(minutes);
            matches!(store.claim_work(&org, &Work::CheckOrganisation {}, at).await.unwrap(), Claimed::Claimed { .. })
        }
    };
    world.people.answer(Some(|| PeopleError::RateLimited { retry_after: Some(SignedDuration::from_mins(3)) }));
    assert_eq!(world.check(0, night(0)).await, Checked::Postponed);
    assert!(!is_due(2).await);
    assert!(is_due(3).await);
    world.people.answer(None);
    world.people.set_down(true);
    assert_eq!(world.check(0, night(0)).await, Checked::Postponed);
    assert!(!is_due(14).await);
    assert!(is_due(15).await);
}

#[tokio::test]
async fn whoever_has_left_is_named_nowhere_any_more() {
    let world = World::new().await;
    let (org, waker) = (&world.orgs[0], world.waker());
    world.people.join(org, &user("max"), Role::Member);
    let chosen: BTreeSet<UserId> = ["ann", "max", "eve"].map(user).into();
    set_mails(&waker, org, &user("ann"), (Recipients::Chosen(chosen), false), night(0)).await.unwrap();
    set_digest(&waker, org, &user("eve"), false, night(0)).await.unwrap();
    assert_eq!(world.check(0, night(0)).await, Checked::Present(1));
    let settings = world.store.mail_settings(org).await.unwrap();
    assert_eq!(settings.recipients, Recipients::Chosen(["ann", "max"].map(user).into()));
    assert!(settings.without_digest.is_empty());
    assert_eq!(world.check(0, night(1)).await, Checked::Present(0));
}

#[tokio::test]
async fn a_fault_at_any_call_is_made_good_by_the_next_try() {
    for fault in [Fault::Before, Fault::After] {
        for call in 1.. {
            let world = World::new().await;
            world.delete([LAST]);
            world.pass_night(0).await;
            world.faults.reset(Plan::Once { call, fault });
            let first = world.try_check(&world.orgs[LAST], night(1)).await;
            let n_calls = world.faults.calls();
            world.faults.reset(Plan::Never);
            if first.is_err() {
                assert_eq!(world.check(LAST, night(1) + SignedDuration::from_mins(10)).await, Checked::Ended);
            }
            let is_erased = world.erased_from(LAST).await.is_some();
            assert_eq!((world.n_ended().await, is_erased), (1, true), "{fault:?} at {call}");
            if n_calls < call {
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_organisation_that_is_known_is_asked_about_in_its_own_minute_of_every_night() {
    let world = World::of(60).await;
    let work = Work::CheckOrganisation {};
    let mut minutes = BTreeSet::new();
    for org in &world.orgs {
        // It became known at three in the morning: by nine the next morning at the latest its time has come.
        let mut at = night(0);
        while !matches!(world.store.claim_work(org, &work, at).await.unwrap(), Claimed::Claimed { .. }) {
            at += SignedDuration::from_mins(1);
        }
        assert!(at <= "2026-11-25T06:00:00Z".parse().unwrap(), "{org} {at}");
        minutes.insert(at);
    }
    assert!(minutes.len() > 50, "{}", minutes.len());
}
