//! Acceptance cases about duplicates, crashes and explanations, walked through the whole product.

use std::collections::BTreeMap;

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};
use numo_app::{
    configure::{Sending, pause, record_consent, set_cost_cap, set_explicit_opt_in_only},
    job::{Cause, Work},
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
    store::task::TaskAbout,
};
use numo_domain::{
    consent::ConsentState,
    contact::ContactRef,
    cost::{Cost, CostCap},
    id::PolicyId,
    money::Money,
    plan::reason::{Reason, SkipCode},
    reminder::{Reminder, ReminderState, state_change::StateChange},
    template::WhyUnusable,
};
use numo_simulation::world::World;

/// A business that asks for approval, with every one of its customers in the plan of Monday.
async fn planned(customers: u32) -> World {
    let mut world = World::new(4);
    world.set_up(1, customers).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world
}

async fn reminders(world: &World) -> Vec<Reminder> {
    world.store().reminders(&world.businesses[0].org).await.unwrap()
}

async fn in_state(world: &World, is_asked: impl Fn(&ReminderState) -> bool) -> usize {
    reminders(world).await.iter().filter(|reminder| is_asked(&reminder.state)).count()
}

#[tokio::test]
async fn case_34_a_day_that_is_planned_and_dispatched_twice_at_once_sends_one_message_each() {
    let mut world = planned(3).await;
    let (org, now) = (world.businesses[0].org.clone(), world.clock.now());
    world.approve(0).await;
    for _ in 0..2 {
        world.waker.wake(&org, &Work::PlanDay {}, Cause::Person, now).await.unwrap();
        let dispatch = Work::DispatchRun { date: date(2026, 11, 23) };
        world.waker.wake(&org, &dispatch, Cause::Person, now).await.unwrap();
    }
    world.run_in_peace(2).await;
    assert_eq!((world.meta.taken().len(), reminders(&world).await.len()), (3, 3));
}

#[tokio::test]
async fn case_35_a_sweep_every_few_minutes_all_day_sends_one_message_each() {
    let mut world = planned(3).await;
    world.approve(0).await;
    world.run_in_peace(18).await;
    assert_eq!(world.meta.taken().len(), 3);
}

#[tokio::test]
async fn case_37_a_call_that_timed_out_is_not_made_again() {
    let mut world = planned(3).await;
    world.meta.answer_next(SendError::Ambiguous("the call timed out".into()));
    world.approve(0).await;
    world.run_in_peace(20).await;
    // Nobody knows whether it arrived: it stays in doubt, the owner is told, and the others got theirs.
    assert_eq!(in_state(&world, |state| *state == ReminderState::Unknown).await, 1);
    assert_eq!((world.meta.taken().len(), reminders(&world).await.len()), (2, 3));
    let tasks = world.store().tasks(&world.businesses[0].org).await.unwrap();
    assert!(tasks.iter().any(|task| matches!(task.about, TaskAbout::OutcomeUnknown(_))), "{tasks:?}");
}

#[tokio::test]
async fn case_38_a_message_that_meta_finds_fault_with_does_not_keep_the_others_back() {
    let mut world = planned(3).await;
    world.meta.answer_next(SendError::NotSent { code: 131_009, action: SendAction::FixMessage });
    world.approve(0).await;
    world.run_in_peace(2).await;
    assert_eq!(world.meta.taken().len(), 2);
    assert_eq!(in_state(&world, |state| *state == ReminderState::NotSent { code: 131_009 }).await, 1);
}

#[tokio::test]
async fn a_text_with_buttons_that_does_not_fit_its_template_is_stopped_and_the_plain_one_stands_in_for_the_others() {
    let mut world = planned(3).await;
    world.meta.answer_next(SendError::NotSent { code: 132_012, action: SendAction::FixMessage });
    world.approve(0).await;
    world.run_in_peace(2).await;
    let mut names = Vec::new();
    for reminder in reminders(&world).await {
        names.push(world.said(0, &reminder).await.template.name);
    }
    names.sort();
    // Whoever was refused gets the plain one too, once the day was planned anew.
    let expected = ["numo_overdue_gentle_v1"; 3];
    assert_eq!((names, world.meta.taken().len()), (expected.map(str::to_owned).to_vec(), 3));
}

