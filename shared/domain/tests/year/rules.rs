//! The rules of the reminder engine, said once more and without the planner's own words.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};
use numo_domain::{
    id::{ExternalId, NumberKey},
    money::Currency,
    plan::{
        SentReminder,
        decision::{Decision, Outcome, Plan, PlannedSend, Unit},
    },
    policy::{
        Policy, StepId, Tone,
        audience::{Audience, Membership},
    },
    reminder::{Occasion, ReminderState},
    template::Purpose,
};

use crate::{owed::due, random::RATE, replay::World};

/// The first rule that a plan breaks, if any.
pub(crate) fn broken(world: &World, plan: &Plan) -> Option<String> {
    let open = world.ledger.invoices.iter().filter(|open| open.invoice.is_open());
    let units: BTreeSet<Unit> = open
        .map(|open| Unit { contact: open.invoice.contact.clone(), currency: open.invoice.remaining.currency })
        .collect();
    // Who owes nothing is decided about only when thanks are due.
    let thanked = |unit: &Unit| world.ledger.receipts.get(unit).is_some_and(|receipts| !receipts.recent.is_empty());
    let decided = plan.decisions.iter().map(|decision| decision.unit.clone());
    let decided: Vec<Unit> = decided.filter(|unit| units.contains(unit) || !thanked(unit)).collect();
    if decided != units.into_iter().collect::<Vec<_>>() {
        return Some(format!("{}: not every unit is decided once", plan.date));
    }
    let sends = plan.decisions.iter().filter_map(Decision::send);
    let mut recipients = BTreeSet::new();
    if !sends.clone().all(|send| recipients.insert(send.recipient.clone())) {
        return Some(format!("{}: two messages to one number", plan.date));
    }
    let first_times = sends.filter(|send| !world.taken.iter().any(|(number, _)| *number == send.recipient)).count();
    let ramp = world.business.organisation.ramp_per_day.unwrap_or(20);
    if first_times > usize::try_from(ramp).unwrap() {
        return Some(format!("{}: more first-time numbers than the ramp", plan.date));
    }
    if world.business.organisation.cost_cap.as_ref().is_some_and(|cap| costs(world, plan) > cap.per_month.minor) {
        return Some(format!("{}: more than the month may cost", plan.date));
    }
    plan.decisions.iter().find_map(|decision| {
        let rule = match &decision.outcome {
            Outcome::Skip { reasons } => {
                let is_ordered = reasons.is_sorted_by(|a, b| a.code < b.code) && !reasons.is_empty();
                (!is_ordered).then_some("the reasons are not in order")
            }
            Outcome::Send(send) => Message { world, unit: &decision.unit, send, today: plan.date }.breaks(),
        };
        rule.map(|rule| format!("{} {}: {rule}\n{decision:#?}", plan.date, decision.unit.contact.contact))
    })
}

/// What a month has cost with a plan, in cents: every message costs the same, but those that did not arrive.
fn costs(world: &World, plan: &Plan) -> i64 {
    let is_of_month = |past: &&SentReminder| {
        (past.sent_on.year(), past.sent_on.month()) == (plan.date.year(), plan.date.month())
            && !matches!(
                past.state,
                ReminderState::NotSent { .. } | ReminderState::Failed { .. } | ReminderState::Expired
            )
    };
    let messages = world.history.reminders.values().flatten().filter(is_of_month).count() + plan.sends();
    i64::try_from(messages).unwrap() * i64::from(RATE / 10_000)
}

/// A message that a plan sends.
pub(crate) struct Message<'a> {
    pub(crate) world: &'a World,
    pub(crate) unit: &'a Unit,
    pub(crate) send: &'a PlannedSend,
    pub(crate) today: Date,
}

