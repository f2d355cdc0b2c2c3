//! Messages with the invoice as a PDF.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use jiff::{SignedDuration, civil::date};
use numo_app::{
    configure::{Sending, pause},
    port::{
        clock::Clock,
        ledger::{LedgerError, Limit},
        whatsapp::{SendAction, SendError},
    },
};
use numo_domain::{
    invoice::InvoiceStatus,
    reminder::{Reminder, ReminderState},
};
use numo_simulation::{meta::TakenMessage, world::World};
use numo_testkit::faulty_table::{Fault, Plan};

/// A business whose policy wants invoices attached; its day is planned and approved, and the dispatch is in flight.
/// A single customer owes a single invoice.
async fn approved_day(customers: u32) -> World {
    // A seed with which the first message arrives, so that a second one follows.
    let mut world = World::new(5);
    world.set_up(1, customers).await;
    world.owed_since(0, date(2026, 11, 10));
    if customers == 1 {
        let tenant = world.businesses[0].tenant.clone();
        for other in world.ledger.open_invoices(&tenant).into_iter().filter(|invoice| !invoice.as_str().ends_with("-0"))
        {
            world.ledger.change(&tenant, &other, |invoice| invoice.status = InvoiceStatus::Voided);
        }
    }
    world.change_policy(0, |policy| policy.pdf = true).await;
    world.first_day().await;
    world.run_in_peace(1).await;
    world.approve(0).await;
    world
}

async fn reminder_of(world: &World, message: &TakenMessage) -> Reminder {
    let reminders = world.store().reminders(&world.businesses[0].org).await.unwrap();
    reminders.into_iter().find(|reminder| reminder.attempt == message.attempt).unwrap()
}

/// Lets days pass until so many messages went out.
async fn until_taken(world: &mut World, count: usize) {
    for _ in 0..120 {
        world.run_in_peace(6).await;
        world.approve(0).await;
        if world.meta.taken().len() >= count {
            break;
        }
    }
    assert_eq!(world.meta.taken().len(), count);
}

/// The names of the templates that went out, with and without an invoice above the text.
fn went_out(world: &World) -> (usize, usize) {
    let (with, without): (Vec<_>, Vec<_>) = world.meta.taken().into_iter().partition(|taken| taken.document.is_some());
    (with.len(), without.len())
}

#[tokio::test]
async fn a_message_about_one_invoice_has_it_attached_as_the_ledger_prints_it_now() {
    let mut world = approved_day(8).await;
    world.run_in_peace(6).await;
    for message in world.meta.taken() {
        let reminder = reminder_of(&world, &message).await;
        let said = world.said(0, &reminder).await;
        let expected = (said.lines.len() == 1).then(|| {
            let line = &said.lines[0];
            (format!("{}.pdf", line.number), format!("%PDF-1.4 {} {}", line.number, line.remaining))
        });
        assert_eq!(message.document, expected);
        let name = if expected.is_some() { "_pdf_v1" } else { "_reply_v1" };
        assert!(said.template.name.ends_with(name), "{}", said.template.name);
    }
    let (with, without) = went_out(&world);
    assert!(with > 0 && without > 0, "{with} with and {without} without an invoice");
    assert_eq!(world.meta.files(), with);
}

#[tokio::test]
async fn an_invoice_that_did_not_change_is_given_to_meta_once() {
    let mut world = approved_day(1).await;
    world.run_in_peace(6).await;
    let first = world.meta.taken();
    assert_eq!((first.len(), world.meta.files()), (1, 1));
    world.all_webhooks_arrive().await;
    until_taken(&mut world, 2).await;
    let second = world.meta.taken();
    assert_eq!((&second[1].document, world.meta.files()), (&first[0].document, 1));
}

#[tokio::test]
async fn an_invoice_that_changed_is_printed_and_given_anew() {
    let mut world = approved_day(1).await;
    world.run_in_peace(6).await;
    let reminder = reminder_of(&world, &world.meta.taken()[0]).await;
    world.all_webhooks_arrive().await;
    let tenant = world.businesses[0].tenant.clone();
    world.ledger.change(&tenant, &reminder.listed[0], |invoice| invoice.total.minor += 1);
    until_taken(&mut world, 2).await;
    assert_eq!(world.meta.files(), 2);
}

#[tokio::test]
async fn a_file_that_meta_does_not_take_keeps_no_message_from_going_out() {
    let mut world = approved_day(1).await;
    world.meta.refuse_file();
    world.run_in_peace(6).await;
    let message = &world.meta.taken()[0];
    assert_eq!((message.document.clone(), world.meta.taken().len()), (None, 1));
    let said = world.said(0, &reminder_of(&world, message).await).await;
    assert!(said.template.name.ends_with("_reply_v1"));
}

