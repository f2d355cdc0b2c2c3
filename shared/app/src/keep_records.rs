//! Keeping what a ledger said: every record is compared, and only what changed is written.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use numo_domain::{
    consent::ConsentState,
    contact::{Contact, ContactNumber, ContactRef, ContactStatus, choose_number},
    credit::{Bill, Credit, CreditKind, Payment},
    id::{ConnectionId, ExternalId, OrgId},
    invoice::{Invoice, InvoiceStatus},
    money::Money,
    phone::CountryCode,
    plan::{OpenInvoice, decision::Unit},
};

use crate::{
    error::AppError,
    number_key::NumberKeys,
    port::{
        clock::Clock,
        events::{Event, Events},
        ledger::record::{
            DeletedRecord, LedgerBill, LedgerContact, LedgerCredit, LedgerInvoice, LedgerPayment, RecordKind,
        },
        table::Item,
    },
    store::{Store, Stored, consent::ConsentOf, contact::Upserted, credit::Remainder, invoice::KnownInvoice},
};

/// Keeps the records of one connection.
pub(crate) struct Keeper<'a> {
    pub store: &'a Store,
    pub number_keys: &'a NumberKeys,
    pub events: &'a dyn Events,
    pub clock: &'a dyn Clock,
    pub org: &'a OrgId,
    pub connection: ConnectionId,
    /// Where numbers without a country code belong.
    pub country: Option<CountryCode>,
}

/// Writes that are under way at once; each is one small item.
const WRITES_AT_ONCE: usize = 16;

