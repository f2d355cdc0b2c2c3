//! Rule 13: thanks and part payments.

use super::*;
use crate::credit::{Receipt, Receipts};

pub(super) fn unit(currency: &str) -> Unit {
    Unit { contact: contact_ref("c1"), currency: currency.parse().unwrap() }
}

pub(super) fn money(text: &str) -> Money {
    let (code, amount) = text.split_once(' ').unwrap();
    Money::parse_decimal(amount, code.parse().unwrap()).unwrap()
}

/// A payment for invoices that was seen on its day at 22:00 in Dubai.
pub(super) fn receipt(id: &str, amount: &str, invoices: &[&str], on: Date) -> Receipt {
    Receipt {
        payment: id.parse().unwrap(),
        on,
        amount: money(amount),
        invoices: invoices.iter().map(|id| id.parse().unwrap()).collect(),
        seen_at: jiff::tz::TimeZone::UTC.to_timestamp(on.at(18, 0, 0, 0)).unwrap(),
    }
}

impl Case {
    pub(super) fn paid(&mut self, receipt: Receipt) {
        let unit = Unit { contact: contact_ref("c1"), currency: receipt.amount.currency };
        let first = || Receipts { last_on: receipt.on, recent: Vec::new(), reversed_at: None };
        let receipts = self.ledger.receipts.entry(unit).or_insert_with(first);
        receipts.last_on = receipts.last_on.max(receipt.on);
        receipts.recent.push(receipt);
    }

    pub(super) fn receipts(&mut self) -> &mut Receipts {
        self.ledger.receipts.get_mut(&unit("AED")).unwrap()
    }

    pub(super) fn settle(&mut self, id: &str) {
        let settled = self.ledger.invoices.iter_mut().find(|open| open.invoice.id.as_str() == id).unwrap();
        settled.invoice.status = InvoiceStatus::Paid;
        settled.invoice.remaining = Money::zero(settled.invoice.remaining.currency);
    }
}

/// AED 400 were asked for on Monday the 16th and paid on Sunday the 22nd at 22:00; today is Monday the 23rd.
pub(super) fn paid_case() -> Case {
    let mut case = case();
    case.policy().thank_you = true;
    case.sent(2, ReminderState::Read, 0);
    case.settle("1");
    case.paid(receipt("p1", "AED 400", &["1"], date(2026, 11, 22)));
    case
}

#[test]
fn case_33_what_is_paid_at_22_00_is_thanked_for_on_the_next_business_morning_and_once() {
    let mut case = paid_case();
    assert_eq!(case.run(date(2026, 11, 22), date(2026, 12, 4)), ["2026-11-23 c1 TY2026-11-22 AED 0.00"]);
}

#[test]
fn thanks_name_what_arrived_and_list_nothing() {
    let mut case = paid_case();
    case.paid(receipt("p2", "AED 50.50", &["1"], date(2026, 11, 20)));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.paid, send.purpose()), (Some(money("AED 450.50")), Purpose::ThankYou));
    assert_eq!((send.lines.len(), send.more, send.overdue, send.tone), (0, 0, false, Tone::Friendly));
    assert_eq!(plan.decisions[0].sentence(plan.date), "Thanks for a payment go out.");
}

