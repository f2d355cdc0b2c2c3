//! Test on yourself: texts that members have sent to their own numbers.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    clerk_news::{ClerkNews, ClerkPorts, Taken, take_clerk_news},
    configure::{Sending, pause},
    delivery::{Delivery, StatusUpdate, Update},
    error::AppError,
    own_number::{forget_number, give_code},
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
    store::task::TaskAbout,
    test_on_yourself::{WantedTest, test_on_yourself},
};
use numo_domain::{
    delivery_report::DeliveryReport,
    id::TestMessageId,
    language::Language,
    member::TESTS_PER_DAY,
    reminder::{DeliveryStatus, ReminderState},
    sender::SenderStatus,
    template::{AccountTemplate, Purpose, Variant, WhyUnusable, template_for},
    test_message::{TestState, WhyNoTest},
};
use numo_simulation::{business::Business, meta::waba_of, world::World};
use numo_testkit::faulty_table::{Fault, Plan};

/// A business that has a number at Meta and no ledger, whose admin has proved a number.
async fn without_ledger() -> World {
    let mut world = World::new(4);
    let business = Business::numbered(1, 0);
    world.add_number(&business, &business.phone).await;
    // The first look at the account, which comes at once.
    world.work_with(Plan::Never).await;
    world.businesses.push(business);
    prove(&mut world).await;
    world
}

/// The admin of the first business proves a number.
async fn prove(world: &mut World) {
    let business = world.businesses[0].clone();
    let given = give_code(&world.waker, &business.org, &business.admin, world.clock.now()).await.unwrap();
    world.admin_writes(0, &given.code.to_string());
    world.all_webhooks_arrive().await;
}

fn id(n: u32) -> TestMessageId {
    format!("00000000-0000-0000-0000-{n:012}").parse().unwrap()
}

async fn ask_for(world: &World, n: u32, language: Language) -> Result<(), AppError> {
    let (business, wanted) = (&world.businesses[0], WantedTest { id: id(n), purpose: Purpose::ThankYou, language });
    test_on_yourself(&world.waker, &business.org, &business.admin, wanted, world.clock.now()).await
}

async fn ask(world: &World, n: u32) -> Result<(), AppError> {
    ask_for(world, n, Language::English).await
}

/// Why a test is refused.
async fn refusal(world: &World, n: u32) -> String {
    ask(world, n).await.unwrap_err().to_string()
}

async fn state(world: &World, n: u32) -> TestState {
    world.store().test_message(&world.businesses[0].org, id(n)).await.unwrap().unwrap().value.state
}

async fn set_pause(world: &World, sending: Sending) {
    let business = &world.businesses[0];
    pause(&world.waker, &business.org, &business.admin, sending, world.clock.now()).await.unwrap();
}

/// What stands in the table about sends: the ledger of sends, and what is counted by it.
fn counted(world: &World) -> Vec<String> {
    let is_counted =
        |sk: &str| ["REM#", "FUSE#", "ATT#", "WAMID#", "SENDER#"].iter().any(|class| sk.starts_with(class));
    let items = world.table.items();
    let rows = items.iter().filter(|item| is_counted(&item.key.sk)).map(|item| format!("{item:?}"));
    rows.collect()
}

#[tokio::test]
async fn whoever_left_the_organisation_has_no_number_there_any_more() {
    let world = without_ledger().await;
    let business = &world.businesses[0];
    let ports = ClerkPorts { store: world.waker.store.clone(), ids: world.waker.ids.clone() };
    let ended = ClerkNews::MembershipEnded { org: business.org.clone(), user: business.admin.clone() };
    let take = async |message: &str| take_clerk_news(&ports, message, &ended, world.clock.now()).await.unwrap();
    assert_eq!(
        (take("msg_1").await, take("msg_1").await, take("msg_2").await),
        (Taken::Done, Taken::Repeated, Taken::Nothing)
    );
    assert_eq!(world.store().member(&business.org, &business.admin).await.unwrap().number, None);
    let actions = world.store().activity(&business.org, 10).await.unwrap().into_iter().map(|line| line.activity.action);
    assert_eq!(actions.filter(|action| action == "number.forgotten").count(), 1);
    assert!(ask(&world, 1).await.is_err());
}

#[tokio::test]
async fn a_member_gets_the_text_with_the_example_on_their_own_number_and_nothing_is_counted() {
    let mut world = without_ledger().await;
    let before = counted(&world);
    // A form that is sent twice asks once.
    for _ in 0..2 {
        ask(&world, 1).await.unwrap();
    }
    world.run_in_peace(1).await;
    let (taken, business) = (world.meta.taken(), &world.businesses[0]);
    let text = "Hello Acme Trading, Harbour Lane has received your payment of AED 500.00. Thank you.";
    let sent: Vec<_> = taken.iter().map(|taken| (taken.to.as_e164(), &taken.from, taken.text.as_str())).collect();
    assert_eq!(sent, [(business.admin_number.as_str(), &business.phone, text)]);
    assert_eq!((state(&world, 1).await, counted(&world)), (TestState::Called(ReminderState::Read), before));
}

