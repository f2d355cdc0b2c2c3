//! Messages of one slot go out over time, as fast as their sender takes them.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};

use crate::{
    id::PhoneNumberId,
    plan::{
        Channel,
        decision::{Decision, Outcome},
    },
};

/// Messages per minute that every number takes: 20 a second for one that is in use in the phone app as well, 80 for
/// others (Cloud API, throughput).
pub const PER_MINUTE: u32 = 1_200;

/// Moves what is more than a sender takes in a minute to the minutes that follow, in the order of the plan.
pub(super) fn spread(decisions: &mut [Decision], channel: &Channel, per_minute: u32) {
    let mut taken: BTreeMap<(Option<&PhoneNumberId>, Timestamp), u32> = BTreeMap::new();
    for decision in decisions {
        let Outcome::Send(send) = &mut decision.outcome else { continue };
        let sender = channel.line_for(decision.unit.contact.connection).sender.as_ref();
        let before = taken.entry((sender, send.at)).or_default();
        let minutes = i64::from(*before / per_minute.max(1));
        *before += 1;
        send.at = send.at.saturating_add(minutes.minutes()).unwrap_or(send.at);
    }
}
