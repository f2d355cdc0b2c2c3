//! Accounts at Meta, as they are looked after by themselves.

use std::collections::BTreeMap;

use jiff::civil::date;
use numo_app::{
    configure::{set_cost_cap, set_language},
    edit_customer::{CustomerEdit, edit_customer},
    job::{Cause, Work},
    port::{
        clock::Clock,
        whatsapp::{SendAction, SendError},
    },
    situation::situation,
    store::task::TaskAbout,
};
use numo_domain::{
    account_bill::{AccountBill, Sum, Sums, ToldBill},
    contact::ContactRef,
    cost::CostCap,
    delivery_report::pricing::PriceCategory,
    language::Language,
    money::Money,
    reminder::{Reminder, ReminderState},
    sender::{SenderStatus, Throughput},
    template::Purpose,
};
use numo_simulation::{
    meta::{spare_of, waba_of},
    world::World,
};
use numo_testkit::faulty_table::{Fault, Plan};

/// A business with two customers who owe since the 10th.
async fn business() -> World {
    let mut world = World::new(4);
    world.set_up(1, 2).await;
    world.owed_since(0, date(2026, 11, 10));
    world
}

async fn status(world: &World) -> (SenderStatus, Vec<TaskAbout>) {
    let (store, org) = (world.store(), &world.businesses[0].org);
    let about = store.tasks(org).await.unwrap().into_iter().map(|task| task.about);
    let blocked = about.filter(|about| matches!(about, TaskAbout::SenderBlocked(_))).collect();
    (store.senders(org).await.unwrap()[0].status, blocked)
}

#[tokio::test]
async fn texts_are_registered_in_every_language_in_which_somebody_is_written_to_and_go_out_in_it() {
    let mut world = business().await;
    // A number can be entered with the plain texts alone; the first look registers the others.
    assert_eq!(world.meta.registered().len(), Purpose::ALL.len());
    world.first_day().await;
    // Nine plain texts and eight with answers: nobody wants pay buttons or invoices attached.
    assert_eq!(world.meta.registered().len(), 17);
    let (org, admin, now) = (world.businesses[0].org.clone(), world.businesses[0].admin.clone(), world.clock.now());
    set_language(&world.waker, &org, &admin, Language::German, now).await.unwrap();
    let connection = world.store().connections(&org).await.unwrap()[0].id;
    let arabic = ContactRef { connection, contact: "c1".parse().unwrap() };
    let edit = CustomerEdit::WriteIn { language: Some(Language::Arabic) };
    edit_customer(&world.waker, &org, &admin, &arabic, &edit, now).await.unwrap();
    world.run_in_peace(1).await;
    world.approve(0).await;
    world.run_in_peace(12).await;
    let languages: Vec<String> = world.meta.registered().into_iter().map(|(_, language)| language).collect();
    let count = |code: &str| languages.iter().filter(|language| *language == code).count();
    assert_eq!([count("en"), count("de"), count("ar"), languages.len()], [17, 17, 17, 51]);
    let mut texts: Vec<String> = world.meta.taken().into_iter().map(|message| message.text).collect();
    texts.sort();
    let begin: Vec<bool> =
        texts.iter().zip(["Guten Tag", "مرحبًا"]).map(|(text, with)| text.starts_with(with)).collect();
    assert_eq!(begin, [true, true], "{texts:?}");
}

#[tokio::test]
async fn a_number_that_meta_blocked_is_known_within_a_day_and_sends_again_once_meta_lets_it() {
    let mut world = business().await;
    world.first_day().await;
    let task = TaskAbout::SenderBlocked(world.businesses[0].phone.clone());
    world.meta.block(true);
    world.run_in_peace(26).await;
    assert_eq!(status(&world).await, (SenderStatus::Blocked, vec![task]));
    world.meta.block(false);
    world.meta.limit(250);
    world.meta.raise();
    world.run_in_peace(2).await;
    assert_eq!(status(&world).await, (SenderStatus::Ready, vec![]));
    let senders = world.store().senders(&world.businesses[0].org).await.unwrap();
    assert_eq!((senders[0].daily_limit, senders[0].throughput), (Some(250), Throughput::High));
}

#[tokio::test]
async fn a_token_that_meta_does_not_accept_any_more_is_a_task_for_the_owner() {
    let mut world = business().await;
    world.first_day().await;
    world.meta.refuse_tokens();
    world.run_in_peace(26).await;
    let task = TaskAbout::SenderBlocked(world.businesses[0].phone.clone());
    assert_eq!(status(&world).await, (SenderStatus::ReauthRequired, vec![task]));
}

#[tokio::test]
async fn trouble_of_the_account_that_comes_with_a_status_stops_the_number_until_meta_lets_it_send_again() {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    // No way to pay, which Meta tells after it took the message.
    world.meta.fail_later(131_042, SendAction::StopSender);
    world.approve(0).await;
    world.dispatch_at_once(async {}).await;
    world.meta.block(true);
    world.run_in_peace(12).await;
    let task = TaskAbout::SenderBlocked(world.businesses[0].phone.clone());
    assert_eq!(status(&world).await, (SenderStatus::Blocked, vec![task]));
    world.meta.block(false);
    world.run_in_peace(2).await;
    assert_eq!(status(&world).await, (SenderStatus::Ready, vec![]));
}

