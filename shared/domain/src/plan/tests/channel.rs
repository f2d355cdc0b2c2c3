//! What of a day and of a month is used up, told from the reminders.

use super::*;
use crate::{
    account_bill::{AccountBill, Sum, Sums, ToldBill},
    cost::{Cost, CostCap},
    delivery_report::pricing::PriceCategory,
    reminder::{Reminder, tests::reminder},
};

fn went(from: &str, to: &str, on: Date, state: ReminderState) -> Reminder {
    let recipient = key(to);
    Reminder { sender: sender(from), recipient, date: on, ..reminder(Timestamp::UNIX_EPOCH, state) }
}

#[test]
fn a_day_counts_what_went_out_on_it_and_every_senders_first_words_to_a_number() {
    let (today, before) = (date(2026, 11, 23), date(2026, 11, 20));
    let not_sent = ReminderState::NotSent { code: 131_042 };
    let reminders = [
        // Known since Friday, whichever of the two is read first.
        went("201", "+971501234561", today, ReminderState::Sent),
        went("201", "+971501234561", before, ReminderState::Read),
        // Two words on one day are one first time.
        went("201", "+971501234562", today, ReminderState::Failed { code: 131_026 }),
        went("201", "+971501234562", today, ReminderState::Accepted),
        // Another sender does not know it.
        went("202", "+971501234561", today, ReminderState::Unknown),
        // What never went out counts nowhere, neither today nor before.
        went("201", "+971501234563", today, not_sent.clone()),
        went("201", "+971501234564", before, not_sent),
        went("201", "+971501234564", today, ReminderState::Accepted),
    ];
    let mut channel = Channel::default();
    channel.count(&reminders, &[], today, None);
    assert_eq!((channel.sends_before, channel.spent_this_month), (0, 0));
    // Of nobody it is forgotten that there was a message, but of those who never got one.
    let written_to: Vec<NumberKey> = channel.written_to.into_keys().collect();
    assert_eq!(written_to, ["+971501234561", "+971501234562", "+971501234564"].map(key));
    assert_eq!(channel.first_times_today, BTreeMap::from([(sender("201"), 2), (sender("202"), 1)]));
}

#[test]
fn a_month_counts_what_is_billed_in_the_currency_of_the_cap_and_at_the_rate_elsewhere_what_has_no_cost() {
    let usd = "USD".parse().unwrap();
    let cap = CostCap {
        per_month: Money::new(100, usd),
        rates: BTreeMap::new(),
        rate_elsewhere: 400_000,
        valid_from: None,
        read_on: None,
    };
    let costs = |on: Date, cost: Option<(u64, &str)>, state: ReminderState| {
        let cost = cost.map(|(millionths, code)| Cost { millionths, currency: code.parse().unwrap() });
        Reminder { cost, ..went("201", "+971501234561", on, state) }
    };
    let first = date(2026, 11, 1);
    let reminders = [
        costs(first, Some((50_000, "USD")), ReminderState::Delivered),
        costs(date(2026, 11, 30), Some((7_000, "USD")), ReminderState::Accepted),
        costs(date(2026, 10, 31), Some((1_000_000, "USD")), ReminderState::Read),
        costs(date(2025, 11, 2), Some((1_000_000, "USD")), ReminderState::Read),
        costs(first, None, ReminderState::Read),
        costs(first, Some((1_000_000, "EUR")), ReminderState::Read),
        costs(first, Some((1_000_000, "USD")), ReminderState::Failed { code: 131_026 }),
    ];
    let mut channel = Channel::default();
    channel.count(&reminders, &[], date(2026, 11, 23), Some(&cap.card()));
    assert_eq!(channel.spent_this_month, 50_000 + 7_000 + 400_000 + 400_000);
    // What Meta billed counts where it is more, if it is of the month and in the currency of the cap.
    for (code, month, millionths, counted) in [
        ("USD", first, 857_001, 857_001),
        ("USD", first, 856_999, 857_000),
        ("EUR", first, 9_000_000, 857_000),
        ("USD", date(2026, 10, 1), 9_000_000, 857_000),
    ] {
        let sums = BTreeMap::from([(PriceCategory::Utility, Sum { messages: 1, free: 0, millionths })]);
        let told = ToldBill::Known(Sums { currency: code.parse().ok(), categories: sums });
        let bill = AccountBill { waba: "100".parse().unwrap(), month, asked_at: Timestamp::UNIX_EPOCH, told };
        channel.count(&reminders, &[bill], date(2026, 11, 23), Some(&cap.card()));
        assert_eq!(channel.spent_this_month, counted, "{code} {month}");
    }
}
