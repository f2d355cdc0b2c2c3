//! The situation of one customer, read without anybody else's: for a page, and never for a send.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactRef, Payers},
    credit::{Bill, Credit},
    customer_file::CustomerFile,
    id::OrgId,
    organisation::Organisation,
    plan::{History, Ledger, decision::Unit},
    reminder::Reminder,
};

use crate::{
    error::AppError,
    situation::{Situation, frame, owed_by},
    store::{Store, Stored, batch::Batch, customer_file::FileItem, invoice::KnownInvoice, keys, policy::policy_keys},
};

/// A customer with what is open and what was decided about it, without what could be sent.
#[derive(Debug, Clone)]
pub struct KnownCustomer {
    /// The customer, and since when.
    pub contact: Stored<Contact>,
    /// What people decided about the customer, without what holds for contacts that were merged into it.
    pub file: CustomerFile,
    /// The open invoices of the customer's own.
    pub open: Vec<KnownInvoice>,
    /// The reminders to the customer.
    pub reminders: Vec<Reminder>,
    /// What a plan looks at, as far as it does not depend on what can be sent.
    pub situation: Situation,
    payers: Payers,
}

/// Reads what is known of a customer; none where there is no such customer.
pub async fn known_customer(
    store: &Store,
    organisation: &Organisation,
    contact: &ContactRef,
) -> Result<Option<KnownCustomer>, AppError> {
    let org = &organisation.id;
    let payers = store.payers(org, contact.connection).await?;
    let merged = payers.billed_to(&BTreeSet::from([contact.clone()])).into_iter().filter(|other| other != contact);
    let billed: Vec<ContactRef> = std::iter::once(contact.clone()).chain(merged).collect();
    let keys_of = |one| [keys::contact(org, one), keys::customer_file(org, one)];
    let wanted: Vec<_> = billed.iter().flat_map(keys_of).chain(policy_keys(org)).collect();
    let mut batch = store.read_batch(&wanted).await?;
    let Some(known) = batch.take::<Contact>(&keys::contact(org, contact))? else { return Ok(None) };
    let file_of = |batch: &mut Batch, one| {
        let file: Option<Stored<FileItem>> = batch.take(&keys::customer_file(org, one))?;
        Ok::<_, AppError>(file.map(|file| file.value.file).unwrap_or_default())
    };
    let file = file_of(&mut batch, contact)?;
    // A customer's own file goes before those of contacts that were merged into it.
    let mut absorbed = file.clone();
    let contacts = BTreeMap::from([(contact.clone(), known.value.clone())]);
    let (mut ledger, mut history) = (Ledger { contacts, ..Ledger::default() }, History::default());
    let open = store.known_open_invoices(org, contact).await?;
    let reminders = store.reminders_of(org, contact).await?;
    let (mut all_open, mut all_reminders) = (open.clone(), reminders.clone());
    for merged in billed.iter().filter(|one| *one != contact) {
        let of_merged = batch.take::<Contact>(&keys::contact(org, merged))?;
        ledger.contacts.extend(of_merged.map(|merged| (merged.value.at.clone(), merged.value)));
        absorbed.absorb(&file_of(&mut batch, merged)?);
        all_open.extend(store.known_open_invoices(org, merged).await?);
        all_reminders.extend(store.reminders_of(org, merged).await?);
    }
    ledger.invoices.extend(all_open.into_iter().map(|known| owed_by(known.open(), &payers)));
    all_reminders.iter().for_each(|reminder| history.remember(contact.clone(), reminder.into()));
    history.files.insert(contact.clone(), absorbed);
    let situation = Situation {
        organisation: organisation.clone(),
        policies: store.policies_in(org, &mut batch).await?,
        ledger,
        history,
        ledgers_read_at: BTreeMap::new(),
        latest_ledger_at: None,
        accounts: BTreeSet::new(),
    };
    Ok(Some(KnownCustomer { contact: known, file, open, reminders, situation, payers }))
}

impl KnownCustomer {
    /// Where the customer is.
    pub fn at(&self) -> &ContactRef {
        &self.contact.value.at
    }

    /// Everything that a plan looks at for this customer; limits that all customers share are as if nobody else were
    /// there.
    pub(crate) async fn whole_situation(
        &self,
        store: &Store,
        org: &OrgId,
        now: Timestamp,
    ) -> Result<Situation, AppError> {
        let (mut situation, contact) = (frame(store, org, now).await?, self.at());
        let Situation { organisation, ledger, history, .. } = &mut situation;
        ledger.contacts.clone_from(&self.situation.ledger.contacts);
        ledger.invoices.clone_from(&self.situation.ledger.invoices);
        let History { files, reminders, delivered, known_numbers, .. } = self.situation.history.clone();
        *history = History { files, reminders, delivered, known_numbers, ..std::mem::take(history) };
        let pays = |of: &ContactRef| self.payers.payer_of(of);
        for billed in self.payers.billed_to(&BTreeSet::from([contact.clone()])) {
            let credits = store.open_credits_of(org, &billed).await?.into_iter();
            ledger.credits.extend(credits.map(|credit| Credit { contact: pays(&credit.contact), ..credit }));
            let bills = store.open_bills_of(org, &billed).await?.into_iter();
            ledger.bills.extend(bills.map(|bill| Bill { contact: pays(&bill.contact), ..bill }));
            for (unit, receipts) in store.receipts_of(org, &billed).await? {
                let unit = Unit { contact: contact.clone(), currency: unit.currency };
                ledger.receipts.entry(unit).and_modify(|known| known.absorb(&receipts)).or_insert(receipts);
            }
        }
        let number = self.contact.value.number.key();
        history.consents = store.consents_of(org, (number, contact)).await?;
        let Some(number) = number else { return Ok(situation) };
        history.fuses.extend(store.fuse(org, number).await?.map(|fuse| (number.clone(), fuse)));
        // What went to the number for somebody else counts for its tone and its caps.
        let sharers = store.contacts_of_number(org, number).await?.into_iter();
        let sharers: Vec<ContactRef> = sharers.filter(|other| !ledger.contacts.contains_key(other)).collect();
        let mut reminders = self.reminders.clone();
        if !sharers.is_empty() {
            let found = store.contacts_by_ref(org, &sharers).await?.into_iter();
            ledger.contacts.extend(found.map(|found| (found.value.at.clone(), found.value)));
        }
        for other in &sharers {
            let theirs = store.reminders_of(org, other).await?;
            theirs.iter().for_each(|reminder| history.remember(other.clone(), reminder.into()));
            reminders.extend(theirs);
        }
        history.channel.count(&reminders, &[], organisation.zone.date(now), None);
        Ok(situation)
    }
}
