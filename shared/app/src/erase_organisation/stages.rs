//! The stages of an erasure.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::OrgId;

use crate::{
    erase_organisation::{
        certificate_code,
        disconnect::end_links,
        run::{Erasing, ErasurePorts, IN_HAND, TOLD_FOR},
    },
    error::AppError,
    export::delete_archives,
    job::{Cause, Work},
    store::{
        Store, Stored,
        due::key_of,
        erasure::{
            certificate::Certificate,
            organisation::{ErasureStage, OrganisationErasure},
        },
        journal::organisation::JournalledOrder,
        keys,
    },
};

/// It is told again after this, unless it says otherwise.
const TELL_AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// What is left of an invocation when it stops and leaves the rest to the next one.
const RESERVE: SignedDuration = SignedDuration::from_secs(30);

/// A claim that ends sooner is renewed.
const CLAIM_LEFT: SignedDuration = SignedDuration::from_mins(4);

/// What the due item stands for.
pub(super) const WORK: Work = Work::EraseOrganisation {};

/// How a stage ended.
pub(super) enum Step {
    /// The next one follows.
    Next,
    /// This one goes on with the next invocation.
    OutOfTime,
    /// It is not time yet.
    Later(Timestamp),
    /// Somebody else has the work.
    Lost,
    /// There is none left.
    Over,
}

/// One invocation's turn.
pub(super) struct Run<'a> {
    pub ports: &'a ErasurePorts,
    pub org: &'a OrgId,
    pub claim: Timestamp,
    pub deadline: Timestamp,
}

