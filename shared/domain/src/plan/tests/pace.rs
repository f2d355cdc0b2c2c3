//! Rule 8 and the sender's pace: a slot is a beginning, not a burst.

use super::*;
use crate::plan::pace::spread;

/// The minutes behind ten o'clock at which a number of messages go out.
fn minutes(n: usize, per_minute: u32) -> Vec<i64> {
    let decision = case().plan().decisions.remove(0);
    let mut decisions = vec![decision; n];
    spread(&mut decisions, &Channel::default(), per_minute);
    let at = |decision: &Decision| decision.send().unwrap().at.duration_since(ten_o_clock(date(2026, 11, 23)));
    decisions.iter().map(|decision| at(decision).as_mins()).collect()
}

#[test]
fn what_is_more_than_a_minute_takes_goes_out_in_the_minutes_that_follow() {
    assert_eq!(minutes(3, 3), [0, 0, 0]);
    assert_eq!(minutes(7, 3), [0, 0, 0, 1, 1, 1, 2]);
    assert_eq!(minutes(2, 0), [0, 1]);
}

#[test]
fn messages_of_different_slots_do_not_wait_for_each_other() {
    let decision = case().plan().decisions.remove(0);
    let mut later = decision.clone();
    let Outcome::Send(send) = &mut later.outcome else { unreachable!() };
    send.at = send.at.saturating_add(1.hour()).unwrap();
    let mut decisions = vec![decision.clone(), later.clone()];
    spread(&mut decisions, &Channel::default(), 1);
    assert_eq!(decisions, [decision, later]);
}

#[test]
fn silence_takes_no_time() {
    let mut case = case();
    let send = case.plan().decisions.remove(0);
    case.policy().state = PolicyState::Draft;
    let skip = case.plan().decisions.remove(0);
    let mut decisions = vec![skip.clone(), send.clone()];
    spread(&mut decisions, &Channel::default(), 1);
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
    spread(&mut decisions, &channel, 1);
    assert_eq!(decisions, [first, second]);
}
