//! Jobs that name one business and carry what belongs to another.

use std::collections::BTreeSet;

use jiff::civil::date;
use numo_app::{
    job::{Cause, Job, Work},
    port::{clock::Clock as _, table::Item},
    store::due::Claimed,
};
use numo_domain::id::{JobId, OrgId};
use numo_simulation::{meta::waba_of, world::World};

/// Two businesses after a day on which both sent, and on which a customer of the first one wrote and was answered.
async fn two_businesses() -> World {
    let mut world = World::new(4);
    for n in 1..=2 {
        world.set_up(n, 2).await;
    }
    for n in 0..2 {
        world.owed_since(n, date(2026, 11, 10));
    }
    world.first_day().await;
    for n in 0..2 {
        world.approve(n).await;
    }
    world.run_in_peace(5).await;
    world.customer_writes(0, &"c0".parse().unwrap(), ("wamid.in.1", "I will pay next week"));
    world.run_in_peace(1).await;
    world
}

/// Every kind of work with the ids of the first business.
async fn work_of_the_first(world: &World) -> Vec<Work> {
    let (business, store) = (&world.businesses[0], world.store());
    let connection = store.connections(&business.org).await.unwrap()[0].id;
    let reminder = store.reminders(&business.org).await.unwrap().remove(0);
    let (day, attempt) = (date(2026, 11, 23), reminder.attempt);
    let waba = waba_of(&business.phone);
    vec![
        Work::SyncConnection { connection },
        Work::UnlinkConnection { connection },
        Work::EraseCustomer { connection, contact: "c0".parse().unwrap() },
        Work::CheckOrganisation {},
        Work::PlanDay {},
        Work::MailOwner {},
        Work::DispatchRun { date: day },
        Work::SettleDay { date: day },
        Work::SettleAttempt { attempt },
        Work::CheckAccount { waba },
        Work::SendAnswer { attempt: world.meta.answers()[0].attempt },
        Work::ManualSend { id: attempt.to_string().parse().unwrap() },
        Work::TestMessage { id: attempt.to_string().parse().unwrap() },
        Work::EraseOrganisation {},
        Work::Export { id: attempt.to_string().parse().unwrap() },
    ]
}

/// A new kind of work is not built until it has a place above.
const fn place(work: &Work) -> usize {
    match work {
        Work::SyncConnection { .. } => 0,
        Work::UnlinkConnection { .. } => 1,
        Work::EraseCustomer { .. } => 2,
        Work::CheckOrganisation {} => 3,
        Work::PlanDay {} => 4,
        Work::MailOwner {} => 5,
        Work::DispatchRun { .. } => 6,
        Work::SettleDay { .. } => 7,
        Work::SettleAttempt { .. } => 8,
        Work::CheckAccount { .. } => 9,
        Work::SendAnswer { .. } => 10,
        Work::ManualSend { .. } => 11,
        Work::TestMessage { .. } => 12,
        Work::EraseOrganisation {} => 13,
        Work::Export { .. } => 14,
    }
}

/// Everything in the partitions of a business, and what leads to it.
fn items_of(world: &World, org: &OrgId) -> Vec<Item> {
    let mut items = world.table.items();
    items.retain(|item| format!("{item:?}").contains(org.as_str()));
    items
}

/// What reached a provider, or is on its way.
fn outside(world: &World) -> (usize, usize, usize) {
    (world.meta.taken().len(), world.meta.answers().len(), world.mails())
}

/// Has the claim of a piece of work of a business, and makes a job of another business from it.
async fn job(world: &World, (claimed_by, named): (&OrgId, &OrgId), work: &Work) -> Job {
    let (store, now) = (world.store(), world.clock.now());
    store.mark_due(claimed_by, work, now, now).await.unwrap();
    let claim = match store.claim_work(claimed_by, work, now).await.unwrap() {
        Claimed::Claimed { claim, .. } => Some(claim),
        Claimed::Lost => None,
    };
    Job {
        id: JobId::new(world.waker.ids.uuid()),
        org: named.clone(),
        at: now,
        cause: Cause::Due,
        claim: Some(claim.unwrap()),
        work: work.clone(),
    }
}

#[tokio::test]
async fn a_job_with_the_claim_of_another_business_changes_nothing_anywhere() {
    let world = two_businesses().await;
    let works = work_of_the_first(&world).await;
    let places: BTreeSet<usize> = works.iter().map(place).collect();
    assert_eq!(places, (0..works.len()).collect(), "every kind of work, once");
    let [first, second] = [0, 1].map(|n| world.businesses[n].org.clone());
    for work in &works {
        let job = job(&world, (&first, &second), work).await;
        let before = (world.table.items(), outside(&world));
        world.take_up(&job).await.unwrap();
        assert_eq!((world.table.items(), outside(&world)), before, "{work:?}");
    }
}

#[tokio::test]
async fn a_job_of_a_business_with_the_ids_of_another_one_reaches_nothing_of_it() {
    let works = work_of_the_first(&two_businesses().await).await;
    for work in &works {
        let world = two_businesses().await;
        let [first, second] = [0, 1].map(|n| world.businesses[n].org.clone());
        let job = job(&world, (&second, &second), work).await;
        let (before, sent) = (items_of(&world, &first), outside(&world));
        let _whether_it_found_anything = world.take_up(&job).await;
        assert_eq!(items_of(&world, &first), before, "{work:?}");
        if !matches!(work, Work::DispatchRun { .. } | Work::MailOwner {}) {
            assert_eq!(outside(&world), sent, "{work:?}");
        }
    }
}
