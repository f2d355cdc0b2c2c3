//! The claim of a send: one transaction, before the call to Meta.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    consent::ConsentState,
    fuse::{Fuse, FuseRefusal, FusedSend},
    id::OrgId,
    policy::Caps,
    reminder::{LAST_ATTEMPT, MAX_ATTEMPTS, Reminder, ReminderState},
};

use crate::{
    error::AppError,
    port::table::{Item, Key, Write, Written},
    store::{
        Store, Stored,
        due::{new_due_item, settle_work},
        keys, new_item, next_item,
        reminder::{FuseItem, ReminderLink, grounds::ClaimBasis},
    },
};

/// A send whose outcome is not stored after this is looked at.
pub const SETTLE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Whether a send may go ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendClaim {
    /// It may, once.
    Claimed(Box<Stored<Reminder>>),
    /// It may not.
    Lost(LostSend),
}

/// Why a send may not go ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostSend {
    /// It was claimed before, and is not known to have failed.
    Taken,
    /// It was tried as often as it may be.
    GivenUp,
    /// The number got enough.
    Fuse(FuseRefusal),
    /// The customer said stop.
    OptedOut,
    /// Somebody changed one of the items in this moment; nothing was claimed.
    Raced,
}

impl Store {
    /// Claims a send: reminder to `Sending`, fuse, attempt, consent check and a look at it later.
    ///
    /// `reminder` describes the first attempt; a later attempt is numbered from what is stored.
    /// Nothing is read: the claim is refused if anything of `basis` changed since.
    pub async fn claim_send(
        &self,
        org: &OrgId,
        mut reminder: Reminder,
        basis: &ClaimBasis,
        caps: Caps,
        now: Timestamp,
    ) -> Result<SendClaim, AppError> {
        if (&reminder.key, &reminder.recipient) != (&basis.key, &basis.recipient) {
            return Err(AppError::Internal("a claim rests on what was read for another send".to_owned()));
        }
        if let Some(before) = &basis.reminder {
            let tried = &before.value;
            // Another number has lost nothing yet.
            let given_up = tried.recipient == reminder.recipient
                && (tried.times_expired() >= MAX_ATTEMPTS || tried.attempt_number >= LAST_ATTEMPT);
            if !before.value.state.may_be_claimed_again() {
                return Ok(SendClaim::Lost(LostSend::Taken));
            }
            if given_up {
                return Ok(SendClaim::Lost(LostSend::GivenUp));
            }
            reminder.attempt_number = before.value.attempt_number + 1;
            let started = std::mem::take(&mut reminder.history);
            reminder.history.clone_from(&before.value.history);
            reminder.history.extend(started);
        }
        let blown = basis.fuse.as_ref().and_then(|fuse| fuse.value.fuse.check(reminder.date, caps).err());
        if let Some(refusal) = blown {
            return Ok(SendClaim::Lost(LostSend::Fuse(refusal)));
        }
        let mut writes = Vec::with_capacity(7);
        for (of, consent) in &basis.consents {
            if consent.as_ref().is_some_and(|c| c.value.consent.state == ConsentState::OptedOut) {
                return Ok(SendClaim::Lost(LostSend::OptedOut));
            }
            writes.push(unchanged(of.key(org), consent.as_ref()));
        }
        // Whoever says in this moment that it is paid, or is put off by a person, gets nothing either.
        writes.push(unchanged(keys::customer_file(org, &reminder.key.contact), basis.file.as_ref()));
        let claimed = claimed(org, basis.reminder.as_ref(), &reminder, now)?;
        let stored = Stored { rev: claimed.rev, created_at: claimed.created_at, updated_at: now, value: reminder };
        let reminder = &stored.value;
        writes.push(if stored.rev == 1 { Write::Create(claimed) } else { Write::Replace(claimed) });
        writes.push(fused(org, basis.fuse.as_ref(), reminder, now)?);
        let link =
            ReminderLink { key: reminder.key.clone(), attempt: reminder.attempt, claimed_at: reminder.claimed_at };
        writes.push(Write::Create(new_item(keys::attempt(org, reminder.attempt), &link, now)?));
        let settle_at = now.saturating_add(SETTLE_AFTER).unwrap_or(now);
        writes.push(Write::Create(new_due_item(org, settle_work(reminder.attempt), settle_at, now)?));
        Ok(match self.transact(&reminder.attempt.to_string(), writes).await? {
            Written::Done => SendClaim::Claimed(Box::new(stored)),
            Written::Refused(_) => SendClaim::Lost(LostSend::Raced),
        })
    }
}

fn unchanged<T>(key: Key, seen: Option<&Stored<T>>) -> Write {
    Write::Check { key, rev: seen.map(|seen| seen.rev) }
}

fn claimed(org: &OrgId, seen: Option<&Stored<Reminder>>, next: &Reminder, now: Timestamp) -> Result<Item, AppError> {
    debug_assert_eq!(next.state, ReminderState::Sending);
    let key = keys::reminder(org, &next.key);
    match seen {
        Some(seen) => next_item(key, seen, next, now),
        None => new_item(key, next, now),
    }
}

fn fused(org: &OrgId, seen: Option<&Stored<FuseItem>>, reminder: &Reminder, now: Timestamp) -> Result<Write, AppError> {
    let key = keys::fuse(org, &reminder.recipient);
    let send = FusedSend { date: reminder.date, at: reminder.claimed_at, attempt: reminder.attempt };
    let before = seen.map_or_else(Fuse::default, |seen| seen.value.fuse.clone());
    let next = FuseItem { number: reminder.recipient.clone(), fuse: before.with(send) };
    Ok(match seen {
        Some(seen) => Write::Replace(next_item(key, seen, &next, now)?),
        None => Write::Create(new_item(key, &next, now)?),
    })
}
