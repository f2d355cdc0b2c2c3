//! Each single reason for leaving a customer alone, and when it ends.

use super::*;
use crate::{
    customer_file::{Dispute, Exclusion, PaidClaim},
    plan::reason::LiftedBy,
};

const SENT: [&str; 1] = ["S3 AED 400.00"];

fn user() -> crate::id::UserId {
    "user_a".parse().unwrap()
}

fn exclusion() -> Exclusion {
    Exclusion { since: Timestamp::UNIX_EPOCH, by: user(), reason: "a friend of the house".to_owned() }
}

#[test]
fn a_customer_held_by_hand_is_held_for_that_day_alone() {
    let mut case = case();
    case.file().held_on = Some(date(2026, 11, 23));
    assert_eq!(case.told(), ["held_by_hand"]);
    assert_eq!(case.on(date(2026, 11, 24)), SENT);
}

#[test]
fn what_is_moved_by_hand_goes_out_on_the_day_it_was_moved_to_however_far_that_is() {
    let mut case = case();
    case.file().moved_to = Some(date(2026, 12, 2));
    assert_eq!(case.held(), [("held_by_hand", Some(date(2026, 12, 2)))]);
    let story = ["2026-12-02 c1 S3 AED 400.00"];
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 3)), story);
    // Moved to a closed day, it goes out on the next one that is not.
    let mut case = super::case();
    case.file().moved_to = Some(date(2026, 11, 28));
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 1)), ["2026-11-30 c1 S3 AED 400.00"]);
}

#[test]
fn case_5_an_excluded_customer_gets_nothing_until_the_exclusion_is_lifted() {
    let mut case = case();
    case.file().exclusion = Some(exclusion());
    assert_eq!(case.held(), [("excluded", None)]);
    case.file().exclusion = None;
    case.file().included_since = Some(case.now);
    assert_eq!(case.told(), SENT);
}

#[test]
fn case_6_an_exclusion_cancels_what_is_pending_and_once_lifted_the_sequence_stands_where_it_stood() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.file().exclusion = Some(exclusion());
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::Excluded.into()]));
    case.sent(3, ReminderState::Delivered, 0);
    case.file().exclusion = None;
    case.file().included_since = Some(case.now);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 4)))]);
    assert_eq!(case.on(date(2026, 12, 4)), ["S4 AED 400.00"]);
}

#[test]
fn an_exclusion_lifted_over_an_old_invoice_asks_the_owner_how_to_start() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 10, 1));
    case.file().included_since = Some(case.now);
    assert_eq!(case.told(), ["backlog_unconfirmed"]);
}

#[test]
fn case_66_a_message_that_nobody_read_on_friday_still_holds_on_monday() {
    let mut case = case();
    case.file().unread_since = Some("2026-11-20T10:00:00Z".parse().unwrap());
    assert_eq!(case.held(), [("inbound_unread", None)]);
    case.file().unread_since = None;
    assert_eq!(case.told(), SENT);
}

#[test]
fn a_claim_of_payment_holds_until_a_person_or_the_ledger_ends_it() {
    let mut case = case();
    let claim = PaidClaim { at: case.now, invoices: BTreeSet::from(["1".parse().unwrap()]) };
    case.file().paid_claim = Some(claim.clone());
    assert_eq!(case.held(), [("paid_claimed", None)]);
    // The ledger: none of the invoices of which it was said is open any more.
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 100.00"]);
    // Or a person.
    case.first_invoice().invoice.status = InvoiceStatus::Open;
    assert_eq!(case.told(), ["paid_claimed"]);
    case.file().paid_claim = None;
    assert_eq!(case.told(), ["S3 AED 500.00"]);
}

#[test]
fn a_disputed_invoice_is_the_reason_if_there_is_no_other() {
    let mut case = case();
    let dispute = Dispute { since: case.now, by: user(), reason: "goods damaged".to_owned() };
    case.file().disputes.insert("1".parse().unwrap(), dispute);
    assert_eq!(case.held(), [("dispute_open", None)]);
}

#[test]
fn a_snooze_names_the_day_on_which_it_ends_and_ends_on_it() {
    let mut case = case();
    case.file().snoozed_until = Some(date(2026, 11, 25));
    assert_eq!(case.held(), [("snoozed", Some(date(2026, 11, 25)))]);
    assert_eq!(case.on(date(2026, 11, 24)), ["snoozed"]);
    assert_eq!(case.on(date(2026, 11, 25)), SENT);
}

#[test]
fn a_step_that_a_long_snooze_covered_goes_out_when_it_ends() {
    let mut case = case();
    case.file().snoozed_until = Some(date(2026, 12, 1));
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 3)), ["2026-12-01 c1 S3 AED 400.00"]);
}

