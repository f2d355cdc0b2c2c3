//! Rules 4 and 8: of what could go out today, what does.

use std::collections::{BTreeMap, HashSet};

use jiff::{Timestamp, ToSpan, civil::Date};

use crate::{
    cost::RateCard,
    id::{NumberKey, PhoneNumberId},
    plan::{
        decision::{Charge, Decision, Outcome, PlannedSend, Turn, Unit},
        reason::{Reason, SkipCode},
        rolling_limit::RollingLimit,
        scene::Scene,
        skip,
    },
    reminder::Occasion,
};

/// First-time numbers per sender and day, unless the organisation says otherwise.
pub const RAMP_PER_DAY: u32 = 20;

/// Holds back what is more than one message per number, more first-time numbers than the ramp, or more than Meta's
/// limit or the month's cost cap allows; the most urgent stay.
pub(super) fn apply(decisions: &mut [Decision], scene: &Scene<'_>) {
    let could_go = decisions.iter().enumerate().filter_map(|(place, decision)| {
        let send = decision.send()?;
        Some((urgency(send, place), &decision.unit, send))
    });
    let mut by_urgency: Vec<(Urgency, &Unit, &PlannedSend)> = could_go.collect();
    by_urgency.sort_unstable_by_key(|(urgency, ..)| *urgency);
    let mut room = Room::of(scene, by_urgency.len());
    let verdicts = by_urgency.into_iter().map(|((.., place), unit, send)| (place, room.take(unit, send)));
    for (place, verdict) in verdicts.collect::<Vec<_>>() {
        let Some(Decision { outcome, .. }) = decisions.get_mut(place) else { continue };
        match (verdict, outcome) {
            (Ok((at, turn, charge)), Outcome::Send(send)) => (send.at, send.turn, send.charge) = (at, turn, charge),
            (Err(reason), outcome) => *outcome = skip(vec![reason]),
            (Ok(_), Outcome::Skip { .. }) => {}
        }
    }
}

/// What is left of a day's caps.
struct Room<'a> {
    scene: &'a Scene<'a>,
    /// Numbers that get a message today.
    taken: HashSet<&'a NumberKey>,
    /// By the number that writes.
    first_times: BTreeMap<Option<&'a PhoneNumberId>, u32>,
    /// What Meta's limit leaves.
    limit: RollingLimit<'a>,
    ramp: u32,
    /// What a message costs, with a cap or without.
    rates: Option<RateCard>,
    /// What the month has cost, in millionths.
    spent: u64,
}

impl<'a> Room<'a> {
    fn of(scene: &'a Scene<'a>, sends: usize) -> Self {
        let channel = &scene.history.channel;
        let limit = RollingLimit::of(channel);
        let ramp = scene.organisation.ramp_per_day.unwrap_or(RAMP_PER_DAY);
        Self {
            scene,
            taken: HashSet::with_capacity(sends),
            first_times: channel.first_times_today.iter().map(|(sender, count)| (Some(sender), *count)).collect(),
            ramp: limit.most.map_or(ramp, |most| most.min(ramp)),
            limit,
            rates: scene.organisation.rate_card(),
            spent: channel.spent_this_month,
        }
    }

    /// Takes the room of one more message from some time on, or says which cap has none.
    fn take(&mut self, unit: &Unit, send: &'a PlannedSend) -> Result<(Timestamp, Turn, Option<Charge>), Reason> {
        let Scene { organisation, ledger, history, .. } = self.scene;
        let country = || ledger.contacts.get(&unit.contact)?.number.country();
        let cost = self.rates.as_ref().map(|rates| rates.cost_to(country()));
        let sender = history.channel.line_for(unit.contact.connection).sender.as_ref();
        let known = sender.and_then(|sender| history.known_numbers.get(sender));
        let is_first = !known.is_some_and(|known| known.contains(&send.recipient));
        let first_times = self.first_times.entry(sender).or_default();
        if self.taken.contains(&send.recipient) {
            return Err(SkipCode::NumberDailyCap.into());
        }
        let Some(place) = self.limit.place(&send.recipient, send.at, send.until) else {
            return Err(SkipCode::MessagingLimit.into());
        };
        if is_first && *first_times >= self.ramp {
            return Err(SkipCode::Ramp.into());
        }
        let capped = organisation.cost_cap.as_ref().zip(cost);
        if capped.is_some_and(|(cap, cost)| !cap.has_room(self.spent, cost)) {
            return Err(Reason::until(SkipCode::CostCap, next_month(self.scene.date)));
        }
        self.taken.insert(&send.recipient);
        let first_times_before = is_first.then_some(*first_times);
        let turn = Turn { sender: sender.cloned(), sends_before: place.after, first_times_before };
        *first_times += u32::from(is_first);
        self.limit.take(&send.recipient);
        let charge = cost.map(|cost| Charge { cost, spent_before: self.spent });
        self.spent = self.spent.saturating_add(cost.map_or(0, |cost| cost.millionths));
        Ok((place.at, turn, charge))
    }
}

/// The first day of the month after a date's.
fn next_month(date: Date) -> Option<Date> {
    date.first_of_month().checked_add(1.month()).ok()
}

/// The kind of message, since when it waits, and the place of its decision.
type Urgency = (u8, Option<Date>, usize);

/// Promise missed, overdue, part payment, thanks, upcoming; then the unit that has waited longest.
fn urgency(send: &PlannedSend, place: usize) -> Urgency {
    let kind = match send.occasion {
        Occasion::PromiseMissed(_) => 0,
        Occasion::Step(_) | Occasion::Repeat { .. } if send.overdue => 1,
        Occasion::PartPayment(_) => 2,
        Occasion::ThankYou(_) => 3,
        Occasion::Step(_) | Occasion::Repeat { .. } => 4,
    };
    (kind, send.lines.first().map(|line| line.due), place)
}
