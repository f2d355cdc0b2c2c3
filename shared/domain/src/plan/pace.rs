//! Messages of one slot go out over time: not all at once, and never faster than their sender takes them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{
    id::PhoneNumberId,
    plan::{
        Channel,
        decision::{Decision, Outcome, PlannedSend},
    },
};

/// Messages per minute that every number takes: 20 a second for one that is in use in the phone app as well, 80 for
/// others (Cloud API, throughput).
pub const PER_MINUTE: u32 = 1_200;

/// A burst goes out in parts that begin this long after each other.
pub const STEP: SignedDuration = SignedDuration::from_mins(10);

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// How many of `n` messages go out in a step that begins now: as many as the organisation wants, but all of them before
/// the hours for messages are over.
pub fn per_step(n: usize, wanted: u32, (now, until): (Timestamp, Option<Timestamp>)) -> usize {
    let left = until.map(|until| until.duration_since(now).as_secs() / STEP.as_secs());
    let steps = left.map_or(usize::MAX, |steps| usize::try_from(steps).unwrap_or_default()).max(1);
    n.div_ceil(steps).max(usize::try_from(wanted).unwrap_or(usize::MAX)).max(1)
}

/// Gives every message its time, in the order of the plan: in steps, if the organisation wants its bursts spread, and
/// else by what a sender takes in a minute.
pub(super) fn spread(decisions: &mut [Decision], channel: &Channel, per_ten_minutes: Option<u32>) {
    let sender_of = |decision: &Decision| channel.line_for(decision.unit.contact.connection).sender.as_ref();
    let mut bursts: BTreeMap<(Option<&PhoneNumberId>, Timestamp), Burst> = BTreeMap::new();
    for decision in &*decisions {
        let Some(send) = decision.send() else { continue };
        bursts.entry((sender_of(decision), send.at)).or_default().add(send);
    }
    for decision in decisions {
        let sender = sender_of(decision);
        let Outcome::Send(send) = &mut decision.outcome else { continue };
        let Some(burst) = bursts.get_mut(&(sender, send.at)) else { continue };
        send.at = burst.next(send.at, per_ten_minutes);
    }
}

/// The messages of one sender and slot.
#[derive(Debug, Default)]
struct Burst {
    n: usize,
    /// When the first of its hours are over.
    until: Option<Timestamp>,
    begun: usize,
}

impl Burst {
    fn add(&mut self, send: &PlannedSend) {
        self.n += 1;
        self.until = self.until.into_iter().chain(send.until).min();
    }

    /// When the next message goes out.
    fn next(&mut self, at: Timestamp, per_ten_minutes: Option<u32>) -> Timestamp {
        let (step, size) = match per_ten_minutes {
            Some(wanted) => (STEP, per_step(self.n, wanted, (at, self.until))),
            None => (MINUTE, usize::try_from(PER_MINUTE).unwrap_or(usize::MAX)),
        };
        let steps = i32::try_from(self.begun / size).unwrap_or(i32::MAX);
        self.begun += 1;
        at.saturating_add(step.saturating_mul(steps)).unwrap_or(at)
    }
}
