//! Several messages of one run at the same time.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::date};
use numo_app::{
    configure::{Sending, pause},
    operator::{Order, order_everybody},
    port::{
        clock::{Clock, Timer},
        whatsapp::{SendAction, SendError},
    },
    store::plan::PlanHeader,
};
use numo_domain::{
    id::{OperatorId, PhoneNumberId},
    plan::reason::SkipCode,
    reminder::{Reminder, ReminderState},
    sender::SenderStatus,
    template::WhyUnusable,
};
use numo_simulation::world::World;
use numo_testkit::faulty_table::{Fault, Plan};

/// Customers of the business; one of them has a landline, and two share a number.
const CUSTOMERS: u32 = 402;

/// Messages of its day.
const SENDS: usize = 400;

/// The n-th business's day is approved and due; Meta answers after 100 to 200 ms and takes 80 a second.
async fn approved_day(n: u32) -> World {
    approved_day_of(n, CUSTOMERS).await
}

async fn approved_day_of(n: u32, customers: u32) -> World {
    let mut world = World::new(4);
    world.set_up(n, customers).await;
    world.owed_since(0, date(2026, 11, 10));
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.take_time(world.time.clone(), (100, 200));
    world.meta.throttle(80);
    world.approve(0).await;
    world
}

async fn header(world: &World) -> PlanHeader {
    world.store().plan_header(&world.businesses[0].org, date(2026, 11, 23)).await.unwrap().unwrap().value
}

/// Whom the plan wants to send to, in its order.
async fn planned(world: &World) -> Vec<String> {
    let org = &world.businesses[0].org;
    let decisions = world.store().plan_decisions(org, &header(world).await).await.unwrap();
    let to = |decision: &numo_domain::plan::decision::Decision| {
        decision.send().map(|_| decision.unit.contact.contact.to_string())
    };
    decisions.iter().filter_map(to).collect()
}

/// Whom messages were sent to, by the ledger's ids, in their order.
fn told(world: &World) -> Vec<String> {
    let of = |number: &str| World::contact_of(&world.businesses[0], number).to_string();
    world.meta.taken().iter().map(|message| of(message.to.as_e164())).collect()
}

fn after(from: Timestamp, milliseconds: i64) -> Timestamp {
    from.checked_add(SignedDuration::from_millis(milliseconds)).unwrap()
}

async fn states(world: &World) -> Vec<ReminderState> {
    let reminders = world.store().reminders(&world.businesses[0].org).await.unwrap();
    reminders.into_iter().map(|reminder| reminder.state).collect()
}

#[tokio::test]
async fn what_goes_out_is_what_was_planned_in_its_order_once_and_at_the_pace_of_the_number() {
    let mut world = approved_day(2).await;
    let planned = planned(&world).await;
    assert_eq!(planned.len(), SENDS);
    let began = world.clock.now();
    let ended = world.dispatch_at_once(async {}).await;
    assert_eq!((ended.len(), ended.iter().all(Result::is_ok)), (1, true));
    assert_eq!(told(&world), planned);
    let asked = world.meta.asked();
    // Four hundred are five seconds, and nobody waits for the answer to the message before.
    let took = asked[SENDS - 1].duration_since(began);
    assert!(took >= SignedDuration::from_millis(4_750) && took < SignedDuration::from_secs(5), "{took}");
    assert_eq!(world.meta.n_throttled(), 0);
    assert_eq!(states(&world).await, vec![ReminderState::Accepted; SENDS]);
    world.check_promises().await;
}

#[tokio::test]
async fn two_workers_on_one_run_send_what_was_planned_once() {
    let mut world = approved_day(2).await;
    let planned: BTreeSet<String> = planned(&world).await.into_iter().collect();
    world.double();
    let ended = world.dispatch_at_once(async {}).await;
    assert_eq!(ended.len(), 2);
    // One of them may have ended the run for both, and then it is woken again.
    world.run_in_peace(1).await;
    let told = told(&world);
    assert_eq!((told.len(), told.into_iter().collect::<BTreeSet<String>>()), (SENDS, planned));
    // What the other one has in hand is nothing to be taken back.
    assert_eq!(world.store().cancelled_of(&world.businesses[0].org, date(2026, 11, 23)).await.unwrap(), []);
    world.check_promises().await;
}

