//! The digest of a morning: what is planned, what waits for somebody, and what did not go well.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use numo_domain::{contact::ContactRef, organisation::Organisation, plan::brakes::Brake, reminder::ReminderState};

use crate::{
    error::AppError,
    mail_owner::{
        Round,
        readers::{Everybody, recipients},
        words,
    },
    number_key::hex,
    store::{
        RACES, lost_races,
        mail::{Claim, Delivery, MailBook, MailKind, OwnerMail},
        plan::PlanHeader,
        task::Task,
    },
};

/// When the digest is written, by the organisation's clock.
const WRITTEN_AT: &str = "08:00";

/// A digest that is later than this is none any more.
const AT_MOST_LATE: SignedDuration = SignedDuration::from_hours(6);

/// What a digest is made from.
pub(super) struct Facts {
    /// The plans of the day and of the next one that have a message to send.
    pub(super) plans: Vec<PlanFact>,
    /// Conversations that nobody has read, by their customers.
    pub(super) unread: Vec<BTreeSet<ContactRef>>,
    /// Messages of the day before that did not arrive.
    pub(super) undelivered: usize,
    /// Everything that waits for a person.
    pub(super) tasks: Vec<Task>,
}

/// The plan of a day.
pub(super) struct PlanFact {
    pub(super) date: Date,
    pub(super) is_today: bool,
    pub(super) sends: usize,
    pub(super) awaits_approval: bool,
    pub(super) brakes: Vec<Brake>,
}

/// The next time at which a digest is written, after an instant.
pub(super) fn next_after(organisation: &Organisation, now: Timestamp) -> Option<Timestamp> {
    let today = organisation.zone.date(now);
    let days = [today, today.saturating_add(1.day())];
    days.into_iter().filter_map(|day| written_at(organisation, day)).find(|at| *at > now)
}

fn written_at(organisation: &Organisation, day: Date) -> Option<Timestamp> {
    organisation.zone.instant(day, WRITTEN_AT.parse().ok()?)
}

/// Claims the digest of the day, if it is time for it and there is something to say; when to look again.
pub(super) async fn claim(round: &Round<'_>, everybody: &mut Everybody<'_>) -> Result<Option<Timestamp>, AppError> {
    let (store, org, now) = (round.store, round.org(), round.now);
    let (today, next) = (round.organisation.zone.date(now), next_after(round.organisation, now));
    let is_time =
        written_at(round.organisation, today).is_some_and(|at| at <= now && now.duration_since(at) < AT_MOST_LATE);
    for _ in 0..RACES {
        let seen = store.mail_book(org).await?;
        let book = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
        if !is_time || book.digest_on >= Some(today) {
            return Ok(next);
        }
        let facts = facts(round, today).await?;
        let points = words::points(round, &facts).await?;
        let hash = hex(digest(&SHA256, points.join("\n").as_bytes()).as_ref());
        let is_new = !points.is_empty() && book.digest_hash.as_deref() != Some(&hash);
        let mail = if facts.plans.is_empty() && !is_new {
            None
        } else {
            let Some(readers) = everybody.ask().await else { return Ok(Some(round.again_at())) };
            let to = recipients(readers, round.settings, MailKind::Digest);
            let to: BTreeMap<_, _> = to.into_iter().map(|user| (user, Delivery::Waiting(0))).collect();
            let text = words::digest(round, &facts, points);
            (!to.is_empty()).then_some(OwnerMail { kind: MailKind::Digest, text: Some(text), to })
        };
        let hash = if mail.is_some() { Some(hash) } else { book.digest_hash.clone() };
        let book = MailBook { digest_on: Some(today), digest_hash: hash, ..book };
        let id = round.ports.waker.ids.uuid();
        let claim = Claim { id, book: (seen.as_ref(), book), mail: mail.as_ref(), tasks: &[], replies: &[] };
        if store.claim_mail(org, claim, now).await? {
            return Ok(next);
        }
    }
    Err(lost_races())
}

async fn facts(round: &Round<'_>, today: Date) -> Result<Facts, AppError> {
    let (store, org) = (round.store, round.org());
    let headers = store.plan_headers(org, (today, today.saturating_add(1.day()))).await?;
    let plans = headers.into_values().map(|seen| seen.value).filter(|plan| plan.sends > 0);
    let talks = store.conversations(org).await?.into_iter().filter(|talk| talk.unread > 0);
    let yesterday = store.reminders_of_day(org, today.saturating_sub(1.day())).await?;
    let is_undelivered = |state: &ReminderState| {
        matches!(state, ReminderState::Failed { .. } | ReminderState::NotSent { .. } | ReminderState::Expired)
    };
    Ok(Facts {
        plans: plans.map(|plan| plan_fact(plan, today)).collect(),
        unread: talks.map(|talk| talk.contacts).collect(),
        undelivered: yesterday.iter().filter(|reminder| is_undelivered(&reminder.state)).count(),
        tasks: store.tasks(org).await?,
    })
}

fn plan_fact(plan: PlanHeader, today: Date) -> PlanFact {
    let awaits_approval = !plan.approval.is_given();
    PlanFact { date: plan.date, is_today: plan.date == today, sends: plan.sends, awaits_approval, brakes: plan.brakes }
}