#[test]
fn on_the_evening_of_the_payment_and_on_a_closed_day_nobody_is_thanked() {
    let mut case = paid_case();
    case.now = "2026-11-22T19:00:00Z".parse().unwrap();
    assert_eq!(case.told(), Vec::<String>::new());
    case.policy().calendar.closed.insert(date(2026, 11, 23));
    assert_eq!(case.on(date(2026, 11, 23)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 24)))]);
    assert_eq!(case.on(date(2026, 11, 24)), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn nobody_is_thanked_for_what_was_not_asked_for_or_did_not_arrive_as_money() {
    let silent = |why: &str, change: fn(&mut Case)| {
        let mut case = paid_case();
        change(&mut case);
        assert_eq!(case.told(), Vec::<String>::new(), "{why}");
    };
    silent("thanks are off", |case| case.policy().thank_you = false);
    silent("credited, not paid", |case| case.ledger.receipts.clear());
    silent("nothing arrived", |case| case.receipts().recent[0].amount = money("AED 0"));
    silent("never reminded", |case| case.history.reminders.clear());
    silent("paid before it was asked for", |case| case.receipts().recent[0].on = date(2026, 11, 15));
    silent("dated ahead", |case| case.receipts().recent[0].on = date(2026, 11, 24));
    silent("for another invoice", |case| case.receipts().recent[0].invoices = vec!["9".parse().unwrap()]);
    silent("the reminder did not go out", |case| {
        case.history.reminders.clear();
        case.sent(2, ReminderState::NotSent { code: 131_026 }, 0);
    });
    silent("money was taken back last night", |case| {
        case.receipts().reversed_at = Some("2026-11-22T20:00:00Z".parse().unwrap());
    });
}

#[test]
fn an_invoice_that_was_listed_but_drove_no_step_was_asked_for() {
    let mut case = paid_case();
    case.receipts().recent[0].invoices = vec!["2".parse().unwrap()];
    assert_eq!(case.told(), Vec::<String>::new());
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[0].listed.push("2".parse().unwrap());
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn a_day_after_money_was_taken_back_other_money_is_thanked_for() {
    let mut case = paid_case();
    case.receipts().reversed_at = Some("2026-11-22T06:00:00Z".parse().unwrap());
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn a_customer_with_two_currencies_is_thanked_once() {
    let mut case = paid_case();
    case.reminded(Occasion::Step(StepId(2)), ReminderState::Read, 0, date(2026, 11, 16));
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[1].key.currency = "USD".parse().unwrap();
    case.paid(receipt("p2", "USD 90", &["1"], date(2026, 11, 22)));
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00", "number_daily_cap"]);
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 4)), ["2026-11-23 c1 TY2026-11-22 AED 0.00"]);
}

#[test]
fn a_payment_whose_date_is_corrected_after_its_thanks_is_no_second_one() {
    let mut case = paid_case();
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 11, 23)).len(), 1);
    case.receipts().recent[0].on = date(2026, 11, 23);
    assert_eq!(case.run(date(2026, 11, 24), date(2026, 12, 4)), Vec::<String>::new());
}

#[test]
fn a_message_that_could_not_be_delivered_asked_for_nothing() {
    let mut case = paid_case();
    case.history.reminders.clear();
    case.sent(2, ReminderState::Failed { code: 131_049 }, 0);
    assert_eq!(case.told(), Vec::<String>::new());
}

#[test]
fn thanks_that_a_person_moved_go_out_on_that_day() {
    let mut case = paid_case();
    case.file().moved_to = Some(date(2026, 12, 1));
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 4)), ["2026-12-01 c1 TY2026-11-22 AED 0.00"]);
}

#[test]
fn thanks_raise_no_tone() {
    let mut case = paid_case();
    let before = case.history.delivered.clone();
    case.run(date(2026, 11, 23), date(2026, 11, 23));
    assert_eq!(case.history.delivered, before);
}

#[test]
fn a_customer_is_decided_about_alone_right_before_a_send_whatever_its_other_currency_would_say() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "USD 300"));
    assert_eq!(case.told(), ["number_daily_cap", "S2 USD 300.00"]);
    let one = |currency| {
        decide_one(&case.organisation, &case.ledger, &case.policies, &case.history, (&unit(currency), case.now))
    };
    let occasion = |decision: Option<Decision>| decision.and_then(|decision| Some(decision.send()?.occasion));
    assert_eq!(occasion(one("AED")), Some(Occasion::ThankYou(date(2026, 11, 22))));
    assert_eq!(occasion(one("USD")), Some(Occasion::Step(StepId(2))));
    assert_eq!(one("EUR"), None);
}

#[test]
fn a_message_rests_on_the_thanks_of_these_weeks_so_that_they_are_not_said_again() {
    let mut case = paid_case();
    case.run(date(2026, 11, 23), date(2026, 11, 23));
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 30), "AED 300"));
    case.now = ten_o_clock(date(2026, 11, 27));
    let plan = case.plan();
    let rests_on = &plan.decisions[0].send().unwrap().rests_on;
    assert!(rests_on.iter().any(|key| key.occasion == Occasion::ThankYou(date(2026, 11, 22))), "{rests_on:?}");
}

#[test]
fn thanks_rest_on_every_message_that_was_about_what_is_paid_and_on_no_other() {
    let mut case = paid_case();
    for (anchor, listed) in [("1", "9"), ("8", "1"), ("9", "9")] {
        case.sent(2, ReminderState::Read, 0);
        let sent = case.history.reminders.get_mut(&contact_ref("c1")).unwrap().last_mut().unwrap();
        sent.key.anchor = anchor.parse().unwrap();
        sent.key.cycle = 7;
        sent.listed = vec![listed.parse().unwrap()];
    }
    let plan = case.plan();
    let rests_on = plan.decisions[0].send().unwrap().rests_on.iter();
    let anchors: Vec<(String, u32)> = rests_on.map(|key| (key.anchor.to_string(), key.cycle)).collect();
    assert_eq!(anchors, [("1".to_owned(), 1), ("1".to_owned(), 7), ("8".to_owned(), 7)]);
}

