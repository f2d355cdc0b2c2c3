//! The sweep: claims work whose time has come and wakes its worker, every minute.

use std::pin::pin;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;

use crate::{
    error::AppError,
    job::Cause,
    store::{due::DUE_KINDS, keys::DUE_SHARDS},
    wake::Waker,
};

/// At most this many items per kind and shard and sweep; the rest follows a minute later.
const PER_SHARD: usize = 100;

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

/// Parts of the index that are asked at once: one after the other they would take most of a second, every minute.
const AT_ONCE: usize = 8;

/// Wakes everything that is due; one failing item does not stop the others.
pub async fn sweep_due(waker: &Waker, now: Timestamp) -> Result<Swept, AppError> {
    let parts = DUE_KINDS.into_iter().flat_map(|kind| (0..DUE_SHARDS).map(move |shard| (kind, shard)));
    let asked = parts.map(async |(kind, shard)| {
        let due = waker.store.due_now(kind, shard, now, PER_SHARD).await?;
        Ok::<_, AppError>((kind, due))
    });
    let mut found = pin!(stream::iter(asked).buffered(AT_ONCE));
    let mut swept = Swept::default();
    while let Some((kind, due)) = found.try_next().await? {
        for (org, key, position) in due {
            let claimed = match waker.store.claim_seen(&key, &position, now).await {
                Ok(claimed) => waker.send_claimed(&org, claimed, Cause::Due, now).await,
                Err(error) => Err(error),
            };
            match claimed {
                Ok(true) => swept.woken += 1,
                Ok(false) => swept.lost += 1,
                Err(error) => {
                    swept.failed += 1;
                    tracing::warn!(org = %org, kind, error = %error, "due work could not be woken");
                }
            }
        }
    }
    Ok(swept)
}