#[tokio::test]
async fn case_77_a_test_goes_out_while_the_only_ledger_is_a_demo_company_and_its_plan_sends_nothing() {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.owed_since(0, jiff::civil::date(2026, 11, 10));
    let org = world.businesses[0].org.clone();
    world.first_day().await;
    let mut connection = world.store().connections(&org).await.unwrap().remove(0);
    connection.is_demo_company = true;
    world.store().save_connection(&org, &connection, world.clock.now()).await.unwrap();
    world.approve(0).await;
    prove(&mut world).await;
    ask(&world, 1).await.unwrap();
    world.run_in_peace(2).await;
    let to: Vec<String> = world.meta.taken().iter().map(|taken| taken.to.as_e164().to_owned()).collect();
    assert_eq!(to, [world.businesses[0].admin_number.clone()]);
    assert_eq!(world.store().reminders(&org).await.unwrap(), []);
}

#[tokio::test]
async fn a_test_beside_reminders_leaves_the_plan_of_the_day_and_its_sum_alone() {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.owed_since(0, jiff::civil::date(2026, 11, 10));
    world.first_day().await;
    // The admin is a customer too, and gets a reminder on the same day.
    world.businesses[0].admin_number = world.businesses[0].numbers.values().next().unwrap().clone();
    prove(&mut world).await;
    let org = world.businesses[0].org.clone();
    assert_eq!(world.store().conversations(&org).await.unwrap(), []);
    ask(&world, 1).await.unwrap();
    world.run_in_peace(1).await;
    world.approve(0).await;
    world.run_in_peace(4).await;
    assert_eq!((world.meta.taken().len(), world.store().reminders(&org).await.unwrap().len()), (3, 2));
    world.run_in_peace(48).await;
    let tasks = world.store().tasks(&org).await.unwrap();
    assert!(!tasks.iter().any(|task| matches!(task.about, TaskAbout::DayNotAccounted(_))), "{tasks:?}");
}

#[tokio::test]
async fn whoever_has_no_number_of_their_own_gets_no_test() {
    let world = without_ledger().await;
    let business = &world.businesses[0];
    forget_number(&world.waker, &business.org, &business.admin, world.clock.now()).await.unwrap();
    assert_eq!(refusal(&world, 1).await, WhyNoTest::NoNumber.sentence());
    let (other, wanted) = (
        "user_else".parse().unwrap(),
        WantedTest { id: id(2), purpose: Purpose::ThankYou, language: Language::English },
    );
    let refused = test_on_yourself(&world.waker, &business.org, &other, wanted, world.clock.now()).await.unwrap_err();
    assert_eq!(refused.to_string(), WhyNoTest::NoNumber.sentence());
    assert_eq!(world.store().test_message(&business.org, id(2)).await.unwrap(), None);
}

#[tokio::test]
async fn a_text_that_is_not_approved_in_the_language_is_not_tested() {
    let mut world = without_ledger().await;
    let refused = ask_for(&world, 1, Language::Arabic).await.unwrap_err();
    assert_eq!(refused.to_string(), WhyNoTest::TemplateUnusable.sentence());
    ask(&world, 2).await.unwrap();
    let (business, now) = (&world.businesses[0], world.clock.now());
    let template = template_for(Purpose::ThankYou, Language::English, Variant::Plain).reference();
    let paused = AccountTemplate::pending(template);
    world.store().save_template(&business.org, &waba_of(&business.phone), &paused, now).await.unwrap();
    world.work_with(Plan::Never).await;
    assert_eq!(state(&world, 2).await, TestState::Dropped(WhyNoTest::TemplateUnusable));
    assert_eq!(world.meta.taken().len(), 0);
}

#[tokio::test]
async fn without_a_number_of_the_business_that_can_send_there_is_no_test_and_no_code() {
    let mut world = without_ledger().await;
    ask(&world, 1).await.unwrap();
    let (business, now) = (world.businesses[0].clone(), world.clock.now());
    let block = |sender: &mut numo_domain::sender::Sender| sender.status = SenderStatus::Blocked;
    world.store().change_sender(&business.org, &business.phone, now, block).await.unwrap();
    assert_eq!(refusal(&world, 2).await, WhyNoTest::SenderBlocked.sentence());
    let refused = give_code(&world.waker, &business.org, &business.admin, now).await.unwrap_err();
    assert_eq!(refused.to_string(), "no WhatsApp number of the organisation can be written to at the moment");
    world.work_with(Plan::Never).await;
    assert_eq!(state(&world, 1).await, TestState::Dropped(WhyNoTest::SenderBlocked));
    assert_eq!(world.meta.taken().len(), 0);
}

