//! Rule 13: thanks of customers who still owe something.

use super::{
    thanks::{money, paid_case},
    *,
};
use crate::customer_file::{Promise, PromisedBy};

#[test]
fn an_instalment_that_was_taken_back_is_not_thanked_for() {
    let mut case = paid_case();
    // Of 400 there were 100 before; the 300 of these days are open again.
    case.receipts().recent[0].amount = money("AED 300");
    case.first_invoice().invoice.status = InvoiceStatus::Open;
    case.first_invoice().invoice.remaining = money("AED 300");
    case.history.channel.line.approved.remove(&(Language::English, Purpose::PartPayment));
    assert_eq!(case.told(), ["payment_grace"]);
    case.first_invoice().invoice.remaining = money("AED 100");
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn what_may_not_be_asked_for_yet_is_no_reason_for_the_text_of_a_part_payment() {
    let mut case = paid_case();
    // Approved on the day of the payment, ten days late: nothing is said about it before the third day.
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 12), "AED 300"));
    case.ledger.invoices[1].first_seen = ten_o_clock(date(2026, 11, 22));
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
    // Known before it was due, it is one.
    case.ledger.invoices[1].first_seen = Timestamp::UNIX_EPOCH;
    assert_eq!(case.told(), ["PP2026-11-22 AED 300.00"]);
}

#[test]
fn what_falls_due_today_is_not_overdue_and_no_reason_for_the_text_of_a_part_payment() {
    let mut case = paid_case();
    case.policy().steps[1].offset_days = 0;
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 23), "AED 300"));
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn what_could_not_be_delivered_twice_is_not_asked_for_with_thanks_either() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 12), "AED 300"));
    for (step, day) in [(2, 17), (3, 19)] {
        case.reminded(Occasion::Step(StepId(step)), ReminderState::Failed { code: 131_049 }, 0, date(2026, 11, day));
        let failed = case.history.reminders.get_mut(&contact_ref("c1")).unwrap().last_mut().unwrap();
        failed.key.anchor = "2".parse().unwrap();
    }
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn a_payment_is_no_basis_for_asking_about_an_invoice_of_long_ago() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
    case.ledger.invoices[1].invoice.issued = Some(date(2024, 5, 2));
    case.receipts().last_on = date(2026, 11, 16);
    assert_eq!(case.told(), ["no_consent_basis"]);
}

#[test]
fn a_part_payment_is_one_message_and_the_sequence_goes_on_after_the_grace() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
    assert_eq!(case.told(), ["PP2026-11-22 AED 300.00"]);
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.paid, send.purpose()), (Some(money("AED 400")), Purpose::PartPayment));
    assert_eq!(
        plan.decisions[0].sentence(plan.date),
        "Thanks for a payment go out with what is still overdue: INV-2 is 7 days overdue."
    );
    // Silent for three business days after the payment, then at the step of its age.
    let story = ["2026-11-23 c1 PP2026-11-22 AED 300.00", "2026-11-26 c1 S3 AED 300.00"];
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 11, 27)), story);
}

#[test]
fn what_falls_due_later_is_not_mentioned_and_waits() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 26), "AED 300"));
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
    // Without the grace of the payment the day would be that of the friendly step.
    case.receipts().last_on = date(2026, 11, 10);
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
    case.policy().thank_you = false;
    assert_eq!(case.told(), ["S1 AED 300.00"]);
}

#[test]
fn what_is_overdue_goes_before_thanks_that_come_late() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
    case.receipts().last_on = date(2026, 11, 16);
    assert_eq!(case.told(), ["S2 AED 300.00"]);
}

#[test]
fn a_remainder_below_the_minimum_is_thanked_for_without_a_word_about_it() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
    case.policy().minimum_total.insert("AED".parse().unwrap(), 30_001);
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn without_the_text_for_part_payments_the_plain_thanks_go_out_and_without_both_none() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
    case.history.channel.line.approved.remove(&(Language::English, Purpose::PartPayment));
    assert_eq!(case.told(), ["TY2026-11-22 AED 0.00"]);
    case.history.channel.line.approved.remove(&(Language::English, Purpose::ThankYou));
    assert_eq!(case.told(), ["payment_grace"]);
    case.ledger.invoices.pop();
    assert_eq!(case.told(), ["template_unusable"]);
}

#[test]
fn what_holds_a_request_for_money_does_not_hold_thanks_alone() {
    let held = |with_debt: bool, hold: fn(&mut Case)| {
        let mut case = paid_case();
        if with_debt {
            case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
        }
        hold(&mut case);
        case.told().join("|")
    };
    let credit: fn(&mut Case) = |case| {
        case.ledger.credits.push(Credit {
            id: "k1".parse().unwrap(),
            kind: crate::credit::CreditKind::Overpayment,
            contact: contact_ref("c1"),
            number: String::new(),
            date: None,
            remaining: money("AED 60"),
            updated_at: Timestamp::UNIX_EPOCH,
        });
    };
    let promise: fn(&mut Case) = |case| {
        case.file().promises.push(Promise {
            number: 1,
            date: date(2026, 11, 27),
            invoices: ["2".parse().unwrap()].into(),
            by: PromisedBy::Customer,
            made_at: ten_o_clock(date(2026, 11, 22)),
            is_withdrawn: false,
        });
    };
    assert_eq!([held(false, credit), held(true, credit)], ["TY2026-11-22 AED 0.00", "money_unallocated payment_grace"]);
    assert_eq!([held(false, promise), held(true, promise)], ["TY2026-11-22 AED 0.00", "promise_open payment_grace"]);
    let unread: fn(&mut Case) = |case| case.file().unread_since = Some(case.now);
    assert_eq!([held(false, unread), held(true, unread)], ["inbound_unread", "inbound_unread payment_grace"]);
    let stop: fn(&mut Case) = |case| {
        case.history.consents.opted_out_contacts.insert(contact_ref("c1"));
    };
    assert_eq!([held(false, stop), held(true, stop)], ["opted_out", "opted_out payment_grace"]);
    let gap: fn(&mut Case) = |case| {
        case.history.fuses.insert(key("+971501234567"), Fuse::default().with(fused(date(2026, 11, 22))));
    };
    assert_eq!(held(false, gap), "gap");
}

#[test]
fn a_part_payment_that_became_a_whole_one_before_it_went_out_is_planned_anew() {
    let mut case = paid_case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 16), "AED 300"));
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.settle("2");
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]));
    // Nor does a larger sum go out than somebody approved.
    let mut case = paid_case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.receipts().recent[0].amount = money("AED 500");
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]));
}