#[test]
fn case_65_after_the_owner_wrote_from_the_phone_the_customer_is_left_alone_for_24_hours() {
    let mut case = case();
    case.file().owner_wrote_at = Some(case.now - SignedDuration::from_hours(23));
    assert_eq!(case.held(), [("snoozed", Some(date(2026, 11, 23)))]);
    case.file().owner_wrote_at = Some(case.now - SignedDuration::from_hours(24));
    assert_eq!(case.told(), SENT);
}

#[test]
fn what_was_left_out_is_neither_chased_nor_listed() {
    let mut case = case();
    case.choose("1", Start::LeaveOut, date(2026, 11, 20));
    assert_eq!(case.held(), [("left_out", None)]);
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 100.00"]);
}

#[test]
fn an_invoice_that_the_customer_does_not_have_yet_waits_if_the_policy_says_so() {
    let mut case = case();
    case.first_invoice().invoice.marked = Marked::NotSent;
    assert_eq!(case.told(), SENT);
    case.policy().only_marked_sent = true;
    assert_eq!(case.held(), [("not_marked_sent", None)]);
    // A ledger that does not say must not silence everybody.
    case.first_invoice().invoice.marked = Marked::Unknown;
    assert_eq!(case.told(), SENT);
}

#[test]
fn more_first_time_numbers_than_the_ramp_wait_for_another_day() {
    let mut case = case();
    case.history.known_numbers.clear();
    case.history.channel.first_times_today = BTreeMap::from([(sender("201"), 20)]);
    assert_eq!(case.held(), [("ramp", None)]);
    case.organisation.ramp_per_day = Some(21);
    assert_eq!(case.told(), SENT);
}

#[test]
fn every_sender_has_a_ramp_of_its_own_and_is_unknown_to_whom_another_one_wrote() {
    let mut case = case();
    case.organisation.ramp_per_day = Some(1);
    let second = ConnectionId::new(Uuid::from_u128(2));
    case.ledger.connections.insert(second, LedgerState::Readable);
    let own = Line { sender: Some(sender("202")), ..case.history.channel.line.clone() };
    case.history.channel.own_lines.insert(second, own);
    for (id, connection, number) in [
        ("c2", connection(), "+971501234562"),
        ("c3", connection(), "+971501234563"),
        ("c4", second, "+971501234564"),
        ("c5", second, "+971501234565"),
    ] {
        let mut open = invoice(id, id, date(2026, 11, 18), "AED 400");
        open.invoice.contact.connection = connection;
        let at = open.invoice.contact.clone();
        case.ledger.contacts.insert(at.clone(), Contact { at, ..contact(id, number) });
        case.ledger.invoices.push(open);
    }
    let gone = "S2 AED 400.00";
    assert_eq!(case.told(), [SENT[0], gone, "ramp", gone, "ramp"]);
    let firsts = |case: &Case| -> Vec<Option<u32>> {
        let plan = case.plan();
        plan.decisions.iter().filter_map(Decision::send).map(|send| send.turn.first_times_before).collect()
    };
    assert_eq!(firsts(&case), [None, Some(0), Some(0)]);
    // The first one's acquaintances are none of the second's, and what one sent today takes no room of the other's.
    case.history.knows("201", "+971501234563");
    case.history.knows("201", "+971501234564");
    assert_eq!(case.told(), [SENT[0], gone, gone, gone, "ramp"]);
    case.history.channel.first_times_today.insert(sender("202"), 1);
    assert_eq!(case.told(), [SENT[0], gone, gone, "ramp", "ramp"]);
}

#[test]
fn every_message_knows_how_many_go_first() {
    let mut case = case();
    case.history.channel.sends_before = 3;
    case.ledger.contacts.insert(contact_ref("c0"), contact("c0", "+971501234560"));
    case.ledger.invoices.push(invoice("2", "c0", date(2026, 11, 12), "AED 400"));
    case.history.knows("201", "+971501234560");
    let plan = case.plan();
    let before: Vec<u32> = plan.decisions.iter().map(|decision| decision.send().unwrap().turn.sends_before).collect();
    assert_eq!(before, [3, 4]);
}

#[test]
fn a_number_that_was_written_to_before_needs_no_ramp() {
    let mut case = case();
    case.organisation.ramp_per_day = Some(0);
    assert_eq!(case.told(), SENT);
}

#[test]
fn at_most_four_fifths_of_metas_limit_are_used() {
    let mut case = case();
    case.history.channel.daily_limit = Some(250);
    for (sends_today, told) in [(199, SENT[0]), (200, "messaging_limit")] {
        case.history.channel.sends_before = sends_today;
        assert_eq!(case.told(), [told]);
    }
}

