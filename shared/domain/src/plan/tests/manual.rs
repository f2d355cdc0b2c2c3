//! Send now: what a person may send outside the plan, and when.

use proptest::prelude::*;

use super::*;
use crate::{
    plan::manual::{ManualDecision, decide_manual},
    policy::repeat::{Every, Repeat},
};

impl Case {
    fn manual(&self) -> Option<ManualDecision> {
        let unit = Unit { contact: contact_ref("c1"), currency: "AED".parse().unwrap() };
        decide_manual(&self.organisation, &self.ledger, &self.policies, &self.history, (&unit, self.now))
    }

    /// `S3 AED 400.00`, or the codes with the next allowed time.
    fn asked(&self) -> String {
        let Some(ManualDecision { decision, next_at }) = self.manual() else { return "nothing open".to_owned() };
        let told = match &decision.outcome {
            Outcome::Send(send) => format!("{} {}", send.occasion, send.total),
            Outcome::Skip { reasons } => reasons.iter().map(|r| r.code.code()).collect::<Vec<_>>().join(" "),
        };
        next_at.map_or(told.clone(), |at| format!("{told}, next at {at}"))
    }
}

#[test]
fn the_next_step_may_be_sent_before_its_day_and_the_one_after_it_keeps_its_own() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 11, 21));
    assert_eq!((case.told(), case.asked()), (vec!["no_step_today".to_owned()], "S2 AED 400.00".to_owned()));
    let sent = case.manual().unwrap().decision;
    case.deliver(&sent.unit, sent.send().unwrap(), date(2026, 11, 23));
    let later = case.run(date(2026, 11, 24), date(2026, 12, 20));
    assert_eq!(later, ["2026-12-01 c1 S3 AED 400.00", "2026-12-14 c1 S4 AED 400.00"]);
}

#[test]
fn what_the_plan_would_send_today_is_what_is_sent_by_hand() {
    let case = case();
    assert_eq!((case.told(), case.asked()), (vec!["S3 AED 400.00".to_owned()], "S3 AED 400.00".to_owned()));
    assert!(case.manual().unwrap().is_allowed());
}

#[test]
fn a_step_whose_slot_was_missed_for_too_long_may_still_be_sent_by_hand() {
    let mut case = case();
    case.now = ten_o_clock(date(2026, 12, 1));
    assert_eq!((case.told(), case.asked()), (vec!["no_step_today".to_owned()], "S3 AED 400.00".to_owned()));
}

#[test]
fn no_tone_is_skipped_by_hand() {
    let mut case = case();
    case.history.delivered.clear();
    case.sent(2, ReminderState::Sent, 0);
    assert_eq!(case.asked(), "no_step_today");
    case.history.delivered.insert(key("+971501234567"), 1);
    assert_eq!(case.asked(), "S3 AED 400.00");
}

#[test]
fn over_a_cap_it_is_refused_with_the_next_allowed_time() {
    let mut case = case();
    let fuse = |days: &[i8]| days.iter().fold(Fuse::default(), |fuse, day| fuse.with(fused(date(2026, 11, *day))));
    let mut after = |days: &[i8]| {
        case.history.fuses.insert(key("+971501234567"), fuse(days));
        case.asked()
    };
    assert_eq!(after(&[23]), "number_daily_cap, next at 2026-11-24T05:00:00Z");
    assert_eq!(after(&[22]), "gap, next at 2026-11-24T05:00:00Z");
    assert_eq!(after(&[17, 19, 21]), "seven_day_cap, next at 2026-11-24T05:00:00Z");
    // On Friday the gap ends on a Sunday, and the next hours are those of Monday.
    case.now = ten_o_clock(date(2026, 11, 27));
    case.history.fuses.insert(key("+971501234567"), fuse(&[27]));
    assert_eq!(case.asked(), "number_daily_cap, next at 2026-11-30T05:00:00Z");
}