#[tokio::test]
async fn case_76_a_pause_in_the_middle_of_a_page_lets_no_call_begin_after_what_is_under_way() {
    let mut world = approved_day(2).await;
    let (business, waker, time) = (world.businesses[0].clone(), world.waker.clone(), world.time.clone());
    let paused_at = after(world.clock.now(), 2_000);
    let clock = world.clock.clone();
    let meanwhile = async move {
        time.wait_until(paused_at).await;
        let sending = Sending::Pause { until: None };
        pause(&waker, &business.org, &business.admin, sending, clock.now()).await.unwrap();
    };
    world.dispatch_at_once(meanwhile).await;
    let asked = world.meta.asked();
    assert!(asked.len() > 150 && asked.len() < 170, "{}", asked.len());
    assert!(asked.iter().all(|at| *at <= after(paused_at, 100)), "{:?}", asked.last());
    let cancelled = world.store().cancelled_of(&world.businesses[0].org, date(2026, 11, 23)).await.unwrap();
    assert_eq!(cancelled.len(), SENDS - asked.len());
    let code = SkipCode::OrganisationPaused;
    assert!(cancelled.iter().all(|unit| unit.reasons[0].code == code), "{:?}", cancelled[0].reasons);
    assert_eq!(states(&world).await, vec![ReminderState::Accepted; asked.len()]);
}

#[tokio::test]
async fn a_stop_of_everybody_in_the_middle_of_a_page_holds_within_ten_seconds_and_takes_nothing_back() {
    let mut world = approved_day(2).await;
    // Eighty at a time are 32 a second.
    world.meta.take_time(world.time.clone(), (2_400, 2_500));
    let planned = planned(&world).await;
    let (operators, time, clock) = (world.operator_ports(), world.time.clone(), world.clock.clone());
    let stopped_at = after(world.clock.now(), 1_000);
    let by: OperatorId = "ann".parse().unwrap();
    let meanwhile = async {
        time.wait_until(stopped_at).await;
        order_everybody(&operators, (&by, "a drill"), &Order::Stop { until: None }, clock.now()).await.unwrap();
    };
    world.dispatch_at_once(meanwhile).await;
    let asked = world.meta.asked();
    assert!(asked.len() > 100 && asked.len() < 250, "{}", asked.len());
    assert!(asked.iter().all(|at| *at <= after(stopped_at, 5_000)), "{:?}", asked.last());
    let org = world.businesses[0].org.clone();
    assert_eq!(world.store().cancelled_of(&org, date(2026, 11, 23)).await.unwrap(), []);
    // It stays so for as long as it lasts, and the rest goes out on the same day.
    world.run_in_peace(1).await;
    assert_eq!(world.meta.asked().len(), asked.len());
    order_everybody(&operators, (&by, "over"), &Order::GoOn, world.clock.now()).await.unwrap();
    world.run_in_peace(1).await;
    let told = told(&world);
    assert_eq!((told.len(), BTreeSet::from_iter(told)), (SENDS, BTreeSet::from_iter(planned)));
}

#[tokio::test]
async fn what_a_stop_of_everybody_kept_back_until_its_day_was_over_says_so() {
    let mut world = approved_day(2).await;
    world.operators_stop().await;
    world.run_in_peace(24).await;
    assert_eq!(told(&world), [""; 0]);
    let cancelled = world.store().cancelled_of(&world.businesses[0].org, date(2026, 11, 23)).await.unwrap();
    assert_eq!(cancelled.len(), SENDS);
    assert!(cancelled.iter().all(|unit| unit.reasons[0].code == SkipCode::OperatorPause), "{:?}", cancelled[0].reasons);
}

#[tokio::test]
async fn a_limit_of_the_whole_app_that_one_organisation_meets_stops_the_others_within_seconds() {
    let mut world = approved_day(2).await;
    world.set_up(4, CUSTOMERS).await;
    world.owed_since(1, date(2026, 11, 10));
    world.finish_all().await;
    world.first_day().await;
    world.finish_all().await;
    world.approve(1).await;
    world.meta.take_time(world.time.clone(), (2_400, 2_500));
    let (refused_at, asked) = refused_in_the_middle(&mut world, 4, SendAction::WaitForApp { retry_after: None }).await;
    // Both look at the gate every five seconds, and what is under way is worked to its end.
    assert!(asked.iter().all(|at| *at <= after(refused_at, 8_000)), "{:?}", asked.last());
    let by: BTreeSet<PhoneNumberId> = world.meta.taken().into_iter().map(|message| message.from).collect();
    assert_eq!(by.len(), 2);
    assert!(asked.len() < 2 * SENDS - 200, "{}", asked.len());
    world.run_in_peace(2).await;
    let all = world.meta.asked();
    assert!(all[asked.len()].duration_since(refused_at) >= SignedDuration::from_mins(10), "{:?}", all[asked.len()]);
    world.check_promises().await;
}

