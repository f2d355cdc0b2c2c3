//! Days, outages and closed days.

use super::*;
use crate::policy::presets::Preset;

#[test]
fn case_13_a_step_missed_by_an_outage_of_26_hours_goes_out_late_and_once() {
    let mut case = case();
    case.now = "2026-11-24T08:00:00Z".parse().unwrap();
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    assert_eq!(case.run(date(2026, 11, 24), date(2026, 12, 3)), ["2026-11-24 c1 S3 AED 400.00"]);
}

#[test]
fn case_14_after_a_longer_outage_the_missed_step_is_superseded_and_the_next_one_stands() {
    let mut case = case();
    assert_eq!(case.on(date(2026, 11, 26)), ["S3 AED 400.00"]);
    assert_eq!(case.on(date(2026, 11, 27)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 4)))]);
    case.now = ten_o_clock(date(2026, 12, 4));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    let told = (send.occasion, send.superseded.clone());
    assert_eq!(told, (Occasion::Step(StepId(4)), vec![StepId(1), StepId(2), StepId(3)]));
}

#[test]
fn the_catch_up_counts_allowed_sending_days_and_not_closed_ones() {
    let mut case = case();
    // The step falls on Friday 20 November; 23, 24 and 26 are the three days to catch up.
    case.first_invoice().invoice.due = Some(date(2026, 11, 10));
    case.policy().calendar.closed.insert(date(2026, 11, 25));
    assert_eq!(case.on(date(2026, 11, 26)), ["S3 AED 400.00"]);
    assert_eq!(case.on(date(2026, 11, 27)), ["no_step_today"]);
}

#[test]
fn without_catch_up_a_step_goes_out_on_its_first_allowed_day_or_not_at_all() {
    let mut case = case();
    case.policy().catch_up_days = 0;
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    assert_eq!(case.on(date(2026, 11, 24)), ["no_step_today"]);
    // A step of a Saturday has its slot on Monday.
    case.first_invoice().invoice.due = Some(date(2026, 11, 18));
    assert_eq!(case.on(date(2026, 11, 30)), ["S3 AED 400.00"]);
}

#[test]
fn case_41_a_step_of_a_closed_day_moves_and_due_today_is_not_said_the_day_after() {
    let mut case = case();
    *case.policy() = Policy { state: PolicyState::Active, ..Preset::Firm.policy(None, Timestamp::UNIX_EPOCH) };
    case.first_invoice().invoice.due = Some(date(2026, 11, 28));
    assert_eq!(case.on(date(2026, 11, 28)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 30)))]);
    case.now = ten_o_clock(date(2026, 11, 30));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone, send.overdue), (Occasion::Step(StepId(3)), Tone::Gentle, true));
}

#[test]
fn case_41_before_the_hours_a_message_waits_for_them() {
    let mut case = case();
    case.now = "2026-11-23T01:00:00Z".parse().unwrap();
    let plan = case.plan();
    assert_eq!(plan.decisions[0].send().unwrap().at, "2026-11-23T05:00:00Z".parse::<Timestamp>().unwrap());
    case.now = "2026-11-23T13:00:00Z".parse().unwrap();
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 24)))]);
}

#[test]
fn case_42_a_holiday_that_was_added_by_hand_is_honoured() {
    let mut case = case();
    case.policy().calendar.closed.insert(date(2026, 11, 23));
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 24)))]);
    assert_eq!(case.on(date(2026, 11, 24)), ["S3 AED 400.00"]);
}

#[test]
fn case_68_after_five_closed_days_of_eid_the_missed_step_goes_out_within_three_allowed_days() {
    let mut case = case();
    case.policy().calendar.closed.extend((23..=27).map(|day| date(2026, 11, day)));
    assert_eq!(case.on(date(2026, 11, 27)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 11, 30)))]);
    for day in [date(2026, 11, 30), date(2026, 12, 3)] {
        assert_eq!(case.on(day), ["S3 AED 400.00"]);
    }
    assert_eq!(case.on(date(2026, 12, 4)), ["S4 AED 400.00"]);
}

#[test]
fn a_week_end_in_the_middle_of_a_sequence_moves_one_step_and_no_other() {
    let mut case = case();
    // Steps fall on Sunday 15, Wednesday 18 and, after the due date of the 18th, on 21 and 28 November.
    case.first_invoice().invoice.due = Some(date(2026, 11, 18));
    assert_eq!(
        case.run(date(2026, 11, 10), date(2026, 12, 31)),
        [
            "2026-11-16 c1 S1 AED 400.00",
            "2026-11-23 c1 S2 AED 400.00",
            "2026-11-30 c1 S3 AED 400.00",
            "2026-12-09 c1 S4 AED 400.00",
        ]
    );
}