#[test]
fn outside_the_hours_it_names_the_next_ones() {
    let mut case = case();
    case.now = "2026-11-23T04:00:00Z".parse().unwrap();
    assert_eq!(case.asked(), "S3 AED 400.00, next at 2026-11-23T05:00:00Z");
    assert!(!case.manual().unwrap().is_allowed());
    case.now = "2026-11-23T15:00:00Z".parse().unwrap();
    assert_eq!(case.asked(), "no_step_today, next at 2026-11-24T05:00:00Z");
    case.now = "2026-11-27T15:00:00Z".parse().unwrap();
    assert_eq!(case.asked(), "no_step_today, next at 2026-11-30T05:00:00Z");
}

#[test]
fn every_hold_stands_and_one_that_a_person_has_to_lift_has_no_next_time() {
    let mut case = case();
    case.file().unread_since = Some(case.now);
    assert_eq!(case.asked(), "inbound_unread");
    case.file().unread_since = None;
    case.file().snoozed_until = Some(date(2026, 11, 26));
    assert_eq!(case.asked(), "snoozed, next at 2026-11-26T05:00:00Z");
    case.organisation.pause = Some(Pause { by: PausedBy::Operator, since: case.now, until: None });
    assert_eq!(case.asked(), "operator_pause snoozed");
}

#[test]
fn the_limits_of_a_day_end_with_it() {
    let mut case = case();
    case.history.channel.daily_limit = Some(0);
    assert_eq!(case.asked(), "messaging_limit, next at 2026-11-24T05:00:00Z");
    case.history.channel.daily_limit = None;
    case.history.known_numbers.clear();
    case.organisation.ramp_per_day = Some(0);
    assert_eq!(case.asked(), "ramp, next at 2026-11-24T05:00:00Z");
}

#[test]
fn a_repeat_may_be_sent_before_its_day_and_never_beyond_the_last() {
    let mut case = case();
    case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 2 });
    for step in 2..=4 {
        case.sent(step, ReminderState::Delivered, 0);
    }
    let mut told = Vec::new();
    for day in [23, 25, 27] {
        case.now = ten_o_clock(date(2026, 11, day));
        told.push(case.asked());
        let decision = case.manual().unwrap().decision;
        if let Some(send) = decision.send() {
            case.deliver(&decision.unit, send, date(2026, 11, day));
        }
    }
    assert_eq!(told, ["R4.1 AED 400.00", "R4.2 AED 400.00", "sequence_finished"]);
}

#[test]
fn of_an_invoice_that_is_not_due_only_a_step_before_the_due_date_is_sent() {
    let mut case = case();
    case.first_invoice().invoice.due = Some(date(2026, 12, 20));
    assert_eq!(case.asked(), "S1 AED 400.00");
    case.sent(1, ReminderState::Delivered, 0);
    assert_eq!(case.asked(), "no_step_today, next at 2026-12-23T05:00:00Z");
}

#[test]
fn a_customer_who_owes_nothing_gets_nothing() {
    let mut case = case();
    case.ledger.invoices.clear();
    assert_eq!(case.asked(), "nothing open");
}

proptest! {
    #[test]
    fn whatever_is_sent_by_hand_no_step_goes_out_twice_and_no_tone_is_skipped(days in prop::collection::vec((0..60_i64, any::<bool>()), 1..40)) {
        let mut case = case();
        case.policy().repeat = Some(Repeat { every: Every::Days(7), at_most: 3 });
        case.history.delivered.clear();
        case.first_invoice().invoice.due = Some(date(2026, 11, 21));
        let (mut sent, mut days) = (Vec::<(Occasion, Tone)>::new(), days);
        days.sort_unstable();
        for (day, by_hand) in days {
            let day = date(2026, 11, 10).saturating_add(day.days());
            case.now = ten_o_clock(day);
            let decision = if by_hand { case.manual().map(|asked| asked.decision) } else { case.plan().decisions.pop() };
            let Some(decision) = decision else { continue };
            let Some(send) = decision.send().filter(|send| send.at <= case.now) else { continue };
            prop_assert!(!sent.iter().any(|(occasion, _)| *occasion == send.occasion), "{} twice", send.occasion);
            prop_assert!(sent.last().is_none_or(|(_, tone)| send.tone >= *tone));
            prop_assert!(send.tone <= [Tone::Gentle, Tone::Firm, Tone::Final][sent.len().min(2)]);
            sent.push((send.occasion, send.tone));
            let send = send.clone();
            case.deliver(&decision.unit, &send, day);
        }
    }
}
