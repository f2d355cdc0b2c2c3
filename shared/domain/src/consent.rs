//! Whether a customer may be written to.

pub mod opt_in;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    contact::{Contact, ContactRef},
    id::{MessageId, NumberKey, UserId},
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
    /// All changes, oldest first; of what was said the first and the latest [`MAX_SAID`].
    pub history: Vec<ConsentChange>,
}

/// The answer in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// Meta's id of the message that said it; none where no message did, and for what was kept before ids were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// The member who recorded or imported it; none for what the person said himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<UserId>,
}

/// How a change of consent reached us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentSource {
    /// STOP, START or one of their words, typed.
    Message,
    /// A button or a row of a list that says the same.
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
    /// Whether the person's own words said it.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::Message | Self::Button)
    }

    /// Whether it was imported, and not said to us.
    pub const fn is_import(self) -> bool {
        matches!(self, Self::Import { .. })
    }
}

/// Changes that were said and are kept: somebody who writes STOP and START all day must not fill the item, so that the
/// next STOP finds no room.
pub const MAX_SAID: usize = 100;

/// The first word stays as the proof of where it began.
fn forget_the_oldest(history: &mut Vec<ConsentChange>) {
    let said = || history.iter().enumerate().filter(|(_, change)| !change.by.is_import()).map(|(place, _)| place);
    if let Some(second) = said().nth(1).filter(|_| said().count() > MAX_SAID + 1) {
        history.remove(second);
    }
}

impl Consent {
    /// Applies a change, or says that it changes nothing.
    ///
    /// Changes are ordered by the message's own time; at the same time the opt-out wins.
    /// Whatever is said wins over what was only imported.
    /// An opt-out of the person's own that arrives after an admin recorded an opt-in wins over it, whenever it was
    /// written: the admin cannot have known of it.
    pub fn apply(before: Option<Self>, change: ConsentChange, now: Timestamp) -> Option<Self> {
        let said_at = before.as_ref().and_then(Self::said_at);
        let wins = match change.state {
            ConsentState::OptedOut => {
                let outlasts = |said_at: Option<Timestamp>| said_at.is_none_or(|said_at| change.at >= said_at);
                let recorded = before.as_ref().filter(|before| before.is_opt_in_of_an_admin());
                let is_unknown_to_them = recorded.is_some_and(|before| outlasts(before.heard_at()));
                outlasts(said_at) || (change.by.is_own() && is_unknown_to_them)
            }
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
        forget_the_oldest(&mut history);
        Some(Self { state, changed_at, history })
    }

    /// Whether nothing was said, and all there is was imported.
    pub fn is_only_imported(&self) -> bool {
        self.said_at().is_none()
    }

    /// Whether the answer in force is an admin's word for it that somebody agreed.
    fn is_opt_in_of_an_admin(&self) -> bool {
        let in_force = self.history.iter().rev().find(|change| !change.by.is_import());
        self.state == ConsentState::OptedIn && in_force.is_some_and(|change| change.by == ConsentSource::Admin)
    }

    /// When the person's own latest word was said.
    fn heard_at(&self) -> Option<Timestamp> {
        self.history.iter().filter(|change| change.by.is_own()).map(|change| change.at).max()
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

/// What is known of somebody's being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// They want to hear nothing more.
    OptedOut,
    /// Whoever has the number said yes, or an admin recorded it.
    OptedIn,
    /// An opt-in was imported, and nothing was said since.
    Imported,
    /// Nothing was said.
    None,
}

impl Answer {
    /// The name in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::OptedIn => "opted_in",
            Self::Imported => "imported",
            Self::None => "none",
        }
    }
}

impl Consents {
    /// Whether a contact opted out, by itself or by its number: the one in use, or the one that its ledger has.
    pub fn is_opted_out(&self, contact: &Contact) -> bool {
        let numbers = [contact.number.key(), contact.number_in_ledger().key()];
        let by_number = numbers.into_iter().flatten().any(|key| self.opted_out_numbers.contains(key));
        by_number || self.opted_out_contacts.contains(&contact.at)
    }

    /// What is known of a contact and its number: an opt-out of either is one.
    pub fn answer_of(&self, contact: &Contact) -> Answer {
        let key = contact.number.key();
        if self.is_opted_out(contact) {
            Answer::OptedOut
        } else if key.is_some_and(|key| self.opted_in_numbers.contains(key)) {
            Answer::OptedIn
        } else if key.is_some_and(|key| self.is_imported(key, contact)) {
            Answer::Imported
        } else {
            Answer::None
        }
    }

    /// An import is the business's word about one customer: it is none for another who has the same number.
    fn is_imported(&self, key: &NumberKey, contact: &Contact) -> bool {
        self.imported_numbers.contains(key) && self.opted_in_contacts.contains(&contact.at)
    }

