//! Pulling one connection's ledger into the table, page by page.

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    connection::{Connection, ConnectionStatus, Provider},
    contact::{Contact, ContactNumber, ContactRef, choose_number},
    credential::GrantRef,
    id::{ConnectionId, ExternalId, OrgId, SyncRunId},
    invoice::Invoice,
    organisation::Organisation,
};

use crate::{
    error::AppError,
    job::{Cause, Work},
    number_key::NumberKeys,
    port::{
        clock::Clock,
        events::{Event, Events},
        ledger::{LedgerAccess, LedgerContact, LedgerInvoice, LedgerPage, LedgerReader, PageRequest, SkippedRow},
    },
    store::{
        contact::Upserted,
        due::sync_work,
        sync::{SkippedRecord, SyncCursor, SyncRun},
        task::TaskAbout,
    },
    vault::Vault,
    wake::Waker,
};

/// What a sync needs.
#[derive(Clone)]
pub struct SyncPorts {
    /// Table, queue and ids.
    pub waker: Waker,
    /// Tokens.
    pub vault: Vault,
    /// The ledger.
    pub reader: Arc<dyn LedgerReader>,
    /// Facts for outsiders.
    pub events: Arc<dyn Events>,
    /// Keys of numbers.
    pub number_keys: NumberKeys,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl fmt::Debug for SyncPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SyncPorts")
    }
}

/// How a sync ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Synced {
    /// The ledger was read to its last page.
    Complete(Box<SyncRun>),
    /// The job was stale: somebody else has the work.
    Stale,
    /// It ended early; the next time stands in the table.
    Postponed,
}

/// A connection is read again after this.
const INTERVAL: SignedDuration = SignedDuration::from_mins(30);

/// After a provider's failure the next try waits this long.
const AFTER_FAILURE: SignedDuration = SignedDuration::from_mins(5);

/// A cursor is set back by this, for rows that were being written while it was read.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// Skipped rows kept with a run; all are counted.
const SKIPPED_KEPT: usize = 20;

/// Syncs a connection, if the claim is still in force.
pub async fn sync_connection(
    ports: &SyncPorts,
    org: &OrgId,
    connection: ConnectionId,
    claim: Timestamp,
) -> Result<Synced, AppError> {
    let (store, work) = (&ports.waker.store, sync_work(connection));
    if !store.holds_claim(org, &work, claim).await? {
        return Ok(Synced::Stale);
    }
    let found = store.connection(org, connection).await?;
    let Some(found) = found.filter(|connection| connection.status == ConnectionStatus::Active) else {
        store.finish_due(org, &work, claim, None, ports.clock.now()).await?;
        return Ok(Synced::Postponed);
    };
    let mut pull = Pull::begin(ports, org, &found, claim).await?;
    let outcome = pull.run().await;
    pull.finish(outcome, &work).await
}

/// One run of a sync.
struct Pull<'a> {
    ports: &'a SyncPorts,
    org: &'a OrgId,
    connection: &'a Connection,
    organisation: Organisation,
    cursor: Option<SyncCursor>,
    claim: Timestamp,
    run: SyncRun,
}

impl<'a> Pull<'a> {
    async fn begin(
        ports: &'a SyncPorts,
        org: &'a OrgId,
        connection: &'a Connection,
        claim: Timestamp,
    ) -> Result<Self, AppError> {
        let store = &ports.waker.store;
        let cursor = store.sync_cursor(org, connection.id).await?;
        let run = SyncRun {
            id: SyncRunId::new(ports.waker.ids.uuid()),
            connection: connection.id,
            started_at: ports.clock.now(),
            ended_at: None,
            first: cursor.is_none(),
            contacts_read: 0,
            contacts_written: 0,
            invoices_read: 0,
            invoices_written: 0,
            skipped: 0,
            skipped_rows: Vec::new(),
            failure: None,
        };
        let organisation = store.organisation(org).await?;
        Ok(Self { ports, org, connection, organisation, cursor, claim, run })
    }

    async fn run(&mut self) -> Result<(), AppError> {
        let now = self.ports.clock.now();
        let grant = GrantRef { provider: self.connection.provider, holder: self.connection.holder.clone() };
        let token = self.ports.vault.fresh_access_token(self.org, &grant, now).await?;
        let access = LedgerAccess { tenant: self.connection.tenant.clone(), token };
        if self.cursor.is_none() {
            self.learn_organisation(&access).await?;
        }
        let contacts = self.pull_contacts(&access).await?;
        let invoices = self.pull_invoices(&access).await?;
        let cursor = SyncCursor { contacts: set_back(contacts), invoices: set_back(invoices) };
        self.ports.waker.store.save_sync_cursor(self.org, self.connection.id, &cursor, self.ports.clock.now()).await
    }

