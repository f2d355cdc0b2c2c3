//! Rule 11: promises that hold, are kept, and are missed.

use super::*;
use crate::customer_file::{Promise, PromisedBy};

pub(super) fn promise(number: u32, day: Date, invoices: &[&str]) -> Promise {
    Promise {
        number,
        date: day,
        invoices: invoices.iter().map(|id| id.parse().unwrap()).collect(),
        made_at: Timestamp::UNIX_EPOCH,
        by: PromisedBy::Customer,
        is_withdrawn: false,
    }
}

#[test]
fn case_31_a_promise_for_friday_is_missed_on_wednesday_and_told_once() {
    let mut case = case();
    case.sent(3, ReminderState::Delivered, 0);
    case.file().promises.push(promise(1, date(2026, 11, 27), &["1"]));
    for day in date(2026, 11, 23).series(1.day()).take_while(|day| *day <= date(2026, 12, 1)) {
        case.now = ten_o_clock(day);
        let held = case.held();
        assert!(held.contains(&("promise_open", Some(date(2026, 12, 2)))), "{day} {held:?}");
    }
    case.now = ten_o_clock(date(2026, 12, 2));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::PromiseMissed(1), Tone::Firm));
    assert_eq!(
        case.run(date(2026, 12, 2), date(2026, 12, 31)),
        ["2026-12-02 c1 PM1 AED 400.00", "2026-12-04 c1 S4 AED 400.00",]
    );
}

#[test]
fn a_promise_holds_until_its_own_day_also_where_the_policy_releases_other_holds() {
    let mut case = case();
    case.policy().release_holds_after = Some(5);
    case.file().promises.push(promise(1, date(2026, 12, 4), &["1"]));
    for day in [date(2026, 11, 23), date(2026, 12, 8)] {
        case.now = ten_o_clock(day);
        assert_eq!(case.held(), [("promise_open", Some(date(2026, 12, 9)))], "{day}");
    }
    assert_eq!(case.on(date(2026, 12, 9)), ["PM1 AED 400.00"]);
}

#[test]
fn case_31_a_promise_that_was_kept_is_closed() {
    let mut case = case();
    case.file().promises.push(promise(1, date(2026, 11, 27), &["1"]));
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.on(date(2026, 12, 2)), Vec::<String>::new());
}

#[test]
fn a_promise_that_was_kept_in_part_is_told_of_the_remainder() {
    let mut case = case();
    case.file().promises.push(promise(1, date(2026, 11, 27), &["1"]));
    case.first_invoice().invoice.remaining.minor = 15_000;
    assert_eq!(case.on(date(2026, 12, 2)), ["PM1 AED 150.00"]);
}

#[test]
fn a_promise_that_was_taken_back_holds_nothing_and_is_never_missed() {
    let mut case = case();
    case.file().promises.push(Promise { is_withdrawn: true, ..promise(1, date(2026, 11, 27), &["1"]) });
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    assert_eq!(case.on(date(2026, 12, 2)), ["no_step_today"]);
}

#[test]
fn a_later_promise_extends_the_silence_and_the_earlier_is_told_of_no_more() {
    let mut case = case();
    case.file().promises.push(promise(1, date(2026, 11, 20), &["1"]));
    case.file().promises.push(promise(2, date(2026, 12, 4), &["1"]));
    case.now = ten_o_clock(date(2026, 11, 25));
    assert_eq!(case.held(), [("promise_open", Some(date(2026, 12, 9)))]);
    assert_eq!(case.run(date(2026, 11, 25), date(2026, 12, 8)), Vec::<String>::new());
    assert_eq!(case.run(date(2026, 12, 9), date(2026, 12, 10)), ["2026-12-09 c1 PM2 AED 400.00"]);
}

#[test]
fn a_promise_about_one_invoice_keeps_the_whole_customer_silent() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 1), "AED 100"));
    case.file().promises.push(promise(1, date(2026, 11, 27), &["1"]));
    assert!(case.told()[0].starts_with("promise_open"));
}

#[test]
fn a_payment_date_that_the_ledger_expects_counts_as_a_promise() {
    let mut case = case();
    case.first_invoice().invoice.expected_payment = Some(date(2026, 11, 27));
    assert_eq!(case.held(), [("promise_open", Some(date(2026, 12, 2)))]);
    assert_eq!(case.on(date(2026, 12, 2)), ["PM0 AED 400.00"]);
}

#[test]
fn an_expected_date_that_passed_before_we_saw_the_invoice_is_not_the_first_thing_a_customer_hears() {
    let mut case = case();
    case.first_invoice().invoice.expected_payment = Some(date(2026, 11, 16));
    case.first_invoice().first_seen = case.now;
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 26)))]);
    case.now = ten_o_clock(date(2026, 11, 26));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::PromiseMissed(0), Tone::Gentle));
}

