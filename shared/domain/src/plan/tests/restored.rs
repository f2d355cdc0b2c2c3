//! Rule 17: after the table was restored from a backup, nobody knows what was said in the time that it lost.

use super::{promises::promise, thanks::receipt, *};

#[test]
fn rule_17_what_was_due_by_the_day_of_the_restore_is_superseded_and_the_next_step_stands() {
    let mut case = case();
    case.history.lost_until = Some(date(2026, 11, 23));
    // The gap between two messages is kept from the last day on which one may have gone out.
    for day in [date(2026, 11, 23), date(2026, 11, 24)] {
        case.now = ten_o_clock(day);
        assert_eq!(case.held()[0], ("operator_pause", Some(date(2026, 11, 25))), "{day}");
    }
    assert_eq!(case.on(date(2026, 11, 25)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 4)))]);
    assert_eq!(case.run(date(2026, 11, 23), date(2026, 12, 4)), ["2026-12-04 c1 S4 AED 400.00"]);
}

#[test]
fn rule_17_what_falls_due_after_the_restore_goes_out_on_its_day() {
    let mut case = case();
    case.history.lost_until = Some(date(2026, 11, 19));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn rule_17_a_promise_that_was_missed_in_the_lost_time_is_not_told_of() {
    let mut case = case();
    case.sent(3, ReminderState::Delivered, 0);
    case.file().promises.push(promise(1, date(2026, 11, 27), &["1"]));
    // Missed on 2 December; the policy's own step comes on the 4th.
    case.history.lost_until = Some(date(2026, 12, 2));
    assert_eq!(case.run(date(2026, 12, 2), date(2026, 12, 10)), ["2026-12-04 c1 S4 AED 400.00"]);
    case.history
        .reminders
        .values_mut()
        .for_each(|past| past.retain(|past| past.key.occasion == Occasion::Step(StepId(3))));
    case.history.fuses.clear();
    case.history.lost_until = Some(date(2026, 12, 1));
    assert_eq!(case.on(date(2026, 12, 3)), ["PM1 AED 400.00"]);
}

#[test]
fn rule_17_payments_of_the_lost_time_are_not_thanked_for() {
    let mut case = case();
    case.policy().thank_you = true;
    case.sent(2, ReminderState::Read, 0);
    case.settle("1");
    case.paid(receipt("p1", "AED 400", &["1"], date(2026, 11, 22)));
    case.history.lost_until = Some(date(2026, 11, 22));
    assert_eq!(case.run(date(2026, 11, 22), date(2026, 12, 4)), [""; 0]);
    case.history.lost_until = Some(date(2026, 11, 21));
    assert_eq!(case.on(date(2026, 11, 23)), ["TY2026-11-22 AED 0.00"]);
}

#[test]
fn a_pause_of_the_operators_stands_before_the_days_after_a_restore_and_one_of_the_owner_behind_them() {
    let mut case = case();
    case.history.lost_until = Some(date(2026, 11, 23));
    let since = Timestamp::UNIX_EPOCH;
    case.organisation.pause = Some(Pause { since, by: PausedBy::Member("user_a".parse().unwrap()), until: None });
    assert_eq!(case.held()[0], ("operator_pause", Some(date(2026, 11, 25))));
    case.organisation.operator_pause = Some(Pause { since, by: PausedBy::Operator, until: None });
    assert_eq!(case.held()[0], ("operator_pause", None));
    assert_eq!(case.on(date(2026, 11, 25)), ["operator_pause no_step_today"]);
}
