//! Send now: a reminder that a person asks for outside the plan.

use std::collections::BTreeSet;

use jiff::{SignedDuration, civil::date};
use numo_app::{
    configure::{Sending, pause},
    error::AppError,
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
    send_now::{Wanted, look, send_now},
    store::{manual_send::ManualState, task::TaskAbout},
};
use numo_domain::{
    contact::ContactRef,
    id::{ExternalId, ManualSendId},
    plan::{decision::Unit, reason::SkipCode},
    reminder::{Occasion, Reminder},
};
use numo_simulation::world::World;
use numo_testkit::faulty_table::{Fault, Plan};

/// A business with two customers who owe AED 500 since the 10th; nobody has approved its plan.
async fn business() -> World {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world
}

async fn unit(world: &World) -> Unit {
    let connection = world.store().connections(&world.businesses[0].org).await.unwrap()[0].id;
    let contact = ContactRef { connection, contact: "c0".parse().unwrap() };
    Unit { contact, currency: "AED".parse().unwrap() }
}

fn id(n: u32) -> ManualSendId {
    format!("00000000-0000-0000-0000-{n:012}").parse().unwrap()
}

/// Asks for what is shown at the moment.
async fn ask(world: &World, n: u32) -> Result<(), AppError> {
    let (business, unit, now) = (&world.businesses[0], unit(world).await, world.clock.now());
    let looked = look(&world.store(), &business.org, &unit, now).await.unwrap();
    let wanted = Wanted { id: id(n), unit, seen: looked.digest().unwrap_or_default() };
    send_now(&world.waker, &business.org, &business.admin, &wanted, now).await
}

async fn state(world: &World, n: u32) -> ManualState {
    world.store().manual_send(&world.businesses[0].org, id(n)).await.unwrap().unwrap().value.state
}

/// Why it was refused; nothing for one that was not.
async fn refusal(world: &World, n: u32) -> Vec<SkipCode> {
    match state(world, n).await {
        ManualState::Refused { reasons, .. } => reasons.into_iter().map(|reason| reason.code).collect(),
        ManualState::Waiting | ManualState::Claimed | ManualState::Lapsed => Vec::new(),
    }
}

async fn reminders(world: &World) -> Vec<Reminder> {
    world.store().reminders(&world.businesses[0].org).await.unwrap()
}

fn invoice() -> ExternalId {
    "c0-0".parse().unwrap()
}

#[tokio::test]
async fn case_18_what_is_sent_by_hand_is_not_sent_by_the_plan_and_the_day_adds_up() {
    let mut world = business().await;
    // A form that is sent twice asks once.
    for _ in 0..2 {
        ask(&world, 1).await.unwrap();
    }
    world.run_in_peace(1).await;
    assert_eq!((state(&world, 1).await, world.meta.taken().len()), (ManualState::Claimed, 1));
    let sent = reminders(&world).await.remove(0);
    let admin = world.businesses[0].admin.clone();
    assert_eq!((sent.asked_by, sent.key.contact), (Some(admin), unit(&world).await.contact));
    // The plan of the day has the same step for the same customer.
    world.approve(0).await;
    world.run_in_peace(4).await;
    let by_hand: Vec<bool> = reminders(&world).await.iter().map(|reminder| reminder.asked_by.is_some()).collect();
    assert_eq!((by_hand, world.meta.taken().len()), (vec![true, false], 2));
    world.run_in_peace(48).await;
    let tasks = world.store().tasks(&world.businesses[0].org).await.unwrap();
    assert!(!tasks.iter().any(|task| matches!(task.about, TaskAbout::DayNotAccounted(_))), "{tasks:?}");
}

