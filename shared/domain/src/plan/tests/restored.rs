//! Rule 17: after the table was restored from a backup, nobody knows what was said in the time that it lost.

use super::{promises::promise, thanks::receipt, *};
use crate::customer_file::Start;

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
fn rule_17_words_that_may_have_been_said_in_the_lost_time_go_out_as_the_step_that_is_due_and_not_as_themselves_again() {
    let mut case = case();
    case.history.delivered.clear();
    // Step 2 was due in the lost time; nobody knows whether it arrived, so that step 3 is not firmer than it.
    case.history.lost_until = Some(date(2026, 11, 18));
    let said = case.run(date(2026, 11, 18), date(2027, 1, 31));
    assert_eq!(said, ["2026-11-23 c1 S3 AED 400.00", "2026-12-04 c1 S4 AED 400.00"]);
    let tones: Vec<Tone> = case.history.reminders.values().flatten().map(|past| past.tone).collect();
    assert_eq!(tones, [Tone::Gentle, Tone::Firm]);
}

#[test]
fn rule_17_an_old_invoice_that_may_have_entered_in_the_lost_time_goes_on_as_if_it_had_entered_on_its_last_day() {
    let gently_since = |day: Date| {
        let mut case = case();
        case.history.delivered.clear();
        case.ledger.invoices.clear();
        case.ledger.invoices.push(invoice("1", "c1", date(2026, 8, 1), "AED 400"));
        case.choose("1", Start::Gently, day);
        case.history.lost_until = Some(date(2026, 11, 18));
        case.run(date(2026, 11, 18), date(2026, 12, 31))
    };
    let first_word = ["2026-11-25 c1 S3 AED 400.00", "2026-12-07 c1 S4 AED 400.00"];
    // It waited behind a ramp since long ago, or had only just been decided about.
    assert_eq!(gently_since(date(2026, 9, 1)), first_word);
    assert_eq!(gently_since(date(2026, 11, 17)), first_word);
    // What was decided about afterwards begins at its beginning.
    assert_eq!(gently_since(date(2026, 11, 23))[0], "2026-11-23 c1 S2 AED 400.00");
}

#[test]
fn rule_17_a_silence_that_ends_after_the_restore_gives_no_new_slot_to_a_step_that_may_have_been_said() {
    let snoozed = |begun: bool, lost: Date| {
        let mut case = case();
        if begun {
            case.sent(2, ReminderState::Delivered, 0);
        }
        case.file().snoozed_until = Some(date(2026, 11, 27));
        case.history.lost_until = Some(lost);
        case.run(lost, date(2026, 12, 31))
    };
    // Step 3 was due on the 23rd, and the silence may have begun after it went out.
    assert_eq!(snoozed(true, date(2026, 11, 23)), ["2026-12-04 c1 S4 AED 400.00"]);
    assert_eq!(snoozed(false, date(2026, 11, 23)), ["2026-12-04 c1 S4 AED 400.00"]);
    // It was not due yet in the lost time; an anchor that cannot have begun by then enters when the silence ends.
    assert_eq!(snoozed(true, date(2026, 11, 22)), ["2026-11-27 c1 S3 AED 400.00", "2026-12-04 c1 S4 AED 400.00"]);
    assert_eq!(snoozed(false, date(2026, 11, 15)), ["2026-11-27 c1 S3 AED 400.00", "2026-12-08 c1 S4 AED 400.00"]);
}

#[test]
fn rule_17_a_policy_that_is_switched_on_after_the_restore_may_have_been_on_before() {
    let switched_on = |lost: Date| {
        let mut case = case();
        case.policy().active_since = Some(ten_o_clock(date(2026, 11, 25)));
        case.history.lost_until = Some(lost);
        case.run(date(2026, 11, 25), date(2026, 12, 31))
    };
    // Step 2 was due on the 16th.
    assert_eq!(switched_on(date(2026, 11, 23)), ["2026-12-04 c1 S4 AED 400.00"]);
    assert_eq!(switched_on(date(2026, 11, 15)), ["2026-11-25 c1 S3 AED 400.00", "2026-12-07 c1 S4 AED 400.00"]);
}

#[test]
fn rule_17_a_silence_gives_no_new_slot_to_the_first_word_about_an_old_invoice_that_may_have_been_said() {
    let mut case = case();
    case.history.delivered.clear();
    case.ledger.invoices.clear();
    case.ledger.invoices.push(invoice("1", "c1", date(2026, 8, 1), "AED 400"));
    case.choose("1", Start::Gently, date(2026, 11, 18));
    case.history.lost_until = Some(date(2026, 11, 18));
    case.file().snoozed_until = Some(date(2026, 11, 23));
    assert_eq!(case.run(date(2026, 11, 18), date(2026, 12, 1)), ["2026-11-25 c1 S3 AED 400.00"]);
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
