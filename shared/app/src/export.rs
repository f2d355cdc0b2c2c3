//! Taking data along: everything of an organisation, or of one customer, as an archive that can be fetched for a week.
//!
//! [Decision 54](../../../docs/decisions/0054-exports.md) says why it is made like this.

mod amounts;
mod fields;
mod file;
pub(crate) mod kinds;
mod rows;
pub mod run;
#[cfg(test)]
mod stored;
mod upload;
mod zip;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    contact::ContactRef,
    id::{ActivityId, ExportId, OrgId, UserId},
};
use serde_json::{Value, json};

pub(crate) use crate::export::upload::delete_archives;
use crate::{
    error::AppError,
    job::Cause,
    port::bucket::{BucketError, BucketLinks},
    store::{
        RACES, Store,
        activity::{Activity, Actor},
        export::{Export, ExportBook, ExportState},
        keys, lost_races,
    },
    wake::Waker,
};

/// Exports that an organisation may ask for in a day.
pub const MOST_A_DAY: usize = 10;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// How long a link works.
pub const LINK_LIVES: SignedDuration = SignedDuration::from_mins(15);

/// Asks for an export; again, under the same id, it changes nothing.
///
/// # Errors
/// `Conflict` while another one is being made, `NotNow` after too many of a day.
pub async fn ask_for_export(
    waker: &Waker,
    (org, by): (&OrgId, &UserId),
    (id, of): (ExportId, Option<ContactRef>),
    now: Timestamp,
) -> Result<Export, AppError> {
    let store = &waker.store;
    if let Some(contact) = &of
        && store.contacts_by_ref(org, std::slice::from_ref(contact)).await?.is_empty()
    {
        return Err(AppError::NotFound("customer"));
    }
    for _ in 0..RACES {
        if let Some(before) = store.export(org, id).await? {
            return Ok(before.value);
        }
        let seen = store.export_book(org).await?;
        let before = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
        let book = admit(store, org, before, (id, now)).await?;
        let export = Export {
            id,
            of: of.clone(),
            asked_by: by.clone(),
            asked_at: now,
            state: ExportState::Asked,
            tries: 0,
            place: None,
            archives: Vec::new(),
            items: Default::default(),
        };
        let line = line(by, "export.asked", json!({"export": id, "of": of}), now);
        let told = store.activity_item(org, ActivityId::new(waker.ids.uuid()), &line)?;
        if store.begin_export(org, &export, (seen.as_ref(), &book), (told, waker.ids.as_ref())).await? {
            let claimed = store.claim_work(org, &export.work(), now).await?;
            waker.send_claimed(org, claimed, Cause::Person, now).await?;
            return Ok(export);
        }
    }
    Err(lost_races())
}

/// The book with one more export, if it may be asked for.
async fn admit(
    store: &Store,
    org: &OrgId,
    before: ExportBook,
    (id, now): (ExportId, Timestamp),
) -> Result<ExportBook, AppError> {
    if let Some(latest) = before.latest
        && store.export(org, latest).await?.is_some_and(|latest| latest.value.is_under_way())
    {
        return Err(AppError::Conflict("an export is being made: ask for the next one when it is ready"));
    }
    let mut asked_at = before.asked_at;
    asked_at.retain(|at| now.duration_since(*at) < DAY);
    if asked_at.len() >= MOST_A_DAY {
        let next_at = asked_at.first().and_then(|first| first.saturating_add(DAY).ok());
        return Err(AppError::NotNow { why: "Ten exports were asked for within a day.", next_at });
    }
    asked_at.push(now);
    Ok(ExportBook { latest: Some(id), asked_at })
}

/// Links to the archives of an export that can be fetched, each for some minutes; the log says who took them.
pub async fn take_links(
    (waker, links): (&Waker, &dyn BucketLinks),
    (org, by): (&OrgId, &UserId),
    export: &Export,
    now: Timestamp,
) -> Result<Vec<String>, AppError> {
    // Whose data is erased writes no lines any more.
    if waker.store.is_being_erased(org).await? {
        return Err(AppError::NotFound("export"));
    }
    let mut taken = Vec::with_capacity(export.archives.len());
    for number in 1..=export.archives.len() {
        let file = format!("numo-export-{}-{number}.zip", export.id);
        taken.push(links.link(&keys::export::archive(org, export.id, number), &file, LINK_LIVES, now)?);
    }
    let line = line(by, "export.link_taken", json!({"export": export.id}), now);
    waker.store.record(org, ActivityId::new(waker.ids.uuid()), &line).await?;
    Ok(taken)
}

fn line(by: &UserId, action: &str, detail: Value, now: Timestamp) -> Activity {
    Activity { at: now, actor: Actor::User(by.clone()), action: action.to_owned(), detail }
}

impl From<BucketError> for AppError {
    fn from(error: BucketError) -> Self {
        Self::AwsUnavailable(Box::new(error))
    }
}
