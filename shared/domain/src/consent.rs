//! Whether a customer may be written to.

pub mod opt_in;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    contact::{Contact, ContactRef},
    id::NumberKey,
    organisation::Organisation,
};

/// A START that comes later than this after it was written never opts in.
const STALE_START: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What a number, or a contact, said about being written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The answer in force.
    pub state: ConsentState,
    /// When the person said it, by the message's own time; while nothing but imports is known, when the first came.
    pub changed_at: Timestamp,
    /// All changes, oldest first.
    pub history: Vec<ConsentChange>,
}

/// The answer in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// No more reminders.
    OptedOut,
    /// Explicitly agreed.
    OptedIn,
}

/// One thing a person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentChange {
    /// What was said.
    pub state: ConsentState,
    /// When, by the message's own time.
    pub at: Timestamp,
    /// By what.
    pub by: ConsentSource,
    /// An admin's reason, or the source of an import; empty for what the person said himself.
    #[serde(default)]
    pub note: String,
}

/// How a change of consent reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    /// STOP, START or one of their words.
    Message,
    /// A button under a reminder.
    Button,
    /// An admin's reasoned record.
    Admin,
    /// An import of what the customer agreed to elsewhere.
    Import {
        /// The day on which it was given.
        given_on: Date,
    },
}

impl ConsentSource {
    /// Whether it was imported, and not said to us.
    pub const fn is_import(self) -> bool {
        matches!(self, Self::Import { .. })
    }
}

impl Consent {
    /// Applies a change, or says that it changes nothing.
    ///
    /// Changes are ordered by the message's own time; at the same time the opt-out wins.
    /// Whatever is said wins over what was only imported.
    pub fn apply(before: Option<Self>, change: ConsentChange, now: Timestamp) -> Option<Self> {
        let said_at = before.as_ref().and_then(Self::said_at);
        let wins = match change.state {
            ConsentState::OptedOut => said_at.is_none_or(|said_at| change.at >= said_at),
            ConsentState::OptedIn => {
                said_at.is_none_or(|said_at| change.at > said_at) && now.duration_since(change.at) <= STALE_START
            }
        };
        let mut history = before.map(|before| before.history).unwrap_or_default();
        if !wins || history.contains(&change) {
            return None;
        }
        let (state, changed_at) = (change.state, change.at);
        history.push(change);
        Some(Self { state, changed_at, history })
    }

    /// Whether nothing was said, and all there is was imported.
    pub fn is_only_imported(&self) -> bool {
        self.said_at().is_none()
    }

    /// When the answer in force was said; nothing while it was only imported.
    fn said_at(&self) -> Option<Timestamp> {
        let is_said = self.history.iter().any(|change| !change.by.is_import());
        is_said.then_some(self.changed_at)
    }
}

/// Everybody's answers that a plan needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consents {
    /// Numbers that opted out.
    pub opted_out_numbers: BTreeSet<NumberKey>,
    /// Contacts that opted out, whatever number they have now.
    pub opted_out_contacts: BTreeSet<ContactRef>,
    /// Numbers that explicitly opted in: whoever has the number said so, or an admin recorded it.
    pub opted_in_numbers: BTreeSet<NumberKey>,
    /// Numbers of which an opt-in was imported and nothing was said since.
    pub imported_numbers: BTreeSet<NumberKey>,
    /// Contacts that opted in, under whatever number.
    pub opted_in_contacts: BTreeSet<ContactRef>,
}

impl Consents {
    /// Whether a contact opted out, by itself or by its number.
    pub fn is_opted_out(&self, contact: &Contact) -> bool {
        let by_number = contact.number.key().is_some_and(|key| self.opted_out_numbers.contains(key));
        by_number || self.opted_out_contacts.contains(&contact.at)
    }

    /// Whether there is a basis for writing to a contact.
    ///
    /// `relationship` says that an approved sales invoice of the last 24 months exists.
    pub fn has_basis(&self, organisation: &Organisation, contact: &Contact, relationship: bool) -> bool {
        // An import is the business's word about one customer: it is none for another who has the same number.
        let is_imported = |key| self.imported_numbers.contains(key) && self.opted_in_contacts.contains(&contact.at);
        let explicit = contact.number.key().is_some_and(|key| self.opted_in_numbers.contains(key) || is_imported(key));
        let attested = organisation.attestation.is_some() && !organisation.explicit_opt_in_only;
        // The statement was made for the number that was there; another one may be a stranger's.
        let same_number = contact.number.key().is_none_or(|key| contact.first_key.as_ref() == Some(key));
        explicit || (attested && relationship && same_number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(state: ConsentState, second: i64) -> ConsentChange {
        ConsentChange {
            state,
            at: Timestamp::from_second(second).unwrap(),
            by: ConsentSource::Message,
            note: String::new(),
        }
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_000_000).unwrap()
    }

    #[test]
    fn a_start_older_than_the_stop_never_opts_in() {
        let stopped = Consent::apply(None, change(ConsentState::OptedOut, 999_000), now());
        assert_eq!(Consent::apply(stopped, change(ConsentState::OptedIn, 998_000), now()), None);
    }

    #[test]
    fn a_start_that_took_nine_days_to_arrive_never_opts_in() {
        assert_eq!(Consent::apply(None, change(ConsentState::OptedIn, 1_000_000 - 9 * 86_400), now()), None);
    }

    #[test]
    fn a_repeated_stop_changes_nothing() {
        let stopped = Consent::apply(None, change(ConsentState::OptedOut, 999_000), now());
        assert_eq!(Consent::apply(stopped, change(ConsentState::OptedOut, 999_000), now()), None);
    }

    proptest! {
        #[test]
        fn the_answer_in_force_does_not_depend_on_the_order_of_arrival(
            seconds in prop::collection::btree_set(999_000i64..1_000_000, 1..6),
            seed in any::<u64>(),
        ) {
            let changes: Vec<ConsentChange> = seconds.iter().enumerate().map(|(n, second)| {
                let out = (seed >> n) & 1 == 0;
                change(if out { ConsentState::OptedOut } else { ConsentState::OptedIn }, *second)
            }).collect();
            let settle = |order: Vec<ConsentChange>| order.into_iter().fold(None, |before: Option<Consent>, next| {
                Consent::apply(before.clone(), next, now()).or(before)
            }).map(|consent| (consent.state, consent.changed_at));
            let backwards: Vec<_> = changes.iter().rev().cloned().collect();
            prop_assert_eq!(settle(changes), settle(backwards));
        }
    }
}