impl<'a> Message<'a> {
    fn breaks(&self) -> Option<&'static str> {
        if let Some(until) = self.send.occasion.thanks_until() {
            return self.breaks_as_thanks(until);
        }
        let rules: [(bool, &'static str); 15] = [
            (self.keeps_the_rules_of_all(), "against the hours, the caps or a stop"),
            (self.climbs(), "a step after a later one"),
            (self.is_not_said_otherwise(), "said by another policy already"),
            (self.is_allowed_tone(), "firmer than what arrived allows"),
            (self.never_falls(), "milder than what was said before"),
            (self.text_is_true(), "a text that is not so, or firmer than its tone"),
            (self.tells_what_is_owed(), "not what is owed"),
            (self.is_about_something_open(), "the anchor is not open"),
            (self.nobody_asked_to_wait(), "somebody asked to wait"),
            (self.is_after_promises(), "a promise is open"),
            (self.is_after_grace(), "a payment just came in"),
            (!self.world.ledger.credits.iter().any(|c| c.contact == self.unit.contact), "a credit is open"),
            (self.repeats_end(), "a repeat too many"),
            (self.arrives(), "two in a row did not arrive"),
            (self.is_settled_in(), "too soon after it was first seen"),
        ];
        rules.into_iter().find(|(holds, _)| !holds).map(|(_, rule)| rule)
    }

    /// What holds of every message: hours, caps, nothing twice, nothing to whoever said stop or is in doubt.
    pub(crate) fn keeps_the_rules_of_all(&self) -> bool {
        let consents = &self.world.history.consents;
        let said_stop = consents.opted_out_contacts.contains(&self.unit.contact)
            || consents.opted_out_numbers.contains(&self.send.recipient);
        let is_in_doubt = self.past().any(|past| past.state.is_uncertain());
        self.is_in_hours() && self.keeps_caps() && self.is_new() && !said_stop && !is_in_doubt
    }

