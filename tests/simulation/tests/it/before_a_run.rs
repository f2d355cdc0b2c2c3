//! The look at a number before a run sends from it.

use jiff::{SignedDuration, civil::date};
use numo_app::{port::clock::Clock, store::task::TaskAbout};
use numo_domain::{reminder::ReminderState, sender::SenderStatus};
use numo_simulation::world::World;
use numo_testkit::faulty_table::Plan;

/// A business whose day is approved some hours after Meta was last asked about its number.
async fn approved_after(hours: i64) -> World {
    let mut world = World::new(4);
    world.set_up(2, 60).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.run_in_peace(hours).await;
    world.approve(0).await;
    world
}

async fn status(world: &World) -> SenderStatus {
    world.store().senders(&world.businesses[0].org).await.unwrap()[0].status
}

/// How often the number was asked about while something went on.
fn looks(world: &World) -> usize {
    world.meta.looks_at(&world.businesses[0].phone)
}

#[tokio::test]
async fn a_number_that_was_looked_at_within_the_hour_is_not_asked_about_again_and_one_of_before_once() {
    for (hours, expected) in [(0, 0), (2, 1)] {
        let mut world = approved_after(hours).await;
        let before = looks(&world);
        world.dispatch_at_once(async {}).await;
        world.finish_all().await;
        assert!(world.meta.taken().len() > 50, "{hours}");
        assert_eq!(looks(&world) - before, expected, "{hours}");
        // What it said is remembered.
        let seen = world.store().senders(&world.businesses[0].org).await.unwrap()[0].looked_at.unwrap();
        assert!(world.clock.now().duration_since(seen) < SignedDuration::from_hours(1));
    }
}

#[tokio::test]
async fn what_meta_blocked_without_a_word_holds_the_run_and_says_so_until_it_can_send_again() {
    let mut world = approved_after(2).await;
    world.meta.block(true);
    world.dispatch_at_once(async {}).await;
    assert_eq!((world.meta.asked().len(), status(&world).await), (0, SenderStatus::Blocked));
    let org = world.businesses[0].org.clone();
    let blocked = TaskAbout::SenderBlocked(world.businesses[0].phone.clone());
    let is_told = |tasks: &[numo_app::store::task::Task]| tasks.iter().any(|task| task.about == blocked);
    assert!(is_told(&world.store().tasks(&org).await.unwrap()));
    world.run_in_peace(1).await;
    world.meta.block(false);
    world.run_in_peace(4).await;
    assert!(!is_told(&world.store().tasks(&org).await.unwrap()));
    assert_eq!(status(&world).await, SenderStatus::Ready);
    assert!(world.meta.taken().len() > 50);
    world.check_promises().await;
}

#[tokio::test]
async fn a_token_that_meta_refuses_by_then_costs_no_customer_a_message() {
    let mut world = approved_after(2).await;
    world.meta.refuse_tokens();
    world.dispatch_at_once(async {}).await;
    assert_eq!((world.meta.asked().len(), status(&world).await), (0, SenderStatus::ReauthRequired));
}

#[tokio::test]
async fn a_look_that_fails_stops_nothing_and_is_not_repeated_in_the_run() {
    let mut world = approved_after(2).await;
    let before = looks(&world);
    world.meta.be_mute(true);
    world.dispatch_at_once(async {}).await;
    assert!(world.meta.taken().len() > 50);
    assert_eq!((looks(&world) - before, status(&world).await), (1, SenderStatus::Ready));
}

#[tokio::test]
async fn a_look_that_dies_at_any_call_leaves_the_number_as_meta_has_it_and_sends_nothing_from_it() {
    let calls = blocked_by_then().await.work_with(Plan::Never).await;
    assert!(calls > 15, "only {calls} calls were made");
    for call in 1..=calls {
        for fault in [numo_testkit::faulty_table::Fault::Before, numo_testkit::faulty_table::Fault::After] {
            let mut world = blocked_by_then().await;
            world.work_with(Plan::Crash { call, fault }).await;
            world.run_in_peace(1).await;
            assert_eq!(world.meta.asked().len(), 0, "call {call} {fault:?}");
            assert_eq!(status(&world).await, SenderStatus::Blocked, "call {call} {fault:?}");
            let tasks = world.store().tasks(&world.businesses[0].org).await.unwrap();
            let is_told = tasks.iter().any(|task| matches!(task.about, TaskAbout::SenderBlocked(_)));
            assert!(is_told, "call {call} {fault:?}");
            world.meta.block(false);
            world.run_in_peace(4).await;
            let reminders = world.store().reminders(&world.businesses[0].org).await.unwrap();
            let is_lost = |state: &ReminderState| *state == ReminderState::Sending;
            assert!(reminders.len() >= 2 && !reminders.iter().any(|reminder| is_lost(&reminder.state)));
        }
    }
}

/// A small day that is due, of a number that Meta blocked since the last look.
async fn blocked_by_then() -> World {
    let mut world = World::new(4);
    world.set_up(1, 3).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.run_in_peace(2).await;
    world.approve(0).await;
    world.meta.block(true);
    world
}
