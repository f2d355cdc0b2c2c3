//! A fault at every single table call of every job, one after the other.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use numo_app::{
    error::AppError,
    port::{clock::Clock, whatsapp::SendError},
    store::plan::PlanHeader,
};
use numo_domain::{connection::Provider, credential::GrantRef, plan::decision::Unit, reminder::ReminderState};
use numo_simulation::world::World;
use numo_testkit::faulty_table::{Fault, Plan};

/// A business of six customers whose day is planned and approved; the dispatch is in flight.
async fn approved_day() -> (World, PlanHeader) {
    let mut world = World::new(11);
    world.set_up(1, 6).await;
    world.first_day().await;
    world.approve(0).await;
    let business = world.businesses[0].clone();
    let date = world.store().organisation(&business.org).await.unwrap().zone.date(world.clock.now());
    let header = world.store().plan_header(&business.org, date).await.unwrap().unwrap().value;
    assert!(header.sends >= 3, "a day with {} sends shows little", header.sends);
    (world, header)
}

/// Every planned unit has a reminder or a cancellation, and no reminder is left in doubt silently.
async fn everything_is_explained(world: &World, header: &PlanHeader) {
    let (store, org) = (world.store(), &world.businesses[0].org);
    let decisions = store.plan_decisions(org, header).await.unwrap();
    let planned: BTreeSet<Unit> = decisions.iter().filter(|d| d.send().is_some()).map(|d| d.unit.clone()).collect();
    let reminders = store.reminders(org).await.unwrap();
    let mut explained: BTreeSet<Unit> = reminders
        .iter()
        .map(|reminder| Unit { contact: reminder.key.contact.clone(), currency: reminder.key.currency })
        .collect();
    explained.extend(store.cancelled_of(org, header.date).await.unwrap().into_iter().map(|cancelled| cancelled.unit));
    assert!(explained.is_superset(&planned), "a planned message vanished without a word");
    for reminder in reminders {
        assert_ne!(reminder.state, ReminderState::Sending);
    }
}

#[tokio::test]
async fn a_dispatch_that_dies_at_any_call_sends_nothing_twice_and_explains_everything() {
    let (mut calm, header) = approved_day().await;
    let calls = calm.work_with(Plan::Never).await;
    calm.come_to_rest().await;
    everything_is_explained(&calm, &header).await;
    assert!(calls > 30, "only {calls} calls were made");
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            let (mut world, header) = approved_day().await;
            world.work_with(Plan::Crash { call, fault }).await;
            world.come_to_rest().await;
            everything_is_explained(&world, &header).await;
        }
    }
}

#[tokio::test]
async fn a_dispatch_that_meets_one_failing_call_sends_nothing_twice_and_explains_everything() {
    let (mut calm, _) = approved_day().await;
    let calls = calm.work_with(Plan::Never).await;
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            let (mut world, header) = approved_day().await;
            world.work_with(Plan::Once { call, fault }).await;
            world.come_to_rest().await;
            everything_is_explained(&world, &header).await;
        }
    }
}

#[tokio::test]
async fn a_dispatch_that_dies_at_any_call_after_an_unclear_answer_asks_somebody_to_look() {
    for call in 1.. {
        // Nothing else of the day is left to be looked at.
        let mut world = World::new(11);
        world.set_up(1, 1).await;
        world.first_day().await;
        world.approve(0).await;
        world.meta.answer_next(SendError::Ambiguous("the call timed out".into()));
        let calls = world.work_with(Plan::Crash { call, fault: Fault::Before }).await;
        // It asks that what is unknown has a task.
        world.come_to_rest().await;
        let reminders = world.store().reminders(&world.businesses[0].org).await.unwrap();
        assert!(reminders.iter().any(|reminder| reminder.state == ReminderState::Unknown), "call {call}");
        if calls < call {
            assert!(call > 30, "only {call} calls were made");
            return;
        }
    }
}

#[tokio::test]
async fn a_first_sync_that_dies_at_any_call_ends_with_the_whole_ledger() {
    let mut calm = World::new(5);
    calm.set_up(1, 6).await;
    let calls = calm.work_with(Plan::Never).await;
    calm.come_to_rest().await;
    let org = calm.businesses[0].org.clone();
    let whole = calm.store().open_invoices(&org).await.unwrap();
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            let mut world = World::new(5);
            world.set_up(1, 6).await;
            world.work_with(Plan::Crash { call, fault }).await;
            world.come_to_rest().await;
            assert_eq!(
                world.store().open_invoices(&org).await.unwrap(),
                whole,
                "after a death at call {call} ({fault:?})"
            );
            assert_eq!(world.store().contacts(&org).await.unwrap().len(), 6);
        }
    }
}

#[tokio::test]
async fn an_unchanged_ledger_writes_no_contact_and_no_invoice() {
    let mut world = World::new(5);
    world.set_up(1, 6).await;
    world.first_day().await;
    let ledger_items = |world: &World| {
        let mut items = world.table.items();
        items.retain(|item| item.entity == "contact" || item.entity == "invoice");
        items
    };
    let (before, calls) = (ledger_items(&world), world.ledger.calls());
    world.come_to_rest().await;
    assert!(world.ledger.calls() > calls + 10, "no further sync ran");
    assert!(ledger_items(&world) == before, "an unchanged contact or invoice was written again");
}

#[tokio::test]
async fn of_twenty_racing_for_one_ended_token_one_renews_and_nobody_gets_a_dead_one() {
    for seed in 0..40 {
        let mut world = World::new(seed);
        world.set_up(1, 3).await;
        world.first_day().await;
        world.pass(SignedDuration::from_mins(45));
        let business = world.businesses[0].clone();
        let grant = GrantRef { provider: Provider::Xero, holder: business.tenant.as_str().parse().unwrap() };
        let now = world.clock.now();
        let racers = (0..20).map(|_| world.vault.fresh_access_token(&business.org, &grant, now));
        let answers = join_all(racers).await;
        let tokens = answers.iter().filter(|answer| answer.is_ok()).count();
        let told_to_come_back = answers.iter().filter(|a| matches!(a, Err(AppError::RateLimited { .. }))).count();
        assert!(tokens >= 1 && tokens + told_to_come_back == 20, "seed {seed}: {tokens} tokens");
        assert_eq!(world.ledger.renewals(&business.tenant), 1, "seed {seed}");
    }
}