#[test]
fn nobody_who_never_got_a_milder_word_is_told_firmly_of_a_missed_promise() {
    let mut case = case();
    case.history.delivered.clear();
    case.file().promises.push(promise(1, date(2026, 11, 18), &["1"]));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::PromiseMissed(1), Tone::Gentle));
}

#[test]
fn a_missed_promise_that_nobody_received_twice_is_not_told_again() {
    let mut case = case();
    case.file().promises.push(promise(1, date(2026, 11, 18), &["1"]));
    case.reminded(Occasion::PromiseMissed(1), ReminderState::Expired, 1, date(2026, 11, 20));
    assert_eq!(case.told(), ["PM1 AED 400.00"]);
    case.history.reminders.clear();
    case.reminded(Occasion::PromiseMissed(1), ReminderState::Expired, 2, date(2026, 11, 20));
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn after_a_firm_word_about_a_promise_no_milder_step_follows() {
    let mut case = case();
    // The gentle step of the 19th was covered by the promise, which was missed on the 19th.
    case.first_invoice().invoice.due = Some(date(2026, 11, 16));
    case.file().promises.push(promise(1, date(2026, 11, 16), &["1"]));
    assert_eq!(
        case.run(date(2026, 11, 16), date(2026, 12, 31)),
        ["2026-11-19 c1 PM1 AED 400.00", "2026-11-26 c1 S3 AED 400.00", "2026-12-07 c1 S4 AED 400.00",]
    );
}

#[test]
fn a_missed_promise_about_two_invoices_is_told_of_once_though_one_is_paid_afterwards() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 18), "AED 100"));
    case.file().promises.push(promise(1, date(2026, 11, 18), &["1", "2"]));
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 11, 24)), ["2026-11-23 c1 PM1 AED 500.00"]);
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.run(date(2026, 11, 25), date(2026, 11, 29)), ["2026-11-25 c1 S2 AED 100.00"]);
}

#[test]
fn a_promise_about_something_that_is_not_due_yet_is_not_called_missed_before_it_is() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 11, 26));
    case.file().promises.push(promise(1, date(2026, 11, 16), &["1"]));
    assert_eq!(case.told(), ["S1 AED 400.00"]);
    assert_eq!(case.on(date(2026, 11, 27)), ["PM1 AED 400.00"]);
}

#[test]
fn a_promise_that_is_missed_after_the_last_word_is_told_no_milder() {
    let mut case = case();
    case.reminded(Occasion::Step(StepId(4)), ReminderState::Delivered, 0, date(2026, 11, 16));
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[0].tone = Tone::Final;
    case.file().promises.push(promise(1, date(2026, 11, 18), &["1"]));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::PromiseMissed(1), Tone::Final));
}

#[test]
fn a_missed_date_of_the_ledger_is_told_again_in_a_new_cycle_alone() {
    let mut case = case();
    case.first_invoice().invoice.expected_payment = Some(date(2026, 11, 18));
    case.reminded(Occasion::PromiseMissed(0), ReminderState::Delivered, 0, date(2026, 11, 21));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    case.first_invoice().cycle = 2;
    assert_eq!(case.told(), ["PM0 AED 400.00"]);
}

#[test]
fn a_missed_promise_has_a_text_of_its_own_and_without_it_the_plain_one() {
    let mut case = case();
    case.sent(3, ReminderState::Delivered, 0);
    case.file().promises.push(promise(1, date(2026, 11, 27), &["1"]));
    case.now = ten_o_clock(date(2026, 12, 2));
    let purpose = |case: &Case| case.plan().decisions[0].send().map(PlannedSend::purpose);
    assert_eq!(purpose(&case), Some(Purpose::PromiseMissed));
    case.history.channel.line.approved.remove(&(Language::English, Purpose::PromiseMissed));
    assert_eq!(purpose(&case), Some(Purpose::OverdueFirm));
    case.history.channel.line.approved.remove(&(Language::English, Purpose::OverdueFirm));
    assert_eq!(case.told(), ["template_unusable"]);
}

#[test]
fn a_promise_for_a_day_before_the_due_date_is_not_missed_while_nothing_is_overdue() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 11, 23));
    // Missed since Friday, had anything been due by then.
    case.file().promises.push(promise(1, date(2026, 11, 18), &["1"]));
    assert_eq!(case.told(), ["S1 AED 400.00"]);
    assert_eq!(case.on(date(2026, 11, 24)), ["PM1 AED 400.00"]);
}
