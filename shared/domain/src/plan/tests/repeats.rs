//! Rule 12: the last step repeats, and stops.

use super::*;
use crate::policy::{
    Step,
    repeat::{Every, Repeat},
};

fn every_day() -> SendCalendar {
    SendCalendar { week: [Some(Window::whole_day()); 7], ..SendCalendar::office_hours() }
}

#[test]
fn case_17_the_last_step_is_repeated_four_times_and_then_a_person_has_to_act() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 4 });
    assert_eq!(
        case.run(date(2026, 11, 23), date(2027, 3, 31)),
        [
            "2026-11-23 c1 S3 AED 400.00",
            "2026-12-04 c1 S4 AED 400.00",
            "2026-12-11 c1 R4.1 AED 400.00",
            "2026-12-18 c1 R4.2 AED 400.00",
            "2026-12-25 c1 R4.3 AED 400.00",
            "2027-01-01 c1 R4.4 AED 400.00",
        ]
    );
    assert_eq!(case.held(), [("sequence_finished", None)]);
    assert_eq!(SkipCode::SequenceFinished.lifted_by(), crate::plan::reason::LiftedBy::Admin);
}

#[test]
fn case_21_two_reminders_with_a_gap_of_two_days_and_nothing_afterwards() {
    let mut case = case();
    let step = |id, offset_days| Step { id: StepId(id), offset_days, tone: Tone::Gentle, text: None };
    let policy = case.policy();
    (policy.steps, policy.calendar) = (vec![step(1, 1), step(2, 2)], every_day());
    policy.minimum_total.insert("AED".parse().unwrap(), 15_000);
    case.ledger.invoices = vec![invoice("1", "c1", date(2027, 1, 6), "AED 155")];
    assert_eq!(
        case.run(date(2027, 1, 7), date(2027, 1, 31)),
        ["2027-01-07 c1 S1 AED 155.00", "2027-01-09 c1 S2 AED 155.00"]
    );
    assert_eq!(case.held(), [("sequence_finished", None)]);
}

#[test]
fn monthly_repeats_of_a_last_step_on_the_31st_keep_to_the_end_of_the_month() {
    let mut case = case();
    let policy = case.policy();
    policy.repeat = Some(Repeat { every: Every::Months(1), at_most: 3 });
    policy.calendar = every_day();
    case.first_invoice().invoice.due = Some(date(2027, 1, 10));
    assert_eq!(
        case.run(date(2027, 1, 31), date(2027, 12, 31)),
        [
            "2027-01-31 c1 S4 AED 400.00",
            "2027-02-28 c1 R4.1 AED 400.00",
            "2027-03-31 c1 R4.2 AED 400.00",
            "2027-04-30 c1 R4.3 AED 400.00",
        ]
    );
}

#[test]
fn a_repeat_that_was_missed_for_longer_than_the_catch_up_is_superseded() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(30), at_most: 2 });
    case.first_invoice().invoice.due = Some(date(2026, 9, 22));
    case.reminded(Occasion::Step(StepId(4)), ReminderState::Delivered, 0, date(2026, 10, 13));
    // The first repeat was due on Thursday 12 November.
    assert_eq!(case.on(date(2026, 11, 17)), ["R4.1 AED 400.00"]);
    assert_eq!(case.on(date(2026, 11, 18)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 12)))]);
    assert_eq!(case.run(date(2026, 11, 18), date(2027, 2, 28)), ["2026-12-14 c1 R4.2 AED 400.00"]);
}

#[test]
fn a_repeat_to_a_new_number_is_no_firmer_than_a_first_word() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 4 });
    case.sent(4, ReminderState::Delivered, 0);
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::Repeat { step: StepId(4), n: 1 }, Tone::Gentle));
}

#[test]
fn an_expired_repeat_is_tried_once_more() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 4 });
    case.reminded(Occasion::Step(StepId(4)), ReminderState::Delivered, 0, date(2026, 11, 13));
    let repeat = Occasion::Repeat { step: StepId(4), n: 1 };
    case.reminded(repeat, ReminderState::Expired, 1, date(2026, 11, 20));
    assert_eq!(case.told(), ["R4.1 AED 400.00"]);
    case.history.reminders.clear();
    case.reminded(Occasion::Step(StepId(4)), ReminderState::Delivered, 0, date(2026, 11, 13));
    case.reminded(repeat, ReminderState::Expired, 2, date(2026, 11, 20));
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn a_repeat_is_not_sent_after_a_later_one() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 4 });
    case.reminded(Occasion::Step(StepId(4)), ReminderState::Delivered, 0, date(2026, 11, 16));
    assert_eq!(case.told(), ["R4.1 AED 400.00"]);
    case.reminded(Occasion::Repeat { step: StepId(4), n: 2 }, ReminderState::Delivered, 0, date(2026, 11, 20));
    // The second went out already, before its day: the third is the next.
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 7)))]);
}

#[test]
fn case_14_a_last_step_that_was_missed_for_too_long_is_superseded_by_its_first_repeat() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 2 });
    case.sent(3, ReminderState::Read, 0);
    // Its day was the 4th of December, and nothing went out until the 14th.
    assert_eq!(case.on(date(2026, 12, 10)), ["no_step_today"]);
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 11)))]);
    assert_eq!(
        case.run(date(2026, 12, 14), date(2027, 2, 28)),
        ["2026-12-14 c1 R4.1 AED 400.00", "2026-12-18 c1 R4.2 AED 400.00"]
    );
    assert_eq!(case.told(), ["sequence_finished"]);
}

#[test]
fn a_step_whose_repeat_took_its_place_does_not_come_back_after_a_silence() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 3 });
    case.sent(3, ReminderState::Read, 0);
    assert_eq!(case.run(date(2026, 12, 14), date(2026, 12, 14)), ["2026-12-14 c1 R4.1 AED 400.00"]);
    // Put off until the 21st: what was silent until then has new slots.
    case.file().snoozed_until = Some(date(2026, 12, 21));
    assert_eq!(
        case.run(date(2026, 12, 15), date(2027, 2, 28)),
        ["2026-12-21 c1 R4.2 AED 400.00", "2026-12-25 c1 R4.3 AED 400.00"]
    );
}

#[test]
fn a_last_step_that_is_added_after_its_day_begins_no_repeats() {
    let mut case = case();
    case.sent(3, ReminderState::Read, 0);
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 3 });
    case.policy().edited_at = ten_o_clock(date(2026, 12, 5));
    // The step of the 4th of December was not there on its day.
    assert_eq!(case.run(date(2026, 12, 12), date(2027, 2, 28)), Vec::<String>::new());
    case.policy().edited_at = ten_o_clock(date(2026, 12, 4));
    assert_eq!(case.run(date(2026, 12, 14), date(2026, 12, 14)), ["2026-12-14 c1 R4.1 AED 400.00"]);
}
