//! The claim of a send: one transaction, and a last look at what people said, before the call to Meta.

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    attempt::Attempt,
    consent::ConsentState,
    contact::Contact,
    fuse::{Fuse, FuseRefusal, FusedSend},
    id::OrgId,
    policy::Caps,
    reminder::{MAX_ATTEMPTS, Reminder, ReminderState, trying_again::Number},
};

use crate::{
    error::AppError,
    port::table::{Item, Write, Written},
    store::{
        Created, RACES, Store, Stored,
        consent::ConsentItem,
        customer_file::FileItem,
        keys, lost_races, new_item, next_item,
        reminder::{
            FuseItem, ReminderItem, ReminderLink,
            grounds::{ClaimBasis, answer_keys},
        },
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
    /// It was dropped without delivery as often as may be.
    GivenUp,
    /// Meta did not take it, as often as it may be tried.
    TriedTooOften,
    /// The number got enough.
    Fuse(FuseRefusal),
    /// The customer said stop.
    OptedOut,
    /// Somebody changed one of the items in this moment; nothing is claimed.
    Raced,
}

impl Store {
    /// Claims a send: writes down what the attempt says, claims reminder and fuse, then looks once more who said stop.
    ///
    /// One that a person asked for is journalled first.
    /// `reminder` describes the first attempt; a later attempt is numbered from what is stored.
    /// The claim is refused if reminder or fuse changed since `basis` was read, and taken back if an answer of the
    /// number, of the customer or about the customer did: whatever was stored before the last look counts, also
    /// what came between the claim and the look.
    pub async fn claim_send(
        &self,
        org: &OrgId,
        (reminder, said): (Reminder, Attempt),
        basis: &ClaimBasis,
        caps: Caps,
        now: Timestamp,
    ) -> Result<SendClaim, AppError> {
        let reminder = match basis.allows(reminder, caps, now)? {
            Ok(reminder) => reminder,
            Err(why) => return Ok(SendClaim::Lost(why)),
        };
        let claimed = claimed(org, basis.reminder.as_ref(), &reminder, now)?;
        let stored = Stored { rev: claimed.rev, created_at: claimed.created_at, updated_at: now, value: reminder };
        let reminder = &stored.value;
        let attempt = keys::attempt(org, reminder.attempt);
        if reminder.asked_by.is_some() {
            self.journal_reminder(org, (reminder, &said), now).await?;
        }
        let link = ReminderLink { said: Some(said), ..ReminderLink::of(reminder) };
        if self.create(attempt.clone(), &link, now).await? == Created::AlreadyExists {
            return Err(AppError::Internal("two attempts with one id".to_owned()));
        }
        let writes = vec![
            if stored.rev == 1 { Write::Create(claimed) } else { Write::Replace(claimed) },
            fused(org, basis.fuse.as_ref(), reminder, now)?,
        ];
        if self.transact(&reminder.attempt.to_string(), writes).await? != Written::Done {
            // It was never made.
            self.table.write(Write::Delete { key: attempt, rev: 1 }).await?;
            return Ok(SendClaim::Lost(LostSend::Raced));
        }
        match self.answers_are_unchanged(org, basis).await {
            Ok(true) => Ok(SendClaim::Claimed(Box::new(stored))),
            Ok(false) => {
                self.withdraw(org, &stored, basis, now).await?;
                Ok(SendClaim::Lost(LostSend::Raced))
            }
            Err(error) => {
                // Nothing went out: that much is known, and what cannot be taken back now is looked at later.
                self.withdraw(org, &stored, basis, now).await?;
                Err(error)
            }
        }
    }

    /// Whether the customer's number, and what the number, the customer and people said, is what the decision saw, right
    /// before the call.
    async fn answers_are_unchanged(&self, org: &OrgId, basis: &ClaimBasis) -> Result<bool, AppError> {
        let contact = keys::contact(org, &basis.key.contact);
        let wanted: Vec<_> =
            answer_keys(org, &basis.key, &basis.recipient).into_iter().chain([contact.clone()]).collect();
        let mut now = self.read_batch(&wanted).await?;
        let contact = now.take::<Contact>(&contact)?.map(|stored| stored.value);
        if contact.is_some_and(|contact| contact.number.key() != Some(&basis.recipient)) {
            return Ok(false);
        }
        for (of, seen) in &basis.consents {
            if rev(now.take::<ConsentItem>(&of.key(org))?.as_ref()) != rev(seen.as_ref()) {
                return Ok(false);
            }
        }
        let file = now.take::<FileItem>(&keys::customer_file(org, &basis.key.contact))?;
        Ok(rev(file.as_ref()) == rev(basis.file.as_ref()))
    }

    /// Takes back a claim that no call was made for: everything is as if it had never been.
    async fn withdraw(
        &self,
        org: &OrgId,
        claimed: &Stored<Reminder>,
        basis: &ClaimBasis,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let key = keys::reminder(org, &basis.key);
        for _ in 0..RACES {
            let restored = match &basis.reminder {
                None => Write::Delete { key: key.clone(), rev: claimed.rev },
                Some(before) => Write::Replace(next_item(key.clone(), claimed, &before.value, now)?),
            };
            let mut writes = vec![restored, Write::Delete { key: keys::attempt(org, claimed.value.attempt), rev: 1 }];
            writes.extend(self.released_fuse(org, &claimed.value, now).await?);
            if self.write_all(writes).await? == Written::Done {
                return Ok(());
            }
            // Somebody else was at the fuse; if the reminder moved on, it is no longer ours to take back.
            if rev(self.reminder(org, &basis.key).await?.as_ref()) != Some(claimed.rev) {
                return Ok(());
            }
        }
        Err(lost_races())
    }
}

impl ClaimBasis {
    /// The reminder as it may be claimed, numbered; or why it may not.
    fn allows(
        &self,
        mut reminder: Reminder,
        caps: Caps,
        now: Timestamp,
    ) -> Result<Result<Reminder, LostSend>, AppError> {
        if (&reminder.key, &reminder.recipient) != (&self.key, &self.recipient) {
            return Err(AppError::Internal("a claim rests on what was read for another send".to_owned()));
        }
        if let Some(ReminderItem { reminder: tried, .. }) = self.reminder.as_ref().map(|seen| &seen.value) {
            // Another number has lost nothing yet, nor has one that an admin has tried again.
            let tried_again_on = self.file.as_ref().and_then(|file| file.value.file.tried_again_on);
            let is_same_number = tried.recipient == reminder.recipient;
            let number = Number::of(is_same_number, tried_again_on.is_some_and(|on| tried.date <= on));
            let is_another = number != Number::Same;
            if !tried.state.is_free(number, tried.again_from(), now) {
                return Ok(Err(LostSend::Taken));
            }
            if !is_another && tried.times_expired() >= MAX_ATTEMPTS {
                return Ok(Err(LostSend::GivenUp));
            }
            if is_same_number && tried.is_tried_too_often() {
                return Ok(Err(LostSend::TriedTooOften));
            }
            reminder.attempt_number = tried.attempt_number.saturating_add(1);
            let started = std::mem::take(&mut reminder.history);
            reminder.history.clone_from(&tried.history);
            reminder.history.extend(started);
            reminder.earlier = tried.told_so_far();
            // Counted with the history that came over from the earlier attempts.
            reminder.expired_before = 0;
            let expired = reminder.times_expired();
            reminder.expired_before = if is_another { expired } else { tried.expired_before };
        }
        if let Some(refusal) = self.fuse.as_ref().and_then(|fuse| fuse.value.fuse.check(reminder.date, caps).err()) {
            return Ok(Err(LostSend::Fuse(refusal)));
        }
        let has_stopped = |consent: &Stored<ConsentItem>| consent.value.consent.state == ConsentState::OptedOut;
        if self.consents.iter().filter_map(|(_, consent)| consent.as_ref()).any(has_stopped) {
            return Ok(Err(LostSend::OptedOut));
        }
        Ok(Ok(reminder))
    }
}

fn rev<T>(stored: Option<&Stored<T>>) -> Option<u64> {
    stored.map(|stored| stored.rev)
}

fn claimed(
    org: &OrgId,
    seen: Option<&Stored<ReminderItem>>,
    next: &Reminder,
    now: Timestamp,
) -> Result<Item, AppError> {
    debug_assert_eq!(next.state, ReminderState::Sending);
    let (key, next) = (keys::reminder(org, &next.key), ReminderItem { reminder: next.clone(), said: None });
    match seen {
        Some(seen) => next_item(key, seen, &next, now),
        None => new_item(key, &next, now),
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
