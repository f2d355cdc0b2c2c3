//! Everything a send rests on, read in one call, so that the decision and the claim see the same.

use std::collections::BTreeSet;

use numo_domain::{
    consent::Consents,
    contact::{Contact, ContactRef},
    credit::Receipts,
    customer_file::CustomerFile,
    fuse::Fuse,
    id::{NumberKey, OrgId, PhoneNumberId, PolicyId},
    organisation::Organisation,
    plan::decision::Unit,
    policy::Policy,
    reminder::{Reminder, ReminderKey},
    sender::Sender,
};

use crate::{
    error::AppError,
    port::table::Key,
    store::{
        Store, Stored,
        batch::Batch,
        consent::{ConsentItem, ConsentOf, gather},
        customer_file::FileItem,
        keys,
        receipts::ReceiptsItem,
        reminder::{FuseItem, ReminderItem},
    },
};

/// What decides about one send, as it is now.
#[derive(Debug, Clone)]
pub struct Grounds {
    /// The profile, with its pause.
    pub organisation: Organisation,
    /// The policy by which it was planned, if it is still there.
    pub policy: Option<Policy>,
    /// The number it would go out from, if it is still there.
    pub sender: Option<Sender>,
    /// The customer, if still there.
    pub contact: Option<Contact>,
    /// What people decided about the customer and those it pays for, and what they said.
    pub file: CustomerFile,
    /// What the customer, and those it pays for, paid lately in the currency.
    pub receipts: Option<Receipts>,
    /// The customer's past reminders that were asked for.
    pub reminders: Vec<Reminder>,
    /// What the claim holds on to.
    pub basis: ClaimBasis,
}

/// What a claim rests on, as it was read: it goes through only while all of it is unchanged.
#[derive(Debug, Clone)]
pub struct ClaimBasis {
    pub(super) key: ReminderKey,
    pub(super) recipient: NumberKey,
    pub(super) reminder: Option<Stored<ReminderItem>>,
    pub(super) fuse: Option<Stored<FuseItem>>,
    pub(super) consents: Vec<(ConsentOf, Option<Stored<ConsentItem>>)>,
    pub(super) file: Option<Stored<FileItem>>,
}

/// Which send.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Where it would be claimed.
    pub key: &'a ReminderKey,
    /// Whom it would reach.
    pub recipient: &'a NumberKey,
    /// The number it would go out from.
    pub sender: &'a PhoneNumberId,
    /// The policy by which it was planned.
    pub policy: &'a PolicyId,
    /// The past reminders that the decision looks at.
    pub rests_on: &'a [ReminderKey],
    /// The contacts whose invoices the customer owes, itself included.
    pub billed: &'a BTreeSet<ContactRef>,
}

