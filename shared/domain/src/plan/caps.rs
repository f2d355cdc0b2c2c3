//! Rules 4 and 8: of what could go out today, what does.

use std::collections::HashSet;

use crate::{
    id::NumberKey,
    plan::{
        History,
        decision::{Decision, PlannedSend},
        reason::{Reason, SkipCode},
        skip,
    },
    reminder::Occasion,
};

/// First-time numbers per sender and day, unless the organisation says otherwise.
pub const RAMP_PER_DAY: u32 = 20;

/// Of Meta's own limit at most this part is used, in percent.
const OF_METAS_LIMIT: u32 = 80;

/// Holds back what is more than one message per number, more first-time numbers than the ramp, or more than
/// Meta's limit allows; the most urgent stay.
pub(super) fn apply(decisions: &mut [Decision], ramp_per_day: Option<u32>, history: &History) {
    let metas = history.channel.daily_limit.map(|limit| limit.saturating_mul(OF_METAS_LIMIT) / 100);
    let ramp =
        metas.map_or(ramp_per_day.unwrap_or(RAMP_PER_DAY), |metas| metas.min(ramp_per_day.unwrap_or(RAMP_PER_DAY)));
    let mut order: Vec<usize> = (0..decisions.len()).collect();
    order.retain(|place| decisions.get(*place).is_some_and(|decision| decision.send().is_some()));
    order.sort_by_cached_key(|place| decisions.get(*place).and_then(Decision::send).map(|send| urgency(send, *place)));
    let mut taken: HashSet<NumberKey> = HashSet::new();
    let mut first_times = history.channel.first_times_today;
    let mut sends = history.channel.sends_today;
    for place in order {
        let Some(decision) = decisions.get_mut(place) else { continue };
        let Some(recipient) = decision.send().map(|send| send.recipient.clone()) else { continue };
        let is_first = !history.known_numbers.contains(&recipient);
        let code = if taken.contains(&recipient) {
            SkipCode::NumberDailyCap
        } else if metas.is_some_and(|metas| sends >= metas) {
            SkipCode::MessagingLimit
        } else if is_first && first_times >= ramp {
            SkipCode::Ramp
        } else {
            taken.insert(recipient);
            sends += 1;
            first_times += u32::from(is_first);
            continue;
        };
        decision.outcome = skip(vec![Reason::of(code)]);
    }
}

/// Promise missed, overdue, part payment, thanks, upcoming; then the unit that has waited longest.
fn urgency(send: &PlannedSend, place: usize) -> (u8, Option<jiff::civil::Date>, usize) {
    let kind = match send.occasion {
        Occasion::PromiseMissed(_) => 0,
        Occasion::Step(_) | Occasion::Repeat { .. } if send.overdue => 1,
        Occasion::PartPayment(_) => 2,
        Occasion::ThankYou(_) => 3,
        Occasion::Step(_) | Occasion::Repeat { .. } => 4,
    };
    (kind, send.lines.first().map(|line| line.due), place)
}
