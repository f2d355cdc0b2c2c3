//! The sweep: claims work whose time has come and wakes its worker, every minute.

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use crate::{
    error::AppError,
    job::Cause,
    messaging_gate::gate_of_table,
    store::{due::SeenDue, keys::due::SHARDS},
    wake::Waker,
};

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Items that were claimed and whose job was sent.
    pub woken: usize,
    /// Items that somebody else claimed meanwhile.
    pub lost: usize,
    /// Items whose claim or job failed; they stay due.
    pub failed: usize,
}

/// Parts of the index that are gone through at once.
const AT_ONCE: usize = 8;

/// Items read at a time.
const PAGE: usize = 100;

/// At most so many pages of a part in one sweep; the rest follows a minute later.
const PAGES: usize = 10;

/// Wakes everything that is due; neither an item that fails nor a part of the index that fails stops the others.
///
/// The messaging gate is looked at as well, whether or not anything is to go out.
///
/// # Errors
///
/// What the gate or the first part of the index that could not be read answered, once the others are done.
pub async fn sweep_due(waker: &Waker, now: Timestamp) -> Result<Swept, AppError> {
    let gate = gate_of_table(&waker.store, now).await;
    let parts = stream::iter(0..SHARDS).map(|shard| sweep_part(waker, shard, now));
    let done: Vec<_> = parts.buffered(AT_ONCE).collect().await;
    gate?;
    done.into_iter().try_fold(Swept::default(), |all, part| {
        let part = part?;
        Ok(Swept { woken: all.woken + part.woken, lost: all.lost + part.lost, failed: all.failed + part.failed })
    })
}

async fn sweep_part(waker: &Waker, shard: u32, now: Timestamp) -> Result<Swept, AppError> {
    let (mut swept, mut after) = (Swept::default(), None);
    for _ in 0..PAGES {
        let page = waker.store.due_now(shard, now, PAGE, after).await?;
        for due in &page.seen {
            match wake(waker, due, now).await {
                Ok(true) => swept.woken += 1,
                Ok(false) => swept.lost += 1,
                Err(error) => {
                    swept.failed += 1;
                    tracing::warn!(org = %due.org, kind = due.kind(), error = %error, "due work could not be woken");
                }
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(swept)
}

/// Whether the work was there to be claimed.
async fn wake(waker: &Waker, due: &SeenDue, now: Timestamp) -> Result<bool, AppError> {
    let claimed = waker.store.claim_seen(due, now).await?;
    waker.send_claimed(&due.org, claimed, Cause::Due, now).await
}
