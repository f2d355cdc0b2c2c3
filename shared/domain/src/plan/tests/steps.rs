//! Which step is chosen, and when.

use super::*;
use crate::policy::repeat::{Every, Repeat};

#[test]
fn a_customer_ten_days_overdue_gets_the_step_of_that_day() {
    let plan = case().plan();
    let decision = &plan.decisions[0];
    let send = decision.send().unwrap();
    assert_eq!(
        (plan.date, send.occasion, send.tone),
        (date(2026, 11, 23), Occasion::Step(StepId(3)), crate::policy::Tone::Firm)
    );
    assert_eq!(send.superseded, [StepId(1), StepId(2)]);
    assert_eq!(send.at, "2026-11-23T06:00:00Z".parse::<Timestamp>().unwrap());
}

#[test]
fn case_1_an_invoice_due_today_is_not_overdue() {
    let mut case = case();
    case.ledger.invoices[0].invoice.due = Some(date(2026, 11, 23));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.overdue), (Occasion::Step(StepId(1)), false));
}

#[test]
fn case_2_due_yesterday_in_utc_is_not_yet_overdue_further_west() {
    let mut case = case();
    case.organisation.zone = "America/Los_Angeles".parse().unwrap();
    case.policies.organisation_default.calendar =
        SendCalendar { week: [Some(Window::whole_day()); 7], ..SendCalendar::office_hours() };
    case.ledger.invoices[0].invoice.due = Some(date(2026, 11, 22));
    case.now = "2026-11-23T05:00:00Z".parse().unwrap();
    assert!(!case.plan().decisions[0].send().unwrap().overdue);
}

#[test]
fn case_12_a_step_14_days_before_the_due_date_is_planned_on_its_day() {
    let mut case = case();
    case.policies.organisation_default.steps[0].offset_days = -14;
    case.ledger.invoices[0].invoice.due = Some(date(2024, 3, 31));
    case.ledger.invoices[0].invoice.issued = Some(date(2024, 3, 1));
    for (now, expected) in [("2024-03-15T06:00:00Z", "no_step_today"), ("2024-03-18T06:00:00Z", "S1 AED 400.00")] {
        case.now = now.parse().unwrap();
        assert_eq!(case.told(), [expected]);
    }
    case.now = "2024-03-15T06:00:00Z".parse().unwrap();
    assert_eq!(case.plan().decisions[0].reasons()[0].until, Some(date(2024, 3, 17)));
}

#[test]
fn case_15_no_step_is_chosen_between_two_steps_once_the_lower_one_was_sent() {
    let mut case = case();
    case.sent(3, ReminderState::Delivered, 0);
    assert_eq!(case.told(), ["no_step_today"]);
    assert_eq!(case.plan().decisions[0].reasons()[0].until, Some(date(2026, 12, 4)));
}

#[test]
fn a_lower_step_is_never_sent_after_a_higher_one() {
    let mut case = case();
    case.sent(4, ReminderState::Delivered, 0);
    assert_eq!(case.told(), ["sequence_finished"]);
}

#[test]
fn after_the_last_step_the_sequence_is_finished() {
    let mut case = case();
    case.ledger.invoices[0].invoice.due = Some(date(2026, 10, 1));
    case.sent(4, ReminderState::Read, 0);
    assert_eq!(case.told(), ["sequence_finished"]);
}

#[test]
fn case_67_an_expired_message_is_tried_once_more_at_the_same_step_and_then_never() {
    let mut case = case();
    case.sent(3, ReminderState::Expired, 1);
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    case.history.reminders.clear();
    case.sent(3, ReminderState::Expired, 2);
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn outside_the_hours_nothing_goes_out_and_the_next_allowed_day_is_named() {
    let mut case = case();
    case.now = "2026-11-28T06:00:00Z".parse().unwrap();
    case.ledger.invoices[0].invoice.due = Some(date(2026, 11, 17));
    assert_eq!(case.told(), ["no_step_today"]);
    assert_eq!(case.plan().decisions[0].reasons()[0].until, Some(date(2026, 11, 30)));
}

#[test]
fn an_invoice_whose_sequence_is_finished_makes_room_for_the_next_one_but_is_still_listed() {
    let mut case = case();
    case.ledger.invoices[0].invoice.due = Some(date(2026, 10, 1));
    case.sent(4, ReminderState::Read, 0);
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 18), "AED 100"));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!(
        (send.anchor.as_str(), send.occasion, send.total.to_string()),
        ("2", Occasion::Step(StepId(2)), "AED 500.00".to_owned())
    );
}

