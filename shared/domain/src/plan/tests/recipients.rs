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

/// The same customer in a second ledger, with the same mobile.
fn with_a_second_ledger() -> Case {
    let mut case = case();
    let second = ConnectionId::new(Uuid::from_u128(2));
    let at = ContactRef { connection: second, contact: "c9".parse().unwrap() };
    case.ledger.connections.insert(second, LedgerState::Readable);
    case.ledger.contacts.insert(at.clone(), Contact { at: at.clone(), ..contact("c9", "+971501234567") });
    let mut open = invoice("9", "c9", date(2026, 11, 12), "AED 100");
    open.invoice.contact = at;
    case.ledger.invoices.push(open);
    case
}

#[test]
fn case_64_one_mobile_in_two_ledgers_gets_one_message_that_day() {
    assert_eq!(with_a_second_ledger().told(), ["number_daily_cap", "S3 AED 100.00"]);
}

#[test]
fn case_23_two_entities_write_to_one_number_on_different_days() {
    let mut case = with_a_second_ledger();
    assert_eq!(
        case.run(date(2026, 11, 23), date(2026, 11, 30)),
        ["2026-11-23 c9 S3 AED 100.00", "2026-11-25 c1 S3 AED 400.00"]
    );
}

#[test]
fn a_ledger_with_a_number_of_its_own_depends_on_that_and_the_texts_of_its_account_alone() {
    let mut case = with_a_second_ledger();
    let second = ConnectionId::new(Uuid::from_u128(2));
    let ready = case.history.channel.line.clone();
    case.history.channel.line.state = ChannelState::Blocked;
    assert_eq!(case.told(), ["sender_blocked", "sender_blocked"]);
    case.history.channel.own_lines.insert(second, ready);
    assert_eq!(case.told(), ["sender_blocked", "S3 AED 100.00"]);
    case.history.channel.own_lines.get_mut(&second).unwrap().approved.clear();
    assert_eq!(case.told(), ["sender_blocked", "template_unusable"]);
}

#[test]
fn case_18_a_step_that_was_sent_by_hand_today_is_not_sent_again_and_the_next_one_keeps_its_day() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 11, 20));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
    case.reminded(Occasion::Step(StepId(2)), ReminderState::Delivered, 0, date(2026, 11, 23));
    case.history.fuses.insert(key("+971501234567"), Fuse::default().with(fused(date(2026, 11, 23))));
    assert_eq!(case.told(), ["number_daily_cap no_step_today"]);
    assert_eq!(case.run(date(2026, 11, 24), date(2026, 12, 10)), ["2026-11-30 c1 S3 AED 400.00"]);
}

#[test]
fn a_missed_promise_goes_before_what_is_overdue_and_that_before_what_is_to_come() {
    let mut case = case();
    for (id, due) in [("c2", date(2026, 11, 10)), ("c3", date(2026, 11, 26))] {
        case.ledger.contacts.insert(contact_ref(id), contact(id, "+971507654321"));
        case.ledger.invoices.push(invoice(id, id, due, "AED 100"));
    }
    case.history.delivered.insert(key("+971507654321"), 2);
    assert_eq!(case.told(), ["S3 AED 400.00", "S3 AED 100.00", "number_daily_cap"]);
    // The one that is not even overdue as long had promised.
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
    case.ledger.contacts.remove(&contact_ref("c3"));
    case.file().promises.push(crate::customer_file::Promise {
        number: 1,
        date: date(2026, 11, 18),
        invoices: BTreeSet::from(["1".parse().unwrap()]),
        made_at: Timestamp::UNIX_EPOCH,
        by: crate::customer_file::PromisedBy::Customer,
        is_withdrawn: false,
    });
    assert_eq!(case.told(), ["PM1 AED 400.00", "number_daily_cap", "no_number"]);
}