    /// Takes zone, country, currency and, where none was entered, the name from the ledger.
    async fn learn_organisation(&mut self, access: &LedgerAccess) -> Result<(), AppError> {
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        let ledger = self.ports.reader.organisation(access).await?;
        self.organisation = store
            .change_organisation(self.org, now, |organisation| {
                if organisation.name.is_empty() {
                    organisation.name.clone_from(&ledger.name);
                }
                if organisation.base_currency.is_none() {
                    organisation.base_currency = ledger.base_currency;
                    organisation.zone = ledger.zone.clone().unwrap_or_else(|| organisation.zone.clone());
                    organisation.country = organisation.country.or(ledger.country);
                }
            })
            .await?;
        store
            .change_connection(self.org, self.connection.id, now, |connection| {
                connection.name.clone_from(&ledger.name);
                connection.is_demo_company = ledger.is_demo_company;
            })
            .await
    }

    /// Returns the ledger's clock at the first page.
    async fn pull_contacts(&mut self, access: &LedgerAccess) -> Result<Timestamp, AppError> {
        let modified_since = self.cursor.as_ref().map(|cursor| cursor.contacts);
        let mut first_read_at = None;
        for page in 1.. {
            let answer = self.ports.reader.contacts(access, &PageRequest { page, modified_since }).await?;
            first_read_at.get_or_insert(answer.read_at);
            self.keep_contacts(&answer).await?;
            self.note_skipped("contact", answer.skipped);
            if !answer.has_more {
                break;
            }
            self.progress().await?;
        }
        Ok(first_read_at.unwrap_or(self.run.started_at))
    }

    async fn pull_invoices(&mut self, access: &LedgerAccess) -> Result<Timestamp, AppError> {
        let modified_since = self.cursor.as_ref().map(|cursor| cursor.invoices);
        let mut first_read_at = None;
        for page in 1.. {
            let answer = self.ports.reader.invoices(access, &PageRequest { page, modified_since }).await?;
            first_read_at.get_or_insert(answer.read_at);
            self.run.invoices_read += count(answer.records.len());
            let written = keep_invoices(self.ports, self.org, self.connection.id, &answer).await?;
            self.run.invoices_written += count(written);
            self.note_skipped("invoice", answer.skipped);
            if !answer.has_more {
                break;
            }
            self.progress().await?;
        }
        Ok(first_read_at.unwrap_or(self.run.started_at))
    }

    async fn keep_contacts(&mut self, page: &LedgerPage<LedgerContact>) -> Result<(), AppError> {
        let store = &self.ports.waker.store;
        let contacts: Vec<Contact> =
            page.records.iter().map(|record| self.contact(record)).collect::<Result<_, _>>()?;
        let refs: Vec<ContactRef> = contacts.iter().map(|contact| contact.at.clone()).collect();
        let known = store.contacts_by_ref(self.org, &refs).await?;
        for contact in &contacts {
            let seen = known.iter().find(|known| known.value.at == contact.at);
            let upserted = store.upsert_contact(self.org, seen, contact, self.ports.clock.now()).await?;
            self.run.contacts_written += u32::from(upserted == Upserted::Written);
        }
        self.run.contacts_read += count(contacts.len());
        Ok(())
    }

    fn contact(&self, record: &LedgerContact) -> Result<Contact, AppError> {
        let number = match choose_number(&record.phones, self.organisation.country) {
            Ok(number) => ContactNumber::Usable { key: self.ports.number_keys.key(self.org, &number)?, number },
            Err(Some(why)) => ContactNumber::Unusable { why },
            Err(None) => ContactNumber::Missing,
        };
        Ok(Contact {
            at: ContactRef { connection: self.connection.id, contact: record.id.clone() },
            name: record.name.clone(),
            status: record.status,
            number,
            first_key: None,
            updated_at: record.updated_at,
        })
    }

    fn note_skipped(&mut self, entity: &str, rows: Vec<SkippedRow>) {
        self.run.skipped += count(rows.len());
        let room = SKIPPED_KEPT.saturating_sub(self.run.skipped_rows.len());
        self.run.skipped_rows.extend(rows.into_iter().take(room).map(|row| SkippedRecord {
            entity: entity.to_owned(),
            id: row.id.map(String::from),
            reason: row.reason,
        }));
    }

