//! The work of an export: archive by archive, each within one invocation.
//!
//! A worker that dies begins its archive anew; one that runs out of time ends its archive and leaves the rest to the next.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ActivityId, ExportId, OrgId};
use serde_json::json;

use crate::{
    error::AppError,
    export::{
        file::{begins_at, readme, sections},
        rows::Reader,
        upload::{Upload, delete_archives},
    },
    job::{Cause, Work},
    port::{bucket::Bucket, clock::Clock},
    store::{
        Replaced, Store, Stored,
        activity::{Activity, Actor},
        export::{Archive, Export, ExportPlace, ExportState},
        keys,
    },
    wake::Waker,
};

/// What making exports needs.
#[derive(Clone)]
pub struct ExportPorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Where the archives go.
    pub bucket: Arc<dyn Bucket>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for ExportPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportPorts")
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exporting {
    /// It can be fetched.
    Ready,
    /// An archive is made, and the next one is begun at once.
    Continued,
    /// It was tried too often.
    Failed,
    /// It was withdrawn, and its archives are deleted.
    Withdrawn,
    /// The job was stale.
    Stale,
}

/// How long an archive can be fetched; the bucket deletes it by itself after this.
pub const FETCHED_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Times that an archive is begun before it is given up.
const MOST_TRIES: u8 = 5;

/// Kept back to end an archive: its last piece is sent, and the export is stored.
const RESERVE: SignedDuration = SignedDuration::from_secs(30);

/// With so little left of a claim it is renewed.
const CLAIM_LEFT: SignedDuration = SignedDuration::from_mins(2);

/// Whoever wrote an archive when its export was withdrawn has written it by then: no invocation is longer.
const IN_HAND: SignedDuration = SignedDuration::from_mins(20);

/// Goes on with an export until it is made, or the deadline is near.
pub async fn make_export(
    ports: &ExportPorts,
    (org, id): (&OrgId, ExportId),
    claim: Timestamp,
    deadline: Timestamp,
) -> Result<Exporting, AppError> {
    let (store, now, work) = (&ports.waker.store, ports.clock.now(), Work::Export { id });
    // Of two workers with one claim, a job that came twice, only one goes on.
    let Some(claim) = store.renew_claim(org, &work, claim, now).await? else { return Ok(Exporting::Stale) };
    let Some(seen) = store.export(org, id).await? else {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Exporting::Stale);
    };
    let run = Run { ports, org, work, claim, deadline };
    match seen.value.state {
        ExportState::Asked | ExportState::Running if seen.value.tries < MOST_TRIES => run.archive(seen, now).await,
        ExportState::Asked | ExportState::Running => run.give_up(&seen, now).await,
        ExportState::Withdrawn { at } => run.delete(&seen, at, now).await,
        ExportState::Ready { .. } | ExportState::Failed { .. } => {
            run.finish(None, now).await?;
            Ok(Exporting::Stale)
        }
    }
}

struct Run<'a> {
    ports: &'a ExportPorts,
    org: &'a OrgId,
    work: Work,
    claim: Timestamp,
    deadline: Timestamp,
}

