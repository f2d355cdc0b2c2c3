//! Sealing the activity log day by day, and finding out whether it is still what it was.

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{calendar::Zone, id::OrgId};

use crate::{
    error::AppError,
    store::{
        Store,
        activity::Line,
        activity_seal::Seal,
        keys::activity::{first_of, written_at},
    },
};

/// Whether the log of an organisation is what was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// Every line of every sealed day is as it was.
    Intact {
        /// How many days are sealed.
        days: usize,
        /// How many lines they have.
        lines: usize,
    },
    /// From this day on it cannot be relied on.
    Broken {
        /// The first day whose lines or whose link to the day before are not what was sealed.
        day: Date,
    },
}

/// A line is written within this time after it got its id.
const WRITTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// Seals every day that is over and on which something was done; again changes nothing.
pub async fn seal_days(store: &Store, org: &OrgId, now: Timestamp) -> Result<(), AppError> {
    let last = store.last_seal(org).await?;
    let today = Zone::UTC.date(now.saturating_sub(WRITTEN_AFTER).unwrap_or(now));
    if last.as_ref().is_some_and(|last| last.day.tomorrow().is_ok_and(|next| next >= today)) {
        return Ok(());
    }
    let from = last.as_ref().and_then(|last| Zone::UTC.end_of(last.day)).unwrap_or(Timestamp::UNIX_EPOCH);
    let Some(before) = today.yesterday().ok().and_then(|day| Zone::UTC.end_of(day)) else { return Ok(()) };
    let lines = store.lines_between(org, (from, before)).await?;
    let mut previous = last.map(|last| last.hash);
    for (day, lines) in by_day(&lines) {
        let seal = Seal::of(day, previous, lines)?;
        store.seal(org, &seal).await?;
        previous = Some(seal.hash);
    }
    Ok(())
}

/// Compares every sealed day with its lines, and every seal with the one before it.
///
/// The first seal that is left may have one before it that went with its lines after 24 months.
pub async fn verify_activity(store: &Store, org: &OrgId) -> Result<Verified, AppError> {
    let seals = store.seals(org).await?;
    let (mut lines, mut expected) = (0, seals.first().and_then(|first| first.previous.clone()));
    // What lies between two seals belongs to a day of its own, and none was sealed.
    let mut from = seals.first().and_then(|first| first.day.yesterday().ok()).and_then(|day| Zone::UTC.end_of(day));
    for seal in &seals {
        let (Some(begin), Some(end)) = (from, Zone::UTC.end_of(seal.day)) else { break };
        let found = store.lines_between(org, (begin, end)).await?;
        if seal.previous != expected || Seal::of(seal.day, seal.previous.clone(), &found)? != *seal {
            return Ok(Verified::Broken { day: seal.day });
        }
        lines += seal.lines;
        expected = Some(seal.hash.clone());
        from = Some(end);
    }
    Ok(Verified::Intact { days: seals.len(), lines })
}

/// Lines in their order, day by day of UTC.
fn by_day(lines: &[(String, Line)]) -> Vec<(Date, &[(String, Line)])> {
    let (mut days, mut rest) = (Vec::new(), lines);
    while let Some((first, _)) = rest.first() {
        let day = Zone::UTC.date(written_at(first));
        let Some(end) = Zone::UTC.end_of(day).map(first_of) else { break };
        let (of_day, after) = rest.split_at(rest.partition_point(|(id, _)| *id < end).max(1));
        days.push((day, of_day));
        rest = after;
    }
    days
}
