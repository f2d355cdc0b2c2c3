//! What customers owe, as it was counted: for a page that cannot read every open invoice.
//!
//! A count is one transaction: sums and every chunk that changed, or nothing.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use numo_domain::{ageing::Aged, contact::ContactRef, id::OrgId, money::Money};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Key, Write, Written},
    store::{Entity, RACES, Replaced, Store, Stored, keys::receivables as keys, lost_races, new_item, next_item},
};

/// What was counted last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receivables {
    /// When what was counted was read.
    pub counted_at: Timestamp,
    /// The organisation's day then: ages are as of it.
    pub date: Date,
    /// What is owed, per currency by age.
    pub owed: Vec<Aged>,
    /// Customers who owe something.
    pub debtors: usize,
    /// Those of them who have no number that they could be reminded by.
    pub without_number: usize,
    /// Chunks of the list of those who owe.
    pub chunks: usize,
}

impl Entity for Receivables {
    const ENTITY: &'static str = "receivables";
}

/// What was counted last on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwedOnDay {
    /// The organisation's local date.
    pub date: Date,
    /// When it was counted.
    pub counted_at: Timestamp,
    /// What was owed, per currency by age.
    pub owed: Vec<Aged>,
}

impl Entity for OwedOnDay {
    const ENTITY: &'static str = "owed_on_day";
}

/// Who owes something: no name and no number, which are read where they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedDebtor {
    /// The customer, who pays for itself.
    pub contact: ContactRef,
    /// Whether there was no number that it could be reminded by.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacks_number: bool,
    /// What it owes, per currency.
    pub owes: Vec<Owes>,
    /// The oldest due date of what is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_due: Option<Date>,
}

/// What a customer owes in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owes {
    /// All of it.
    pub total: Money,
    /// What is past its due date.
    pub overdue: Money,
}

/// A chunk of those who owe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DebtorChunk {
    debtors: Vec<RankedDebtor>,
}

impl Entity for DebtorChunk {
    const ENTITY: &'static str = "debtors";
}

/// A count that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    pub date: Date,
    pub owed: Vec<Aged>,
    /// Everybody who owes something, in their order.
    pub debtors: Vec<RankedDebtor>,
}

/// Whether a count was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It was, or a later one is there.
    Kept,
    /// Something changed since what was there was read: what was counted may miss it.
    Raced,
}

/// What was kept before; read before what is counted.
#[derive(Debug)]
pub(crate) struct KeptBefore {
    counted: Option<Stored<Receivables>>,
    /// Of every day that it is somewhere: whoever reads this may not know the organisation's zone yet.
    days: Vec<Stored<OwedOnDay>>,
    chunks: Vec<Option<Stored<DebtorChunk>>>,
}

/// Debtors of one chunk, which is one page.
pub const CHUNK: usize = 50;

/// Chunks that are kept at most; with the sums they fit into one transaction.
const MOST_CHUNKS: usize = 40;

/// Days are kept for 25 months: a year can be compared with the one before.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 762);

impl Store {
    /// What was counted last; none before the first count.
    pub async fn receivables(&self, org: &OrgId) -> Result<Option<Receivables>, AppError> {
        Ok(self.read(&keys::counted(org)).await?.map(|stored| stored.value))
    }

    /// What was counted last, with what was counted on some days.
    pub async fn receivables_and_days(
        &self,
        org: &OrgId,
        days: &[Date],
    ) -> Result<(Option<Receivables>, Vec<OwedOnDay>), AppError> {
        let of_days: Vec<Key> = days.iter().map(|date| keys::owed_on(org, *date)).collect();
        let wanted: Vec<Key> = [keys::counted(org)].into_iter().chain(of_days.iter().cloned()).collect();
        let mut found = self.read_batch(&wanted).await?;
        let counted = found.take(&keys::counted(org))?.map(|stored: Stored<Receivables>| stored.value);
        let days = of_days.iter().filter_map(|key| found.take::<OwedOnDay>(key).transpose());
        Ok((counted, days.map(|day| day.map(|stored| stored.value)).collect::<Result<_, _>>()?))
    }

    /// What was counted last, with a chunk of those who owe.
    pub async fn debtor_chunk(
        &self,
        org: &OrgId,
        chunk: usize,
    ) -> Result<(Option<Receivables>, Vec<RankedDebtor>), AppError> {
        let (counted, debtors) = (keys::counted(org), keys::debtors(org, chunk));
        let mut found = self.read_batch(&[counted.clone(), debtors.clone()]).await?;
        let listed = found.take(&debtors)?.map(|stored: Stored<DebtorChunk>| stored.value.debtors);
        Ok((found.take(&counted)?.map(|stored| stored.value), listed.unwrap_or_default()))
    }