#[test]
fn metas_limit_is_that_of_24_hours_and_a_message_waits_for_the_minute_in_which_there_is_room() {
    let mut case = case();
    case.history.channel.daily_limit = Some(5);
    let slot = case.plan().decisions[0].send().unwrap().at;
    // The slot of the day before, of which four went out over ten minutes.
    let begun = slot.checked_sub(SignedDuration::from_hours(24)).unwrap();
    for n in 0..4 {
        let at = begun.checked_add(SignedDuration::from_mins(10 - i64::from(n))).unwrap();
        case.history.channel.written_to.insert(key(&format!("+97150555000{n}")), at);
    }
    let sent = case.plan().decisions[0].send().unwrap().clone();
    let (waits, after) = (sent.at.duration_since(slot), sent.turn.sends_before);
    assert_eq!((waits, after), (SignedDuration::from_mins(7), 3));
    // There is room on this day, but not within its hours.
    let hours = Window::new("10:00".parse().unwrap(), "10:05".parse().unwrap()).ok();
    case.policy().calendar.week = [hours; 7];
    assert_eq!(case.told(), ["messaging_limit"]);
}

#[test]
fn nobody_is_reminded_at_one_of_our_own_numbers() {
    let mut case = case();
    let ours: PhoneNumber = "+971501234567".parse().unwrap();
    case.history.channel.own_numbers.insert(ours.matching_form());
    assert_eq!(case.held(), [("number_shared", None)]);
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn a_ledger_that_was_not_read_lately_means_no() {
    let mut case = case();
    for (state, told) in [(LedgerState::Stale, "ledger_stale"), (LedgerState::ReconnectNeeded, "reconnect_needed")] {
        case.ledger.connections.insert(connection(), state);
        assert_eq!(case.held(), [(told, None)]);
    }
}

#[test]
fn case_25_a_ledger_that_cannot_be_reached_cancels_what_was_planned() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.connections.insert(connection(), LedgerState::Unreadable);
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::LedgerUnreadable.into()]));
}

#[test]
fn case_77_a_demo_company_sends_nothing_to_real_numbers() {
    let mut case = case();
    case.ledger.connections.insert(connection(), LedgerState::DemoCompany);
    assert_eq!(case.held(), [("demo_company", None)]);
}

#[test]
fn what_a_customer_was_told_too_recently_or_too_often_names_the_next_allowed_day() {
    let mut case = case();
    let recipient = key("+971501234567");
    case.history.fuses.insert(recipient.clone(), Fuse { sends: vec![fused(date(2026, 11, 22))] });
    assert_eq!(case.held(), [("gap", Some(date(2026, 11, 24)))]);
    let sends = [17, 19, 21].map(|day| fused(date(2026, 11, day))).to_vec();
    case.history.fuses.insert(recipient, Fuse { sends });
    assert_eq!(case.held(), [("seven_day_cap", Some(date(2026, 11, 24)))]);
}

#[test]
fn several_reasons_are_all_told_in_the_order_of_the_list() {
    let mut case = case();
    case.file().held_on = Some(date(2026, 11, 23));
    case.file().exclusion = Some(exclusion());
    case.file().unread_since = Some(case.now);
    case.file().snoozed_until = Some(date(2026, 11, 25));
    case.sent(3, ReminderState::Delivered, 0);
    assert_eq!(case.told(), ["held_by_hand excluded inbound_unread snoozed no_step_today"]);
}

#[test]
fn what_a_person_has_to_lift_is_not_said_to_end_by_itself() {
    let by_itself: Vec<&str> =
        SkipCode::ALL.iter().filter(|code| code.lifted_by() == LiftedBy::Itself).map(|code| code.code()).collect();
    assert!(
        ["inbound_unread", "paid_claimed", "dispute_open", "excluded", "backlog_unconfirmed"]
            .iter()
            .all(|code| !by_itself.contains(code))
    );
    assert!(["snoozed", "promise_open", "payment_grace", "gap"].iter().all(|code| by_itself.contains(code)));
}

#[test]
fn a_step_that_a_snooze_covered_in_the_middle_of_a_sequence_goes_out_when_it_ends() {
    let mut case = case();
    case.sent(2, ReminderState::Delivered, 0);
    case.file().snoozed_until = Some(date(2026, 12, 1));
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 3)), ["2026-12-01 c1 S3 AED 400.00"]);
}

#[test]
fn of_ten_messages_under_a_limit_of_ten_eight_go_out() {
    let mut case = case();
    for n in 2..=10 {
        let (id, number) = (format!("c{n}"), format!("+97150123{n:04}"));
        case.ledger.contacts.insert(contact_ref(&id), contact(&id, &number));
        case.history.knows("201", &number);
        case.ledger.invoices.push(invoice(&id, &id, date(2026, 11, 18), "AED 400"));
    }
    case.history.channel.daily_limit = Some(10);
    let held = case.told().iter().filter(|told| *told == "messaging_limit").count();
    assert_eq!((case.plan().sends(), held), (8, 2));
}
