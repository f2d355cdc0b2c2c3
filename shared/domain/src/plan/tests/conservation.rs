//! Rule 18: planned = sent + cancelled + failed + unknown + expired + carried over.

use super::*;
use crate::plan::conservation::{DayAccount, account};

const DAY: Date = date(2026, 11, 23);

/// One customer with one planned message.
fn planned() -> (Case, Vec<Decision>) {
    let case = case();
    let decisions = case.plan().decisions;
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    (case, decisions)
}

fn accounted(case: &Case, decisions: &[Decision], cancelled: &[Unit], run_is_over: bool) -> DayAccount {
    let reminders = case.history.reminders.values().flatten();
    account(DAY, decisions, &cancelled.iter().cloned().collect(), reminders, run_is_over)
}

#[test]
fn every_state_of_a_planned_message_has_its_place_in_the_account() {
    let one = DayAccount { planned: 1, ..DayAccount::default() };
    for (state, expected) in [
        (ReminderState::Accepted, DayAccount { sent: 1, ..one }),
        (ReminderState::Held, DayAccount { sent: 1, ..one }),
        (ReminderState::Sent, DayAccount { sent: 1, ..one }),
        (ReminderState::Delivered, DayAccount { sent: 1, ..one }),
        (ReminderState::Read, DayAccount { sent: 1, ..one }),
        (ReminderState::NotSent { code: 131_008 }, DayAccount { failed: 1, ..one }),
        (ReminderState::Failed { code: 131_026 }, DayAccount { failed: 1, ..one }),
        (ReminderState::Sending, DayAccount { unknown: 1, ..one }),
        (ReminderState::Unknown, DayAccount { unknown: 1, ..one }),
        (ReminderState::Expired, DayAccount { expired: 1, ..one }),
    ] {
        let (mut case, decisions) = planned();
        case.reminded(Occasion::Step(StepId(3)), state, 0, DAY);
        let account = accounted(&case, &decisions, &[], true);
        assert_eq!((account, account.balances()), (expected, true));
    }
}

#[test]
fn a_message_that_was_taken_back_or_is_still_to_go_out_is_not_lost() {
    let (case, decisions) = planned();
    let one = DayAccount { planned: 1, ..DayAccount::default() };
    let unit = decisions[0].unit.clone();
    assert_eq!(accounted(&case, &decisions, &[unit], true), DayAccount { cancelled: 1, ..one });
    assert_eq!(accounted(&case, &decisions, &[], false), DayAccount { carried_over: 1, ..one });
    let lost = accounted(&case, &decisions, &[], true);
    assert_eq!((lost, lost.balances()), (DayAccount { lost: 1, ..one }, false));
}

#[test]
fn a_message_that_was_tried_again_on_a_later_day_had_expired() {
    let (mut case, decisions) = planned();
    case.reminded(Occasion::Step(StepId(3)), ReminderState::Delivered, 1, date(2026, 11, 24));
    let account = accounted(&case, &decisions, &[], true);
    assert_eq!(account, DayAccount { planned: 1, expired: 1, ..DayAccount::default() });
}

#[test]
fn a_message_of_the_day_that_nobody_planned_does_not_add_up() {
    let (mut case, _) = planned();
    case.reminded(Occasion::Step(StepId(3)), ReminderState::Delivered, 0, DAY);
    let account = accounted(&case, &[], &[], true);
    assert_eq!((account, account.balances()), (DayAccount { unplanned: 1, ..DayAccount::default() }, false));
    // One of another day is none of its business.
    case.history.reminders.clear();
    case.reminded(Occasion::Step(StepId(3)), ReminderState::Delivered, 0, date(2026, 11, 20));
    assert_eq!(accounted(&case, &[], &[], true), DayAccount::default());
}