impl Run<'_> {
    const fn store(&self) -> &Store {
        &self.ports.waker.store
    }

    /// Whether another step may begin.
    pub(super) fn has_time(&self) -> bool {
        self.deadline.duration_since(self.ports.clock.now()) > RESERVE
    }

    /// Does the next step.
    pub(super) async fn step(&mut self, seen: Stored<OrganisationErasure>, now: Timestamp) -> Result<Step, AppError> {
        match seen.value.stage {
            ErasureStage::Asked if now < seen.value.begins_at => Ok(Step::Later(seen.value.begins_at)),
            ErasureStage::Asked => self.stop(seen, now).await,
            ErasureStage::Disconnecting { since } => self.disconnect(seen, since, now).await,
            ErasureStage::Erasing { from } | ErasureStage::Sweeping { from } if now < from => Ok(Step::Later(from)),
            ErasureStage::Erasing { .. } => {
                let next = ErasureStage::Sweeping { from: later(now, IN_HAND) };
                self.empty(seen, next, now).await
            }
            ErasureStage::Sweeping { .. } => {
                let next = ErasureStage::LeavingClerk { since: now };
                self.empty(seen, next, now).await
            }
            ErasureStage::LeavingClerk { since } => self.leave_clerk(seen, since, now).await,
            ErasureStage::Done { .. } => Ok(Step::Over),
        }
    }

    /// It can no longer be withdrawn: journalled once more, so that the order is as young as what it deletes.
    async fn stop(&self, seen: Stored<OrganisationErasure>, now: Timestamp) -> Result<Step, AppError> {
        let erasure = Some(seen.value.clone());
        self.store().journal_order(&JournalledOrder { org: self.org.clone(), erasure, at: now }).await?;
        self.enter(&seen, ErasureStage::Disconnecting { since: now }, now).await
    }

    /// Nothing that waits begins any more, and every provider is told; who cannot be told holds it up for three days.
    async fn disconnect(
        &self,
        mut seen: Stored<OrganisationErasure>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Step, AppError> {
        let own = key_of(self.org, &WORK);
        if !self.store().stop_work(self.org, &own).await? {
            return Ok(Step::Next);
        }
        let left = end_links(self.ports, &mut seen, now).await?;
        if !left.pending.is_empty() {
            if now.duration_since(since) < TOLD_FOR {
                return Ok(Step::Later(later(now, left.patience.unwrap_or(TELL_AGAIN))));
            }
            note_untold(self.store(), &mut seen, left.pending, now).await?;
        }
        // From here on no copy of a token can be opened, wherever it is.
        if !self.store().delete_data_key(self.org).await? {
            return Ok(Step::Next);
        }
        self.enter(&seen, ErasureStage::Erasing { from: later(since, IN_HAND) }, now).await
    }

    /// Empties every partition; what decides that nothing goes out is the last to go.
    async fn empty(
        &mut self,
        mut seen: Stored<OrganisationErasure>,
        next: ErasureStage,
        now: Timestamp,
    ) -> Result<Step, AppError> {
        let (profile, own) = (keys::profile(self.org), key_of(self.org, &WORK));
        delete_archives(self.ports.exports.bucket.as_ref(), &keys::export::archives(self.org)).await?;
        let (ids, number_keys) = (self.ports.waker.ids.as_ref(), &self.ports.number_keys);
        let spared = [own.clone(), profile];
        let partitions = keys::own::partitions(self.org).map(|partition| (partition, spared.as_slice()));
        let last = (keys::org_partition(self.org), std::slice::from_ref(&own));
        for (partition, spared) in partitions.into_iter().chain([last]) {
            let what = (partition.as_str(), spared);
            while self.store().erase_some(number_keys, &mut seen, what, (ids, now)).await? {
                if !self.has_time() {
                    return Ok(Step::OutOfTime);
                }
                if !self.holds_claim().await? {
                    return Ok(Step::Lost);
                }
            }
        }
        if let ErasureStage::LeavingClerk { .. } = next {
            let code = certificate_code(number_keys, &seen.value)?;
            let certificate = Certificate::of(&seen.value, number_keys.organisation(self.org)?, now);
            self.store().keep_certificate(&code, &certificate).await?;
        }
        self.enter(&seen, next, now).await
    }

    async fn leave_clerk(
        &self,
        mut seen: Stored<OrganisationErasure>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Step, AppError> {
        if !seen.value.is_gone_at_clerk {
            match self.ports.organisations.delete(self.org).await {
                Ok(()) => seen.value.is_gone_at_clerk = true,
                Err(error) if now.duration_since(since) < TOLD_FOR => {
                    tracing::warn!(error = %error, "an organisation could not be deleted at Clerk");
                    return Ok(Step::Later(later(now, TELL_AGAIN)));
                }
                Err(error) => {
                    tracing::error!(metric = "erasure_untold", error = %error, "Clerk was not told of an erasure");
                    seen.value.untold.insert("clerk:organisation".to_owned());
                }
            }
        }
        self.enter(&seen, ErasureStage::Done { at: now }, now).await
    }

    async fn enter(
        &self,
        seen: &Stored<OrganisationErasure>,
        stage: ErasureStage,
        now: Timestamp,
    ) -> Result<Step, AppError> {
        let next = OrganisationErasure { stage, ..seen.value.clone() };
        self.store().save_erasure(seen, next, now).await?;
        Ok(Step::Next)
    }

    /// Keeps the work from being woken a second time while it goes on.
    async fn holds_claim(&mut self) -> Result<bool, AppError> {
        let now = self.ports.clock.now();
        if self.claim.duration_since(now) > CLAIM_LEFT {
            return Ok(true);
        }
        match self.store().renew_claim(self.org, &WORK, self.claim, now).await? {
            Some(renewed) => {
                self.claim = renewed;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    /// Leaves the rest to the next invocation, which is woken at once.
    pub(super) async fn continue_later(&self) -> Result<Erasing, AppError> {
        let (store, now) = (self.store(), self.ports.clock.now());
        store.finish_due(self.org, &WORK, self.claim, Some(now), now).await?;
        let claimed = store.claim_work(self.org, &WORK, now).await?;
        self.ports.waker.send_claimed(self.org, claimed, Cause::Step, now).await?;
        Ok(Erasing::Continued)
    }
}

/// Notes whom nobody could tell, before what opens their link is deleted.
pub(super) async fn note_untold(
    store: &Store,
    seen: &mut Stored<OrganisationErasure>,
    untold: BTreeSet<String>,
    now: Timestamp,
) -> Result<(), AppError> {
    for link in untold.difference(&seen.value.untold) {
        let provider = link.split(':').next().unwrap_or_default();
        tracing::error!(metric = "erasure_untold", provider, "a provider was not told of an erasure");
    }
    let mut next = seen.value.clone();
    next.untold.extend(untold);
    *seen = store.save_erasure(seen, next, now).await?;
    Ok(())
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}