#[test]
fn a_second_payment_is_thanked_for_by_itself() {
    let mut case = paid_case();
    case.paid(receipt("p2", "AED 100", &["1"], date(2026, 11, 25)));
    let story = ["2026-11-23 c1 TY2026-11-22 AED 0.00", "2026-11-26 c1 TY2026-11-25 AED 0.00"];
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 4)), story);
}

#[test]
fn of_two_customers_with_one_number_the_overdue_one_is_written_to_first() {
    let mut case = paid_case();
    case.ledger.contacts.insert(contact_ref("c2"), contact("c2", "+971501234567"));
    case.ledger.invoices.push(invoice("2", "c2", date(2026, 11, 16), "AED 300"));
    assert_eq!(case.told(), ["number_daily_cap", "S2 AED 300.00"]);
    case.ledger.invoices.pop();
    case.ledger.invoices.push(invoice("2", "c2", date(2026, 11, 26), "AED 300"));
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00", "number_daily_cap"]);
}

#[test]
fn thanks_that_missed_the_catch_up_are_not_said_any_more() {
    let mut case = paid_case();
    case.history.channel.line.state = ChannelState::Blocked;
    assert_eq!(case.on(date(2026, 11, 26)), ["sender_blocked"]);
    assert_eq!(case.on(date(2026, 11, 27)), Vec::<String>::new());
    case.history.channel.line.state = ChannelState::Ready;
    assert_eq!(case.on(date(2026, 11, 26)), ["TY2026-11-22 AED 0.00"]);
    assert_eq!(case.on(date(2026, 11, 27)), Vec::<String>::new());
}

#[test]
fn thanks_that_were_dropped_go_out_once_more_and_thanks_that_arrived_do_not() {
    let mut case = paid_case();
    let thanks = Occasion::ThankYou(date(2026, 11, 22));
    case.reminded(thanks, ReminderState::Expired, 1, date(2026, 11, 23));
    assert_eq!(case.on(date(2026, 11, 25)), ["TY2026-11-22 AED 0.00"]);
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[1].times_expired = 2;
    assert_eq!(case.on(date(2026, 11, 25)), Vec::<String>::new());
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[1].state = ReminderState::Delivered;
    assert_eq!(case.on(date(2026, 11, 25)), Vec::<String>::new());
}

#[test]
fn thanks_are_no_word_of_the_sequence() {
    // Invoice 1 is owed again after it was thanked for: a new cycle, which begins as any other.
    let mut case = paid_case();
    case.reminded(Occasion::PartPayment(date(2026, 11, 17)), ReminderState::Read, 0, date(2026, 11, 18));
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[1].key.anchor = "2".parse().unwrap();
    case.ledger.receipts.clear();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 300"));
    assert_eq!(case.told(), ["S3 AED 300.00"]);
}

#[test]
fn right_before_thanks_go_out_money_that_was_taken_back_stops_them() {
    let mut case = paid_case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    assert_eq!(case.recheck(&planned), Recheck::Send(planned.clone()));
    case.ledger.receipts.clear();
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::NoStepToday.into()]));
    // The invoice is open again: it was not paid after all.
    let mut case = paid_case();
    case.ledger.invoices[0] = invoice("1", "c1", date(2026, 11, 13), "AED 400");
    let grace = Reason::until(SkipCode::PaymentGrace, Some(date(2026, 11, 26)));
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![grace]));
    // A part of it is still there.
    case.first_invoice().invoice.remaining = money("AED 100");
    case.receipts().recent[0].amount = money("AED 300");
    assert_eq!(case.told(), ["PP2026-11-22 AED 100.00"]);
}

#[test]
fn money_of_a_day_that_was_thanked_for_is_not_thanked_for_again_however_late_it_is_seen() {
    let mut case = paid_case();
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 11, 23)), ["2026-11-23 c1 TY2026-11-22 AED 0.00"]);
    let late =
        Receipt { seen_at: ten_o_clock(date(2026, 11, 24)), ..receipt("p2", "AED 50", &["1"], date(2026, 11, 22)) };
    case.paid(late);
    assert_eq!(case.run(date(2026, 11, 24), date(2026, 11, 30)), Vec::<String>::new());
}
