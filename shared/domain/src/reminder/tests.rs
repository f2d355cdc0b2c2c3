//! States of a reminder, and when it counts as dropped.

use proptest::prelude::*;

use super::{trying_again::Number, *};
use crate::meta_code::CODES;

const STATUSES: [DeliveryStatus; 4] =
    [DeliveryStatus::Sent, DeliveryStatus::Failed { code: 131_026 }, DeliveryStatus::Delivered, DeliveryStatus::Read];

fn every_state() -> Vec<ReminderState> {
    vec![
        ReminderState::Sending,
        ReminderState::Accepted,
        ReminderState::Held,
        ReminderState::NotSent { code: 131_056 },
        ReminderState::Unknown,
        ReminderState::Sent,
        ReminderState::Failed { code: 131_026 },
        ReminderState::Delivered,
        ReminderState::Read,
        ReminderState::Expired,
    ]
}

pub(crate) fn reminder(claimed_at: Timestamp, state: ReminderState) -> Reminder {
    let currency: Currency = "AED".parse().unwrap();
    let connection = crate::id::ConnectionId::new(uuid::Uuid::nil());
    Reminder {
        key: ReminderKey {
            contact: ContactRef { connection, contact: "c1".parse().unwrap() },
            currency,
            anchor: "1".parse().unwrap(),
            cycle: 1,
            occasion: Occasion::Step(StepId(1)),
        },
        date: Date::constant(2026, 11, 23),
        attempt: AttemptId::new(uuid::Uuid::nil()),
        attempt_number: 1,
        claimed_at,
        state,
        history: Vec::new(),
        message: None,
        recipient: "key-1".parse().unwrap(),
        sender: "200".parse().unwrap(),
        tone: Tone::Gentle,
        counted_from: None,
        listed: Vec::new(),
        asked_by: None,
        cost: None,
        report: crate::delivery_report::DeliveryReport::default(),
        earlier: std::collections::BTreeMap::new(),
        expired_before: 0,
    }
}

#[test]
fn every_state_with_its_time_is_stored_as_a_short_text_and_the_long_form_of_before_is_read() {
    let at: Timestamp = "2026-11-23T06:00:00.125Z".parse().unwrap();
    for state in every_state() {
        let change = StateChange { state: state.clone(), at };
        let stored = serde_json::to_value(&change).unwrap();
        assert!(stored.as_str().is_some_and(|text| text.len() <= 31), "{stored}");
        assert_eq!(serde_json::from_value::<StateChange>(stored).unwrap(), change);
        let before = serde_json::json!({"state": state, "at": at});
        assert_eq!(serde_json::from_value::<StateChange>(before).unwrap(), change);
    }
    for broken in ["", "sent", "sent x", "unheard_of 1", "sent:1 1", "failed: 1", "failed:x 1"] {
        assert!(serde_json::from_value::<StateChange>(broken.into()).is_err(), "{broken}");
    }
}

#[test]
fn a_status_settles_a_reminder_that_was_in_doubt() {
    for doubtful in [ReminderState::Sending, ReminderState::Unknown, ReminderState::Accepted, ReminderState::Expired] {
        assert_eq!(doubtful.after(DeliveryStatus::Delivered), ReminderState::Delivered);
    }
}

#[test]
fn case_46_a_late_status_never_lowers_the_state() {
    assert_eq!(ReminderState::Read.after(DeliveryStatus::Sent), ReminderState::Read);
    assert_eq!(ReminderState::Delivered.after(DeliveryStatus::Failed { code: 1 }), ReminderState::Delivered);
    assert_eq!(ReminderState::Sent.after(DeliveryStatus::Failed { code: 1 }), ReminderState::Failed { code: 1 });
    // The first failure is the one that is told.
    assert_eq!(
        ReminderState::Failed { code: 1 }.after(DeliveryStatus::Failed { code: 2 }),
        ReminderState::Failed { code: 1 }
    );
}

#[test]
fn only_what_certainly_did_not_arrive_may_be_claimed_again() {
    let again: Vec<&str> =
        every_state().iter().filter(|state| state.may_be_claimed_again()).map(ReminderState::name).collect();
    assert_eq!(again, ["not_sent", "expired"]);
    // A status is as good a proof as an answer: what failed for the sender's sake, or for a limit, did not arrive.
    for (code, again) in
        [(131_042, true), (132_015, true), (130_429, true), (131_026, false), (131_049, false), (0, false)]
    {
        assert_eq!(ReminderState::Failed { code }.may_be_claimed_again(), again, "{code}");
    }
}

/// From when on a message may be tried again that was refused with a code at some instants, told in both ways.
fn again_from(code: u32, refused_at: &[Timestamp]) -> [Option<Timestamp>; 2] {
    [ReminderState::NotSent { code }, ReminderState::Failed { code }].map(|state| {
        let mut refused = reminder(Timestamp::UNIX_EPOCH, ReminderState::Sending);
        for at in refused_at {
            refused.enter(ReminderState::Sending, *at);
            refused.enter(state.clone(), *at);
        }
        refused.again_from()
    })
}

