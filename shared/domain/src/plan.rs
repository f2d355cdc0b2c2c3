//! The planner: who gets which reminder today, and why everybody else gets none.
//!
//! One pure function serves the preview, the live run, the check before a send and the tests.

pub mod chase;
pub mod decision;
pub mod reason;
pub mod recheck;
pub mod step;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use crate::{
    consent::Consents,
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    fuse::{Fuse, FuseRefusal},
    id::{ConnectionId, NumberKey},
    invoice::Invoice,
    organisation::{Organisation, PausedBy},
    plan::{
        chase::{Chase, Content, chase},
        decision::{Decision, Outcome, Plan, PlannedSend, Unit},
        reason::{Reason, SkipCode},
        step::{StepChoice, choose_step},
    },
    policy::{Policies, Policy, PolicyState, StepId},
    reminder::{Occasion, Reminder, ReminderKey, ReminderState},
    template::Purpose,
};

/// Decides for every customer and currency with open invoices what happens on a day.
///
/// The day is the organisation's local date of `now`. A unit without open invoices has no
/// decision. Equal inputs give equal plans.
pub fn plan(
    organisation: &Organisation,
    ledger: &Ledger,
    policies: &Policies,
    history: &History,
    now: Timestamp,
) -> Plan {
    let date = organisation.zone.date(now);
    let scene = Scene { organisation, ledger, policies, history, now, date };
    let mut decisions: Vec<Decision> =
        ledger.units().into_iter().map(|(unit, open)| scene.decide(unit, &open)).collect();
    keep_one_per_number(&mut decisions);
    Plan { date, decisions }
}

/// What the accounting systems say, as last read.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// Customers by reference.
    pub contacts: BTreeMap<ContactRef, Contact>,
    /// Open sales invoices; others are ignored.
    pub invoices: Vec<Invoice>,
    /// Whether each connected ledger can be believed.
    pub connections: BTreeMap<ConnectionId, LedgerState>,
}

/// Whether a ledger can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerState {
    /// It was read.
    Readable,
    /// The last read failed.
    Unreadable,
    /// It has to be connected again.
    ReconnectNeeded,
    /// A vendor's sample company.
    DemoCompany,
}

impl Ledger {
    /// Open invoices by unit.
    fn units(&self) -> BTreeMap<Unit, Vec<&Invoice>> {
        let mut units: BTreeMap<Unit, Vec<&Invoice>> = BTreeMap::new();
        for invoice in self.invoices.iter().filter(|invoice| invoice.is_open()) {
            let unit = Unit { contact: invoice.contact.clone(), currency: invoice.remaining.currency };
            units.entry(unit).or_default().push(invoice);
        }
        units
    }

    /// How many customers have a number.
    fn sharers(&self, key: &NumberKey) -> usize {
        self.contacts.values().filter(|contact| contact.number.key() == Some(key)).count()
    }
}

/// What happened before.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Who may be written to.
    pub consents: Consents,
    /// The last seven days per number.
    pub fuses: BTreeMap<NumberKey, Fuse>,
    /// Past reminders by the customer who owes the invoices today, whoever they went to then.
    pub reminders: BTreeMap<ContactRef, Vec<SentReminder>>,
    /// Whether WhatsApp can be used at all.
    pub channel: Channel,
}

/// What a plan needs to know of a past reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentReminder {
    /// Its identity, as it was claimed.
    pub key: ReminderKey,
    /// Where it stands.
    pub state: ReminderState,
    /// How often it was dropped without delivery.
    pub times_expired: usize,
    /// The number it was for.
    pub recipient: NumberKey,
}

impl From<&Reminder> for SentReminder {
    fn from(reminder: &Reminder) -> Self {
        Self {
            key: reminder.key.clone(),
            state: reminder.state.clone(),
            times_expired: reminder.times_expired(),
            recipient: reminder.recipient.clone(),
        }
    }
}

/// Whether WhatsApp can be used, and with which texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    /// The sending number.
    pub sender: ChannelState,
    /// Purposes with an approved template.
    pub approved: BTreeSet<Purpose>,
}

/// Whether there is a number that can send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ChannelState {
    /// It can.
    Ready,
    /// Meta blocks it.
    Blocked,
    /// None is connected, or its token is dead.
    #[default]
    ReconnectNeeded,
}

/// The code of "this number is not on WhatsApp" (Cloud API error codes).
const NOT_ON_WHATSAPP: u32 = 131_026;

/// A relationship is proved by an invoice of the last 24 months.
const RELATIONSHIP_MONTHS: i64 = 24;

/// Customers that share a number from this count on are all held.
const SHARED_FROM: usize = 3;

/// Everything that one decision looks at.
struct Scene<'a> {
    organisation: &'a Organisation,
    ledger: &'a Ledger,
    policies: &'a Policies,
    history: &'a History,
    now: Timestamp,
    date: Date,
}

