//! One message per number and day.

use super::*;

#[test]
fn case_22_two_currencies_are_two_units_and_one_message() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 10), "USD 100"));
    assert_eq!(case.told(), ["number_daily_cap", "S3 USD 100.00"]);
}

#[test]
fn of_two_customers_with_one_number_the_one_who_waited_longest_gets_the_message() {
    let mut case = case();
    case.ledger.contacts.insert(contact_ref("c2"), contact("c2", "+971501234567"));
    case.ledger.invoices.push(invoice("2", "c2", date(2026, 11, 1), "AED 100"));
    assert_eq!(case.told(), ["number_daily_cap", "S4 AED 100.00"]);
}

#[test]
fn a_number_on_three_customers_is_held_for_all_of_them() {
    let mut case = case();
    for other in ["c2", "c3"] {
        case.ledger.contacts.insert(contact_ref(other), contact(other, "+971501234567"));
    }
    assert_eq!(case.told(), ["number_shared"]);
}

#[test]
fn a_number_that_got_a_message_today_gets_no_other() {
    let mut case = case();
    let send = crate::fuse::FusedSend {
        date: date(2026, 11, 23),
        at: case.now,
        attempt: crate::id::AttemptId::new(Uuid::nil()),
    };
    case.history.fuses.insert("k971501234567".parse().unwrap(), Fuse::default().with(send));
    assert_eq!(case.told(), ["number_daily_cap"]);
}