#[tokio::test]
async fn a_text_without_buttons_that_two_customers_do_not_fit_is_stopped_with_its_cause_and_rests_for_a_day() {
    let mut world = planned(6).await;
    let phone = world.businesses[0].phone.clone();
    world.meta.refuse_all_from(&phone, 132_012, SendAction::FixMessage);
    world.approve(0).await;
    world.run_in_peace(12).await;
    // The one with buttons, and the plain one twice; Meta says of both that they may be sent.
    let stopped: Vec<String> = world
        .store()
        .tasks(&world.businesses[0].org)
        .await
        .unwrap()
        .into_iter()
        .filter_map(|task| {
            let TaskAbout::TextUnusable { template, why: WhyUnusable::Mismatch, .. } = task.about else { return None };
            Some(template.name)
        })
        .collect();
    assert_eq!(stopped, ["numo_overdue_gentle_reply_v1", "numo_overdue_gentle_v1"]);
    assert_eq!(world.meta.asked().len(), 3);
    assert_eq!(in_state(&world, |state| *state == ReminderState::NotSent { code: 132_012 }).await, 3);
}

#[tokio::test]
async fn what_meta_never_delivers_is_not_tried_again_and_what_it_held_back_once_after_a_day() {
    for (code, tried) in [(131_050, 1), (130_472, 1), (130_497, 1), (131_049, 2)] {
        for told_at_once in [true, false] {
            let mut world = planned(1).await;
            world.change_policy(0, |policy| (policy.repeat, policy.steps) = (None, policy.steps[..2].to_vec())).await;
            let asks_for = SendAction::SkipRecipient;
            for _ in 0..9 {
                world.run_in_peace(12).await;
                let phone = world.businesses[0].phone.clone();
                if told_at_once {
                    world.meta.refuse_all_from(&phone, code, asks_for);
                } else {
                    world.meta.fail_later(code, asks_for);
                }
                world.approve(0).await;
                world.run_in_peace(12).await;
            }
            let (mut past, day) = (reminders(&world).await, SignedDuration::from_hours(24));
            past.sort_by_key(|reminder| reminder.history[0].at);
            let attempts: Vec<u8> = past.iter().map(|reminder| reminder.attempt_number).collect();
            assert_eq!(attempts[0], tried, "{code} {told_at_once}");
            assert!(attempts.iter().all(|attempts| *attempts <= tried), "{code} {told_at_once}: {attempts:?}");
            for reminder in past {
                let is_refused = |change: &&StateChange| change.state.code() == Some(code);
                let refused: Vec<Timestamp> = reminder.history.iter().filter(is_refused).map(|c| c.at).collect();
                let calls = reminder.history.iter().filter(|change| change.state == ReminderState::Sending);
                let again: Vec<Timestamp> = calls.skip(1).map(|change| change.at).collect();
                assert!(again.iter().zip(&refused).all(|(again, told)| again.duration_since(*told) >= day));
            }
        }
    }
}

#[tokio::test]
async fn case_39_a_payment_that_the_sync_and_the_check_both_see_gives_one_outcome() {
    let mut world = planned(3).await;
    let tenant = world.businesses[0].tenant.clone();
    world.ledger.pay(&tenant, &"c1-0".parse().unwrap());
    for invoice in world.ledger.open_invoices(&tenant) {
        if invoice.as_str().starts_with("c1-") {
            world.ledger.pay(&tenant, &invoice);
        }
    }
    let (org, now) = (world.businesses[0].org.clone(), world.clock.now());
    let connection = world.store().connections(&org).await.unwrap()[0].id;
    world.waker.wake(&org, &Work::SyncConnection { connection }, Cause::Person, now).await.unwrap();
    world.approve(0).await;
    world.run_in_peace(18).await;
    assert_eq!(world.meta.taken().len(), 2, "whoever paid gets nothing");
    let cancelled = world.store().cancelled_of(&org, date(2026, 11, 23)).await.unwrap();
    let settled = cancelled.iter().filter(|unit| unit.reasons[0].code == SkipCode::Settled).count();
    assert_eq!((cancelled.len(), settled), (1, 1), "{cancelled:?}");
}

