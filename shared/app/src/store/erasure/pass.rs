//! One pass over everything that names a customer: again, it finds nothing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::{Contact, ContactRef},
    id::{ExternalId, NumberKey, OrgId},
};

use crate::{
    connect_ledger::sha256_hex,
    error::AppError,
    number_key::NumberKeys,
    port::{ledger::record::RecordKind, table::Item},
    store::{
        Store,
        consent::ConsentOf,
        decode,
        erasure::{ErasedCustomer, traces::item_names},
        invoice::KnownInvoice,
        keys,
        manual_send::{ManualSend, ManualState},
    },
};

/// Whom a pass erases.
pub(crate) struct Pass<'a> {
    pub store: &'a Store,
    pub number_keys: &'a NumberKeys,
    pub org: &'a OrgId,
    pub contact: &'a ContactRef,
    pub erased: &'a ErasedCustomer,
    pub now: Timestamp,
}

/// What a pass had to leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Somebody wrote something of it meanwhile.
    pub is_raced: bool,
    /// A message is too young: how it ends is not settled yet.
    pub is_young: bool,
}

impl Left {
    pub(super) fn note(&mut self, all_gone: bool) {
        self.is_raced |= !all_gone;
    }
}

/// What a message needs to come to its end: settled and accounted for, with a week for days that do not add up.
pub(super) const YOUNG: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What stands in a consent for the reason of an opt-out that an erasure made.
pub(super) const ERASED_NOTE: &str = "erased";

impl Pass<'_> {
    /// Deletes what names the customer; the contact itself goes last, since it leads to the rest.
    pub(crate) async fn run(&self) -> Result<Left, AppError> {
        let mut left = Left::default();
        let links = self.naming(keys::erasure::ALL_PHONE_LINKS).await?;
        let contact = self.store.read::<Contact>(&keys::contact(self.org, self.contact)).await?;
        let number = contact.and_then(|seen| seen.value.number.key().cloned());
        let theirs: BTreeSet<NumberKey> =
            links.iter().filter_map(|link| keys::erasure::number_of_link(&link.key.sk)).chain(number).collect();
        for number in &theirs {
            self.silence(number).await?;
        }
        self.words(theirs, &mut left).await?;
        self.invoices(&mut left).await?;
        for prefix in keys::erasure::naming(self.contact) {
            let found = self.naming(&prefix).await?;
            left.note(self.store.delete_seen(found).await?);
        }
        self.manual_sends(&mut left).await?;
        self.reminders(&mut left).await?;
        // Whoever is in an archive is in it with everything.
        left.note(self.store.withdraw_exports(self.org, self.now).await?);
        left.note(self.store.delete_seen(links).await?);
        let (connection, id) = (self.contact.connection, self.contact.contact.as_str());
        for key in [
            keys::unreadable_record(self.org, connection, RecordKind::Contact, id),
            keys::payer_link(self.org, self.contact),
            keys::contact(self.org, self.contact),
        ] {
            left.note(self.store.delete_at(&key).await?);
        }
        // Whoever counted meanwhile knew them; the second pass comes after that.
        self.store.forget_debtor(self.org, self.contact, self.now).await?;
        Ok(left)
    }

    pub(super) async fn naming(&self, prefix: &str) -> Result<Vec<Item>, AppError> {
        self.store.items_naming(self.org, prefix, self.contact).await
    }

    /// Nothing is ever sent to a number of theirs, whoever has it in a ledger: only START or an admin's record lifts it.
    async fn silence(&self, number: &NumberKey) -> Result<(), AppError> {
        let change = opt_out(self.erased);
        self.store.change_consent(self.org, ConsentOf::Number(number.clone()), &change, self.now).await
    }

    /// Invoices go with what leads to them: first that, since nothing else knows it.
    async fn invoices(&self, left: &mut Left) -> Result<(), AppError> {
        let connection = self.contact.connection;
        let found = self.naming(&keys::erasure::invoices(connection)).await?;
        let mut ids: BTreeSet<ExternalId> = BTreeSet::new();
        for item in &found {
            let id = decode::<KnownInvoice>(item.clone())?.value.invoice.id;
            let token = self.number_keys.pay_token(self.org, connection, &id)?;
            for key in [keys::pay_target(&sha256_hex(token.as_str())), keys::pay_link(self.org, connection, &id)] {
                left.note(self.store.delete_at(&key).await?);
            }
            ids.insert(id);
        }
        if !ids.is_empty() {
            let ends: Vec<String> = ids.iter().map(|id| keys::erasure::end_of_pdf(connection, id)).collect();
            let is_theirs = |item: &Item| ends.iter().any(|end| item.key.sk.ends_with(end));
            let pdfs = self.store.items_where(self.org, keys::erasure::GIVEN_PDFS, is_theirs).await?;
            left.note(self.store.delete_seen(pdfs).await?);
        }
        left.note(self.store.delete_seen(found).await?);
        Ok(())
    }

    /// What was asked for outside the plan; one that was claimed is needed until its message came to its end.
    async fn manual_sends(&self, left: &mut Left) -> Result<(), AppError> {
        let mut over = Vec::new();
        for item in self.naming(keys::erasure::MANUAL_SENDS).await? {
            let asked = decode::<ManualSend>(item.clone())?.value;
            if asked.state == ManualState::Claimed && self.is_young(asked.asked_at) {
                left.is_young = true;
            } else {
                over.push(item);
            }
        }
        left.note(self.store.delete_seen(over).await?);
        Ok(())
    }

    pub(super) fn is_young(&self, at: Timestamp) -> bool {
        self.now.duration_since(at) < YOUNG
    }

    pub(super) fn is_theirs(&self, item: &Item) -> bool {
        item_names(item, self.contact)
    }
}

/// What an erasure says for a number.
pub(crate) fn opt_out(erased: &ErasedCustomer) -> ConsentChange {
    ConsentChange {
        state: ConsentState::OptedOut,
        at: erased.erased_at,
        by: ConsentSource::Admin,
        note: ERASED_NOTE.to_owned(),
        message: None,
        recorded_by: Some(erased.by.clone()),
    }
}
