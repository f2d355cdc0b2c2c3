//! Rule 10: replies that hold, and where the policy lets them, end by themselves.

use super::*;
use crate::{
    customer_file::{Dispute, Exclusion, PaidClaim},
    plan::reason::Reason,
};

const SENT: [&str; 1] = ["S3 AED 400.00"];

/// A claim that invoice 1 is paid, made at ten o'clock of a day.
fn claimed_on(day: Date) -> Option<PaidClaim> {
    Some(PaidClaim { at: ten_o_clock(day), invoices: BTreeSet::from(["1".parse().unwrap()]) })
}

#[test]
fn a_reply_holds_for_good_unless_the_policy_lets_it_end_by_itself() {
    let friday = date(2026, 11, 20);
    for code in ["inbound_unread", "paid_claimed"] {
        let mut case = case();
        match code {
            "inbound_unread" => case.file().waits_to_be_read(ten_o_clock(friday)),
            _ => case.file().paid_claim = claimed_on(friday),
        }
        case.now = ten_o_clock(date(2027, 3, 1));
        assert_eq!(case.held(), [(code, None), ("sequence_finished", None)]);
        case.policy().release_holds_after = Some(5);
        // From Friday on five business days: Monday to Friday of the next week.
        for day in [20, 23, 27, 29] {
            assert_eq!(case.on(date(2026, 11, day)).len(), 1);
            assert_eq!(case.held(), [(code, Some(date(2026, 11, 30)))], "{code} on {day}");
        }
        assert_eq!(case.on(date(2026, 11, 30)), SENT);
    }
}

#[test]
fn the_step_that_a_reply_held_back_goes_out_when_the_hold_ends_by_itself() {
    for sent_before in [false, true] {
        let mut case = case();
        case.policy().release_holds_after = Some(6);
        case.file().waits_to_be_read(ten_o_clock(date(2026, 11, 20)));
        if sent_before {
            case.sent(2, ReminderState::Delivered, 0);
        }
        assert_eq!(case.run(date(2026, 11, 20), date(2026, 12, 2)), ["2026-12-01 c1 S3 AED 400.00"]);
    }
}

#[test]
fn a_second_message_or_claim_holds_anew_for_as_long() {
    let (first, second) = (date(2026, 11, 20), date(2026, 11, 26));
    let mut case = case();
    case.policy().release_holds_after = Some(5);
    case.file().waits_to_be_read(ten_o_clock(second));
    case.file().waits_to_be_read(ten_o_clock(first));
    assert_eq!(case.on(date(2026, 12, 3)), ["inbound_unread"]);
    assert_eq!(case.held(), [("inbound_unread", Some(date(2026, 12, 4)))]);
    assert_eq!(case.on(date(2026, 12, 4)).len(), 1);
    assert!(case.plan().decisions[0].send().is_some());
    // What comes after the release is a hold of its own.
    case.file().waits_to_be_read(ten_o_clock(date(2026, 12, 4)));
    case.file().paid_claim = claimed_on(date(2026, 12, 3));
    let until = |day| Some(date(2026, 12, day));
    assert_eq!(case.held(), [("inbound_unread", until(14)), ("paid_claimed", until(11))]);
    assert_eq!(case.on(date(2026, 12, 11)), ["inbound_unread"]);
    case.now = ten_o_clock(date(2026, 12, 14));
    assert!(case.plan().decisions[0].send().is_some());
}

#[test]
fn a_hold_that_ends_by_itself_is_counted_in_business_days_of_the_policy_from_the_organisations_date() {
    let mut case = case();
    case.policy().release_holds_after = Some(5);
    // It is Friday in Dubai already.
    case.file().waits_to_be_read("2026-11-19T20:00:00Z".parse().unwrap());
    assert_eq!(case.held(), [("inbound_unread", Some(date(2026, 11, 30)))]);
    case.policy().calendar.closed.insert(date(2026, 11, 25));
    assert_eq!(case.held(), [("inbound_unread", Some(date(2026, 12, 1)))]);
    case.policy().calendar.week = [Some(Window::whole_day()); 7];
    assert_eq!(case.held(), [("inbound_unread", Some(date(2026, 11, 27)))]);
    case.policy().release_holds_after = Some(6);
    assert_eq!(case.held(), [("inbound_unread", Some(date(2026, 11, 28)))]);
}

#[test]
fn a_file_of_old_that_knows_the_first_unread_message_alone_is_released_from_that() {
    let mut case = case();
    case.policy().release_holds_after = Some(5);
    case.file().unread_since = Some(ten_o_clock(date(2026, 11, 20)));
    assert_eq!(case.held(), [("inbound_unread", Some(date(2026, 11, 30)))]);
}

#[test]
fn what_only_a_person_may_end_does_not_end_by_itself() {
    type Change = fn(&mut Case);
    let holds: [(&str, Change); 5] = [
        ("opted_out", |c| {
            c.history.consents.opted_out_contacts.insert(contact_ref("c1"));
        }),
        ("excluded", |c| {
            let (since, by) = (c.now, "user_a".parse().unwrap());
            c.file().exclusion = Some(Exclusion { since, by, reason: "a friend of the house".to_owned() });
        }),
        ("number_unusable", |c| {
            c.file().unlinked.insert(key("+971501234567"));
        }),
        ("dispute_open", |c| {
            let dispute = Dispute { since: c.now, by: "user_a".parse().unwrap(), reason: "goods damaged".to_owned() };
            c.file().disputes.insert("1".parse().unwrap(), dispute);
        }),
        ("credit_open", |c| {
            c.ledger.credits.push(Credit {
                id: "k1".parse().unwrap(),
                kind: crate::credit::CreditKind::CreditNote,
                contact: contact_ref("c1"),
                number: String::new(),
                date: None,
                remaining: Money::new(10_000, "AED".parse().unwrap()),
                updated_at: c.now,
            });
        }),
    ];
    for (code, change) in holds {
        let mut case = case();
        case.policy().release_holds_after = Some(5);
        change(&mut case);
        assert_eq!(case.on(date(2026, 11, 23)), [code]);
        case.now = ten_o_clock(date(2027, 3, 1));
        assert_eq!(case.held()[0], (code, None));
    }
}

#[test]
fn a_hold_that_ended_by_itself_is_over_for_the_dispatch_too_and_a_new_one_cancels() {
    let mut case = case();
    case.policy().release_holds_after = Some(5);
    case.file().waits_to_be_read(ten_o_clock(date(2026, 11, 20)));
    case.now = ten_o_clock(date(2026, 11, 30));
    let planned = case.plan().decisions[0].send().unwrap().clone();
    assert_eq!(case.recheck(&planned), Recheck::Send(planned.clone()));
    let now = case.now;
    case.file().waits_to_be_read(now);
    let anew = Reason::until(SkipCode::InboundUnread, Some(date(2026, 12, 8)));
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![anew]));
    // So does a policy that releases nothing any more.
    case.policy().release_holds_after = None;
    let reasons = match case.recheck(&planned) {
        Recheck::Cancel(reasons) => reasons,
        Recheck::Send(send) => panic!("{send:?}"),
    };
    assert_eq!(reasons[0], SkipCode::InboundUnread.into());
}