/// The next call after two seconds is refused; when it was, and when calls came.
async fn refused_in_the_middle(world: &mut World, code: u32, action: SendAction) -> (Timestamp, Vec<Timestamp>) {
    let (meta, time) = (world.meta.clone(), world.time.clone());
    let refused_at = after(world.clock.now(), 2_000);
    let meanwhile = async move {
        time.wait_until(refused_at).await;
        meta.answer_next(SendError::NotSent { code, action });
    };
    world.dispatch_at_once(meanwhile).await;
    (refused_at, world.meta.asked())
}

#[tokio::test]
async fn a_number_that_is_stopped_in_the_middle_of_a_page_makes_no_call_after_the_answer() {
    for (code, action, status) in [
        (131_031, SendAction::StopSender, SenderStatus::Blocked),
        (190, SendAction::Reconnect, SenderStatus::ReauthRequired),
        (80_007, SendAction::Wait { retry_after: None }, SenderStatus::Ready),
        (4, SendAction::WaitForApp { retry_after: None }, SenderStatus::Ready),
    ] {
        let mut world = approved_day(2).await;
        let (refused_at, asked) = refused_in_the_middle(&mut world, code, action).await;
        // The answer takes at most 200 ms, and the refused call came at most 50 ms after it was arranged.
        assert!(asked.iter().all(|at| *at <= after(refused_at, 250)), "{code}: {:?}", asked.last());
        assert!(asked.len() > 150 && asked.len() < 190, "{code}: {}", asked.len());
        let senders = world.store().senders(&world.businesses[0].org).await.unwrap();
        assert_eq!(senders[0].status, status, "{code}");
        let not_taken = asked.len() - world.meta.taken().len();
        let states = states(&world).await;
        let accepted = states.iter().filter(|state| **state == ReminderState::Accepted).count();
        let refused = states.iter().filter(|state| **state == ReminderState::NotSent { code }).count();
        assert_eq!((states.len(), accepted, refused), (asked.len(), asked.len() - 1, not_taken), "{code}");
    }
}

#[tokio::test]
async fn what_every_call_is_told_at_once_is_written_down_once_and_ends_no_run_as_a_failure_of_ours() {
    for (code, action, status) in [
        (190, SendAction::Reconnect, SenderStatus::ReauthRequired),
        (131_031, SendAction::StopSender, SenderStatus::Blocked),
        (4, SendAction::WaitForApp { retry_after: None }, SenderStatus::Ready),
    ] {
        let mut world = approved_day(2).await;
        let phone = world.businesses[0].phone.clone();
        world.meta.refuse_all_from(&phone, code, action);
        let ended = world.dispatch_at_once(async {}).await;
        assert_eq!((ended.len(), ended.iter().all(Result::is_ok)), (1, true), "{code}: {ended:?}");
        let (asked, senders) = (world.meta.asked(), world.store().senders(&world.businesses[0].org).await.unwrap());
        assert_eq!((asked.len() < 40, senders[0].status), (true, status), "{code}: {}", asked.len());
        assert_eq!(told(&world), [""; 0], "{code}");
    }
}

#[tokio::test]
async fn while_meta_gives_no_clear_answers_few_messages_are_in_doubt_and_the_rest_goes_out_afterwards() {
    let mut world = approved_day(2).await;
    let began = world.clock.now();
    world.meta.be_out_until(after(began, 8 * 60_000));
    let ended = world.dispatch_at_once(async {}).await;
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    // Three without an answer, and what was under way by then.
    let in_doubt = world.meta.asked().len();
    assert!((3..40).contains(&in_doubt), "{in_doubt}");
    assert_eq!(states(&world).await, vec![ReminderState::Unknown; in_doubt]);
    world.run_in_peace(2).await;
    assert_eq!(told(&world).len(), SENDS - in_doubt);
    let unknown = states(&world).await.into_iter().filter(|state| *state == ReminderState::Unknown).count();
    assert_eq!(unknown, in_doubt);
    world.check_promises().await;
}