#[tokio::test]
async fn case_75_why_somebody_got_nothing_on_a_day_is_answered_half_a_year_later_from_what_was_stored() {
    let mut world = planned(3).await;
    world.approve(0).await;
    world.run_in_peace(12).await;
    let org = world.businesses[0].org.clone();
    let asked = |at: Date| {
        let (store, org) = (world.store(), org.clone());
        async move {
            let header = store.plan_header(&org, at).await.unwrap().unwrap().value;
            let decisions = store.plan_decisions(&org, &header).await.unwrap();
            (decisions.iter().map(|decision| decision.sentence(at)).collect::<Vec<_>>(), header.ledgers_read_at.len())
        }
    };
    let told = asked(date(2026, 11, 23)).await;
    world.pass(jiff::SignedDuration::from_hours(24 * 190));
    assert_eq!(asked(date(2026, 11, 23)).await, told);
    assert_eq!((told.0.len(), told.1), (3, 1));
    assert!(told.0.iter().all(|sentence| sentence.starts_with("Step 2 (gentle) goes out")), "{:?}", told.0);
    let version = world.store().policy_versions(&org, &PolicyId::organisation_default()).await.unwrap();
    assert!(!version.is_empty(), "the policy that decided is still there");
}

#[tokio::test]
async fn a_cost_cap_that_was_lowered_after_the_approval_holds_what_it_leaves_no_room_for() {
    let mut world = planned(3).await;
    let (org, admin, now) = (world.businesses[0].org.clone(), world.businesses[0].admin.clone(), world.clock.now());
    let usd = "USD".parse().unwrap();
    let cap = |cents| CostCap {
        per_month: Money::new(cents, usd),
        rates: BTreeMap::new(),
        rate_elsewhere: 80_000,
        valid_from: None,
        read_on: None,
    };
    set_cost_cap(&world.waker, &org, &admin, Some(cap(24)), now).await.unwrap();
    world.run_in_peace(1).await;
    world.approve(0).await;
    set_cost_cap(&world.waker, &org, &admin, Some(cap(23)), now).await.unwrap();
    world.run_in_peace(18).await;
    let costs: Vec<Option<Cost>> = reminders(&world).await.into_iter().map(|reminder| reminder.cost).collect();
    assert_eq!(costs, [Some(Cost { millionths: 80_000, currency: usd }); 2]);
    assert_eq!(world.meta.taken().len(), 2);
    let cancelled = world.store().cancelled_of(&org, date(2026, 11, 23)).await.unwrap();
    let capped = Reason::until(SkipCode::CostCap, Some(date(2026, 12, 1)));
    assert_eq!(cancelled.into_iter().flat_map(|unit| unit.reasons).collect::<Vec<_>>(), [capped]);
}

#[tokio::test]
async fn once_only_an_opt_in_counts_what_was_approved_without_one_is_not_sent() {
    let mut world = planned(3).await;
    world.approve(0).await;
    let (org, admin, now) = (world.businesses[0].org.clone(), world.businesses[0].admin.clone(), world.clock.now());
    let opted_in = world.store().contacts(&org).await.unwrap().remove(0).at;
    record_consent(&world.waker, &org, &admin, &opted_in, ConsentState::OptedIn, "by phone", now).await.unwrap();
    set_explicit_opt_in_only(&world.waker, &org, &admin, true, now).await.unwrap();
    world.run_in_peace(12).await;
    let reminded: Vec<ContactRef> = reminders(&world).await.into_iter().map(|reminder| reminder.key.contact).collect();
    assert_eq!((world.meta.taken().len(), reminded), (1, vec![opted_in]));
    let cancelled = world.store().cancelled_of(&org, date(2026, 11, 23)).await.unwrap();
    let reasons: Vec<Reason> = cancelled.into_iter().flat_map(|unit| unit.reasons).collect();
    assert_eq!(reasons, [SkipCode::NoConsentBasis.into(), SkipCode::NoConsentBasis.into()]);
}

#[tokio::test]
async fn case_76_when_everything_is_paused_no_further_message_of_a_run_goes_out() {
    let mut world = planned(30).await;
    world.approve(0).await;
    let (org, admin, now) = (world.businesses[0].org.clone(), world.businesses[0].admin.clone(), world.clock.now());
    // The run has begun: its job is in flight when the pause is stored.
    pause(&world.waker, &org, &admin, Sending::Pause { until: None }, now).await.unwrap();
    world.run_in_peace(12).await;
    assert_eq!(world.meta.taken().len(), 0);
    let cancelled = world.store().cancelled_of(&org, date(2026, 11, 23)).await.unwrap();
    assert!(!cancelled.is_empty());
    assert!(cancelled.iter().all(|unit| unit.reasons[0].code == SkipCode::OrganisationPaused), "{cancelled:?}");
}
