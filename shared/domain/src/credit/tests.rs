use jiff::{ToSpan, civil::date};
use uuid::Uuid;

use super::*;
use crate::id::ConnectionId;

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn payment(id: &str, on: Option<Date>) -> Payment {
    let connection = ConnectionId::new(Uuid::from_u128(1));
    Payment {
        id: id.parse().unwrap(),
        contact: ContactRef { connection, contact: "c1".parse().unwrap() },
        date: on,
        amount: Money::new(40_000, "AED".parse().unwrap()),
        invoices: vec!["1".parse().unwrap()],
        is_reversed: false,
        updated_at: now(),
    }
}

fn ids(receipts: &Receipts) -> Vec<&str> {
    receipts.recent.iter().map(|receipt| receipt.payment.as_str()).collect()
}

#[test]
fn a_payment_that_is_read_again_keeps_the_time_at_which_it_was_seen() {
    let first = Receipts::after(None, &payment("p1", Some(date(2026, 11, 20))), now()).unwrap();
    let later = now().saturating_add(24.hours()).unwrap();
    let again = Receipts::after(Some(first.clone()), &payment("p1", Some(date(2026, 11, 20))), later);
    assert_eq!(again, Some(first.clone()));
    let corrected =
        Payment { amount: Money::new(30_000, "AED".parse().unwrap()), ..payment("p1", Some(date(2026, 11, 21))) };
    let corrected = Receipts::after(Some(first), &corrected, later).unwrap();
    let receipt = corrected.recent.first().unwrap();
    assert_eq!((receipt.amount.minor, receipt.on, receipt.seen_at), (30_000, date(2026, 11, 21), now()));
    assert_eq!(corrected.last_on, date(2026, 11, 21));
}

#[test]
fn what_a_first_read_brings_of_past_months_is_not_recent() {
    let old = Receipts::after(None, &payment("p1", Some(date(2026, 3, 2))), now()).unwrap();
    assert_eq!(old, Receipts { last_on: date(2026, 3, 2), recent: Vec::new(), reversed_at: None });
    let newer = Receipts::after(Some(old), &payment("p2", Some(date(2026, 11, 20))), now()).unwrap();
    assert_eq!((newer.last_on, ids(&newer)), (date(2026, 11, 20), vec!["p2"]));
    let earlier = Receipts::after(Some(newer), &payment("p3", Some(date(2026, 11, 19))), now()).unwrap();
    assert_eq!((earlier.last_on, ids(&earlier)), (date(2026, 11, 20), vec!["p2", "p3"]));
}

#[test]
fn a_payment_without_a_date_or_taken_back_before_it_was_seen_is_nothing() {
    let reversed = Payment { is_reversed: true, ..payment("p1", Some(date(2026, 11, 20))) };
    for (nothing, reversed_at) in [(payment("p1", None), None), (reversed, Some(now()))] {
        assert_eq!(Receipts::after(None, &nothing, now()), None);
        let known = Receipts::after(None, &payment("p2", Some(date(2026, 11, 20))), now()).unwrap();
        let expected = Receipts { reversed_at, ..known.clone() };
        assert_eq!(Receipts::after(Some(known), &nothing, now()), Some(expected));
    }
}

#[test]
fn a_payment_that_is_taken_back_is_forgotten_and_the_time_remembered() {
    let known = Receipts::after(None, &payment("p1", Some(date(2026, 11, 20))), now());
    let later = now().saturating_add(1.hour()).unwrap();
    let reversed = Payment { is_reversed: true, updated_at: later, ..payment("p1", Some(date(2026, 11, 20))) };
    let after = Receipts::after(known, &reversed, later).unwrap();
    assert_eq!((ids(&after), after.reversed_at), (Vec::new(), Some(later)));
    // Read again, it tells nothing new.
    let again = Receipts::after(Some(after.clone()), &reversed, later.saturating_add(1.hour()).unwrap());
    assert_eq!(again, Some(after));
}

#[test]
fn recent_payments_are_kept_for_two_weeks_and_at_most_twenty() {
    let days = |n: i64| now().saturating_add((n * 24).hours()).unwrap();
    let first = Receipts::after(None, &payment("p1", Some(date(2026, 11, 23))), now());
    let kept = Receipts::after(first.clone(), &payment("p2", Some(date(2026, 12, 7))), days(14)).unwrap();
    assert_eq!(ids(&kept), ["p1", "p2"]);
    let dropped = Receipts::after(first, &payment("p2", Some(date(2026, 12, 8))), days(15)).unwrap();
    assert_eq!(ids(&dropped), ["p2"]);
    let many = (0..25)
        .fold(None, |known, n| Receipts::after(known, &payment(&format!("m{n}"), Some(date(2026, 11, 20))), now()));
    let many = many.unwrap();
    assert_eq!(
        (many.recent.len(), ids(&many).first().copied(), ids(&many).last().copied()),
        (20, Some("m5"), Some("m24"))
    );
}

#[test]
fn what_several_contacts_paid_for_one_customer_counts_together() {
    let later = now().saturating_add(1.hour()).unwrap();
    let mut one = Receipts::after(None, &payment("p2", Some(date(2026, 11, 22))), later).unwrap();
    let other = Receipts::after(None, &payment("p1", Some(date(2026, 11, 23))), now()).unwrap();
    one.absorb(&Receipts { reversed_at: Some(now()), ..other });
    assert_eq!((one.last_on, ids(&one), one.reversed_at), (date(2026, 11, 23), vec!["p1", "p2"], Some(now())));
}

#[test]
fn a_payment_that_two_contacts_list_counts_once_since_it_was_first_seen() {
    let later = now().saturating_add(1.hour()).unwrap();
    let mut one = Receipts::after(None, &payment("p1", Some(date(2026, 11, 22))), later).unwrap();
    let other = Receipts::after(None, &payment("p1", Some(date(2026, 11, 22))), now()).unwrap();
    one.absorb(&other);
    assert_eq!(one, other);
}