#[tokio::test]
async fn an_invoice_that_the_ledger_does_not_print_keeps_no_message_from_going_out() {
    for error in [
        LedgerError::NotFound,
        LedgerError::Unavailable("out of paper".into()),
        LedgerError::Rejected(406),
        LedgerError::Suspended,
    ] {
        let (mut world, told) = (approved_day(1).await, error.to_string());
        world.ledger.while_printing(Box::new(move || Err(error)));
        world.run_in_peace(6).await;
        assert_eq!(went_out(&world), (0, 1), "{told}");
    }
}

#[tokio::test]
async fn a_ledger_that_wants_to_be_left_alone_gets_its_time_and_the_message_its_invoice() {
    let mut world = approved_day(1).await;
    let retry_after = Some(SignedDuration::from_secs(50));
    world.ledger.while_printing(Box::new(move || Err(LedgerError::RateLimited { limit: Limit::Minute, retry_after })));
    world.run_in_peace(6).await;
    assert_eq!(went_out(&world), (1, 0));
}

#[tokio::test]
async fn what_took_long_to_print_is_decided_anew_on_fresh_evidence() {
    let mut world = approved_day(1).await;
    let clock = world.clock.clone();
    world.ledger.while_printing(Box::new(move || {
        clock.advance(SignedDuration::from_mins(6));
        Ok(())
    }));
    world.run_in_peace(6).await;
    assert_eq!(went_out(&world), (1, 0));
    let reminder = reminder_of(&world, &world.meta.taken()[0]).await;
    let read_at = world.said(0, &reminder).await.evidence.read_at;
    assert!(reminder.claimed_at.duration_since(read_at) < SignedDuration::from_mins(5));
}

#[tokio::test]
async fn case_76_a_pause_while_an_invoice_is_printed_keeps_it_from_meta() {
    let mut world = approved_day(1).await;
    let (waker, business, clock) = (world.waker.clone(), world.businesses[0].clone(), world.clock.clone());
    world.ledger.while_printing(Box::new(move || {
        let sending = Sending::Pause { until: None };
        let paused = pause(&waker, &business.org, &business.admin, sending, clock.now());
        for_sure(Box::pin(paused)).unwrap();
        Ok(())
    }));
    world.run_in_peace(6).await;
    assert_eq!((went_out(&world), world.meta.files(), world.meta.asked().len()), ((0, 0), 0, 0));
}

/// Runs a future whose table is in memory to its end.
fn for_sure<T>(mut future: std::pin::Pin<Box<dyn Future<Output = T> + '_>>) -> T {
    loop {
        if let Some(output) = future.as_mut().now_or_never() {
            return output;
        }
    }
}

#[tokio::test]
async fn an_invoice_that_meta_refuses_with_a_message_is_given_anew_with_the_next() {
    let mut world = approved_day(1).await;
    world.meta.answer_next(SendError::NotSent { code: 131_053, action: SendAction::FixMessage });
    world.run_in_peace(1).await;
    let reminders = world.store().reminders(&world.businesses[0].org).await.unwrap();
    assert_eq!(reminders[0].state, ReminderState::NotSent { code: 131_053 });
    assert_eq!((went_out(&world), world.meta.files()), ((0, 0), 1));
    until_taken(&mut world, 1).await;
    assert_eq!((went_out(&world), world.meta.files()), ((1, 0), 2));
}

#[tokio::test]
async fn a_dispatch_that_dies_at_any_call_attaches_everything_and_sends_nothing_twice() {
    let mut calm = approved_day(3).await;
    let calls = calm.work_with(Plan::Never).await;
    let expected: BTreeSet<_> =
        calm.meta.taken().into_iter().map(|taken| (taken.to.as_e164().to_owned(), taken.document)).collect();
    assert!(expected.iter().any(|(_, document)| document.is_some()));
    for call in 1..=calls {
        for fault in [Fault::Before, Fault::After] {
            let mut world = approved_day(3).await;
            world.work_with(Plan::Crash { call, fault }).await;
            world.come_to_rest().await;
            let taken = world.meta.taken();
            let numbers: BTreeSet<String> = taken.iter().map(|taken| taken.to.as_e164().to_owned()).collect();
            assert_eq!(numbers.len(), taken.len(), "call {call}, {fault:?}");
            let sent: BTreeSet<_> =
                taken.into_iter().map(|taken| (taken.to.as_e164().to_owned(), taken.document)).collect();
            assert!(sent.is_subset(&expected), "call {call}, {fault:?}: {sent:?}");
        }
    }
}