#[tokio::test]
async fn a_second_one_on_the_same_day_is_refused_with_the_next_allowed_time() {
    let mut world = business().await;
    ask(&world, 1).await.unwrap();
    world.run_in_peace(1).await;
    let refused = ask(&world, 2).await.unwrap_err();
    let AppError::NotNow { why, next_at } = refused else { panic!("{refused}") };
    assert_eq!(why, SkipCode::NumberDailyCap.sentence());
    // Midnight in Dubai: this business writes at all hours.
    assert_eq!(next_at, "2026-11-23T20:00:00Z".parse().ok());
    assert_eq!(world.store().manual_send(&world.businesses[0].org, id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn an_id_that_was_used_for_another_customer_is_refused() {
    let world = business().await;
    ask(&world, 1).await.unwrap();
    let (business, now) = (&world.businesses[0], world.clock.now());
    let other = ContactRef { contact: "c1".parse().unwrap(), ..unit(&world).await.contact };
    let wanted = Wanted { id: id(1), unit: Unit { contact: other, ..unit(&world).await }, seen: String::new() };
    let refused = send_now(&world.waker, &business.org, &business.admin, &wanted, now).await.unwrap_err();
    assert_eq!(refused.to_string(), "this id was used for another customer");
}

#[tokio::test]
async fn what_was_not_shown_is_refused_and_less_than_what_was_shown_goes_out() {
    let mut world = business().await;
    let (business, now, unit) = (world.businesses[0].clone(), world.clock.now(), unit(&world).await);
    let looked = look(&world.store(), &business.org, &unit, now).await.unwrap();
    let total = looked.decision.unwrap().decision.send().unwrap().total.minor;
    let wanted = Wanted { id: id(1), unit, seen: "something else".to_owned() };
    let refused = send_now(&world.waker, &business.org, &business.admin, &wanted, now).await.unwrap_err();
    assert_eq!(refused.to_string(), "the message is not the one that you looked at any more; look again");
    ask(&world, 1).await.unwrap();
    world.ledger.change(&business.tenant, &invoice(), |invoice| invoice.remaining.minor -= 20_000);
    world.run_in_peace(1).await;
    let said = world.said(0, &reminders(&world).await[0]).await;
    assert_eq!((state(&world, 1).await, said.total.minor), (ManualState::Claimed, total - 20_000));
}

#[tokio::test]
async fn whoever_pays_or_owes_more_before_it_goes_out_gets_nothing() {
    let mut world = business().await;
    ask(&world, 1).await.unwrap();
    let tenant = world.businesses[0].tenant.clone();
    world.ledger.change(&tenant, &invoice(), |invoice| invoice.remaining.minor = 60_000);
    world.run_in_peace(1).await;
    assert_eq!(refusal(&world, 1).await, [SkipCode::PlanNotApproved]);
    ask(&world, 2).await.unwrap();
    world.ledger.pay(&tenant, &invoice());
    world.run_in_peace(1).await;
    assert_eq!((refusal(&world, 2).await, world.meta.taken().len()), (vec![SkipCode::Settled], 0));
}

#[tokio::test]
async fn case_76_a_pause_stops_what_was_asked_for_before() {
    let mut world = business().await;
    ask(&world, 1).await.unwrap();
    let (business, now) = (world.businesses[0].clone(), world.clock.now());
    pause(&world.waker, &business.org, &business.admin, Sending::Pause { until: None }, now).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!((refusal(&world, 1).await, world.meta.taken().len()), (vec![SkipCode::OrganisationPaused], 0));
    let refused = ask(&world, 2).await;
    assert!(matches!(
        refused,
        Err(AppError::NotNow { why: "Your organisation has paused everything.", next_at: None })
    ));
}

#[tokio::test]
async fn what_meta_takes_too_late_lapses_and_what_it_takes_in_time_goes_out_once() {
    let mut world = business().await;
    let wait = |minutes| SendAction::Wait { retry_after: Some(SignedDuration::from_mins(minutes)) };
    world.meta.answer_next(SendError::NotSent { code: 130_429, action: wait(2) });
    ask(&world, 1).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!((state(&world, 1).await, world.meta.taken().len()), (ManualState::Claimed, 1));
    let mut world = business().await;
    world.meta.answer_next(SendError::NotSent { code: 130_429, action: wait(45) });
    ask(&world, 1).await.unwrap();
    world.run_in_peace(2).await;
    assert_eq!((state(&world, 1).await, world.meta.taken().len()), (ManualState::Lapsed, 0));
}

#[tokio::test]
async fn a_ledger_that_does_not_answer_in_time_lets_it_lapse() {
    let mut world = business().await;
    world.ledger.fail(1_000);
    ask(&world, 1).await.unwrap();
    world.run_in_peace(2).await;
    assert_eq!((state(&world, 1).await, world.meta.taken().len()), (ManualState::Lapsed, 0));
}

#[tokio::test]
async fn a_number_that_meta_blocks_sends_nothing_by_hand_either() {
    let mut world = business().await;
    ask(&world, 1).await.unwrap();
    world.meta.answer_next(SendError::NotSent { code: 131_042, action: SendAction::StopSender });
    world.run_in_peace(1).await;
    assert_eq!((refusal(&world, 1).await, world.meta.taken().len()), (vec![SkipCode::SenderBlocked], 0));
    let refused = ask(&world, 2).await;
    assert!(matches!(refused, Err(AppError::NotNow { next_at: None, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_number_that_meta_blocked_without_a_word_is_found_before_a_reminder_by_hand_takes_a_try() {
    let mut world = business().await;
    // Meta was asked more than an hour ago.
    world.pass(SignedDuration::from_mins(61));
    ask(&world, 1).await.unwrap();
    world.meta.block(true);
    let before = world.meta.looks_at(&world.businesses[0].phone);
    world.work_with(Plan::Never).await;
    assert_eq!(world.meta.looks_at(&world.businesses[0].phone) - before, 1);
    assert_eq!((refusal(&world, 1).await, world.meta.asked().len()), (vec![SkipCode::SenderBlocked], 0));
    assert_eq!(reminders(&world).await, []);
}

#[tokio::test]
async fn one_that_dies_at_any_call_goes_out_once_at_most_and_ends_with_a_state() {
    let asked = async || {
        let world = business().await;
        ask(&world, 1).await.unwrap();
        world
    };
    let calls = asked().await.work_with(Plan::Never).await;
    assert!(calls > 12, "only {calls} calls were made");
    let mut ends = BTreeSet::new();
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            for plan in [Plan::Crash { call, fault }, Plan::Once { call, fault }] {
                let mut world = asked().await;
                world.work_with(plan.clone()).await;
                world.run_in_peace(3).await;
                let (sent, reminders) = (world.meta.taken().len(), reminders(&world).await);
                assert!(sent <= 1 && reminders.len() == 1, "{plan:?} sent {sent} times");
                assert_eq!(reminders[0].key.occasion, Occasion::Step(numo_domain::policy::StepId(2)));
                assert_eq!(state(&world, 1).await, ManualState::Claimed, "{plan:?}");
                ends.insert((sent, reminders[0].state.name()));
            }
        }
    }
    assert_eq!(Vec::from_iter(ends), [(0, "unknown"), (1, "read")]);
}