#[tokio::test]
async fn whoever_got_nothing_for_the_sake_of_the_account_gets_it_once_the_account_is_repaired() {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.fail_later(131_042, SendAction::StopSender);
    world.approve(0).await;
    world.run_in_peace(12).await;
    let first: Vec<String> = world.meta.taken().iter().map(|message| message.to.as_e164().to_owned()).collect();
    let lost = first[0].clone();
    assert_eq!(first.iter().filter(|to| **to == lost).count(), 1);
    for _ in 0..4 {
        world.run_in_peace(24).await;
        world.approve(0).await;
    }
    let reminders = world.store().reminders(&world.businesses[0].org).await.unwrap();
    let of_lost: Vec<&Reminder> = reminders
        .iter()
        .filter(|reminder| World::contact_of(&world.businesses[0], &lost) == reminder.key.contact.contact)
        .filter(|reminder| reminder.attempt_number == 2)
        .collect();
    let [again] = of_lost.as_slice() else { panic!("{of_lost:?}") };
    let failed = ReminderState::Failed { code: 131_042 };
    assert!(again.history.iter().any(|change| change.state == failed), "{:?}", again.history);
    assert_ne!(again.state, failed);
    world.check_promises().await;
}

#[tokio::test]
async fn case_54_a_number_that_is_not_on_whatsapp_is_the_owners_task_until_it_is_tried_again() {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.fail_later(131_026, SendAction::SkipRecipient);
    world.approve(0).await;
    world.run_in_peace(12).await;
    let lost = world.meta.taken()[0].to.as_e164().to_owned();
    for _ in 0..5 {
        world.run_in_peace(24).await;
        world.approve(0).await;
    }
    let org = world.businesses[0].org.clone();
    let connection = world.store().connections(&org).await.unwrap()[0].id;
    let customer = ContactRef { connection, contact: World::contact_of(&world.businesses[0], &lost) };
    let open = async |world: &World| {
        let tasks = world.store().tasks(&org).await.unwrap();
        let about = tasks.into_iter().map(|task| task.about);
        about.filter(|about| matches!(about, TaskAbout::NotOnWhatsapp(_))).collect::<Vec<_>>()
    };
    assert_eq!(open(&world).await, vec![TaskAbout::NotOnWhatsapp(customer.clone())]);
    assert_eq!(world.meta.taken().iter().filter(|message| message.to.as_e164() == lost).count(), 1);
    world.try_again(0, customer.contact).await;
    assert_eq!(open(&world).await, Vec::<TaskAbout>::new());
    // It gets what it did not get, after the week-end.
    for _ in 0..3 {
        world.run_in_peace(24).await;
        world.approve(0).await;
    }
    assert_eq!(world.meta.taken().iter().filter(|message| message.to.as_e164() == lost).count(), 2);
    assert_eq!(open(&world).await, Vec::<TaskAbout>::new());
    world.check_promises().await;
}

#[tokio::test]
async fn a_message_that_meta_holds_for_longer_than_it_lives_is_a_task_and_is_not_sent_again() {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.hold(1);
    world.approve(0).await;
    world.run_in_peace(2).await;
    let org = world.businesses[0].org.clone();
    let held = async |world: &World, state: ReminderState| {
        let reminders = world.store().reminders(&org).await.unwrap();
        reminders.into_iter().filter(|reminder| reminder.state == state).map(|held| held.attempt).collect::<Vec<_>>()
    };
    let [attempt] = held(&world, ReminderState::Held).await[..] else { panic!("one message is held") };
    world.run_in_peace(24).await;
    assert_eq!(held(&world, ReminderState::Unknown).await, [attempt]);
    let tasks = world.store().tasks(&org).await.unwrap();
    assert!(tasks.iter().any(|task| task.about == TaskAbout::OutcomeUnknown(attempt)), "{tasks:?}");
    let to = world.meta.taken().into_iter().find(|message| message.attempt == attempt).unwrap().to;
    assert_eq!(world.meta.taken().iter().filter(|message| message.to == to).count(), 1);
}

#[tokio::test]
async fn what_waits_for_a_stopped_number_goes_out_on_the_same_day_once_meta_lets_it_send_again() {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.answer_next(SendError::NotSent { code: 131_042, action: SendAction::StopSender });
    world.approve(0).await;
    world.dispatch_at_once(async {}).await;
    world.meta.block(true);
    world.run_in_peace(6).await;
    assert_eq!((status(&world).await.0, world.meta.taken().len()), (SenderStatus::Blocked, 0));
    world.meta.block(false);
    world.run_in_peace(2).await;
    assert_eq!((status(&world).await, world.meta.taken().len()), ((SenderStatus::Ready, vec![]), 2));
}

#[tokio::test]
async fn a_number_whose_messages_are_refused_is_not_tried_again_for_a_day_though_meta_says_that_it_can_send() {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.fail_later(131_042, SendAction::StopSender);
    world.approve(0).await;
    world.run_in_peace(20).await;
    assert_eq!(status(&world).await.0, SenderStatus::Blocked);
    world.run_in_peace(10).await;
    assert_eq!(status(&world).await, (SenderStatus::Ready, vec![]));
}

