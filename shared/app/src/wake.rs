//! Making work due now, without waiting for the sweep.

use std::{fmt, sync::Arc};

use jiff::Timestamp;
use numo_domain::id::{JobId, OrgId};

use crate::{
    error::AppError,
    job::{Cause, Job, Work},
    port::{clock::Ids, queue::Queue},
    store::{Store, due::Claimed},
};

/// What it takes to wake a worker.
#[derive(Clone)]
pub struct Waker {
    /// Where due work stands.
    pub store: Store,
    /// What wakes the worker.
    pub queue: Arc<dyn Queue>,
    /// Job ids.
    pub ids: Arc<dyn Ids>,
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}

impl Waker {
    /// Marks work due now and sends its job; if the job is lost, the sweep finds the work.
    pub async fn wake(&self, org: &OrgId, work: &Work, cause: Cause, now: Timestamp) -> Result<(), AppError> {
        self.store.mark_due(org, work, now, now).await?;
        let claimed = self.store.claim_work(org, work, now).await?;
        self.send_claimed(org, claimed, cause, now).await.map(|_| ())
    }

    /// The same without taking the work from whoever has it in hand: then it is due again afterwards.
    pub async fn wake_after_claim(
        &self,
        org: &OrgId,
        work: &Work,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(), AppError> {
        self.store.mark_due_after_claim(org, work, now, now).await?;
        let claimed = self.store.claim_work(org, work, now).await?;
        self.send_claimed(org, claimed, cause, now).await.map(|_| ())
    }

    /// Sends the job of a claim; false if there was none.
    pub async fn send_claimed(
        &self,
        org: &OrgId,
        claimed: Claimed,
        cause: Cause,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        let Claimed::Claimed { work, claim } = claimed else { return Ok(false) };
        let id = JobId::new(self.ids.uuid());
        let job = Job { id, org: org.clone(), at: now, cause, claim: Some(claim), work };
        self.queue.send(&job).await?;
        Ok(true)
    }
}