#[test]
fn two_undelivered_messages_stop_the_whole_sequence() {
    let mut case = case();
    case.sent(2, ReminderState::Expired, 2);
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn a_number_that_somebody_had_tried_again_gets_the_next_step_and_stands_still_again_when_that_is_lost() {
    let mut case = case();
    case.sent(2, ReminderState::Expired, 2);
    case.file().tried_again_on = Some(date(2026, 11, 23));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    case.reminded(Occasion::Step(StepId(3)), ReminderState::Expired, 2, date(2026, 11, 25));
    assert_eq!(case.on(date(2026, 12, 4)), ["undelivered_twice"]);
}

#[test]
fn a_repeat_that_was_lost_twice_is_not_planned_again_before_somebody_has_the_number_tried_again() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 1 });
    case.first_invoice().invoice.due = Some(date(2026, 10, 23));
    case.sent(4, ReminderState::Read, 0);
    let repeat = Occasion::Repeat { step: StepId(4), n: 1 };
    assert!(case.told()[0].starts_with("R4.1"));
    case.reminded(repeat, ReminderState::Expired, 2, date(2026, 11, 20));
    assert_eq!(case.told(), ["undelivered_twice"]);
    case.file().tried_again_on = Some(date(2026, 11, 20));
    assert!(case.told()[0].starts_with("R4.1"));
}

#[test]
fn case_54_a_number_that_is_not_on_whatsapp_is_not_tried_daily_but_once_more_when_somebody_says_so() {
    let mut case = case();
    case.sent(2, ReminderState::Failed { code: 131_026 }, 0);
    assert_eq!(case.held()[0].0, "not_on_whatsapp");
    case.file().tried_again_on = Some(date(2026, 11, 16));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn the_first_word_that_did_not_arrive_is_said_to_the_number_that_was_corrected_or_tried_again() {
    for (lost, times_expired) in [(ReminderState::Failed { code: 131_026 }, 0), (ReminderState::Expired, 2)] {
        let mut case = case();
        // Nothing ever reached the customer: nothing firmer than the first word is allowed.
        case.history.delivered.clear();
        case.sent(2, lost, times_expired);
        assert!(case.plan().decisions[0].send().is_none());
        case.file().tried_again_on = Some(date(2026, 11, 23));
        assert_eq!(case.told(), ["S2 AED 400.00"]);
        case.file().tried_again_on = None;
        case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
        case.history.consents.opted_in_numbers.insert(key("+971507654321"));
        assert_eq!(case.told(), ["S2 AED 400.00"]);
    }
}

#[test]
fn what_was_wrong_with_the_message_itself_is_not_said_again_by_itself() {
    let mut case = case();
    case.history.delivered.clear();
    case.sent(2, ReminderState::Failed { code: 132_000 }, 0);
    assert!(case.plan().decisions[0].send().is_none());
}

#[test]
fn case_45_a_text_that_meta_does_not_allow_holds_the_step_that_needs_it_and_no_other() {
    let mut case = case();
    case.history.channel.line.approved.remove(&(Language::English, Purpose::OverdueFirm));
    assert_eq!(case.told(), ["template_unusable"]);
    case.first_invoice().invoice.due = Some(date(2026, 11, 20));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn the_first_message_to_a_number_is_gentle_and_each_that_arrives_allows_one_tone_more() {
    for (delivered, told) in [(0, "S2 AED 400.00"), (1, "S3 AED 400.00"), (2, "S4 AED 400.00")] {
        let mut case = case();
        case.first_invoice().invoice.due = Some(date(2026, 11, 2));
        case.history.delivered.insert(key("+971501234567"), delivered);
        assert_eq!(case.told(), [told]);
    }
}

#[test]
fn a_firmer_step_waits_for_the_delivery_of_a_milder_one() {
    let mut case = case();
    case.history.delivered.clear();
    case.sent(2, ReminderState::Sent, 0);
    assert_eq!(case.told(), ["no_step_today"]);
    case.history.delivered.insert(key("+971501234567"), 1);
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn a_step_takes_the_place_of_those_alone_that_no_earlier_message_replaced() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 11, 2));
    case.sent(2, ReminderState::Delivered, 0);
    let superseded = case.plan().decisions[0].send().unwrap().superseded.clone();
    assert_eq!(superseded, [StepId(3)]);
}

#[test]
fn the_sentence_names_the_invoice_whose_step_it_is() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 10, 1));
    case.sent(4, ReminderState::Read, 0);
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 18), "AED 100"));
    let plan = case.plan();
    assert_eq!(
        plan.decisions[0].sentence(plan.date),
        "Step 2 (gentle) goes out: INV-2 is 5 days overdue, and 1 more invoice is listed. \
         It takes the place of 1 earlier step."
    );
}

