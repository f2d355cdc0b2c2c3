//! Sales invoices; the open ones stand in an index of their own.

use jiff::Timestamp;
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId, OrgId},
    invoice::Invoice,
    plan::OpenInvoice,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Item, Source},
    store::{
        Created, Entity, RACES, Replaced, Store, Stored,
        contact::Upserted,
        keys, lost_races, new_item, next_item,
        part::{Part, Parted},
    },
};

/// An invoice with when it was first owed and last read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownInvoice {
    /// What the ledger says.
    #[serde(flatten)]
    pub invoice: Invoice,
    /// Since when it is owed, as far as Numo saw; until then, when it was first seen at all.
    pub first_seen: Timestamp,
    /// Raised when it was settled and is owed again, or when its due date moved later.
    #[serde(default = "first_cycle")]
    pub cycle: u32,
    /// When the version that is stored was read.
    pub read_at: Timestamp,
}

impl Entity for KnownInvoice {
    const ENTITY: &'static str = "invoice";
}

const fn first_cycle() -> u32 {
    1
}

impl KnownInvoice {
    /// An invoice as it was just read, after what was known of it before.
    fn follow(before: Option<&Self>, invoice: &Invoice, read_at: Timestamp, now: Timestamp) -> Self {
        let invoice = invoice.clone();
        match before {
            None => Self { invoice, first_seen: now, cycle: first_cycle(), read_at },
            Some(before) => {
                // Owed for the first time, or again: its sequence begins now, not when it was drafted.
                let is_owed_anew = invoice.is_open() && !before.invoice.is_open();
                let first_seen = if is_owed_anew { now } else { before.first_seen };
                let cycle = before.cycle.saturating_add(u32::from(invoice.starts_anew(&before.invoice)));
                Self { invoice, first_seen, cycle, read_at }
            }
        }
    }

    /// What the planner looks at.
    pub(crate) fn open(self) -> OpenInvoice {
        OpenInvoice { invoice: self.invoice, first_seen: self.first_seen, cycle: self.cycle }
    }
}

impl Store {
    /// Open invoices of the organisation, by contact and due date; the index may lag.
    pub async fn open_invoices(&self, org: &OrgId) -> Result<Vec<Invoice>, AppError> {
        let stored = self.list::<KnownInvoice>(Source::Open(keys::open_partition(org)), String::new()).await?;
        Ok(stored.into_iter().map(|stored| stored.value.invoice).collect())
    }

    /// Open invoices of the organisation with what the planner wants to know besides; the index may lag.
    pub(crate) async fn chased_invoices(&self, org: &OrgId) -> Result<Vec<OpenInvoice>, AppError> {
        let stored = self.list::<KnownInvoice>(Source::Open(keys::open_partition(org)), String::new()).await?;
        Ok(stored.into_iter().map(|stored| stored.value.open()).collect())
    }

    /// Open invoices of one contact; the index may lag.
    pub async fn open_invoices_of(&self, org: &OrgId, contact: &ContactRef) -> Result<Vec<Invoice>, AppError> {
        let source = Source::Open(keys::open_partition(org));
        let stored = self.list::<KnownInvoice>(source, keys::open_of_contact(contact)).await?;
        Ok(stored.into_iter().map(|stored| stored.value.invoice).collect())
    }

    /// Open invoices of one connection; the index may lag.
    pub(crate) async fn open_invoices_of_connection(
        &self,
        org: &OrgId,
        connection: ConnectionId,
    ) -> Result<Vec<Invoice>, AppError> {
        let source = Source::Open(keys::open_partition(org));
        let stored = self.list::<KnownInvoice>(source, keys::open_of_connection(connection)).await?;
        Ok(stored.into_iter().map(|stored| stored.value.invoice).collect())
    }

    /// Open invoices with when they were first seen and read, those of one contact or all; the index may lag.
    pub async fn known_open_invoices(
        &self,
        org: &OrgId,
        contact: Option<&ContactRef>,
    ) -> Result<Vec<KnownInvoice>, AppError> {
        let prefix = contact.map(keys::open_of_contact).unwrap_or_default();
        let stored = self.list(Source::Open(keys::open_partition(org)), prefix).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// What is wanted of all invoices, part by part in the order of the ledgers' ids.
    ///
    /// A part may have fewer than its limit, or none, and be followed by more.
    pub async fn invoices_found(
        &self,
        org: &OrgId,
        part: &Part,
        wanted: impl Fn(&KnownInvoice) -> bool,
    ) -> Result<Parted<KnownInvoice>, AppError> {
        self.list_found((keys::org_partition(org), keys::INVOICES), part, wanted).await
    }

    /// Some invoices of a connection; those that do not exist are left out.
    pub async fn invoices_by_id(
        &self,
        org: &OrgId,
        connection: ConnectionId,
        ids: &[ExternalId],
    ) -> Result<Vec<Stored<KnownInvoice>>, AppError> {
        let keys: Vec<_> = ids.iter().map(|id| keys::invoice(org, connection, id)).collect();
        Ok(self.read_many(&keys).await?.into_iter().map(|(_, stored)| stored).collect())
    }

    /// The item of an invoice that was never seen.
    pub(crate) fn new_invoice_item(
        org: &OrgId,
        invoice: &Invoice,
        read_at: Timestamp,
        now: Timestamp,
    ) -> Result<Item, AppError> {
        let key = keys::invoice(org, invoice.contact.connection, &invoice.id);
        let known = KnownInvoice::follow(None, invoice, read_at, now);
        Ok(indexed(new_item(key, &known, now)?, org, invoice))
    }

    /// Writes an invoice as read at a time, unless it is the same or something newer is there.
    ///
    /// Ordered by the ledger's time, then by when it was read: some edits do not move the ledger's time.
    pub async fn upsert_invoice(
        &self,
        org: &OrgId,
        seen: Option<&Stored<KnownInvoice>>,
        invoice: &Invoice,
        read_at: Timestamp,
        now: Timestamp,
    ) -> Result<Upserted, AppError> {
        let key = keys::invoice(org, invoice.contact.connection, &invoice.id);
        let mut seen = seen.cloned();
        for _ in 0..RACES {
            let known = KnownInvoice::follow(seen.as_ref().map(|seen| &seen.value), invoice, read_at, now);
            let key = key.clone();
            let written = match &seen {
                Some(seen) if seen.value.invoice == *invoice => return Ok(Upserted::Unchanged),
                Some(seen) if (seen.value.invoice.updated_at, seen.value.read_at) > (invoice.updated_at, read_at) => {
                    return Ok(Upserted::Stale);
                }
                Some(seen) => {
                    self.replace_item(indexed(next_item(key, seen, &known, now)?, org, invoice)).await?
                        == Replaced::Replaced
                }
                None => self.create_item(indexed(new_item(key, &known, now)?, org, invoice)).await? == Created::Created,
            };
            if written {
                return Ok(Upserted::Written);
            }
            seen = self.read(&keys::invoice(org, invoice.contact.connection, &invoice.id)).await?;
        }
        Err(lost_races())
    }
}

fn indexed(mut item: Item, org: &OrgId, invoice: &Invoice) -> Item {
    item.open = invoice.is_open().then(|| keys::open_invoice(org, &invoice.contact, invoice.due, &invoice.id));
    item
}