#[tokio::test]
async fn a_burst_that_meta_holds_ends_and_the_rest_goes_out_an_hour_later() {
    let mut world = approved_day(2).await;
    let planned = planned(&world).await;
    world.meta.hold(1);
    world.dispatch_at_once(async {}).await;
    let asked = world.meta.asked();
    assert!(asked.len() < 40, "{}", asked.len());
    let held = states(&world).await.into_iter().filter(|state| *state == ReminderState::Held).count();
    assert_eq!(held, 1);
    world.run_in_peace(4).await;
    let all = world.meta.asked();
    let waited = all[asked.len()].duration_since(asked[asked.len() - 1]);
    assert!(waited >= SignedDuration::from_mins(59), "{waited}");
    let told = told(&world);
    assert_eq!((told.len(), BTreeSet::from_iter(told)), (SENDS, BTreeSet::from_iter(planned)));
}

#[tokio::test]
async fn after_a_limit_of_the_whole_app_the_run_comes_back_and_sends_the_rest() {
    let mut world = approved_day(2).await;
    let planned = planned(&world).await;
    let (refused_at, asked) = refused_in_the_middle(&mut world, 4, SendAction::WaitForApp { retry_after: None }).await;
    world.run_in_peace(2).await;
    let all = world.meta.asked();
    assert!(all[asked.len()].duration_since(refused_at) >= SignedDuration::from_mins(10), "{:?}", all[asked.len()]);
    let told = told(&world);
    assert_eq!((told.len(), BTreeSet::from_iter(told)), (SENDS, BTreeSet::from_iter(planned)));
}

#[tokio::test]
async fn a_message_beyond_the_throughput_goes_out_in_the_same_run_and_the_number_is_slower_from_then_on() {
    let mut world = approved_day(2).await;
    let planned = planned(&world).await;
    let (refused_at, asked) =
        refused_in_the_middle(&mut world, 130_429, SendAction::SlowDown { retry_after: None }).await;
    assert_eq!(asked.len(), SENDS + 1);
    assert_eq!(BTreeSet::from_iter(told(&world)), BTreeSet::from_iter(planned));
    assert_eq!(states(&world).await, vec![ReminderState::Accepted; SENDS]);
    // Nothing for a second after the answer, then 60 a second.
    let slower: Vec<Timestamp> = asked.into_iter().filter(|at| *at > after(refused_at, 250)).collect();
    assert!(slower[0] >= after(refused_at, 1_100), "{}", slower[0]);
    let fastest = slower.windows(61).map(|window| window[60].duration_since(window[0])).min().unwrap();
    assert!(fastest >= SignedDuration::from_secs(1), "{fastest}");
}

#[tokio::test]
async fn a_number_that_stays_too_fast_for_meta_is_left_alone_for_a_while() {
    let mut world = approved_day(2).await;
    let phone = world.businesses[0].phone.clone();
    world.meta.refuse_all_from(&phone, 130_429, SendAction::SlowDown { retry_after: None });
    world.dispatch_at_once(async {}).await;
    let asked = world.meta.asked();
    let took = asked.last().unwrap().duration_since(asked[0]);
    // What is under way learns of it with its own answer.
    assert!(asked.len() < 80 && took < SignedDuration::from_secs(10), "{} calls in {took}", asked.len());
    assert_eq!(told(&world), [""; 0]);
}

#[tokio::test]
async fn only_the_recipient_waits_that_got_too_much_within_seconds() {
    let mut world = approved_day(2).await;
    let planned = planned(&world).await;
    let (refused_at, asked) = refused_in_the_middle(&mut world, 131_056, SendAction::WaitForRecipient).await;
    assert_eq!(
        (asked.len(), asked.last().unwrap().duration_since(asked[0]) < SignedDuration::from_secs(6)),
        (SENDS + 1, true)
    );
    let told = told(&world);
    assert_eq!(BTreeSet::from_iter(told.clone()), BTreeSet::from_iter(planned.clone()));
    let moved: Vec<&String> =
        told.iter().zip(&planned).filter(|(told, planned)| told != planned).map(|(told, _)| told).collect();
    assert!(!moved.is_empty());
    let at = world.meta.taken().iter().map(|message| message.at).filter(|at| *at > refused_at).min().unwrap();
    assert!(at < after(refused_at, 100), "{at}");
}

