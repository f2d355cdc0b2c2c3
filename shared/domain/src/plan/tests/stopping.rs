//! Stopping and resuming.

use super::*;
use crate::customer_file::Dispute;

/// Invoice 1 after it was settled and opened again on a day: another cycle, seen from then on.
fn reopened(case: &mut Case, on: Date) {
    let open = case.first_invoice();
    open.invoice.status = InvoiceStatus::Open;
    open.cycle += 1;
    open.first_seen = ten_o_clock(on);
}

#[test]
fn case_4_an_invoice_that_is_no_longer_written_off_is_selected_again() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 10, 24));
    case.reminded(Occasion::Step(StepId(2)), ReminderState::Delivered, 0, date(2026, 10, 27));
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.told(), Vec::<String>::new());
    reopened(&mut case, date(2026, 11, 20));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn case_26_a_credit_note_in_full_ends_the_series_and_its_cancellation_opens_another() {
    let mut case = case();
    case.sent(3, ReminderState::Delivered, 0);
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.told(), Vec::<String>::new());
    reopened(&mut case, date(2026, 11, 23));
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 26)))]);
    let send = {
        case.now = ten_o_clock(date(2026, 11, 26));
        case.plan().decisions[0].send().unwrap().clone()
    };
    assert_eq!((send.occasion, send.cycle), (Occasion::Step(StepId(2)), 2));
}

#[test]
fn case_28_a_payment_that_was_taken_back_leaves_the_invoice_eligible_until_it_comes_again() {
    let mut case = case();
    reopened(&mut case, date(2026, 11, 20));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.told(), Vec::<String>::new());
}

#[test]
fn case_29_when_the_oldest_is_paid_the_remaining_one_drives() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 20), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 500.00"]);
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.told(), ["S2 AED 100.00"]);
    case.ledger.invoices[1].invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.told(), Vec::<String>::new());
}

#[test]
fn case_32_a_message_does_not_list_what_is_disputed() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    case.ledger.invoices.push(invoice("3", "c1", date(2026, 11, 15), "AED 50"));
    let dispute = Dispute { since: case.now, by: "user_a".parse().unwrap(), reason: "goods damaged".to_owned() };
    case.file().disputes.insert("2".parse().unwrap(), dispute);
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    let listed: Vec<&str> = send.lines.iter().map(|line| line.invoice.as_str()).collect();
    assert_eq!((listed, send.total.to_string()), (vec!["1", "3"], "AED 450.00".to_owned()));
}

#[test]
fn case_69_an_invoice_that_a_credit_settled_is_not_thanked_for() {
    let mut case = case();
    let invoice = &mut case.first_invoice().invoice;
    (invoice.status, invoice.remaining.minor) = (InvoiceStatus::Paid, 0);
    invoice.paid = Some(Money::zero("AED".parse().unwrap()));
    assert_eq!(case.plan(), Plan { date: date(2026, 11, 23), decisions: Vec::new() });
}

#[test]
fn case_70_a_new_number_in_the_ledger_does_not_undo_an_opt_out() {
    let mut case = case();
    case.history.consents.opted_out_contacts.insert(contact_ref("c1"));
    case.history.consents.opted_out_numbers.insert(key("+971501234567"));
    let moved = Contact { first_key: Some(key("+971501234567")), ..contact("c1", "+971507654321") };
    case.ledger.contacts.insert(contact_ref("c1"), moved);
    // Even an opt-in of the new number does not lift what the contact said.
    case.history.consents.opted_in_numbers.insert(key("+971507654321"));
    assert_eq!(case.told(), ["opted_out"]);
}

#[test]
fn case_73_a_due_date_that_moved_later_begins_anew_from_the_new_date() {
    let mut case = case();
    assert_eq!(
        case.run(date(2026, 11, 16), date(2026, 11, 23)),
        ["2026-11-16 c1 S2 AED 400.00", "2026-11-23 c1 S3 AED 400.00"]
    );
    let open = case.first_invoice();
    (open.invoice.due, open.cycle) = (Some(date(2026, 12, 7)), 2);
    assert_eq!(
        case.run(date(2026, 11, 24), date(2026, 12, 31)),
        [
            "2026-12-04 c1 S1 AED 400.00",
            "2026-12-10 c1 S2 AED 400.00",
            "2026-12-17 c1 S3 AED 400.00",
            "2026-12-28 c1 S4 AED 400.00",
        ]
    );
}

#[test]
fn case_8_a_credit_note_alone_is_never_chased() {
    let mut case = case();
    case.ledger.invoices.clear();
    case.ledger.credits.push(Credit {
        id: "k1".parse().unwrap(),
        kind: crate::credit::CreditKind::CreditNote,
        contact: contact_ref("c1"),
        number: "CN-1".to_owned(),
        date: Some(date(2026, 10, 1)),
        remaining: Money::new(40_000, "AED".parse().unwrap()),
        updated_at: Timestamp::UNIX_EPOCH,
    });
    assert_eq!(case.told(), Vec::<String>::new());
}
