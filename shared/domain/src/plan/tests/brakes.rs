//! Rule 8 and 9: when a whole plan waits for a person.

use super::*;
use crate::plan::brakes::{Brake, brakes};

/// A plan with so many sends.
fn plan_of(sends: usize) -> (Case, Plan) {
    let mut case = case();
    case.ledger.contacts.clear();
    case.ledger.invoices.clear();
    for n in 0..sends {
        let (id, number) = (format!("c{n}"), format!("+97150{:07}", 1_000_000 + n));
        case.history.knows("201", &number);
        case.history.delivered.insert(key(&number), 2);
        case.ledger.contacts.insert(contact_ref(&id), contact(&id, &number));
        case.ledger.invoices.push(invoice(&n.to_string(), &id, date(2026, 11, 13), "AED 400"));
    }
    let plan = case.plan();
    assert_eq!(plan.sends(), sends);
    (case, plan)
}

#[test]
fn a_plan_of_more_than_twenty_sends_and_twice_the_usual_needs_approval() {
    for (sends, usual, expected) in [
        (20, 0, vec![]),
        (21, 0, vec![Brake::UnusualVolume]),
        (21, 10, vec![Brake::UnusualVolume]),
        (22, 11, vec![]),
        (30, 11, vec![Brake::UnusualVolume]),
    ] {
        let (case, plan) = plan_of(sends);
        assert_eq!(brakes(&plan, &case.ledger, &[usual; 20]), expected, "{sends} {usual}");
    }
}

#[test]
fn every_brake_asks_a_question_of_its_own() {
    let asked = [Brake::UnusualVolume, Brake::NoPaymentsRecorded].map(Brake::question);
    assert_eq!(
        asked,
        [
            "This plan is more than twice as large as usual. Is that right?",
            "Your ledger has recorded no customer's payment for seven days. Is the bank feed up to date?",
        ]
    );
}

#[test]
fn a_ledger_without_a_payment_for_seven_days_is_asked_about() {
    let (mut case, plan) = plan_of(1);
    for (paid_on, expected) in [
        (Some(date(2026, 11, 16)), vec![]),
        (Some(date(2026, 11, 15)), vec![Brake::NoPaymentsRecorded]),
        (None, vec![Brake::NoPaymentsRecorded]),
    ] {
        case.ledger.payments_recorded.insert(connection(), paid_on);
        assert_eq!(brakes(&plan, &case.ledger, &[]), expected, "{paid_on:?}");
    }
}

#[test]
fn a_quiet_ledger_about_which_nothing_is_sent_stops_nobody() {
    let (mut case, plan) = plan_of(1);
    case.ledger.payments_recorded.insert(ConnectionId::new(Uuid::from_u128(2)), None);
    assert_eq!(brakes(&plan, &case.ledger, &[]), []);
}