#[test]
fn two_messages_in_a_row_that_could_not_be_delivered_stop_the_sequence_whichever_they_were() {
    let lost = ReminderState::Failed { code: 131_049 };
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 11, 2));
    case.reminded(Occasion::Step(StepId(2)), lost.clone(), 0, date(2026, 11, 5));
    assert_eq!(case.told(), ["S4 AED 400.00"]);
    case.reminded(Occasion::Step(StepId(3)), lost.clone(), 0, date(2026, 11, 12));
    assert_eq!(case.told(), ["undelivered_twice"]);
    // One that arrived in between ends the row.
    case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[1].state = ReminderState::Delivered;
    assert_eq!(case.told(), ["S4 AED 400.00"]);
    // A step that was dropped once counts with the one that failed before it.
    case.history.reminders.clear();
    case.reminded(Occasion::Step(StepId(2)), lost, 0, date(2026, 11, 5));
    case.reminded(Occasion::Step(StepId(3)), ReminderState::Expired, 1, date(2026, 11, 12));
    assert_eq!(case.told(), ["undelivered_twice"]);
}

#[test]
fn another_number_has_not_lost_any_message() {
    let mut case = case();
    case.sent(2, ReminderState::Expired, 2);
    assert_eq!(case.told(), ["undelivered_twice"]);
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
    assert_eq!(case.told(), ["S2 AED 400.00"]);
}

#[test]
fn what_waits_for_a_delivery_that_never_comes_is_finished_once_its_day_is_over() {
    let mut case = case();
    case.history.delivered.clear();
    case.first_invoice().invoice.due = Some(date(2026, 11, 2));
    case.sent(2, ReminderState::Sent, 0);
    assert_eq!(case.held(), [("no_step_today", None)]);
    assert_eq!(case.on(date(2026, 11, 26)), ["no_step_today"]);
    assert_eq!(case.on(date(2026, 11, 27)), ["sequence_finished"]);
}

#[test]
fn trouble_of_our_own_number_is_not_held_against_the_customers() {
    let told = |code: u32| {
        let mut case = case();
        case.reminded(Occasion::Step(StepId(1)), ReminderState::Failed { code }, 0, date(2026, 11, 10));
        case.sent(2, ReminderState::Failed { code }, 0);
        case.told().remove(0)
    };
    assert_eq!(told(131_049), "undelivered_twice");
    // No way to pay, twice.
    assert_eq!(told(131_042), "S3 AED 400.00");
}

#[test]
fn what_meta_did_not_want_to_deliver_is_said_again_once_a_day_is_over_and_not_sooner() {
    let (mut case, now) = (case(), case().now);
    case.history.delivered.clear();
    let slot = case.plan().decisions[0].send().unwrap().at;
    for state in [ReminderState::NotSent { code: 131_049 }, ReminderState::Failed { code: 131_049 }] {
        case.history.reminders.clear();
        case.sent(2, state, 0);
        let again_from = |case: &mut Case, at| {
            case.history.reminders.get_mut(&contact_ref("c1")).unwrap()[0].again_from = at;
        };
        for (at, told) in [
            (Some(slot), "S2 AED 400.00"),
            (slot.checked_add(jiff::SignedDuration::from_secs(1)).ok(), "no_step_today"),
            (None, "no_step_today"),
        ] {
            again_from(&mut case, at);
            assert_eq!(case.told(), [told], "{at:?}");
        }
        // The day is told on which it may go out.
        again_from(&mut case, slot.checked_add(jiff::SignedDuration::from_hours(20)).ok());
        assert_eq!(case.held(), [("no_step_today", case.plan().date.tomorrow().ok())]);
        // Once the slot has passed the clock decides.
        let later = slot.checked_add(jiff::SignedDuration::from_mins(5)).unwrap();
        again_from(&mut case, Some(later));
        case.now = later;
        assert_eq!(case.told(), ["S2 AED 400.00"]);
        case.now = now;
    }
}

#[test]
fn a_step_that_failed_for_our_own_number_or_for_a_limit_is_said_at_a_later_slot() {
    // No way to pay, a text that Meta paused, too many in a second, trouble of Meta's own.
    for code in [131_042, 132_015, 130_429, 131_000] {
        let mut case = case();
        case.history.delivered.clear();
        case.sent(2, ReminderState::Failed { code }, 0);
        assert_eq!(case.told(), ["S2 AED 400.00"], "{code}");
    }
    // What the recipient is at fault for is spent.
    let mut case = case();
    case.history.delivered.clear();
    case.sent(2, ReminderState::Failed { code: 131_026 }, 0);
    assert_eq!(case.told(), ["not_on_whatsapp no_step_today"]);
}
