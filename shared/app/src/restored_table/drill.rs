//! A rehearsal: a copy is taken over beside the table that is in use, which is what a restore would have lost and tells
//! what the copy would do wrong.
//!
//! Of the table in use, and of the journal, nothing is changed.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use numo_domain::{
    id::{OperatorId, OrgId},
    plan::{Ledger, LedgerState, decision::Decision},
    reminder::{Reminder, ReminderKey, ReminderState},
};

use crate::{
    error::AppError,
    explain_day::{AHEAD_DAYS, sends_until},
    operator::{OperatorPorts, Order, order_everybody},
    restored_table::{TakenOver, take_over},
    situation::{Situation, situation},
    store::{Store, consent::ConsentOf, erasure::organisation::OrganisationErasure},
};

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drilled {
    /// What taking the copy over did.
    pub taken: TakenOver,
    /// Organisations that were compared.
    pub compared: usize,
    /// Organisations of which the copy knows nothing: they began since.
    pub begun_since: usize,
    /// Organisations that were erased, or are to be.
    pub ended: Kept,
    /// Customers who were erased.
    pub erased: Kept,
    /// Numbers and customers who want to hear nothing.
    pub opted_out: Kept,
    /// Messages that went out since.
    pub sends: Sends,
}

/// What a restore has to keep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many the table in use has.
    pub of: usize,
    /// How many of these the copy does not have.
    pub missing: usize,
}

/// What the copy would send, beside what was sent since the moment that it is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sends {
    /// Messages that went out since, and that the copy does not know after its take-over: those by hand it does.
    pub lost: usize,
    /// How many of them would go out again if the copy were put into use as it is.
    pub again_without: usize,
    /// How many of them go out again after the take-over, within a month.
    pub again: usize,
    /// Messages that go out after the take-over on its own day.
    pub at_once: usize,
    /// Messages that go out after the take-over to somebody who opted out or was erased.
    pub unwanted: usize,
}

impl Drilled {
    /// Whether a restore would do no harm.
    pub const fn is_sound(&self) -> bool {
        let Self { ended, erased, opted_out, sends, .. } = self;
        ended.missing + erased.missing + opted_out.missing + sends.again + sends.at_once + sends.unwanted == 0
    }
}

/// Takes a copy over in which everybody is stopped, and compares it with the table in use, organisation by organisation.
///
/// Only what the table in use had when the drill began is compared: it goes on meanwhile.
/// One that dies half way is given again, unless the copy was taken over already; then it needs another copy.
pub async fn drill(
    in_use: &Store,
    copy: &OperatorPorts,
    (by, reason): (&OperatorId, &str),
    restored_to: Timestamp,
    now: Timestamp,
) -> Result<Drilled, AppError> {
    let (gate, copied) = (in_use.messaging_gate().await?, copy.store.messaging_gate().await?);
    if in_use.is_restored(&gate) {
        return Err(AppError::invalid("table", "this is a copy itself: name the table that is in use"));
    }
    if !copy.store.is_restored(&copied) || copied.table.as_deref() != Some(in_use.table_name()) {
        let needed = "a copy of the table in use is needed, of a time in which it sent, that was not taken over yet";
        return Err(AppError::invalid("copy", needed));
    }
    order_everybody(copy, (by, reason), &Order::Stop { until: None }, now).await?;
    let taken = take_over(copy, (by, reason), restored_to, now).await?;
    let mut drilled = Drilled {
        taken,
        compared: 0,
        begun_since: 0,
        ended: Kept::default(),
        erased: Kept::default(),
        opted_out: Kept::default(),
        sends: Sends::default(),
    };
    let mut all = in_use.every_organisation().await?;
    all.extend(copy.store.every_organisation().await?);
    for org in all {
        drilled.compared += 1;
        compare(&mut drilled, (in_use, &copy.store), &org, now).await?;
    }
    Ok(drilled)
}

async fn compare(
    drilled: &mut Drilled,
    (in_use, copy): (&Store, &Store),
    org: &OrgId,
    now: Timestamp,
) -> Result<(), AppError> {
    let is_known = (in_use.known_organisation(org).await?.is_some(), copy.known_organisation(org).await?.is_some());
    let asked = in_use.organisation_erasure(org).await?.filter(|seen| seen.value.asked_at <= now);
    // The one that is over does not even have a profile.
    if is_known.1 && (asked.is_some() || !is_known.0) {
        let ends = copy.organisation_erasure(org).await?;
        drilled.ended.count(!ends.is_some_and(|ends| is_same(&ends.value, asked.map(|asked| asked.value))));
        return Ok(());
    }
    if !is_known.1 {
        drilled.begun_since += 1;
        return Ok(());
    }
    let consents = copy.consents(org).await?;
    for of in in_use.opted_out(org, now).await? {
        let is_kept = match &of {
            ConsentOf::Number(number) => consents.opted_out_numbers.contains(number),
            ConsentOf::Contact(contact) => consents.opted_out_contacts.contains(contact),
        };
        drilled.opted_out.count(!is_kept);
    }
    for erased in in_use.erased_customers(org).await?.into_iter().filter(|erased| erased.erased_at <= now) {
        drilled.erased.count(copy.erased_customer(org, &erased.customer).await?.is_none());
    }
    let sends = sends((in_use, copy), org, now).await?;
    drilled.sends.add(sends);
    Ok(())
}