impl Store {
    /// Reads what decides about a send, in one call for up to 91 past reminders, and files and receipts of others.
    pub async fn grounds(&self, org: &OrgId, asked: Asked<'_>) -> Result<Grounds, AppError> {
        let unit = Unit { contact: asked.key.contact.clone(), currency: asked.key.currency };
        let (profile, policy) = (keys::profile(org), keys::policy(org, asked.policy));
        let others = asked.billed.iter().filter(|contact| **contact != unit.contact);
        let files: Vec<_> = others.clone().map(|contact| keys::customer_file(org, contact)).collect();
        let payers = std::iter::once(&unit.contact).chain(others);
        let receipts: Vec<_> = payers
            .map(|contact| keys::receipts::of_unit(org, &Unit { contact: contact.clone(), currency: unit.currency }))
            .collect();
        let (sender, contact) = (keys::sender(org, asked.sender), keys::contact(org, &asked.key.contact));
        let others: BTreeSet<&ReminderKey> = asked.rests_on.iter().filter(|key| *key != asked.key).collect();
        let past: Vec<_> = others.into_iter().map(|key| keys::reminder(org, key)).collect();
        let mut wanted = vec![profile.clone(), policy.clone(), sender.clone(), contact.clone()];
        wanted.extend(basis_keys(org, asked.key, asked.recipient));
        wanted.extend(past.iter().chain(&files).chain(&receipts).cloned());
        let mut batch = self.read_batch(&wanted).await?;
        let organisation = batch.take(&profile)?.map_or_else(|| Organisation::new(org.clone()), |stored| stored.value);
        let basis = ClaimBasis::take(&mut batch, org, asked.key, asked.recipient)?;
        let mut file = basis.file.as_ref().map(|stored| stored.value.file.clone()).unwrap_or_default();
        for key in &files {
            batch.take::<FileItem>(key)?.iter().for_each(|other| file.absorb(&other.value.file));
        }
        let mut reminders: Vec<Reminder> = basis.reminder.iter().map(|stored| stored.value.reminder()).collect();
        for key in &past {
            reminders.extend(batch.take::<ReminderItem>(key)?.map(|stored| stored.value.reminder()));
        }
        let mut paid: Option<Receipts> = None;
        for key in &receipts {
            let Some(ReceiptsItem { receipts, .. }) = batch.take(key)?.map(|stored| stored.value) else { continue };
            match &mut paid {
                Some(paid) => paid.absorb(&receipts),
                None => paid = Some(receipts),
            }
        }
        Ok(Grounds {
            organisation,
            policy: batch.take(&policy)?.map(|stored| stored.value),
            sender: batch.take(&sender)?.map(|stored| stored.value),
            contact: batch.take(&contact)?.map(|stored| stored.value),
            file,
            receipts: paid,
            reminders,
            basis,
        })
    }

    /// Reads what a claim rests on.
    pub async fn claim_basis(
        &self,
        org: &OrgId,
        key: &ReminderKey,
        recipient: &NumberKey,
    ) -> Result<ClaimBasis, AppError> {
        let mut batch = self.read_batch(&basis_keys(org, key, recipient)).await?;
        ClaimBasis::take(&mut batch, org, key, recipient)
    }
}

impl ClaimBasis {
    /// The answers of the number and of the customer.
    pub fn consents(&self) -> Consents {
        gather(self.consents.iter().filter_map(|(_, stored)| stored.clone()).collect())
    }

    /// The sends of the last seven days to the number.
    pub fn fuse(&self) -> Option<(NumberKey, Fuse)> {
        self.fuse.as_ref().map(|stored| (stored.value.number.clone(), stored.value.fuse.clone()))
    }

    fn take(batch: &mut Batch, org: &OrgId, key: &ReminderKey, recipient: &NumberKey) -> Result<Self, AppError> {
        let mut consents = Vec::with_capacity(2);
        for of in consents_of(&key.contact, recipient) {
            let stored = batch.take::<ConsentItem>(&of.key(org))?;
            consents.push((of, stored));
        }
        Ok(Self {
            key: key.clone(),
            recipient: recipient.clone(),
            reminder: batch.take(&keys::reminder(org, key))?,
            fuse: batch.take(&keys::fuse(org, recipient))?,
            consents,
            file: batch.take(&keys::customer_file(org, &key.contact))?,
        })
    }
}

fn consents_of(contact: &ContactRef, recipient: &NumberKey) -> [ConsentOf; 2] {
    [ConsentOf::Number(recipient.clone()), ConsentOf::Contact(contact.clone())]
}

fn basis_keys(org: &OrgId, key: &ReminderKey, recipient: &NumberKey) -> [Key; 5] {
    let [number, contact, file] = answer_keys(org, key, recipient);
    [keys::reminder(org, key), keys::fuse(org, recipient), number, contact, file]
}

/// Where the answers of number and customer are, and what people decided and customers said.
pub(super) fn answer_keys(org: &OrgId, key: &ReminderKey, recipient: &NumberKey) -> [Key; 3] {
    let [number, contact] = consents_of(&key.contact, recipient).map(|of| of.key(org));
    [number, contact, keys::customer_file(org, &key.contact)]
}
