//! The work of an erasure, stage by stage; each stage can be repeated, and a worker that dies goes on where it stopped.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::OrgId;

use crate::{
    erase_organisation::stages::{Run, Step, WORK},
    error::AppError,
    export::run::ExportPorts,
    number_key::NumberKeys,
    port::{clock::Clock, organisations::Organisations, signup::WhatsappSignup},
    vault::Vault,
    wake::Waker,
};

/// What erasing organisations needs.
#[derive(Clone)]
pub struct ErasurePorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Opens the tokens with which providers are told.
    pub vault: Vault,
    /// Ends what Meta delivers.
    pub signup: Arc<dyn WhatsappSignup>,
    /// Where organisations are at home.
    pub organisations: Arc<dyn Organisations>,
    /// Keyed hashes of what is erased.
    pub number_keys: NumberKeys,
    /// Makes exports, and deletes them.
    pub exports: ExportPorts,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for ErasurePorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErasurePorts")
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasing {
    /// Everything is gone and certified.
    Done,
    /// The invocation was too short; it goes on at once.
    Continued,
    /// The next stage, or the next try, stands in the table.
    Waits,
    /// The job was stale, or the erasure was withdrawn.
    Stale,
}

/// Whoever had something of the organisation in hand when its work was stopped has put it down by then: no invocation
/// is longer.
pub const IN_HAND: SignedDuration = SignedDuration::from_mins(20);

/// A provider that does not answer is told again for so long, and then no more.
pub const TOLD_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);

/// Goes on with the erasure of an organisation until it is over, has to wait, or the deadline is near.
pub async fn erase_organisation(
    ports: &ErasurePorts,
    org: &OrgId,
    claim: Timestamp,
    deadline: Timestamp,
) -> Result<Erasing, AppError> {
    let store = &ports.waker.store;
    if !store.holds_claim(org, &WORK, claim).await? {
        return Ok(Erasing::Stale);
    }
    let mut run = Run { ports, org, claim, deadline };
    loop {
        let now = ports.clock.now();
        let Some(seen) = store.organisation_erasure(org).await? else {
            store.finish_due(org, &WORK, run.claim, None, now).await?;
            return Ok(Erasing::Stale);
        };
        match run.step(seen, now).await? {
            Step::Next if run.has_time() => {}
            Step::Next | Step::OutOfTime => return run.continue_later().await,
            Step::Lost => return Ok(Erasing::Stale),
            Step::Later(at) => {
                store.finish_due(org, &WORK, run.claim, Some(at), now).await?;
                return Ok(Erasing::Waits);
            }
            Step::Over => {
                store.finish_due(org, &WORK, run.claim, None, now).await?;
                return Ok(Erasing::Done);
            }
        }
    }
}