#[test]
fn every_code_of_the_table_says_whether_and_when_a_message_is_tried_again_told_at_once_or_with_a_status() {
    let first: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    let second: Timestamp = "2026-11-25T06:00:00Z".parse().unwrap();
    let (at_once, never) = (Some(Timestamp::MIN), None);
    for (code, meaning) in CODES {
        let once = match meaning {
            Meaning::NeverAgain => [never; 2],
            Meaning::AfterADay => ["2026-11-24T06:00:00Z".parse().ok(); 2],
            Meaning::SkipRecipient | Meaning::FixMessage | Meaning::Mismatch => [at_once, never],
            // A status with the code 0 gives none.
            Meaning::Reconnect if *code == 0 => [at_once, never],
            Meaning::StopTemplate(_)
            | Meaning::SlowDown
            | Meaning::WaitForRecipient
            | Meaning::Wait(_)
            | Meaning::WaitForApp
            | Meaning::StopSender
            | Meaning::Reconnect
            | Meaning::Ambiguous => [at_once; 2],
        };
        assert_eq!(again_from(*code, &[first]), once, "{code}");
        let twice = if meaning.refusals().is_some() { [never; 2] } else { once };
        assert_eq!(again_from(*code, &[first, second]), twice, "{code} twice");
    }
}

#[test]
fn another_number_hears_what_did_not_arrive_and_a_word_of_an_admin_gives_back_what_is_not_held_back_by_meta() {
    let now: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    let numbers = [Number::Same, Number::TriedAgain, Number::Another];
    let free = |state: &ReminderState| numbers.map(|number| state.is_free(number, None, now));
    let failed = |code| ReminderState::Failed { code };
    assert_eq!(free(&failed(131_026)), [false, true, true]);
    assert_eq!(free(&failed(100)), [false, true, true]);
    for code in [130_472, 130_497, 131_050, 131_049] {
        assert_eq!(free(&failed(code)), [false, false, true], "{code}");
        assert_eq!(free(&ReminderState::NotSent { code }), [false, false, true], "{code}");
    }
    assert_eq!(free(&ReminderState::Delivered), [false; 3]);
    assert_eq!(numbers.map(|number| failed(131_049).is_free(number, Some(now), now)), [true; 3]);
}

#[test]
fn what_did_not_arrive_is_free_and_everything_else_is_billed_or_may_be() {
    let free: Vec<&str> = every_state().iter().filter(|state| !state.is_billed()).map(ReminderState::name).collect();
    assert_eq!(free, ["not_sent", "failed", "expired"]);
}

#[test]
fn a_message_expires_an_hour_after_its_time_to_live_once_a_later_one_was_heard_of() {
    let claimed_at: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    let ttl = SignedDuration::from_hours(12);
    let over = claimed_at.saturating_add(SignedDuration::from_hours(13)).unwrap();
    let (second, heard) = (SignedDuration::from_secs(1), claimed_at.saturating_add(SignedDuration::from_secs(1)).ok());
    let waits = reminder(claimed_at, ReminderState::Accepted);
    assert_eq!(waits.expires_at(ttl), over);
    for (state, now, heard_up_to, expired) in [
        (ReminderState::Accepted, over, heard, true),
        (ReminderState::Sent, over, heard, true),
        (ReminderState::Accepted, over.saturating_sub(second).unwrap(), heard, false),
        // A silent webhook expires nothing, nor does a status of the message itself.
        (ReminderState::Accepted, over, None, false),
        (ReminderState::Accepted, over, Some(claimed_at), false),
        (ReminderState::Delivered, over, heard, false),
        (ReminderState::Unknown, over, heard, false),
        (ReminderState::Held, over, heard, false),
    ] {
        let found = reminder(claimed_at, state.clone()).is_expired(now, ttl, heard_up_to);
        assert_eq!(found, expired, "{state:?} at {now}, heard up to {heard_up_to:?}");
    }
}

#[test]
fn every_new_state_is_remembered_once_and_every_expiry_is_counted() {
    let at: Timestamp = "2026-11-23T06:00:00Z".parse().unwrap();
    let mut reminder = reminder(at, ReminderState::Sending);
    let entered = [
        ReminderState::Accepted,
        ReminderState::Accepted,
        ReminderState::Expired,
        ReminderState::Sending,
        ReminderState::Accepted,
        ReminderState::Expired,
    ]
    .map(|state| reminder.enter(state, at));
    assert_eq!(entered, [true, false, true, true, true, true]);
    let known: Vec<&str> = reminder.history.iter().map(|change| change.state.name()).collect();
    assert_eq!(known, ["accepted", "expired", "sending", "accepted", "expired"]);
    assert_eq!((reminder.state.clone(), reminder.times_expired()), (ReminderState::Expired, 2));
}

proptest! {
    #[test]
    fn statuses_in_any_order_and_number_lead_to_one_state(order in prop::collection::vec(0usize..4, 1..12)) {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let settle = |order: &[usize]| order.iter().fold(ReminderState::Accepted, |state, n| state.after(STATUSES[*n]));
        prop_assert_eq!(settle(&order), settle(&sorted));
    }
}