    /// What was kept before a count; read before what is counted, so that nothing of it is undone.
    pub(crate) async fn kept_before(&self, org: &OrgId, now: Timestamp) -> Result<KeptBefore, AppError> {
        let date = TimeZone::UTC.to_datetime(now).date();
        let days = [date.saturating_sub(1.day()), date, date.saturating_add(1.day())];
        let (counted, days) = (keys::counted(org), days.map(|date| keys::owed_on(org, date)));
        let chunks: Vec<Key> = (0..MOST_CHUNKS).map(|chunk| keys::debtors(org, chunk)).collect();
        let wanted: Vec<Key> = days.iter().chain(&chunks).chain([&counted]).cloned().collect();
        let mut found = self.read_batch(&wanted).await?;
        let mut of_days = Vec::new();
        for key in &days {
            of_days.extend(found.take(key)?);
        }
        Ok(KeptBefore {
            counted: found.take(&counted)?,
            days: of_days,
            chunks: chunks.iter().map(|key| found.take(key)).collect::<Result<_, _>>()?,
        })
    }

    /// Keeps a count over what was kept before it; chunks that did not change are not written.
    pub(crate) async fn keep_count(
        &self,
        org: &OrgId,
        before: &KeptBefore,
        Count { date, owed, debtors }: Count,
        now: Timestamp,
    ) -> Result<Kept, AppError> {
        if before.counted.as_ref().is_some_and(|counted| counted.value.counted_at > now) {
            return Ok(Kept::Kept);
        }
        let mut listed = debtors.chunks(CHUNK).take(MOST_CHUNKS).map(|chunk| DebtorChunk { debtors: chunk.to_vec() });
        let counted = Receivables {
            counted_at: now,
            date,
            debtors: debtors.len(),
            without_number: debtors.iter().filter(|debtor| debtor.lacks_number).count(),
            chunks: debtors.len().div_ceil(CHUNK).min(MOST_CHUNKS),
            owed: owed.clone(),
        };
        let (seen, day) =
            (before.days.iter().find(|seen| seen.value.date == date), OwedOnDay { date, counted_at: now, owed });
        let mut day = put(keys::owed_on(org, date), seen, &day, now)?;
        if let Write::Create(item) | Write::Replace(item) = &mut day {
            item.expires_at = now.saturating_add(KEPT).ok();
        }
        let mut writes = vec![put(keys::counted(org), before.counted.as_ref(), &counted, now)?, day];
        for (chunk, seen) in before.chunks.iter().enumerate() {
            let key = keys::debtors(org, chunk);
            match (seen, listed.next()) {
                (Some(seen), Some(next)) if seen.value == next => {}
                (seen, Some(next)) => writes.push(put(key, seen.as_ref(), &next, now)?),
                (Some(seen), None) => writes.push(Write::Delete { key, rev: seen.rev }),
                (None, None) => {}
            }
        }
        let is_kept = self.write_all(writes).await? == Written::Done;
        Ok(if is_kept { Kept::Kept } else { Kept::Raced })
    }

    /// Takes a customer out of those who owe, wherever it stands.
    pub(crate) async fn forget_debtor(
        &self,
        org: &OrgId,
        contact: &ContactRef,
        now: Timestamp,
    ) -> Result<(), AppError> {
        for _ in 0..RACES {
            let found = self.listed_in(org, contact).await?;
            let Some((key, seen)) = found else { return Ok(()) };
            let mut next = seen.value.clone();
            next.debtors.retain(|debtor| debtor.contact != *contact);
            if self.replace(key, &seen, &next, now).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }

    async fn listed_in(
        &self,
        org: &OrgId,
        contact: &ContactRef,
    ) -> Result<Option<(Key, Stored<DebtorChunk>)>, AppError> {
        let wanted: Vec<Key> = (0..MOST_CHUNKS).map(|chunk| keys::debtors(org, chunk)).collect();
        let chunks = self.read_many::<DebtorChunk>(&wanted).await?;
        Ok(chunks.into_iter().find(|(_, seen)| seen.value.debtors.iter().any(|debtor| debtor.contact == *contact)))
    }
}

fn put<T: Entity>(key: Key, seen: Option<&Stored<T>>, value: &T, now: Timestamp) -> Result<Write, AppError> {
    let next = |seen: &Stored<T>| -> Result<Item, AppError> { next_item(key.clone(), seen, value, now) };
    Ok(match seen {
        Some(seen) => Write::Replace(next(seen)?),
        None => Write::Create(new_item(key, value, now)?),
    })
}