    /// That of whoever owes much, for those who do.
    pub(crate) fn policy(&self) -> &'a Policy {
        let aed: Currency = "AED".parse().unwrap();
        let open = self.world.ledger.invoices.iter().map(|open| &open.invoice).filter(|invoice| invoice.is_open());
        let theirs = open.filter(|invoice| invoice.contact == self.unit.contact && invoice.remaining.currency == aed);
        let owed: i64 = theirs.map(|invoice| invoice.remaining.minor).sum();
        let policies = &self.world.business.policies;
        let claims = |policy: &&Policy| match &policy.audience {
            Audience::Group { members, .. } => members.iter().any(|member| match member {
                Membership::OwesAtLeast { minor, .. } => owed >= *minor,
                Membership::Chosen(_) | Membership::LedgerGroup(_) | Membership::NumberOf(_) => unreachable!(),
            }),
            Audience::Organisation | Audience::Customer(_) => unreachable!(),
        };
        policies.others.iter().find(claims).unwrap_or(&policies.organisation_default)
    }

    pub(crate) fn past(&self) -> impl Iterator<Item = &'a SentReminder> {
        self.world.history.reminders.get(&self.unit.contact).into_iter().flatten()
    }

    /// What was sent about the anchor in its cycle, and is not to be tried again.
    fn told(&self) -> impl Iterator<Item = &'a SentReminder> {
        let same = |past: &&SentReminder| {
            let asks = past.key.occasion.thanks_until().is_none();
            asks && past.key.anchor == self.send.anchor && past.key.cycle == self.send.cycle
        };
        self.past().filter(same).filter(|past| !past.state.may_be_claimed_again())
    }

    fn is_open_day(&self, day: Date) -> bool {
        let calendar = &self.policy().calendar;
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap();
        calendar.week.get(weekday).unwrap().is_some() && !calendar.closed.contains(&day)
    }

    /// Business days after a date up to today; more than five are five.
    fn business_days_since(&self, date: Date) -> usize {
        let days = date.series(1.day()).skip(1).take_while(|day| *day <= self.today);
        days.filter(|day| self.is_open_day(*day)).take(5).count()
    }

    fn is_in_hours(&self) -> bool {
        let local = self.world.business.organisation.zone.local(self.send.at);
        local.date() == self.today
            && self.is_open_day(self.today)
            && (9..17).contains(&local.hour())
            && self.send.at >= self.world.now
    }

    fn keeps_caps(&self) -> bool {
        let caps = self.policy().caps;
        let ago = |day: &Date| self.today.since(*day).unwrap().get_days();
        let same = |(number, _): &&(NumberKey, Date)| *number == self.send.recipient;
        let days: Vec<i32> = self.world.taken.iter().filter(same).map(|(_, day)| ago(day)).collect();
        let week = days.iter().filter(|ago| **ago < 7).count();
        days.iter().all(|ago| *ago >= i32::from(caps.gap_days.max(1))) && week < usize::from(caps.per_seven_days)
    }

    fn is_new(&self) -> bool {
        let key = self.send.reminder_key(self.unit);
        let mut same = self.past().filter(|past| past.key == key);
        // What Meta did not want to deliver is tried once more, a day later at the earliest.
        let may_go = |past: &SentReminder| past.again_from.is_some_and(|from| from <= self.send.at);
        same.all(|past| may_go(past) && past.times_expired < 2)
    }

    /// Where a step stands, if it is one of the customer's policy today.
    fn place(&self, step: StepId) -> Option<i16> {
        Some(self.policy().steps.iter().find(|known| known.id == step)?.offset_days)
    }

    /// A step whose day had come when something as firm was said by another policy, or about a promise, is not said.
    fn is_not_said_otherwise(&self) -> bool {
        let Occasion::Step(step) = self.send.occasion else { return true };
        let offset = self.place(step).unwrap();
        let day = self.send.counted_from.unwrap().saturating_add(i64::from(offset).days());
        let is_other = |past: &&SentReminder| match past.key.occasion {
            Occasion::Step(step) | Occasion::Repeat { step, .. } => self.place(step).is_none(),
            Occasion::PromiseMissed(_) => true,
            Occasion::ThankYou(_) | Occasion::PartPayment(_) => false,
        };
        self.told().filter(is_other).all(|past| past.tone < self.send.tone || past.sent_on < day)
    }

    fn climbs(&self) -> bool {
        let rank = |occasion: Occasion| match occasion {
            Occasion::Step(step) => Some((self.place(step)?, 0)),
            Occasion::Repeat { step, n } => Some((self.place(step)?, n)),
            Occasion::PromiseMissed(_) | Occasion::ThankYou(_) | Occasion::PartPayment(_) => None,
        };
        let Some(now) = rank(self.send.occasion) else { return true };
        let key = self.send.reminder_key(self.unit);
        self.told().filter(|past| past.key != key).filter_map(|past| rank(past.key.occasion)).all(|before| before < now)
    }

    fn is_allowed_tone(&self) -> bool {
        let all = self.world.history.reminders.values().flatten();
        let arrived = all.filter(|past| past.recipient == self.send.recipient && past.state.is_delivered()).count();
        match self.send.tone {
            Tone::Friendly | Tone::Gentle => true,
            Tone::Firm => arrived >= 1,
            Tone::Final => arrived >= 2,
        }
    }

    fn never_falls(&self) -> bool {
        self.told().all(|past| past.tone <= self.send.tone)
    }

    fn text_is_true(&self) -> bool {
        let (Some(anchor), purpose) = (self.anchor(), self.send.purpose()) else { return false };
        let is_overdue = due(anchor) < self.today;
        match purpose {
            Purpose::Upcoming => !is_overdue,
            Purpose::DueToday => due(anchor) == self.today,
            Purpose::OverdueGentle | Purpose::Statement => is_overdue,
            Purpose::OverdueFirm => is_overdue && self.send.tone >= Tone::Firm,
            Purpose::OverdueFinal => is_overdue && self.send.tone == Tone::Final,
            Purpose::PromiseMissed => is_overdue && matches!(self.send.occasion, Occasion::PromiseMissed(_)),
            Purpose::ThankYou | Purpose::PartPayment => false,
        }
    }

    fn arrives(&self) -> bool {
        let same = |past: &&SentReminder| {
            let asks = past.key.occasion.thanks_until().is_none();
            asks && past.key.anchor == self.send.anchor && past.key.cycle == self.send.cycle
        };
        let mut past: Vec<&SentReminder> = self.past().filter(same).collect();
        past.sort_by_key(|past| past.sent_on);
        // What failed for the sake of our own number is none of the customer's doing.
        let is_lost = |past: &&SentReminder| matches!(past.state, ReminderState::Failed { code: 131_026 | 131_049 });
        let lost = past.iter().rev().take_while(|past| is_lost(past)).count();
        lost < 2 && past.last().is_none_or(|last| last.state.is_delivered() || last.times_expired < 2)
    }

    fn nobody_asked_to_wait(&self) -> bool {
        let Some(file) = self.world.history.files.get(&self.unit.contact) else { return true };
        let claims_open = file.paid_claim.as_ref().is_some_and(|claim| {
            let open = self.world.ledger.invoices.iter().filter(|open| open.invoice.is_open());
            open.filter(|open| open.invoice.remaining.currency == self.unit.currency)
                .any(|open| claim.invoices.contains(&open.invoice.id))
        });
        let is_snoozed = file.snoozed_until.is_some_and(|until| until > self.today);
        file.unread_since.is_none() && !claims_open && !is_snoozed
    }

    fn is_after_promises(&self) -> bool {
        let Some(file) = self.world.history.files.get(&self.unit.contact) else { return true };
        let open = |id: &ExternalId| {
            let found = self.world.ledger.invoices.iter().find(|open| open.invoice.id == *id).unwrap();
            found.invoice.is_open() && found.invoice.remaining.currency == self.unit.currency
        };
        let standing = file.promises.iter().filter(|promise| promise.invoices.iter().any(open));
        standing.into_iter().all(|promise| self.business_days_since(promise.date) > 2)
    }

    fn is_after_grace(&self) -> bool {
        let receipts = self.world.ledger.receipts.get(self.unit);
        receipts.is_none_or(|receipts| self.business_days_since(receipts.last_on) > 3)
    }

    fn repeats_end(&self) -> bool {
        match self.send.occasion {
            Occasion::Step(_) | Occasion::PromiseMissed(_) | Occasion::ThankYou(_) | Occasion::PartPayment(_) => true,
            Occasion::Repeat { step, n } => {
                let last_was_sent = self.told().any(|past| past.key.occasion == Occasion::Step(step));
                let is_over = last_was_sent || self.was_missed(step);
                is_over && self.policy().repeat.is_some_and(|repeat| n <= repeat.at_most)
            }
        }
    }

    /// Whether more days of the catch-up than there are have passed since a step's day.
    fn was_missed(&self, step: StepId) -> bool {
        let policy = self.policy();
        let Some(step) = policy.steps.iter().find(|known| known.id == step) else { return false };
        let Some(counted_from) = self.send.counted_from else { return false };
        let day = counted_from.saturating_add(i64::from(step.offset_days).days());
        let since = day.series(1.day()).skip(1).take_while(|later| *later <= self.today);
        since.filter(|later| policy.calendar.is_allowed(*later)).count() > usize::from(policy.catch_up_days)
    }

    fn is_settled_in(&self) -> bool {
        let Some(anchor) = self.anchor() else { return false };
        let file = self.world.history.files.get(&self.unit.contact);
        let is_chosen = file.is_some_and(|file| file.backlog.contains_key(&self.send.anchor));
        let seen = self.world.business.organisation.zone.date(anchor.first_seen);
        let is_late = seen > due(anchor) && self.told().next().is_none() && !is_chosen;
        !is_late || self.today >= seen.saturating_add(3.days())
    }
}