impl Scene<'_> {
    fn decide(&self, unit: Unit, open: &[&Invoice]) -> Decision {
        let contact = self.ledger.contacts.get(&unit.contact);
        let policy = contact.map_or(&self.policies.organisation_default, |contact| self.policies.for_contact(contact));
        let mut reasons = self.standing_reasons(policy);
        reasons.extend(self.ledger_reasons(&unit));
        reasons.extend(
            contact.map_or_else(|| vec![SkipCode::NoNumber.into()], |contact| self.contact_reasons(contact, open)),
        );
        let recipient = contact.and_then(|contact| contact.number.key());
        reasons.extend(self.history_reasons(&unit, recipient, policy));
        let send = match chase(open, unit.currency) {
            Ok(chase) => self.send(&unit, &chase, policy, recipient),
            Err(nothing) => Err(nothing),
        };
        let outcome = match send {
            Ok(send) if reasons.is_empty() => Outcome::Send(send),
            Ok(_) => skip(reasons),
            Err(more) => {
                reasons.extend(more);
                skip(reasons)
            }
        };
        Decision { unit, policy_version: policy.version, outcome }
    }

    /// What holds for every customer.
    fn standing_reasons(&self, policy: &Policy) -> Vec<Reason> {
        let pause = self.organisation.pause.as_ref().map(|pause| match pause.by {
            PausedBy::Operator => SkipCode::OperatorPause,
            PausedBy::Member(_) => SkipCode::OrganisationPaused,
        });
        let inactive = (policy.state != PolicyState::Active).then_some(SkipCode::PolicyInactive);
        let channel = match self.history.channel.sender {
            ChannelState::Ready => None,
            ChannelState::Blocked => Some(SkipCode::SenderBlocked),
            ChannelState::ReconnectNeeded => Some(SkipCode::ReconnectNeeded),
        };
        [pause, inactive, channel].into_iter().flatten().map(Reason::of).collect()
    }

    fn ledger_reasons(&self, unit: &Unit) -> Option<Reason> {
        let state = self.ledger.connections.get(&unit.contact.connection).copied();
        match state.unwrap_or(LedgerState::Unreadable) {
            LedgerState::Readable => None,
            LedgerState::Unreadable => Some(SkipCode::LedgerUnreadable.into()),
            LedgerState::ReconnectNeeded => Some(SkipCode::ReconnectNeeded.into()),
            LedgerState::DemoCompany => Some(SkipCode::DemoCompany.into()),
        }
    }

    fn contact_reasons(&self, contact: &Contact, open: &[&Invoice]) -> Vec<Reason> {
        let consents = &self.history.consents;
        let mut reasons: Vec<Reason> = Vec::new();
        if contact.status == ContactStatus::GdprRequest {
            reasons.push(SkipCode::Excluded.into());
        }
        if consents.is_opted_out(contact) {
            reasons.push(SkipCode::OptedOut.into());
        }
        if !consents.has_basis(self.organisation, contact, self.has_relationship(open)) {
            reasons.push(SkipCode::NoConsentBasis.into());
        }
        match &contact.number {
            ContactNumber::Missing => reasons.push(SkipCode::NoNumber.into()),
            ContactNumber::Unusable { .. } => reasons.push(SkipCode::NumberUnusable.into()),
            ContactNumber::Usable { key, .. } if self.ledger.sharers(key) >= SHARED_FROM => {
                reasons.push(SkipCode::NumberShared.into());
            }
            ContactNumber::Usable { .. } => {}
        }
        reasons
    }

    fn has_relationship(&self, open: &[&Invoice]) -> bool {
        let since = self.date.saturating_sub(jiff::Span::new().months(RELATIONSHIP_MONTHS));
        open.iter().any(|invoice| invoice.issued.is_some_and(|issued| issued >= since))
    }

    fn history_reasons(&self, unit: &Unit, recipient: Option<&NumberKey>, policy: &Policy) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut past = self.past_of(&unit.contact).iter();
        if past.clone().any(|past| past.state.is_uncertain()) {
            reasons.push(SkipCode::OutcomeUnknown.into());
        }
        let Some(recipient) = recipient else {
            return reasons;
        };
        if past.any(|past| past.recipient == *recipient && is_not_on_whatsapp(&past.state)) {
            reasons.push(SkipCode::NotOnWhatsapp.into());
        }
        let refusal = self.history.fuses.get(recipient).and_then(|fuse| fuse.check(self.date, policy.caps).err());
        reasons.extend(refusal.map(|refusal| match refusal {
            FuseRefusal::Daily => Reason::until(SkipCode::NumberDailyCap, self.date.tomorrow().ok()),
            FuseRefusal::Gap { until } => Reason::until(SkipCode::Gap, Some(until)),
            FuseRefusal::SevenDays { until } => Reason::until(SkipCode::SevenDayCap, Some(until)),
        }));
        reasons
    }

    /// The message that rule 1 asks for, or why there is none today.
    ///
    /// An anchor whose sequence is finished makes room for the next oldest invoice.
    fn send(
        &self,
        unit: &Unit,
        chase: &Chase<'_>,
        policy: &Policy,
        recipient: Option<&NumberKey>,
    ) -> Result<PlannedSend, Vec<Reason>> {
        let mut finished = Reason::of(SkipCode::SequenceFinished);
        for (due, anchor) in chase.candidates() {
            match choose_step(policy, due, self.date, |step| self.past(unit, anchor, step)) {
                Ok(choice) => return self.send_about(unit, chase, policy, recipient, (due, anchor), choice),
                Err(reason) if reason.code == SkipCode::SequenceFinished => finished = reason,
                Err(reason) => return Err(vec![reason]),
            }
        }
        Err(vec![finished])
    }

    /// All past reminders of a customer.
    fn past_of(&self, contact: &ContactRef) -> &[SentReminder] {
        self.history.reminders.get(contact).map_or(&[], Vec::as_slice)
    }

    /// The past reminders that a send to a customer rests on: those about what is open, and those not settled.
    fn rests_on(&self, unit: &Unit, chase: &Chase<'_>) -> Vec<ReminderKey> {
        let is_open = |past: &SentReminder| chase.candidates().any(|(_, invoice)| invoice.id == past.key.anchor);
        let past = self.past_of(&unit.contact).iter();
        past.filter(|past| is_open(past) || past.state.is_uncertain()).map(|past| past.key.clone()).collect()
    }

    /// The reminder of a step for an anchor, if there ever was one.
    fn past(&self, unit: &Unit, anchor: &Invoice, step: StepId) -> Option<&SentReminder> {
        let occasion = Occasion::Step(step);
        self.past_of(&unit.contact).iter().find(|past| {
            past.key.currency == unit.currency
                && past.key.anchor == anchor.id
                && past.key.cycle == FIRST_CYCLE
                && past.key.occasion == occasion
        })
    }

    fn send_about(
        &self,
        unit: &Unit,
        chase: &Chase<'_>,
        policy: &Policy,
        recipient: Option<&NumberKey>,
        (due, anchor): (Date, &Invoice),
        StepChoice { step, superseded }: StepChoice,
    ) -> Result<PlannedSend, Vec<Reason>> {
        let slot = policy.calendar.slot(self.date, &self.organisation.zone, self.now);
        let Some(at) = slot else {
            let next = self.date.tomorrow().ok().and_then(|tomorrow| policy.calendar.next_allowed(tomorrow));
            return Err(vec![Reason::until(SkipCode::NoStepToday, next)]);
        };
        let overdue = due < self.date;
        if !self.history.channel.approved.contains(&Purpose::of(step.tone, overdue)) {
            return Err(vec![SkipCode::TemplateUnusable.into()]);
        }
        let Content { lines, more, total } = chase.content(due, self.date);
        if policy.minimum_total.get(&total.currency).is_some_and(|minimum| total.minor < *minimum) {
            return Err(vec![SkipCode::BelowMinimum.into()]);
        }
        // Without a usable number a reason stands already; there is nobody to send to.
        let recipient = recipient.cloned().ok_or_else(Vec::new)?;
        Ok(PlannedSend {
            anchor: anchor.id.clone(),
            cycle: FIRST_CYCLE,
            occasion: Occasion::Step(step.id),
            tone: step.tone,
            overdue,
            superseded,
            recipient,
            lines,
            more,
            total,
            at,
            rests_on: self.rests_on(unit, chase),
        })
    }
}