/// Whether the copy ends an organisation no later than the table in use does.
fn is_same(copied: &OrganisationErasure, in_use: Option<OrganisationErasure>) -> bool {
    in_use.is_none_or(|in_use| copied.begins_at <= in_use.begins_at)
}

impl Kept {
    fn count(&mut self, is_missing: bool) {
        self.of += 1;
        self.missing += usize::from(is_missing);
    }
}

impl Sends {
    fn add(&mut self, Self { lost, again_without, again, at_once, unwanted }: Self) {
        self.lost += lost;
        self.again_without += again_without;
        self.again += again;
        self.at_once += at_once;
        self.unwanted += unwanted;
    }
}

/// Lets a month pass in the copy, with the ledger as it is known today and with that of the copy, both as if just read.
async fn sends((in_use, copy): (&Store, &Store), org: &OrgId, now: Timestamp) -> Result<Sends, AppError> {
    let (today, known, copied) =
        (situation(in_use, org, now).await?, in_use.reminders(org).await?, situation(copy, org, now).await?);
    let in_copy: BTreeSet<_> =
        copy.reminders(org).await?.into_iter().map(|known| (known.key, known.claimed_at)).collect();
    let is_lost = |sent: &Reminder| {
        sent.claimed_at <= now && went_out(&sent.state) && !in_copy.contains(&(sent.key.clone(), sent.claimed_at))
    };
    let lost: BTreeSet<ReminderKey> = known.into_iter().filter(is_lost).map(|sent| sent.key).collect();
    let date = copied.organisation.zone.date(now);
    let last = date.saturating_add(AHEAD_DAYS.days());
    let mut found = Sends { lost: lost.len(), ..Sends::default() };
    let (mut again, mut again_without) = (BTreeSet::new(), BTreeSet::new());
    for ledger in [&today.ledger, &copied.ledger] {
        let told = Situation { ledger: just_read(ledger), ..copied.clone() };
        let mut untold = told.clone();
        untold.history.lost_until = None;
        again_without.extend(keys(&sends_until(untold, (date, last), now)).filter(|key| lost.contains(key)));
        let sent = sends_until(told, (date, last), now);
        again.extend(keys(&sent).filter(|key| lost.contains(key)));
        found.at_once += sent.iter().filter(|(on, _)| *on == date).count();
        found.unwanted += sent.iter().filter(|(_, decision)| is_unwanted(decision, &today)).count();
    }
    Ok(Sends { again: again.len(), again_without: again_without.len(), ..found })
}

fn keys(sent: &[(Date, Decision)]) -> impl Iterator<Item = ReminderKey> {
    sent.iter().filter_map(|(_, decision)| Some(decision.send()?.reminder_key(&decision.unit)))
}

/// Whether a message may have reached somebody: one that certainly did not is for the next plan.
const fn went_out(state: &ReminderState) -> bool {
    match state {
        ReminderState::Sending
        | ReminderState::Accepted
        | ReminderState::Held
        | ReminderState::Unknown
        | ReminderState::Sent
        | ReminderState::Delivered
        | ReminderState::Read => true,
        ReminderState::NotSent { .. } | ReminderState::Failed { .. } | ReminderState::Expired => false,
    }
}

/// Whether a message is for somebody who opted out since, or whom the table in use does not know any more.
fn is_unwanted(decision: &Decision, today: &Situation) -> bool {
    let (contact, consents) = (&decision.unit.contact, &today.history.consents);
    let is_known = today.ledger.contacts.contains_key(contact);
    let has_opted_out = decision.send().is_some_and(|send| consents.opted_out_numbers.contains(&send.recipient));
    !is_known || has_opted_out || consents.opted_out_contacts.contains(contact)
}

fn just_read(ledger: &Ledger) -> Ledger {
    let mut ledger = ledger.clone();
    ledger.connections.values_mut().for_each(|state| *state = LedgerState::Readable);
    ledger
}
