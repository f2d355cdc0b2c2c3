//! Rule 8 and the sender's pace: a slot is a beginning, not a burst.

use super::*;
use crate::plan::pace::{per_step, spread};

/// The minutes behind ten o'clock at which a number of messages go out; their hours end at seven in the evening.
fn minutes(n: usize, per_ten_minutes: Option<u32>) -> Vec<i64> {
    minutes_until(n, per_ten_minutes, 9 * 60)
}

fn minutes_until(n: usize, per_ten_minutes: Option<u32>, hours_end: i64) -> Vec<i64> {
    let mut decision = case().plan().decisions.remove(0);
    let Outcome::Send(send) = &mut decision.outcome else { unreachable!() };
    send.until = Some(ten_o_clock(date(2026, 11, 23)).saturating_add(hours_end.minutes()).unwrap());
    let mut decisions = vec![decision; n];
    spread(&mut decisions, &Channel::default(), per_ten_minutes);
    let at = |decision: &Decision| decision.send().unwrap().at.duration_since(ten_o_clock(date(2026, 11, 23)));
    decisions.iter().map(|decision| at(decision).as_mins()).collect()
}

#[test]
fn a_burst_goes_out_in_steps_of_ten_minutes() {
    assert_eq!(minutes(3, Some(3)), [0, 0, 0]);
    assert_eq!(minutes(7, Some(3)), [0, 0, 0, 10, 10, 10, 20]);
    assert_eq!(minutes(2, Some(0)), [0, 10]);
}

#[test]
fn a_burst_is_faster_where_its_hours_would_be_over_before() {
    assert_eq!(minutes_until(7, Some(1), 30), [0, 0, 0, 10, 10, 10, 20]);
    assert_eq!(minutes_until(4, Some(1), 9), [0, 0, 0, 0]);
    assert_eq!(minutes_until(4, Some(1), -5), [0, 0, 0, 0]);
}

#[test]
fn without_a_wish_what_is_more_than_a_minute_takes_goes_out_in_the_minutes_that_follow() {
    let minutes = minutes(2_401, None);
    let in_minute = |wanted: i64| minutes.iter().filter(|minute| **minute == wanted).count();
    assert_eq!([in_minute(0), in_minute(1), in_minute(2)], [1_200, 1_200, 1]);
}

#[test]
fn what_is_left_goes_out_before_its_hours_are_over_however_late_it_begins() {
    let now = ten_o_clock(date(2026, 11, 23));
    let after = |minutes: i64| Some(now.saturating_add(minutes.minutes()).unwrap());
    let sizes = [None, after(600), after(35), after(20), after(10), after(9), after(-60)];
    let sizes = sizes.map(|until| per_step(1_000, 100, (now, until)));
    assert_eq!(sizes, [100, 100, 334, 500, 1_000, 1_000, 1_000]);
    assert_eq!(per_step(0, 0, (now, None)), 1);
}

#[test]
fn messages_of_different_slots_do_not_wait_for_each_other() {
    let decision = case().plan().decisions.remove(0);
    let mut later = decision.clone();
    let Outcome::Send(send) = &mut later.outcome else { unreachable!() };
    send.at = send.at.saturating_add(1.hour()).unwrap();
    let mut decisions = vec![decision.clone(), later.clone()];
    spread(&mut decisions, &Channel::default(), Some(1));
    assert_eq!(decisions, [decision, later]);
}

#[test]
fn silence_takes_no_time() {
    let mut case = case();
    let send = case.plan().decisions.remove(0);
    case.policy().state = PolicyState::Draft;
    let skip = case.plan().decisions.remove(0);
    let mut decisions = vec![skip.clone(), send.clone()];
    spread(&mut decisions, &Channel::default(), Some(1));
    assert_eq!(decisions, [skip, send]);
}

#[test]
fn two_senders_do_not_wait_for_each_other() {
    let first = case().plan().decisions.remove(0);
    let mut second = first.clone();
    second.unit.contact.connection = ConnectionId::new(Uuid::from_u128(2));
    let own = Line { sender: Some(sender("202")), ..Line::default() };
    let channel =
        Channel { own_lines: BTreeMap::from([(second.unit.contact.connection, own)]), ..case().history.channel };
    let mut decisions = vec![first.clone(), second.clone()];
    spread(&mut decisions, &channel, Some(1));
    assert_eq!(decisions, [first, second]);
}