/// The cycle of an anchor that never settled and reopened.
const FIRST_CYCLE: u32 = 1;

const fn is_not_on_whatsapp(state: &ReminderState) -> bool {
    matches!(state, ReminderState::Failed { code: NOT_ON_WHATSAPP } | ReminderState::NotSent { code: NOT_ON_WHATSAPP })
}

impl From<SkipCode> for Reason {
    fn from(code: SkipCode) -> Self {
        Self::of(code)
    }
}

fn skip(mut reasons: Vec<Reason>) -> Outcome {
    reasons.sort_by_key(|reason| reason.code);
    reasons.dedup_by_key(|reason| reason.code);
    Outcome::Skip { reasons }
}

/// Rule 4: of several messages to one number, the most urgent stays and the others wait.
fn keep_one_per_number(decisions: &mut [Decision]) {
    let mut order: Vec<(usize, NumberKey)> = decisions
        .iter()
        .enumerate()
        .filter_map(|(place, decision)| Some((place, decision.send()?.recipient.clone())))
        .collect();
    let urgency = |place: &usize| {
        let send = decisions.get(*place).and_then(Decision::send);
        send.map(|send| (!send.overdue, send.lines.first().map(|line| line.due), *place))
    };
    order.sort_by_key(|(place, _)| urgency(place));
    let mut taken: BTreeSet<NumberKey> = BTreeSet::new();
    for (place, recipient) in order {
        if !taken.insert(recipient)
            && let Some(decision) = decisions.get_mut(place)
        {
            decision.outcome = skip(vec![SkipCode::NumberDailyCap.into()]);
        }
    }
}

#[cfg(test)]
mod tests;