impl Keeper<'_> {
    /// Keeps contacts; returns how many changed.
    pub(crate) async fn contacts(&self, records: &[LedgerContact]) -> Result<usize, AppError> {
        let contacts: Vec<Contact> = records.iter().map(|record| self.contact(record)).collect::<Result<_, _>>()?;
        let refs: Vec<ContactRef> = contacts.iter().map(|contact| contact.at.clone()).collect();
        let known = self.store.contacts_by_ref(self.org, &refs).await?.into_iter();
        let known: BTreeMap<ContactRef, Stored<Contact>> = known.map(|known| (known.value.at.clone(), known)).collect();
        let now = self.clock.now();
        let is_new = |contact: &&Contact| !known.contains_key(&contact.at) && contact.payer.is_none();
        let (new, others): (Vec<&Contact>, Vec<&Contact>) = contacts.iter().partition(is_new);
        let items = new.iter().map(|contact| Store::new_contact_items(self.org, contact, now));
        let (n_created, left) = self.create_new(new.clone(), items.collect::<Result<_, _>>()?).await?;
        let others = others.into_iter().chain(left);
        let writes: Vec<_> = others.map(|contact| self.keep_contact(known.get(&contact.at), contact)).collect();
        Ok(n_created + count_written(writes).await?)
    }

    /// Creates new records together; returns how many were created, and which are to be written one by one.
    async fn create_new<'r, T>(
        &self,
        records: Vec<&'r T>,
        items: Vec<Vec<Item>>,
    ) -> Result<(usize, Vec<&'r T>), AppError> {
        let created = self.store.create_together(items).await?;
        let left: Vec<&T> = records.into_iter().zip(&created).filter(|(_, done)| !**done).map(|(r, _)| r).collect();
        Ok((created.len() - left.len(), left))
    }

    async fn keep_contact(&self, seen: Option<&Stored<Contact>>, contact: &Contact) -> Result<bool, AppError> {
        let upserted = self.store.upsert_contact(self.org, seen, contact, self.clock.now()).await?;
        // Written before or after a crash: carrying is repeated until the contact is known as it is.
        if upserted == Upserted::Written && contact.status == ContactStatus::Archived {
            self.carry_opt_out(contact).await?;
        }
        Ok(upserted == Upserted::Written)
    }

    /// Whoever said STOP to a contact said it to the one that it was merged into.
    async fn carry_opt_out(&self, merged: &Contact) -> Result<(), AppError> {
        let Some(payer) = merged.payer() else { return Ok(()) };
        let said = self.store.consent(self.org, &ConsentOf::Contact(merged.at.clone())).await?;
        let opted_out = said.map(|said| said.value.consent).filter(|consent| consent.state == ConsentState::OptedOut);
        if let Some(change) = opted_out.and_then(|consent| consent.history.last().cloned()) {
            self.store.change_consent(self.org, ConsentOf::Contact(payer), &change, self.clock.now()).await?;
        }
        Ok(())
    }

    fn contact(&self, record: &LedgerContact) -> Result<Contact, AppError> {
        let number = match choose_number(&record.phones, self.country) {
            Ok(number) => {
                let key = self.number_keys.key(self.org, &number)?;
                ContactNumber::usable(number, key)
            }
            Err(Some(why)) => ContactNumber::Unusable { why },
            Err(None) => ContactNumber::Missing,
        };
        Ok(Contact {
            at: self.at(&record.id),
            name: record.name.clone(),
            status: record.status,
            number,
            first_key: None,
            typed: None,
            typed_before: None,
            payer: record.payer.clone(),
            groups: record.groups.clone(),
            updated_at: record.updated_at,
        })
    }

    /// Keeps sales invoices and tells outsiders which were settled; returns how many changed.
    pub(crate) async fn invoices(&self, records: &[LedgerInvoice], read_at: Timestamp) -> Result<usize, AppError> {
        let invoices: Vec<Invoice> = records.iter().map(|record| invoice_of(self.connection, record)).collect();
        self.keep_invoices(&invoices, read_at).await
    }

    async fn keep_invoices(&self, invoices: &[Invoice], read_at: Timestamp) -> Result<usize, AppError> {
        let ids: Vec<ExternalId> = invoices.iter().map(|invoice| invoice.id.clone()).collect();
        let known = self.known_invoices(&ids).await?;
        let now = self.clock.now();
        let (new, others): (Vec<&Invoice>, Vec<&Invoice>) =
            invoices.iter().partition(|invoice| !known.contains_key(&invoice.id));
        let items = new.iter().map(|invoice| Ok(vec![Store::new_invoice_item(self.org, invoice, read_at, now)?]));
        let (n_created, left) = self.create_new(new.clone(), items.collect::<Result<_, AppError>>()?).await?;
        let others = others.into_iter().chain(left);
        let writes: Vec<_> =
            others.map(|invoice| self.keep_invoice(known.get(&invoice.id), invoice, read_at)).collect();
        Ok(n_created + count_written(writes).await?)
    }

    async fn keep_invoice(
        &self,
        seen: Option<&Stored<KnownInvoice>>,
        invoice: &Invoice,
        read_at: Timestamp,
    ) -> Result<bool, AppError> {
        let now = self.clock.now();
        let upserted = self.store.upsert_invoice(self.org, seen, invoice, read_at, now).await?;
        if upserted == Upserted::Written && seen.is_some_and(|seen| seen.value.invoice.is_open()) && !invoice.is_open()
        {
            let event = Event::InvoiceSettled { connection: self.connection, invoice: invoice.id.clone() };
            self.events.publish(self.org, now, event).await;
        }
        Ok(upserted == Upserted::Written)
    }

    /// Invoices as they were just read, with what was known of them before; for those that were just kept.
    pub(crate) async fn known_open(&self, records: &[LedgerInvoice]) -> Result<Vec<OpenInvoice>, AppError> {
        let ids: Vec<ExternalId> = records.iter().map(|record| record.id.clone()).collect();
        let known = self.known_invoices(&ids).await?;
        let open = records.iter().map(|record| {
            let invoice = invoice_of(self.connection, record);
            let (first_seen, cycle) = known
                .get(&record.id)
                .map_or((self.clock.now(), 1), |known| (known.value.first_seen, known.value.cycle));
            OpenInvoice { invoice, first_seen, cycle }
        });
        Ok(open.collect())
    }

    async fn known_invoices(&self, ids: &[ExternalId]) -> Result<BTreeMap<ExternalId, Stored<KnownInvoice>>, AppError> {
        let known = self.store.invoices_by_id(self.org, self.connection, ids).await?;
        Ok(known.into_iter().map(|known| (known.value.invoice.id.clone(), known)).collect())
    }

    /// Keeps money that no invoice took up; returns how many changed.
    pub(crate) async fn credits(&self, records: &[LedgerCredit]) -> Result<usize, AppError> {
        let credits: Vec<Credit> = records.iter().map(|record| self.credit(record)).collect();
        self.remainders(&credits).await
    }

    pub(crate) fn credit(&self, record: &LedgerCredit) -> Credit {
        Credit {
            id: record.id.clone(),
            kind: record.kind,
            contact: self.at(&record.contact),
            number: record.number.clone(),
            date: record.date,
            remaining: record.remaining,
            updated_at: record.updated_at,
        }
    }

    /// Keeps bills; returns how many changed.
    pub(crate) async fn bills(&self, records: &[LedgerBill]) -> Result<usize, AppError> {
        let bills: Vec<Bill> = records.iter().map(|record| self.bill(record)).collect();
        self.remainders(&bills).await
    }

    pub(crate) fn bill(&self, record: &LedgerBill) -> Bill {
        Bill {
            id: record.id.clone(),
            contact: self.at(&record.contact),
            remaining: record.remaining,
            updated_at: record.updated_at,
        }
    }

    async fn remainders<T: Remainder>(&self, records: &[T]) -> Result<usize, AppError> {
        let known: BTreeMap<_, _> = self.store.remainders(self.org, records).await?.into_iter().collect();
        let now = self.clock.now();
        let mut items = Vec::new();
        let (mut new, mut others): (Vec<&T>, Vec<&T>) = (Vec::new(), Vec::new());
        for record in records {
            let item = match known.contains_key(&record.key(self.org)) {
                true => None,
                false => Store::new_remainder_item(self.org, record, now)?,
            };
            match item {
                Some(item) => {
                    new.push(record);
                    items.push(vec![item]);
                }
                None => others.push(record),
            }
        }
        let (n_created, left) = self.create_new(new, items).await?;
        others.extend(left);
        let writes: Vec<_> = others
            .into_iter()
            .map(|record| {
                let seen = known.get(&record.key(self.org)).cloned();
                async move { Ok(self.store.upsert_remainder(self.org, seen, record, now).await? == Upserted::Written) }
            })
            .collect();
        Ok(n_created + count_written(writes).await?)
    }

    /// Keeps payments; returns how many changed.
    pub(crate) async fn payments(&self, records: &[LedgerPayment]) -> Result<usize, AppError> {
        let payments: Vec<Payment> = records
            .iter()
            .map(|record| Payment {
                id: record.id.clone(),
                contact: self.at(&record.contact),
                date: record.date,
                amount: record.amount,
                invoices: record.invoices.clone(),
                is_reversed: record.is_reversed,
                updated_at: record.updated_at,
            })
            .collect();
        let now = self.clock.now();
        // Noted first, so that a crash between the two is made good by the repeat.
        let known = self.store.known_payments(self.org, &payments).await?;
        let left_behind: Vec<Payment> =
            payments.iter().filter_map(|payment| moved(known.get(&payment.id)?, payment)).collect();
        self.note_payments(&left_behind, now).await?;
        self.note_payments(&payments, now).await?;
        let (new, others): (Vec<&Payment>, Vec<&Payment>) =
            payments.iter().partition(|payment| !known.contains_key(&payment.id));
        let items = new.iter().map(|payment| Ok(vec![Store::new_payment_item(self.org, payment, now)?]));
        let (n_created, left) = self.create_new(new.clone(), items.collect::<Result<_, AppError>>()?).await?;
        let writes: Vec<_> =
            others
                .into_iter()
                .chain(left)
                .map(|payment| async move {
                    Ok(self.store.upsert_payment(self.org, payment, now).await? == Upserted::Written)
                })
                .collect();
        Ok(n_created + count_written(writes).await?)
    }

    /// Remembers what each customer paid lately.
    async fn note_payments(&self, payments: &[Payment], now: Timestamp) -> Result<(), AppError> {
        let mut by_unit: BTreeMap<Unit, Vec<&Payment>> = BTreeMap::new();
        for payment in payments {
            let unit = Unit { contact: payment.contact.clone(), currency: payment.amount.currency };
            by_unit.entry(unit).or_default().push(payment);
        }
        for (unit, payments) in &by_unit {
            self.store.note_payments(self.org, unit, payments, now).await?;
        }
        Ok(())
    }

    /// Keeps that records are gone; returns how many changed.
    pub(crate) async fn deleted(&self, records: &[DeletedRecord], read_at: Timestamp) -> Result<usize, AppError> {
        let of = |kind| records.iter().filter(move |record| record.kind == kind);
        let ids: Vec<ExternalId> = of(RecordKind::Invoice).map(|record| record.id.clone()).collect();
        let known = self.known_invoices(&ids).await?;
        let gone: Vec<Invoice> = of(RecordKind::Invoice)
            .filter_map(|record| Some(gone(&known.get(&record.id)?.value.invoice, record.updated_at)))
            .collect();
        let mut n_written = self.keep_invoices(&gone, read_at).await?;
        for (kind, credit) in
            [(RecordKind::CreditNote, CreditKind::CreditNote), (RecordKind::Payment, CreditKind::Payment)]
        {
            let ids: BTreeSet<&ExternalId> = of(kind).map(|record| &record.id).collect();
            if !ids.is_empty() {
                let open = self.store.open_credits(self.org).await?;
                let gone = open.iter().filter(|open| open.kind == credit && ids.contains(&open.id));
                n_written += self.remainders(&gone.map(|open| spent(open, read_at)).collect::<Vec<_>>()).await?;
            }
        }
        for record in of(RecordKind::Payment) {
            if let Some(payment) = self.store.payment(self.org, self.connection, &record.id).await? {
                let reversed = Payment { is_reversed: true, updated_at: record.updated_at, ..payment };
                self.note_payments(std::slice::from_ref(&reversed), self.clock.now()).await?;
                let upserted = self.store.upsert_payment(self.org, &reversed, self.clock.now()).await?;
                n_written += usize::from(upserted == Upserted::Written);
            }
        }
        let refs: Vec<ContactRef> = of(RecordKind::Contact).map(|record| self.at(&record.id)).collect();
        for seen in self.store.contacts_by_ref(self.org, &refs).await? {
            let number = seen.value.number_in_ledger().clone();
            let archived = Contact { status: ContactStatus::Archived, number, ..seen.value.clone() };
            n_written += usize::from(self.keep_contact(Some(&seen), &archived).await?);
        }
        Ok(n_written)
    }

    /// Keeps that invoices which were thought open are gone from the ledger.
    pub(crate) async fn missing_invoices(&self, missing: &[Invoice], read_at: Timestamp) -> Result<usize, AppError> {
        let gone: Vec<Invoice> = missing.iter().map(|invoice| gone(invoice, read_at.max(invoice.updated_at))).collect();
        self.keep_invoices(&gone, read_at).await
    }

    /// Keeps that money which was thought open is taken up, or gone.
    pub(crate) async fn spent_credits(&self, credits: &[Credit], read_at: Timestamp) -> Result<usize, AppError> {
        self.remainders(&credits.iter().map(|credit| spent(credit, read_at)).collect::<Vec<_>>()).await
    }

    /// Keeps that bills which were thought open are settled, or gone.
    pub(crate) async fn settled_bills(&self, bills: &[Bill], read_at: Timestamp) -> Result<usize, AppError> {
        let settled = bills.iter().map(|bill| Bill {
            remaining: Money::zero(bill.remaining.currency),
            updated_at: read_at.max(bill.updated_at),
            ..bill.clone()
        });
        self.remainders(&settled.collect::<Vec<_>>()).await
    }

    fn at(&self, contact: &ExternalId) -> ContactRef {
        ContactRef { connection: self.connection, contact: contact.clone() }
    }
}

