//! What numbers and contacts said about being written to.

pub mod said;

use jiff::Timestamp;
use numo_domain::{
    consent::{
        Consent, ConsentChange, ConsentState, Consents,
        opt_in::{OptIn, OptInRefusal},
    },
    contact::ContactRef,
    id::{NumberKey, OrgId},
};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    port::table::{Key, Source, Write, Written},
    store::{Entity, RACES, Store, Stored, keys, lost_races, new_item, next_item},
};

/// A consent with whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConsentItem {
    /// Whose.
    pub of: ConsentOf,
    /// What was said.
    pub consent: Consent,
}

/// A number or a contact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentOf {
    /// A recipient number.
    Number(NumberKey),
    /// A contact, whatever its number.
    Contact(ContactRef),
}

impl ConsentOf {
    pub(crate) fn key(&self, org: &OrgId) -> Key {
        match self {
            Self::Number(number) => keys::consent_of_number(org, number),
            Self::Contact(contact) => keys::consent_of_contact(org, contact),
        }
    }
}

impl Entity for ConsentItem {
    const ENTITY: &'static str = "consent";
}

impl Store {
    /// Everybody's answers.
    pub async fn consents(&self, org: &OrgId) -> Result<Consents, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<ConsentItem>(source, keys::CONSENTS.to_owned()).await?;
        Ok(gather(items))
    }

    /// Who wants to hear nothing, as it was written by an instant and stands since.
    pub(crate) async fn opted_out(&self, org: &OrgId, by: Timestamp) -> Result<Vec<ConsentOf>, AppError> {
        let source = Source::Table(keys::org_partition(org));
        let items = self.list::<ConsentItem>(source, keys::CONSENTS.to_owned()).await?.into_iter();
        let out = items.filter(|item| item.updated_at <= by && item.value.consent.state == ConsentState::OptedOut);
        Ok(out.map(|item| item.value.of).collect())
    }

    /// The answers of one contact and its number.
    pub async fn consents_of(
        &self,
        org: &OrgId,
        (number, contact): (Option<&NumberKey>, &ContactRef),
    ) -> Result<Consents, AppError> {
        let of = number.cloned().map(ConsentOf::Number).into_iter().chain([ConsentOf::Contact(contact.clone())]);
        let keys: Vec<_> = of.map(|of| of.key(org)).collect();
        Ok(gather(self.read_many(&keys).await?.into_iter().map(|(_, stored)| stored).collect()))
    }

    /// Applies one change; nothing if it changes nothing.
    pub async fn change_consent(
        &self,
        org: &OrgId,
        of: ConsentOf,
        change: &ConsentChange,
        now: Timestamp,
    ) -> Result<(), AppError> {
        for _ in 0..RACES {
            match self.consent_write(org, of.clone(), change, now).await? {
                None => return Ok(()),
                Some(ConsentWrite { write, .. }) => {
                    if self.write_all(vec![write]).await? == Written::Done {
                        return Ok(());
                    }
                }
            }
        }
        Err(lost_races())
    }

    /// Records an opt-in that was given elsewhere, for a contact and its number together.
    ///
    /// Written over what was read and nothing else: a STOP that comes in between is read, and wins.
    pub async fn record_opt_in(
        &self,
        org: &OrgId,
        whose: (&ContactRef, &NumberKey),
        opt_in: &OptIn,
        now: Timestamp,
    ) -> Result<OptInRecorded, AppError> {
        for _ in 0..RACES {
            let over = match self.opt_in_over(org, whose, opt_in, now).await? {
                Ok(over) if over.given.is_empty() => return Ok(OptInRecorded::Before),
                Ok(over) => over,
                Err(refusal) => return Ok(OptInRecorded::Not(refusal)),
            };
            for (of, consent) in &over.given {
                self.journal_consent(org, of, consent, now).await?;
            }
            if self.write_all(over.writes).await? == Written::Done {
                return Ok(OptInRecorded::Now);
            }
        }
        Err(lost_races())
    }

    /// What recording an opt-in would come to; records nothing.
    pub async fn look_at_opt_in(
        &self,
        org: &OrgId,
        whose: (&ContactRef, &NumberKey),
        opt_in: &OptIn,
        now: Timestamp,
    ) -> Result<OptInRecorded, AppError> {
        Ok(match self.opt_in_over(org, whose, opt_in, now).await? {
            Ok(over) if over.given.is_empty() => OptInRecorded::Before,
            Ok(_) => OptInRecorded::Now,
            Err(refusal) => OptInRecorded::Not(refusal),
        })
    }

    /// What an opt-in changes over what is known now, or why it is not recorded.
    async fn opt_in_over(
        &self,
        org: &OrgId,
        (contact, number): (&ContactRef, &NumberKey),
        opt_in: &OptIn,
        now: Timestamp,
    ) -> Result<Result<OptInOver, OptInRefusal>, AppError> {
        if self.who_has_number(org, vec![contact.clone()], number).await?.is_empty() {
            return Ok(Err(OptInRefusal::WrongNumber));
        }
        let (mut writes, mut checks, mut given) = (Vec::new(), Vec::new(), Vec::new());
        for of in [ConsentOf::Number(number.clone()), ConsentOf::Contact(contact.clone())] {
            let seen = self.consent(org, &of).await?;
            match opt_in.record(seen.as_ref().map(|seen| seen.value.consent.clone()), now) {
                Err(refusal) => return Ok(Err(refusal)),
                Ok(None) => checks.push(Write::Check { key: of.key(org), rev: seen.map(|seen| seen.rev) }),
                Ok(Some(consent)) => {
                    given.push((of.clone(), consent.clone()));
                    writes.push(write_over(org, seen.as_ref(), ConsentItem { of, consent }, now)?);
                }
            }
        }
        writes.extend(checks);
        Ok(Ok(OptInOver { writes, given }))
    }

    pub(crate) async fn consent(&self, org: &OrgId, of: &ConsentOf) -> Result<Option<Stored<ConsentItem>>, AppError> {
        self.read(&of.key(org)).await
    }

    /// The write that applies a change, if it changes anything.
    pub(crate) async fn consent_write(
        &self,
        org: &OrgId,
        of: ConsentOf,
        change: &ConsentChange,
        now: Timestamp,
    ) -> Result<Option<ConsentWrite>, AppError> {
        let seen = self.consent(org, &of).await?;
        let before = seen.as_ref().map(|seen| seen.value.consent.clone());
        let turns = before.as_ref().is_none_or(|before| before.state != change.state);
        let Some(consent) = Consent::apply(before, change.clone(), now) else { return Ok(None) };
        self.journal_consent(org, &of, &consent, now).await?;
        let write = write_over(org, seen.as_ref(), ConsentItem { of, consent }, now)?;
        Ok(Some(ConsentWrite { write, turns }))
    }
}

