//! Why a customer was or was not written to on a day, or will be: as it was decided, or as it looks from here.

use jiff::{Timestamp, ToSpan, civil::Date};
use numo_domain::{contact::ContactRef, id::OrgId, plan::decision::Decision, reminder::ReminderState};

use crate::{
    error::AppError,
    situation::{Situation, of_customer::KnownCustomer},
    store::{Store, plan::Cancelled},
};

/// A look ahead goes so many days: nobody knows today what is paid by then.
pub const AHEAD_DAYS: i64 = 31;

/// What is known of a customer and a day.
#[derive(Debug, Clone, PartialEq)]
pub enum Explained {
    /// The plan of the day decided.
    Decided(Decided),
    /// No plan decided yet: so it would be, if nothing changes until then, every plan before it is approved and every
    /// message of it arrives.
    Ahead(Vec<Decision>),
    /// A plan was made, and nothing of the customer was open, or it was paid long before.
    NothingOpen,
    /// No plan was made on that day.
    NotPlanned,
    /// The customer was read from the ledger for the first time on this later day.
    UnknownUntil(Date),
    /// The day is after the last one that can be looked at.
    TooFarAway(Date),
}

/// What the plan of a day decided about a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// In each currency, with what was taken back right before the send.
    pub decisions: Vec<(Decision, Option<Cancelled>)>,
    /// Whether it might go out.
    pub is_approved: bool,
}

/// Explains a day to whoever asks about one customer; nothing is written.
pub async fn explain_day(
    store: &Store,
    org: &OrgId,
    (customer, day): (&KnownCustomer, Date),
    now: Timestamp,
) -> Result<Explained, AppError> {
    let (contact, zone) = (customer.at(), &customer.situation.organisation.zone);
    let (today, known_since) = (zone.date(now), zone.date(customer.contact.created_at));
    let last = today.saturating_add(AHEAD_DAYS.days());
    if day > last {
        return Ok(Explained::TooFarAway(last));
    }
    let decided = decided(store, org, (contact, day)).await?;
    match decided {
        Some(decided) if !decided.decisions.is_empty() => Ok(Explained::Decided(decided)),
        _ if day < known_since => Ok(Explained::UnknownUntil(known_since)),
        Some(_) if day <= today => Ok(Explained::NothingOpen),
        None if day < today => Ok(Explained::NotPlanned),
        Some(_) | None => {
            let situation = customer.whole_situation(store, org, now).await?;
            let planned = if day > today { self::decided(store, org, (contact, today)).await? } else { None };
            let ahead = look_ahead(situation, (today, day), planned, now);
            let ahead: Vec<Decision> = ahead.into_iter().filter(|decision| decision.unit.contact == *contact).collect();
            Ok(if ahead.is_empty() { Explained::NothingOpen } else { Explained::Ahead(ahead) })
        }
    }
}

/// What the plan of a day decided about a customer, with what was taken back; none where no plan was made.
async fn decided(store: &Store, org: &OrgId, (contact, day): (&ContactRef, Date)) -> Result<Option<Decided>, AppError> {
    let Some(header) = store.plan_header(org, day).await?.map(|seen| seen.value) else { return Ok(None) };
    let mut decisions = Vec::new();
    for decision in store.plan_decisions_about(org, &header, contact).await? {
        let cancelled = store.cancelled(org, day, &decision.unit).await?;
        decisions.push((decision, cancelled));
    }
    Ok(Some(Decided { decisions, is_approved: header.approval.is_given() }))
}

/// Lets the days pass until the one that is asked about: what each of them would send has gone out by then.
fn look_ahead(
    mut situation: Situation,
    (today, day): (Date, Date),
    planned: Option<Decided>,
    now: Timestamp,
) -> Vec<Decision> {
    let mut planned = planned.map(|planned| left(&situation, planned));
    for passing in today.series(1.day()).take_while(|passing| *passing < day) {
        let decisions = planned.take().unwrap_or_else(|| plan_of(&situation, (today, passing), now));
        situation.pass(passing, &decisions);
        arrive(&mut situation, &decisions);
    }
    plan_of(&situation, (today, day), now)
}

/// What goes out from today to the last day, each with its day, if nothing changes until then and every message arrives.
pub(crate) fn sends_until(
    mut situation: Situation,
    (today, last): (Date, Date),
    now: Timestamp,
) -> Vec<(Date, Decision)> {
    let mut sent = Vec::new();
    for passing in today.series(1.day()).take_while(|passing| *passing <= last) {
        let decisions = plan_of(&situation, (today, passing), now);
        situation.pass(passing, &decisions);
        arrive(&mut situation, &decisions);
        let goes_out = decisions.into_iter().filter(|decision| decision.send().is_some());
        sent.extend(goes_out.map(|decision| (passing, decision)));
    }
    sent
}

fn plan_of(situation: &Situation, (today, date): (Date, Date), now: Timestamp) -> Vec<Decision> {
    let midnight = || situation.organisation.zone.instant(date, "00:00".parse().ok()?);
    let at = if date == today { Some(now) } else { midnight() };
    at.map(|at| situation.plan(at).decisions).unwrap_or_default()
}

/// What has gone out is taken to have arrived, without which nothing firmer follows.
fn arrive(situation: &mut Situation, decisions: &[Decision]) {
    let history = &mut situation.history;
    for (unit, send) in decisions.iter().filter_map(|decision| Some((&decision.unit, decision.send()?))) {
        let key = send.reminder_key(unit);
        let sent = history.reminders.get_mut(&unit.contact).into_iter().flatten().find(|past| past.key == key);
        let Some(sent) = sent else { continue };
        sent.state = ReminderState::Delivered;
        if key.occasion.thanks_until().is_none() {
            let delivered = history.delivered.entry(send.recipient.clone()).or_default();
            *delivered = delivered.saturating_add(1);
        }
    }
}

/// What a plan has still to send: what was claimed is known as a reminder, and what was taken back is sent no more.
fn left(situation: &Situation, planned: Decided) -> Vec<Decision> {
    let is_claimed = |decision: &Decision| {
        let mut claimed = situation.history.reminders.get(&decision.unit.contact).into_iter().flatten();
        decision.send().is_some_and(|send| {
            let key = send.reminder_key(&decision.unit);
            claimed.any(|past| past.key == key)
        })
    };
    let planned = planned.decisions.into_iter().filter(|(_, cancelled)| cancelled.is_none());
    planned.map(|(decision, _)| decision).filter(|decision| !is_claimed(decision)).collect()
}
