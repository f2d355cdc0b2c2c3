//! Sales invoices; the open ones stand in an index of their own.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId, OrgId},
    invoice::Invoice,
    plan::OpenInvoice,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Cursor, Item, Key, Order, Query, Range, Source},
    store::{
        Created, Entity, RACES, Replaced, Store, Stored,
        contact::Upserted,
        keys::{self, receivables as by_due},
        lost_races, new_item, next_item,
        part::{MOST_LOOKED_AT, Part, Parted},
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

    /// Open invoices of one contact with when they were first seen and read; the index may lag.
    pub async fn known_open_invoices(&self, org: &OrgId, contact: &ContactRef) -> Result<Vec<KnownInvoice>, AppError> {
        let source = Source::Open(keys::open_partition(org));
        let stored = self.list(source, keys::open_of_contact(contact)).await?;
        Ok(stored.into_iter().map(|stored| stored.value).collect())
    }

    /// What is wanted of the open invoices by due date, and before a day where one is given, part by part.
    ///
    /// Downwards, a part is what stands before its place, the nearest first. What the index tells is read again: an
    /// invoice whose due date moved a moment ago may still stand where it was. A part may have fewer than its limit, or
    /// none, and be followed by more.
    pub async fn open_by_due(
        &self,
        org: &OrgId,
        (before, order): (Option<Date>, Order),
        part: &Part,
        wanted: impl Fn(&KnownInvoice) -> bool,
    ) -> Result<Parted<KnownInvoice>, AppError> {
        let start = |place: &String| {
            let index = Some(Key { pk: by_due::open_by_due(org), sk: place.clone() });
            by_due::at_place(org, place).map(|key| Cursor { key, index })
        };
        let in_range = |place: &&String| before.is_none_or(|day| **place < day.to_string());
        let mut after = part.after.as_ref().filter(in_range).and_then(start);
        let (mut values, mut looked_at) = (Vec::new(), 0);
        loop {
            let range = before.map_or(Range::Prefix(String::new()), |day| Range::UpTo(day.to_string()));
            // One more than is wanted, which tells whether anything follows.
            let limit = (part.limit - values.len()).max(LOOKED_AT_ONCE) + 1;
            let source = Source::Due(by_due::open_by_due(org));
            let page = self.query(&Query { source, range, limit, after, order }).await?;
            looked_at += page.items.len();
            let mut places = page.items.into_iter().filter_map(|item| Some((item.key, item.due?.sk))).peekable();
            let keys: Vec<Key> = places.clone().map(|(key, _)| key).collect();
            let mut known: BTreeMap<Key, Stored<KnownInvoice>> = self.read_many(&keys).await?.into_iter().collect();
            while let Some((key, place)) = places.next() {
                values.extend(known.remove(&key).map(|stored| stored.value).filter(&wanted));
                if values.len() == part.limit {
                    let has_more = places.peek().is_some() || page.next.is_some();
                    return Ok(Parted { values, next: has_more.then_some(place) });
                }
            }
            after = page.next;
            if after.is_none() || looked_at >= MOST_LOOKED_AT {
                return Ok(Parted { values, next: after.and_then(|after| Some(after.index?.sk)) });
            }
        }
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

/// Open invoices that are read at least at a time.
const LOOKED_AT_ONCE: usize = 50;

/// Where an open invoice stands among those by due date.
pub fn place_by_due(invoice: &Invoice) -> String {
    by_due::place_by_due(invoice)
}

fn indexed(mut item: Item, org: &OrgId, invoice: &Invoice) -> Item {
    let by_due = || Key { pk: by_due::open_by_due(org), sk: by_due::place_by_due(invoice) };
    item.due = invoice.is_open().then(by_due);
    item.open = invoice.is_open().then(|| keys::open_invoice(org, &invoice.contact, invoice.due, &invoice.id));
    item
}