    /// Shows progress and keeps the claim; a run that lost its claim stops.
    async fn progress(&mut self) -> Result<(), AppError> {
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        store.save_sync_run(self.org, &self.run, now).await?;
        let renewed = store.renew_claim(self.org, &sync_work(self.connection.id), self.claim, now).await?;
        self.claim = renewed.ok_or(AppError::Conflict("another sync of this connection has begun"))?;
        Ok(())
    }

    async fn finish(mut self, outcome: Result<(), AppError>, work: &Work) -> Result<Synced, AppError> {
        let (store, now) = (&self.ports.waker.store, self.ports.clock.now());
        self.run.ended_at = Some(now);
        self.run.failure = outcome.as_ref().err().map(|error| error.class().to_owned());
        store.save_sync_run(self.org, &self.run, now).await?;
        let next = match outcome {
            Ok(()) => {
                store
                    .change_connection(self.org, self.connection.id, now, |connection| {
                        connection.last_synced_at = Some(now)
                    })
                    .await?;
                store.finish_due(self.org, work, self.claim, now.saturating_add(INTERVAL).ok(), now).await?;
                if self.run.first {
                    self.ports.waker.wake(self.org, &Work::PlanDay {}, Cause::Step, now).await?;
                }
                return Ok(Synced::Complete(Box::new(self.run)));
            }
            Err(AppError::ReauthRequired) => {
                self.require_reauth(now).await?;
                None
            }
            Err(AppError::RateLimited { retry_after }) => now.saturating_add(retry_after.unwrap_or(AFTER_FAILURE)).ok(),
            Err(AppError::Unavailable(_) | AppError::Rejected(_)) => now.saturating_add(AFTER_FAILURE).ok(),
            Err(AppError::Conflict(_)) => return Ok(Synced::Stale),
            // Ours to settle: the queue tries again, and the claim runs out by itself.
            Err(error) => return Err(error),
        };
        store.finish_due(self.org, work, self.claim, next, now).await?;
        Ok(Synced::Postponed)
    }

    async fn require_reauth(&self, now: Timestamp) -> Result<(), AppError> {
        mark_reauth_required(self.ports, self.org, self.connection.id, self.connection.provider, now).await
    }
}

/// Marks a connection dead, tells outsiders, and gives the owner a task.
async fn mark_reauth_required(
    ports: &SyncPorts,
    org: &OrgId,
    connection: ConnectionId,
    provider: Provider,
    now: Timestamp,
) -> Result<(), AppError> {
    let store = &ports.waker.store;
    store
        .change_connection(org, connection, now, |connection| connection.status = ConnectionStatus::ReauthRequired)
        .await?;
    store.open_task(org, TaskAbout::ReconnectLedger(connection), now).await?;
    ports.events.publish(org, now, Event::ConnectionReauthRequired { connection, provider }).await;
    Ok(())
}

/// Writes the invoices of a page and tells outsiders which were settled; returns how many changed.
async fn keep_invoices(
    ports: &SyncPorts,
    org: &OrgId,
    connection: ConnectionId,
    page: &LedgerPage<LedgerInvoice>,
) -> Result<usize, AppError> {
    let store = &ports.waker.store;
    let ids: Vec<ExternalId> = page.records.iter().map(|record| record.id.clone()).collect();
    let known = store.invoices_by_id(org, connection, &ids).await?;
    let mut written = 0;
    for record in &page.records {
        let invoice = invoice_of(connection, record);
        let seen = known.iter().find(|known| known.value.invoice.id == record.id);
        let now = ports.clock.now();
        if store.upsert_invoice(org, seen, &invoice, page.read_at, now).await? == Upserted::Written {
            written += 1;
            let settled = seen.is_some_and(|seen| seen.value.invoice.is_open()) && !invoice.is_open();
            if settled {
                ports.events.publish(org, now, Event::InvoiceSettled { connection, invoice: invoice.id.clone() }).await;
            }
        }
    }
    Ok(written)
}

/// The invoice of a connection as its ledger shows it.
pub(crate) fn invoice_of(connection: ConnectionId, record: &LedgerInvoice) -> Invoice {
    Invoice {
        id: record.id.clone(),
        contact: ContactRef { connection, contact: record.contact.clone() },
        number: record.number.clone(),
        status: record.status,
        issued: record.issued,
        due: record.due,
        total: record.total,
        remaining: record.remaining,
        marked: record.marked,
        updated_at: record.updated_at,
    }
}

fn set_back(read_at: Timestamp) -> Timestamp {
    read_at.saturating_sub(OVERLAP).unwrap_or(read_at)
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
