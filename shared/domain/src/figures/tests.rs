use jiff::{Timestamp, civil::date};
use uuid::Uuid;

use super::*;
use crate::{
    contact::ContactRef,
    id::ConnectionId,
    money,
    policy::{StepId, Tone},
    reminder::{Occasion, ReminderKey, ReminderState},
};

const TODAY: Date = date(2026, 11, 24);

fn contact(connection: u128) -> ContactRef {
    ContactRef { connection: ConnectionId::new(Uuid::from_u128(connection)), contact: "c1".parse().unwrap() }
}

fn payment(on: Date, minor: i64, invoices: &[&str]) -> Payment {
    Payment {
        id: format!("{on}-{minor}").parse().unwrap(),
        contact: contact(1),
        date: Some(on),
        amount: money::Money::new(minor, "AED".parse().unwrap()),
        invoices: invoices.iter().map(|id| id.parse().unwrap()).collect(),
        is_reversed: false,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn reminder(on: Date, state: ReminderState, listed: &[&str]) -> SentReminder {
    SentReminder {
        key: ReminderKey {
            contact: contact(1),
            currency: "AED".parse().unwrap(),
            anchor: "anchor".parse().unwrap(),
            cycle: 1,
            occasion: Occasion::Step(StepId(1)),
        },
        state,
        again_from: None,
        times_expired: 0,
        recipient: "key-1".parse().unwrap(),
        sender: "201".parse().unwrap(),
        sent_on: on,
        tone: Tone::Friendly,
        counted_from: None,
        listed: listed.iter().map(|id| id.parse().unwrap()).collect(),
        manual: false,
    }
}

fn collected(payments: &[Payment], reminders: &[SentReminder]) -> Vec<(String, i64)> {
    let collected = AfterReminders::of(payments, reminders).collected();
    collected.into_iter().map(|((month, currency), minor)| (format!("{month} {}", currency.as_str()), minor)).collect()
}

#[test]
fn a_payment_counts_once_with_all_of_it_from_the_day_of_the_reminder_to_the_fourteenth_after() {
    let reminders = [date(2026, 11, 10), date(2026, 11, 11)].map(|on| reminder(on, ReminderState::Read, &["a", "b"]));
    let on = |day: i8| payment(date(2026, 11, day), 100, &["b", "x"]);
    let sums = |day| collected(&[on(day)], &reminders);
    let whole = [("2026-11-01 AED".to_owned(), 100)];
    assert_eq!(sums(9), []);
    for day in [10, 11, 24, 25] {
        assert_eq!(sums(day), whole, "{day}");
    }
    assert_eq!(sums(26), []);
}

#[test]
fn what_was_taken_back_is_undated_or_of_another_ledger_or_came_after_no_reminder_that_arrived_is_not_counted() {
    let on = date(2026, 11, 12);
    let counts = |payment: Payment, reminder: SentReminder| !collected(&[payment], &[reminder]).is_empty();
    let (paid, asked) = (payment(on, 100, &["a"]), reminder(on, ReminderState::Delivered, &["a"]));
    assert!(counts(paid.clone(), asked.clone()));
    assert!(!counts(Payment { is_reversed: true, ..paid.clone() }, asked.clone()));
    assert!(!counts(Payment { date: None, ..paid.clone() }, asked.clone()));
    assert!(!counts(Payment { contact: contact(2), ..paid.clone() }, asked.clone()));
    assert!(!counts(Payment { invoices: Vec::new(), ..paid.clone() }, asked.clone()));
    assert!(counts(Payment { invoices: vec![asked.key.anchor.clone()], ..paid.clone() }, asked.clone()));
    for state in [ReminderState::Sent, ReminderState::Unknown, ReminderState::Failed { code: 131_026 }] {
        assert!(!counts(paid.clone(), SentReminder { state, ..asked.clone() }));
    }
    let thanks = ReminderKey { occasion: Occasion::ThankYou(on), ..asked.key.clone() };
    assert!(!counts(paid, SentReminder { key: thanks, ..asked }));
}

#[test]
fn months_and_currencies_are_told_apart() {
    let reminders = [date(2026, 10, 30), date(2026, 11, 1)].map(|on| reminder(on, ReminderState::Read, &["a"]));
    let usd = |mut payment: Payment| {
        payment.amount.currency = "USD".parse().unwrap();
        payment
    };
    let payments = [
        payment(date(2026, 10, 31), 1, &["a"]),
        payment(date(2026, 11, 1), 20, &["a"]),
        payment(date(2026, 11, 2), 300, &["a"]),
        usd(payment(date(2026, 11, 2), 4_000, &["a"])),
    ];
    let sums = [("2026-10-01 AED", 1), ("2026-11-01 AED", 320), ("2026-11-01 USD", 4_000)];
    assert_eq!(collected(&payments, &reminders), sums.map(|(name, minor)| (name.to_owned(), minor)));
}

#[test]
fn of_the_last_days_it_is_told_how_many_arrived_were_read_and_brought_money_within_a_week() {
    let of = |days_ago: i64, state, id: &str| reminder(TODAY.saturating_sub(days_ago.days()), state, &[id]);
    let reminders = [
        of(0, ReminderState::Accepted, "a"),
        of(10, ReminderState::Read, "b"),
        of(29, ReminderState::Delivered, "c"),
        of(5, ReminderState::Failed { code: 131_026 }, "d"),
        of(5, ReminderState::NotSent { code: 131_026 }, "d"),
        of(5, ReminderState::Expired, "d"),
        of(30, ReminderState::Read, "e"),
        of(89, ReminderState::Read, "f"),
        of(90, ReminderState::Read, "f"),
    ];
    let paid = |days_ago: i64, id: &str| payment(TODAY.saturating_sub(days_ago.days()), 5, &[id]);
    let payments = [paid(3, "b"), paid(21, "c"), paid(30, "e"), paid(88, "f")];
    let money = AfterReminders::of(&payments, &reminders);
    let none = Replies::new();
    let last30 = Responses { days: 30, sent: 3, delivered: 2, read: 1, replied: 0, paid: 1 };
    let last90 = Responses { days: 90, sent: 5, delivered: 4, read: 3, replied: 0, paid: 3 };
    assert_eq!([money.responses(30, TODAY, &none), money.responses(90, TODAY, &none)], [last30, last90]);
}

#[test]
fn a_reminder_is_answered_by_a_message_of_its_customer_from_its_day_to_the_fourteenth_after() {
    let sent = [reminder(date(2026, 11, 1), ReminderState::Delivered, &[])];
    let replied = |contact: ContactRef, on: Date| {
        let replies = Replies::from([(contact, BTreeSet::from([on]))]);
        AfterReminders::of(&[], &sent).responses(30, TODAY, &replies).replied
    };
    let days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 15), date(2026, 11, 16)];
    assert_eq!(days.map(|on| replied(contact(1), on)), [0, 1, 1, 0]);
    assert_eq!(replied(contact(2), date(2026, 11, 2)), 0);
}