#[tokio::test]
async fn case_76_a_pause_stops_a_test_that_is_in_flight() {
    let mut world = without_ledger().await;
    ask(&world, 1).await.unwrap();
    set_pause(&world, Sending::Pause { until: None }).await;
    world.run_in_peace(1).await;
    assert_eq!(state(&world, 1).await, TestState::Dropped(WhyNoTest::Paused));
    assert_eq!((world.meta.taken().len(), refusal(&world, 2).await.as_str()), (0, WhyNoTest::Paused.sentence()));
    set_pause(&world, Sending::Resume).await;
    ask(&world, 2).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(world.meta.taken().len(), 1);
}

#[tokio::test]
async fn case_52_a_number_that_said_stop_gets_no_test_either() {
    let mut world = without_ledger().await;
    ask(&world, 1).await.unwrap();
    world.admin_writes(0, "STOP");
    world.all_webhooks_arrive().await;
    world.run_in_peace(1).await;
    assert_eq!(state(&world, 1).await, TestState::Dropped(WhyNoTest::OptedOut));
    assert_eq!(refusal(&world, 2).await, WhyNoTest::OptedOut.sentence());
    // Another proof of the same number changes nothing of that.
    prove(&mut world).await;
    assert_eq!(refusal(&world, 2).await, WhyNoTest::OptedOut.sentence());
    world.clock.advance(SignedDuration::from_mins(1));
    world.admin_writes(0, "START");
    world.all_webhooks_arrive().await;
    ask(&world, 2).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(world.meta.taken().len(), 1);
}

#[tokio::test]
async fn whoever_forgets_the_number_while_a_test_is_in_flight_gets_nothing() {
    let mut world = without_ledger().await;
    ask(&world, 1).await.unwrap();
    let business = world.businesses[0].clone();
    forget_number(&world.waker, &business.org, &business.admin, world.clock.now()).await.unwrap();
    world.run_in_peace(1).await;
    assert_eq!(state(&world, 1).await, TestState::Dropped(WhyNoTest::NoNumber));
    assert_eq!(world.meta.taken().len(), 0);
}

#[tokio::test]
async fn ten_tests_a_day_are_enough_and_forgetting_the_number_counts_none_anew() {
    let mut world = without_ledger().await;
    for n in 0..TESTS_PER_DAY {
        ask(&world, n).await.unwrap();
    }
    let business = world.businesses[0].clone();
    forget_number(&world.waker, &business.org, &business.admin, world.clock.now()).await.unwrap();
    prove(&mut world).await;
    let AppError::NotNow { why, next_at } = ask(&world, 99).await.unwrap_err() else { panic!("not refused") };
    assert_eq!(why, "There were enough test messages today.");
    // No ledger has told another zone than universal time.
    assert_eq!(next_at, "2026-11-24T00:00:00Z".parse::<Timestamp>().ok());
    world.run_in_peace(23).await;
    ask(&world, 99).await.unwrap();
}

#[tokio::test]
async fn an_id_that_was_used_for_another_test_is_refused() {
    let mut world = without_ledger().await;
    ask(&world, 1).await.unwrap();
    let refused = ask_for(&world, 1, Language::Arabic).await.unwrap_err();
    assert_eq!(refused.to_string(), "this id was used for another test message");
    world.run_in_peace(1).await;
    assert_eq!(world.meta.taken().len(), 1);
}

#[tokio::test]
async fn what_meta_asks_to_wait_for_goes_out_once_in_time_and_lapses_too_late() {
    for (minutes, end) in [(2, TestState::Called(ReminderState::Read)), (45, TestState::Dropped(WhyNoTest::Lapsed))] {
        let mut world = without_ledger().await;
        let wait = SendAction::Wait { retry_after: Some(SignedDuration::from_mins(minutes)) };
        world.meta.answer_next(SendError::NotSent { code: 130_429, action: wait });
        ask(&world, 1).await.unwrap();
        world.run_in_peace(2).await;
        let sent = usize::from(minutes == 2);
        assert_eq!((state(&world, 1).await, world.meta.taken().len()), (end, sent), "{minutes}");
    }
}

