//! What a number and its contact said, seen together and recorded together.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use numo_domain::{
    consent::{Consent, ConsentChange, ConsentState},
    contact::ContactRef,
    id::{NumberKey, OrgId},
};

use crate::{
    error::AppError,
    port::table::{Item, Key, Write, Written},
    store::{
        RACES, Store, Stored,
        consent::{ConsentItem, ConsentOf, write_over},
        keys, lost_races,
    },
};

/// What a number and a contact said.
#[derive(Debug)]
pub struct Said {
    /// None where the contact has no number.
    number: Option<(ConsentOf, Option<Stored<ConsentItem>>)>,
    contact: (ConsentOf, Option<Stored<ConsentItem>>),
}

impl Said {
    /// What was said for the number.
    pub fn of_number(&self) -> Option<&Consent> {
        self.number.as_ref()?.1.as_ref().map(|seen| &seen.value.consent)
    }

    /// What was said for the contact, whatever its number.
    pub fn of_contact(&self) -> Option<&Consent> {
        self.contact.1.as_ref().map(|seen| &seen.value.consent)
    }

    /// Whether nothing goes out: either of the two is enough.
    pub fn is_opted_out(&self) -> bool {
        let both = [self.of_number(), self.of_contact()];
        both.into_iter().flatten().any(|consent| consent.state == ConsentState::OptedOut)
    }

    /// Another one as soon as either is written, or the contact has another number.
    pub fn revision(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        for (of, seen) in self.each() {
            if let ConsentOf::Number(number) = of {
                number.as_str().hash(&mut hash);
            }
            seen.map_or(0, |seen| seen.rev).hash(&mut hash);
        }
        hash.finish()
    }

    fn each(&self) -> impl Iterator<Item = (ConsentOf, Option<&Stored<ConsentItem>>)> {
        self.number.iter().chain([&self.contact]).map(|(of, seen)| (of.clone(), seen.as_ref()))
    }
}

const OPTED_OUT: AppError =
    AppError::Conflict("the customer opted out: look at what was said, and record this over it with If-Match");

impl Store {
    /// Records what an admin was told, for a contact and its number together, with a line in the log.
    ///
    /// An opt-in lifts an opt-out only where it was seen: where the store expects the revision of [`Said`] that was.
    /// Written over what was read and nothing else: a STOP that comes in between is read, and wins.
    pub(crate) async fn record_answer(
        &self,
        org: &OrgId,
        (contact, number): (&ContactRef, Option<&NumberKey>),
        (change, line): (&ConsentChange, &Item),
        now: Timestamp,
    ) -> Result<(), AppError> {
        let key = keys::consent_of_contact(org, contact);
        for _ in 0..RACES {
            let said = self.said_about_writing(org, (number, contact)).await?;
            self.is_expected(&key, said.revision())?;
            if change.state == ConsentState::OptedIn && said.is_opted_out() && !self.expects(&key) {
                return Err(OPTED_OUT);
            }
            let (mut writes, mut given) = (vec![Write::Create(line.clone())], Vec::new());
            for (of, seen) in said.each() {
                match Consent::apply(seen.map(|seen| seen.value.consent.clone()), change.clone(), now) {
                    None => writes.push(Write::Check { key: of.key(org), rev: seen.map(|seen| seen.rev) }),
                    Some(consent) => {
                        given.push((of.clone(), consent.clone()));
                        writes.push(write_over(org, seen, ConsentItem { of, consent }, now)?);
                    }
                }
            }
            // A restored table must never learn of an opt-in that was not recorded, nor miss an opt-out that was.
            let is_opt_out = change.state == ConsentState::OptedOut;
            if is_opt_out {
                self.journal_consents(org, &given, now).await?;
            }
            if self.write_all(writes).await? == Written::Done {
                return if is_opt_out { Ok(()) } else { self.journal_consents(org, &given, now).await };
            }
        }
        Err(lost_races())
    }

    async fn journal_consents(
        &self,
        org: &OrgId,
        given: &[(ConsentOf, Consent)],
        now: Timestamp,
    ) -> Result<(), AppError> {
        for (of, consent) in given {
            self.journal_consent(org, of, consent, now).await?;
        }
        Ok(())
    }

    /// What a number and a contact said, with every change that is kept.
    pub async fn said_about_writing(
        &self,
        org: &OrgId,
        (number, contact): (Option<&NumberKey>, &ContactRef),
    ) -> Result<Said, AppError> {
        let (number, contact) = (number.cloned().map(ConsentOf::Number), ConsentOf::Contact(contact.clone()));
        let wanted: Vec<Key> = number.iter().chain([&contact]).map(|of| of.key(org)).collect();
        let mut batch = self.read_batch(&wanted).await?;
        let mut of = |of: ConsentOf| batch.take(&of.key(org)).map(|seen| (of, seen));
        Ok(Said { number: number.map(&mut of).transpose()?, contact: of(contact)? })
    }
}