    /// Whether there is a basis for writing to a contact.
    ///
    /// `relationship` says that an approved sales invoice of the last 24 months exists.
    pub fn has_basis(&self, organisation: &Organisation, contact: &Contact, relationship: bool) -> bool {
        let is_explicit = |key| self.opted_in_numbers.contains(key) || self.is_imported(key, contact);
        let explicit = contact.number.key().is_some_and(is_explicit);
        let attested = organisation.attestation.is_some() && !organisation.explicit_opt_in_only;
        // The statement was made for the number that was there; another one may be a stranger's.
        explicit || (attested && relationship && contact.has_first_number())
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
            message: None,
            recorded_by: None,
        }
    }

    #[test]
    fn a_change_of_old_without_message_or_member_is_read_as_it_was() {
        let stored = serde_json::json!({
            "state": "opted_out", "changed_at": "1970-01-01T00:00:05Z",
            "history": [{"state": "opted_out", "at": "1970-01-01T00:00:05Z", "by": "message"}],
        });
        let read: Consent = serde_json::from_value(stored).unwrap();
        assert_eq!(read.history, [change(ConsentState::OptedOut, 5)]);
    }

    #[test]
    fn a_change_is_stored_with_the_message_that_said_it_or_the_member_who_recorded_it() {
        let said = ConsentChange {
            by: ConsentSource::Button,
            message: "wamid.1".parse().ok(),
            ..change(ConsentState::OptedOut, 5)
        };
        let recorded = ConsentChange {
            by: ConsentSource::Admin,
            note: "by phone".to_owned(),
            recorded_by: "user_ann".parse().ok(),
            ..change(ConsentState::OptedIn, 9)
        };
        let stored = serde_json::json!([
            {"state": "opted_out", "at": "1970-01-01T00:00:05Z", "by": "button", "note": "", "message": "wamid.1"},
            {"state": "opted_in", "at": "1970-01-01T00:00:09Z", "by": "admin", "note": "by phone",
                "recorded_by": "user_ann"},
        ]);
        assert_eq!(serde_json::to_value([&said, &recorded]).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Vec<ConsentChange>>(stored).unwrap(), [said, recorded]);
    }

    #[test]
    fn whoever_changes_the_mind_all_day_is_still_heard_and_the_first_and_the_latest_words_stay() {
        let states = [ConsentState::OptedOut, ConsentState::OptedIn];
        let consent = (0..1_000).fold(None, |before, n| {
            let state = states[usize::try_from(n % 2).unwrap()];
            let next = Consent::apply(before, change(state, 999_000 + n), now());
            assert_eq!(next.as_ref().map(|next| next.state), Some(state));
            next
        });
        let history = consent.unwrap().history;
        let seconds: Vec<i64> = history.iter().map(|change| change.at.as_second()).collect();
        let expected: Vec<i64> = std::iter::once(999_000).chain(999_900..1_000_000).take(101).collect();
        assert_eq!(seconds, expected);
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

    fn recorded(state: ConsentState, second: i64) -> ConsentChange {
        ConsentChange { by: ConsentSource::Admin, ..change(state, second) }
    }

    #[test]
    fn a_stop_that_an_admin_cannot_have_known_of_wins_over_the_opt_in_that_they_recorded() {
        let known = Consent::apply(None, change(ConsentState::OptedOut, 998_000), now());
        let lifted = Consent::apply(known, recorded(ConsentState::OptedIn, 999_500), now()).unwrap();
        assert_eq!(lifted.state, ConsentState::OptedIn);
        // What they knew of changes nothing, however often it comes.
        assert_eq!(Consent::apply(Some(lifted.clone()), change(ConsentState::OptedOut, 998_000), now()), None);
        let late = Consent::apply(Some(lifted), change(ConsentState::OptedOut, 999_000), now()).unwrap();
        assert_eq!((late.state, late.changed_at.as_second()), (ConsentState::OptedOut, 999_000));
        // And the person's own START after it counts as ever.
        let again = Consent::apply(Some(late.clone()), change(ConsentState::OptedIn, 999_100), now()).unwrap();
        assert_eq!(again.state, ConsentState::OptedIn);
        assert_eq!(Consent::apply(Some(again), change(ConsentState::OptedOut, 999_050), now()), None);
        assert_eq!(Consent::apply(Some(late), change(ConsentState::OptedIn, 998_900), now()), None);
    }

    #[test]
    fn a_late_stop_never_makes_an_admins_opt_out_older_than_it_is() {
        let out = Consent::apply(None, recorded(ConsentState::OptedOut, 999_500), now());
        assert_eq!(Consent::apply(out, change(ConsentState::OptedOut, 999_000), now()), None);
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