#[tokio::test]
async fn a_text_that_is_stopped_in_the_middle_of_a_page_is_not_used_after_the_answer() {
    let mut world = approved_day(2).await;
    let (refused_at, asked) =
        refused_in_the_middle(&mut world, 132_015, SendAction::StopTemplate(WhyUnusable::Paused)).await;
    // All of them have the one text, and no other of the purpose is without buttons; the variant with buttons is.
    let used = |from: Timestamp| {
        let org = world.businesses[0].org.clone();
        let store = world.store();
        async move {
            let reminders = store.reminders(&org).await.unwrap();
            let late: Vec<Reminder> = reminders.into_iter().filter(|reminder| reminder.claimed_at > from).collect();
            let said = store.said(&org, &late).await.unwrap();
            said.into_values().map(|attempt| attempt.template.name).collect::<BTreeSet<String>>()
        }
    };
    let (before, late) = (used(Timestamp::MIN).await, used(after(refused_at, 250)).await);
    assert!(!late.is_empty() && late.len() < before.len(), "{before:?} {late:?}");
    assert!(asked.len() > 150, "{}", asked.len());
}

#[tokio::test]
async fn calls_that_are_slow_at_the_end_of_an_invocation_are_recorded_and_the_rest_goes_out_in_the_next() {
    let mut world = approved_day(2).await;
    let planned = planned(&world).await;
    world.meta.take_time(world.time.clone(), (25_000, 26_000));
    let began = world.clock.now();
    world.dispatch_at_once(async {}).await;
    let asked = world.meta.asked();
    // Eighty at a time: the invocation has 120 s, and nothing begins in its last 30.
    assert!(asked.len() < SENDS && asked.len() > 240, "{}", asked.len());
    assert!(asked.iter().all(|at| at.duration_since(began) <= SignedDuration::from_secs(90)));
    assert!(world.clock.now().duration_since(began) < SignedDuration::from_secs(120));
    assert_eq!(states(&world).await, vec![ReminderState::Accepted; asked.len()]);
    let n_checks = world.ledger.checks_made().len();
    world.run_by_the_minute(15).await;
    // The next invocation knows nothing of what this one asked the ledger, and leaves it alone until that is a minute old.
    let checks: Vec<Timestamp> = world.ledger.checks_made().into_iter().map(|(at, _)| at).collect();
    assert!(checks[n_checks].duration_since(checks[n_checks - 1]) >= SignedDuration::from_mins(1));
    let told = told(&world);
    assert_eq!((told.len(), BTreeSet::from_iter(told)), (SENDS, BTreeSet::from_iter(planned)));
}

#[tokio::test]
async fn a_table_that_fails_in_the_middle_of_a_page_leaves_at_most_one_call_to_meta_without_its_record() {
    for call in (60..900).step_by(120) {
        for fault in [Fault::Before, Fault::After] {
            let mut world = approved_day(2).await;
            world.faults.reset(Plan::Once { call, fault });
            let ended = world.dispatch_at_once(async {}).await;
            world.faults.reset(Plan::Never);
            assert!(ended[0].is_err(), "call {call} {fault:?}");
            let sending = states(&world).await.into_iter().filter(|state| *state == ReminderState::Sending).count();
            assert!(sending <= 1, "call {call} {fault:?}: {sending} without an outcome");
        }
    }
}

#[tokio::test]
async fn a_ledger_that_takes_five_calls_for_forty_customers_is_asked_fifty_times_a_minute_at_most() {
    // Twice what the calls of a minute are enough for.
    let mut world = approved_day_of(1, 802).await;
    let planned = planned(&world).await;
    assert!(planned.len() > 450, "{}", planned.len());
    world.run_in_peace(2).await;
    let checks = world.ledger.checks_made();
    for (at, _) in &checks {
        let within: usize = checks
            .iter()
            .filter(|(other, _)| *other >= *at && *other < after(*at, 60_000))
            .map(|(_, calls)| calls)
            .sum();
        assert!(within <= 50, "{within} calls in a minute");
    }
    assert_eq!(BTreeSet::from_iter(told(&world)), BTreeSet::from_iter(planned));
}