/// A payment under whom it stood before, taken back there, if the ledger has it under another customer or currency now.
fn moved(before: &Payment, payment: &Payment) -> Option<Payment> {
    let stands = |payment: &Payment| (payment.contact.clone(), payment.amount.currency);
    let is_moved = stands(before) != stands(payment) && before.updated_at <= payment.updated_at;
    is_moved.then(|| Payment { is_reversed: true, updated_at: payment.updated_at, ..before.clone() })
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
        expected_payment: record.expected_payment,
        paid: record.paid,
        updated_at: record.updated_at,
    }
}

fn gone(invoice: &Invoice, updated_at: Timestamp) -> Invoice {
    Invoice {
        status: InvoiceStatus::Deleted,
        remaining: Money::zero(invoice.remaining.currency),
        updated_at,
        ..invoice.clone()
    }
}

fn spent(credit: &Credit, read_at: Timestamp) -> Credit {
    Credit {
        remaining: Money::zero(credit.remaining.currency),
        updated_at: read_at.max(credit.updated_at),
        ..credit.clone()
    }
}

/// Runs writes side by side; returns how many wrote.
async fn count_written<F>(writes: Vec<F>) -> Result<usize, AppError>
where
    F: Future<Output = Result<bool, AppError>>,
{
    let done = stream::iter(writes).buffer_unordered(WRITES_AT_ONCE);
    done.try_fold(0, async |n, is_written| Ok(n + usize::from(is_written))).await
}