#[tokio::test]
async fn a_text_or_number_that_meta_stops_in_answer_to_a_test_is_stopped_as_after_a_reminder() {
    for (code, action, next) in [
        (132_015, SendAction::StopTemplate(WhyUnusable::Paused), Some(WhyNoTest::TemplateUnusable)),
        (131_042, SendAction::StopSender, Some(WhyNoTest::SenderBlocked)),
        (190, SendAction::Reconnect, Some(WhyNoTest::SenderBlocked)),
        (131_026, SendAction::SkipRecipient, None),
        (132_012, SendAction::FixMessage, None),
    ] {
        for is_told_later in [false, true] {
            let mut world = without_ledger().await;
            if is_told_later {
                world.meta.fail_later(code, action);
            } else {
                world.meta.answer_next(SendError::NotSent { code, action });
            }
            ask(&world, 1).await.unwrap();
            world.work_with(Plan::Never).await;
            world.all_webhooks_arrive().await;
            let end = if is_told_later { ReminderState::Failed { code } } else { ReminderState::NotSent { code } };
            assert_eq!(state(&world, 1).await, TestState::Called(end), "{code}");
            let asked = ask(&world, 2).await.err().map(|refused| refused.to_string());
            assert_eq!(asked.as_deref(), next.map(WhyNoTest::sentence), "{code}");
        }
    }
}

#[tokio::test]
async fn one_whose_answer_is_lost_is_unknown_and_its_status_settles_it() {
    let mut world = without_ledger().await;
    world.meta.answer_next(SendError::Ambiguous("the connection was cut".into()));
    ask(&world, 1).await.unwrap();
    world.run_in_peace(2).await;
    assert_eq!(state(&world, 1).await, TestState::Called(ReminderState::Unknown));
    assert_eq!(world.meta.asked().len(), 1);
    let business = world.businesses[0].clone();
    let attempt = world.store().test_message(&business.org, id(1)).await.unwrap().unwrap().value.attempt;
    for (status, end) in [
        (DeliveryStatus::Delivered, ReminderState::Delivered),
        (DeliveryStatus::Sent, ReminderState::Delivered),
        (DeliveryStatus::Read, ReminderState::Read),
    ] {
        let update = StatusUpdate {
            phone_number_id: business.phone.clone(),
            message: "wamid.test".parse().unwrap(),
            attempt: Some(attempt),
            status,
            report: DeliveryReport::default(),
            asks_for: None,
            recipient: None,
            at: world.clock.now(),
        };
        let (waba, updates) = (waba_of(&business.phone), vec![Update::Status(update)]);
        world.meta.put_back(Delivery { waba, updates, skipped: Vec::new() });
        world.all_webhooks_arrive().await;
        assert_eq!(state(&world, 1).await, TestState::Called(end));
    }
}

#[tokio::test]
async fn one_that_dies_at_any_call_goes_out_once_at_most_and_ends_with_a_state() {
    let asked = async || {
        let world = without_ledger().await;
        ask(&world, 1).await.unwrap();
        world
    };
    let calls = asked().await.work_with(Plan::Never).await;
    assert!(calls > 10, "only {calls} calls were made");
    let mut ends = BTreeSet::new();
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            for plan in [Plan::Crash { call, fault }, Plan::Once { call, fault }] {
                let mut world = asked().await;
                world.work_with(plan.clone()).await;
                world.run_in_peace(3).await;
                let (sent, state) = (world.meta.taken().len(), state(&world, 1).await);
                assert!(sent <= 1, "{plan:?} sent {sent} times");
                ends.insert((sent, state.name()));
            }
        }
    }
    assert_eq!(Vec::from_iter(ends), [(0, "unknown"), (1, "read")]);
}

#[tokio::test]
async fn a_number_is_proved_once_wherever_its_message_dies() {
    let mut call = 1;
    loop {
        for fault in [Fault::Before, Fault::After] {
            let mut world = World::new(4);
            let business = Business::numbered(1, 0);
            world.add_number(&business, &business.phone).await;
            world.businesses.push(business.clone());
            let given = give_code(&world.waker, &business.org, &business.admin, world.clock.now()).await.unwrap();
            world.admin_writes(0, &given.code.to_string());
            let died = world.webhook_dies(Plan::Crash { call, fault }).await;
            world.all_webhooks_arrive().await;
            let member = world.store().member(&business.org, &business.admin).await.unwrap();
            assert!(member.number.is_some() && member.code.is_none(), "call {call}, {fault:?}");
            let log = world.store().activity(&business.org, 9).await.unwrap();
            let lines = log.iter().filter(|line| line.activity.action == "member.number_verified").count();
            assert_eq!((lines, world.store().conversations(&business.org).await.unwrap().len()), (1, 0));
            if !died {
                assert!(call > 5, "{call}");
                return;
            }
        }
        call += 1;
    }
}