/// The write that puts a consent in the place of the one that was seen, if any.
fn write_over(
    org: &OrgId,
    seen: Option<&Stored<ConsentItem>>,
    item: ConsentItem,
    now: Timestamp,
) -> Result<Write, AppError> {
    let key = item.of.key(org);
    Ok(match seen {
        Some(seen) => Write::Replace(next_item(key, seen, &item, now)?),
        None => Write::Create(new_item(key, &item, now)?),
    })
}

/// An opt-in over what was read.
struct OptInOver {
    /// All that is written, with checks that nothing else changed.
    writes: Vec<Write>,
    /// The consents that it changes; none where it is known already.
    given: Vec<(ConsentOf, Consent)>,
}

/// What became of an opt-in that was given elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptInRecorded {
    /// It is recorded.
    Now,
    /// It was recorded before, and nothing changed.
    Before,
    /// It is not recorded.
    Not(OptInRefusal),
}

/// The write that applies a change.
pub(crate) struct ConsentWrite {
    pub write: Write,
    /// Whether the state becomes another one, and is not just said again.
    pub turns: bool,
}

pub(crate) fn gather(items: Vec<Stored<ConsentItem>>) -> Consents {
    let mut consents = Consents::default();
    for ConsentItem { of, consent } in items.into_iter().map(|stored| stored.value) {
        match (of, consent.state) {
            (ConsentOf::Number(number), ConsentState::OptedOut) => drop(consents.opted_out_numbers.insert(number)),
            (ConsentOf::Number(number), ConsentState::OptedIn) if consent.is_only_imported() => {
                consents.imported_numbers.insert(number);
            }
            (ConsentOf::Number(number), ConsentState::OptedIn) => drop(consents.opted_in_numbers.insert(number)),
            (ConsentOf::Contact(contact), ConsentState::OptedOut) => drop(consents.opted_out_contacts.insert(contact)),
            (ConsentOf::Contact(contact), ConsentState::OptedIn) => drop(consents.opted_in_contacts.insert(contact)),
        }
    }
    consents
}