#[tokio::test]
async fn a_number_that_the_token_does_not_reach_stops_alone_and_texts_that_cannot_be_read_stop_no_number() {
    let mut world = business().await;
    let business = world.businesses[0].clone();
    let spare = spare_of(&business.phone);
    world.add_number(&business, &spare).await;
    world.first_day().await;
    world.meta.refuse_texts();
    world.run_in_peace(26).await;
    let standing = async |world: &World| -> Vec<(String, SenderStatus)> {
        let senders = world.store().senders(&business.org).await.unwrap();
        senders.into_iter().map(|sender| (sender.phone_number_id.to_string(), sender.status)).collect()
    };
    let row = |phone: &str, status| (phone.to_owned(), status);
    let ready = SenderStatus::Ready;
    assert_eq!(standing(&world).await, [row("phone-1", ready), row("phone-1-spare", ready)]);
    world.meta.refuse_number(&spare);
    world.run_in_peace(26).await;
    let refused = SenderStatus::ReauthRequired;
    assert_eq!(standing(&world).await, [row("phone-1", ready), row("phone-1-spare", refused)]);
    assert_eq!(status(&world).await.1, [TaskAbout::SenderBlocked(spare.clone())]);
}

/// A business whose number was stopped before anything went out and can send again, of which nobody knows yet; the
/// look that will find it is in flight.
async fn mended_number() -> World {
    let mut world = business().await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.meta.answer_next(SendError::NotSent { code: 131_042, action: SendAction::StopSender });
    world.approve(0).await;
    world.dispatch_at_once(async {}).await;
    world.meta.block(true);
    world.run_in_peace(3).await;
    assert_eq!((status(&world).await.0, world.meta.taken().len()), (SenderStatus::Blocked, 0));
    world.meta.block(false);
    let business = world.businesses[0].clone();
    let look = Work::CheckAccount { waba: waba_of(&business.phone) };
    world.waker.wake(&business.org, &look, Cause::Person, world.clock.now()).await.unwrap();
    world
}

#[tokio::test]
async fn a_look_at_an_account_that_dies_at_any_call_or_meets_a_failing_one_is_repeated_in_full() {
    let calls = mended_number().await.work_with(Plan::Never).await;
    assert!(calls > 15, "only {calls} calls were made");
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            for plan in [Plan::Crash { call, fault }, Plan::Once { call, fault }] {
                let mut world = mended_number().await;
                world.work_with(plan.clone()).await;
                world.run_in_peace(4).await;
                let is_as_in_peace = (status(&world).await, world.meta.taken().len());
                assert_eq!(is_as_in_peace, ((SenderStatus::Ready, vec![]), 2), "{plan:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_meta_billed_is_asked_once_a_day_and_counts_towards_the_cap_where_it_is_more() {
    let mut world = business().await;
    let (org, waba) = (world.businesses[0].org.clone(), waba_of(&world.businesses[0].phone));
    let usd = "USD".parse().unwrap();
    let cap = CostCap {
        per_month: Money::new(100, usd),
        rates: BTreeMap::new(),
        rate_elsewhere: 50_000,
        valid_from: None,
        read_on: None,
    };
    let (admin, now) = (world.businesses[0].admin.clone(), world.clock.now());
    set_cost_cap(&world.waker, &org, &admin, Some(cap), now).await.unwrap();
    world.first_day().await;
    // Meta tells nothing of the account: that is noted, and nobody is bothered.
    let [bill] = <[AccountBill; 1]>::try_from(world.store().account_bills(&org).await.unwrap()).unwrap();
    assert_eq!((&bill.told, bill.month), (&ToldBill::Unavailable { code: Some(10) }, date(2026, 11, 1)));
    let sums = |millionths| Sums {
        currency: Some(usd),
        categories: BTreeMap::from([(PriceCategory::Utility, Sum { messages: 20, free: 0, millionths })]),
    };
    world.meta.bill(&waba, sums(990_000));
    world.run_in_peace(2).await;
    assert_eq!(world.store().account_bills(&org).await.unwrap(), std::slice::from_ref(&bill));
    world.run_in_peace(24).await;
    let [told] = <[AccountBill; 1]>::try_from(world.store().account_bills(&org).await.unwrap()).unwrap();
    assert_eq!(told.told, ToldBill::Known(sums(990_000)));
    // A message more would cost 0.05 of the 0.01 that are left.
    let plan = situation(&world.store(), &org, world.clock.now()).await.unwrap().plan(world.clock.now());
    assert!(plan.decisions.iter().all(|decision| decision.send().is_none()), "{plan:?}");
    // What was told stays when Meta tells nothing any more.
    world.meta.bill_nothing(&waba);
    world.run_in_peace(26).await;
    let [kept] = <[AccountBill; 1]>::try_from(world.store().account_bills(&org).await.unwrap()).unwrap();
    assert!(kept.told == told.told && kept.asked_at > told.asked_at);
}