impl Run<'_> {
    fn store(&self) -> &Store {
        &self.ports.waker.store
    }

    async fn archive(mut self, seen: Stored<Export>, now: Timestamp) -> Result<Exporting, AppError> {
        let begun = Export { state: ExportState::Running, tries: seen.value.tries + 1, ..seen.value.clone() };
        if self.store().save_export(self.org, &seen, &begun, (None, now)).await? == Replaced::Raced {
            return Ok(Exporting::Stale);
        }
        let seen = Stored { value: begun, rev: seen.rev + 1, ..seen };
        let number = seen.value.archives.len() + 1;
        let key = keys::export::archive(self.org, seen.value.id, number);
        let mut upload = Upload::begin(self.ports.bucket.as_ref(), key.clone(), now).await?;
        let Some(filled) = self.fill(&mut upload, &seen.value, number).await? else { return Ok(Exporting::Stale) };
        let mut next = Export { tries: 0, ..filled };
        next.archives.push(upload.complete().await?);
        let now = self.ports.clock.now();
        let told = next.place.is_none().then(|| self.made(&mut next, now)).transpose()?;
        if self.store().save_export(self.org, &seen, &next, (told, now)).await? == Replaced::Raced {
            // It was withdrawn meanwhile: nothing of it stays.
            self.ports.bucket.delete(&key).await?;
            return Ok(Exporting::Stale);
        }
        if next.place.is_some() {
            return self.continue_later(now).await;
        }
        self.finish(None, now).await?;
        Ok(Exporting::Ready)
    }

    /// Writes files into an archive until all are in it or it has to end; the export as it is then, or none where the
    /// claim was lost.
    async fn fill(
        &mut self,
        upload: &mut Upload<'_>,
        export: &Export,
        number: usize,
    ) -> Result<Option<Export>, AppError> {
        let (ports, org) = (self.ports, self.org);
        let mut reader = Reader::new(&ports.waker.store, org, export.of.as_ref()).await?;
        let sections = sections(&reader);
        let whose = export.of.as_ref().map_or_else(
            || format!("everything of organisation {org}"),
            |of| format!("customer {} of ledger {} of organisation {org}", of.contact, of.connection),
        );
        upload.file("README.txt")?;
        upload.write(readme(&reader, &whose, &export.asked_at.to_string(), number).as_bytes()).await?;
        let (mut place, mut after) = begins_at(&sections, export.place.as_ref())?;
        let (mut items, mut file) = (export.items.clone(), String::new());
        while let Some(section) = sections.get(place) {
            let (rows, next) = reader.page(section.kind, &section.prefix, after.as_deref()).await?;
            if section.file() != file {
                file = section.file();
                upload.file(&file)?;
                upload.write(section.head().as_bytes()).await?;
            }
            upload.write(section.lines(&rows).as_bytes()).await?;
            let count = u64::try_from(section.counts(rows.len())).unwrap_or_default();
            *items.entry(section.kind.file.to_owned()).or_default() += count;
            place += usize::from(next.is_none());
            after = next;
            if let Some(next) = sections.get(place).filter(|_| upload.is_full() || !self.has_time()) {
                let place = Some(ExportPlace { file: next.file(), prefix: next.prefix.clone(), after });
                return Ok(Some(Export { items, place, ..export.clone() }));
            }
            if !self.holds_claim().await? {
                return Ok(None);
            }
        }
        Ok(Some(Export { items, place: None, ..export.clone() }))
    }

    /// The export becomes ready, and the log says so.
    fn made(&self, export: &mut Export, now: Timestamp) -> Result<crate::port::table::Item, AppError> {
        let goes_at = now.saturating_add(FETCHED_FOR).unwrap_or(now);
        export.state = ExportState::Ready { at: now, goes_at };
        let size: u64 = export.archives.iter().map(|Archive { size, .. }| size).sum();
        let detail = json!({"export": export.id, "archives": export.archives.len(), "size": size});
        let line = Activity { at: now, actor: Actor::Numo, action: "export.made".to_owned(), detail };
        self.store().activity_item(self.org, ActivityId::new(self.ports.waker.ids.uuid()), &line)
    }

    async fn give_up(&self, seen: &Stored<Export>, now: Timestamp) -> Result<Exporting, AppError> {
        tracing::error!(metric = "export_failed", export = %seen.value.id, "an export was given up");
        let why = "it could not be made after several attempts: ask for it again".to_owned();
        let next = Export { state: ExportState::Failed { at: now, why }, ..seen.value.clone() };
        if self.store().save_export(self.org, seen, &next, (None, now)).await? == Replaced::Raced {
            return Ok(Exporting::Stale);
        }
        self.finish(None, now).await?;
        Ok(Exporting::Failed)
    }

    /// Deletes the archives, once more after everybody who was writing one; who the customer was goes as well.
    async fn delete(&self, seen: &Stored<Export>, at: Timestamp, now: Timestamp) -> Result<Exporting, AppError> {
        let prefix = keys::export::archives_of(self.org, seen.value.id);
        delete_archives(self.ports.bucket.as_ref(), &prefix).await?;
        let settled_at = at.saturating_add(IN_HAND).unwrap_or(now);
        if now < settled_at {
            self.finish(Some(settled_at), now).await?;
            return Ok(Exporting::Withdrawn);
        }
        if seen.value.of.is_some() {
            self.store().remove_export(self.org, seen).await?;
        }
        self.finish(None, now).await?;
        Ok(Exporting::Withdrawn)
    }

    fn has_time(&self) -> bool {
        self.deadline.duration_since(self.ports.clock.now()) > RESERVE
    }

    /// Keeps the work from being woken a second time while it goes on.
    async fn holds_claim(&mut self) -> Result<bool, AppError> {
        let now = self.ports.clock.now();
        if self.claim.duration_since(now) > CLAIM_LEFT {
            return Ok(true);
        }
        let renewed = self.store().renew_claim(self.org, &self.work, self.claim, now).await?;
        self.claim = renewed.unwrap_or(self.claim);
        Ok(renewed.is_some())
    }

    async fn finish(&self, next: Option<Timestamp>, now: Timestamp) -> Result<(), AppError> {
        self.store().finish_due(self.org, &self.work, self.claim, next, now).await
    }

    async fn continue_later(&self, now: Timestamp) -> Result<Exporting, AppError> {
        self.finish(Some(now), now).await?;
        let claimed = self.store().claim_work(self.org, &self.work, now).await?;
        self.ports.waker.send_claimed(self.org, claimed, Cause::Step, now).await?;
        Ok(Exporting::Continued)
    }
}
