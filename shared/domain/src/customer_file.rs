//! What people decided about a customer and what the customer said, beside what the ledger knows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    credit::{Credit, CreditKind},
    id::{ExternalId, NumberKey, PolicyId, UserId},
    language::Language,
};

/// The file of one customer; an empty one is that of somebody nobody ever said a word about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CustomerFile {
    /// Left out of reminders until somebody lifts it.
    pub exclusion: Option<Exclusion>,
    /// When an exclusion was lifted last: what is old by then is asked about first.
    pub included_since: Option<Timestamp>,
    /// Put off: nothing goes out before this date.
    pub snoozed_until: Option<Date>,
    /// Held back by hand on this day of the plan.
    pub held_on: Option<Date>,
    /// Moved by hand: what was planned before goes out on this date, or on the next allowed one.
    #[serde(default)]
    pub moved_to: Option<Date>,
    /// Since when a message of the customer waits to be read.
    pub unread_since: Option<Timestamp>,
    /// When the latest of the messages was written that wait to be read.
    pub last_unread_at: Option<Timestamp>,
    /// When the owner last wrote to the customer, from the phone or here.
    pub owner_wrote_at: Option<Timestamp>,
    /// The customer says that it is paid.
    pub paid_claim: Option<PaidClaim>,
    /// What was promised, oldest first.
    pub promises: Vec<Promise>,
    /// Invoices under dispute.
    pub disputes: BTreeMap<ExternalId, Dispute>,
    /// How to start with invoices that were old when they were first seen.
    pub backlog: BTreeMap<ExternalId, BacklogChoice>,
    /// Money that somebody said is not for these invoices.
    pub released: Vec<ReleasedCredit>,
    /// When a person last ended a hold: a step that it kept back goes out after it.
    pub released_at: Option<Timestamp>,
    /// The language to write in, where it is not the organisation's.
    pub language: Option<Language>,
    /// The policy that a person chose for the customer, whatever groups the customer is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyId>,
    /// The day on which somebody had the number tried again: what did not arrive up to then stops nothing.
    pub tried_again_on: Option<Date>,
    /// Numbers whose owners said that they are somebody else: never used for this customer again.
    pub unlinked: BTreeSet<NumberKey>,
    /// What the customer chose at WhatsApp about marketing from this business; a reminder is none.
    pub marketing: Option<MarketingChoice>,
    /// The language of the latest messages that were clearly in one; of the messages nothing is kept for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard_in: Option<HeardIn>,
    /// When messages came, the latest of each day (UTC), as long as they may answer a reminder that is counted.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub replied_at: BTreeSet<Timestamp>,
}

/// A language that a customer writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeardIn {
    /// The language.
    pub language: Language,
    /// How many messages in a row were clearly in it, as far as is counted.
    pub messages: u8,
}

/// Replies are known for so long before the latest one: a reminder of the last 90 days is answered within 14.
const REPLIES_KEPT: SignedDuration = SignedDuration::from_hours(24 * 105);

const SECONDS_A_DAY: i64 = 86_400;

/// One message may be pasted from elsewhere; so many in a row are how the customer writes.
const CLEAR_AFTER: u8 = 2;

/// A choice about marketing that a customer made at WhatsApp (Meta: webhooks, `user_preferences`).
///
/// It says nothing about reminders, in neither direction: it is no consent, and no wish to hear nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MarketingChoice {
    /// When, by Meta's clock.
    pub at: Timestamp,
    /// Whether marketing is wanted.
    pub is_wanted: bool,
}

/// Why a customer is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Exclusion {
    /// Since when.
    pub since: Timestamp,
    /// By whom.
    pub by: UserId,
    /// Why, in the owner's words.
    pub reason: String,
}

/// The customer's word that everything is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaidClaim {
    /// When it was said.
    pub at: Timestamp,
    /// The invoices that were open then; once none of them is, the ledger has settled the claim.
    pub invoices: BTreeSet<ExternalId>,
}

/// A promise to pay on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promise {
    /// Its number within the file, from 1.
    pub number: u32,
    /// The day.
    pub date: Date,
    /// What it covers.
    pub invoices: BTreeSet<ExternalId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub by: PromisedBy,
    /// Taken back by a person.
    #[serde(default)]
    pub is_withdrawn: bool,
}

/// Who made a promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PromisedBy {
    /// The customer, by a message.
    Customer,
    /// A member of the organisation, who noted or accepted it.
    Member(UserId),
}

/// An invoice that the customer disputes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dispute {
    /// Since when.
    pub since: Timestamp,
    /// Who opened it.
    pub by: UserId,
    /// What it is about, in the owner's words.
    pub reason: String,
}

/// How to start with an invoice that was old when it was first seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BacklogChoice {
    /// The choice.
    pub start: Start,
    /// The organisation's date on which it was made.
    pub on: Date,
}

/// The owner's choice for an old invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// Not at all: it is neither listed nor summed.
    LeaveOut,
    /// With the first word about something overdue.
    Gently,
    /// Where its age calls for, at most firm.
    ByAge,
}

/// Money that is not for the open invoices, by somebody's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReleasedCredit {
    /// What kind of money.
    pub kind: CreditKind,
    /// The ledger's id of it.
    pub id: ExternalId,
    /// Who said so.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

/// A customer's promise lies at most this many days ahead; a later one is for the owner to accept.
pub const PROMISE_DAYS: i64 = 14;

/// So many promises of the customer are taken for one anchor; the next is for the owner to accept.
pub const PROMISES_PER_ANCHOR: usize = 2;

/// Why a customer's promise has to be accepted by a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PromiseRefusal {
    /// It lies in the past.
    #[error("date: a promise is for today or a later day")]
    Past,
    /// It lies too far ahead.
    #[error("date: a customer's promise lies at most {PROMISE_DAYS} days ahead")]
    TooFar,
    /// It is one too many.
    #[error("a customer promises at most {PROMISES_PER_ANCHOR} times for one invoice")]
    TooMany,
}

impl CustomerFile {
    /// The customer wrote a message that is clearly in a language.
    pub fn hears(&mut self, language: Language) {
        let before = self.heard_in.filter(|heard| heard.language == language).map_or(0, |heard| heard.messages);
        self.heard_in = Some(HeardIn { language, messages: (before + 1).min(CLEAR_AFTER) });
    }

    /// The customer wrote something, whatever it was.
    pub fn replies(&mut self, at: Timestamp) {
        let day = |at: &Timestamp| at.as_second().div_euclid(SECONDS_A_DAY);
        let of_day = self.replied_at.iter().filter(|known| day(known) == day(&at)).max().copied();
        self.replied_at.retain(|known| day(known) != day(&at));
        self.replied_at.insert(of_day.map_or(at, |known| known.max(at)));
        let latest = self.replied_at.last().copied().unwrap_or(at);
        self.replied_at.retain(|known| latest.duration_since(*known) <= REPLIES_KEPT);
    }

    /// A language that the owner may want to write in: the customer writes in it, and not in the one in use.
    pub fn suggested_language(&self, in_use: Language) -> Option<Language> {
        let heard = self.heard_in.filter(|heard| heard.messages >= CLEAR_AFTER)?;
        (heard.language != in_use).then_some(heard.language)
    }

    /// A person chose the language to write in, or none of its own: what was heard before is answered by that.
    pub fn write_in(&mut self, language: Option<Language>) {
        (self.language, self.heard_in) = (language, None);
    }

    /// The customer wrote something that waits for a person to read it.
    pub fn waits_to_be_read(&mut self, at: Timestamp) {
        self.last_unread_at = self.last_unread().max(Some(at));
        self.unread_since = Some(self.unread_since.map_or(at, |since| since.min(at)));
    }

    /// When the latest of the messages was written that wait to be read; a file of old may know the first alone.
    pub fn last_unread(&self) -> Option<Timestamp> {
        self.unread_since.map(|since| self.last_unread_at.map_or(since, |last| last.max(since)))
    }

    /// The owner wrote to the customer: what came before is read, and what came after waits on.
    pub fn owner_answered(&mut self, at: Timestamp) {
        self.owner_wrote_at = self.owner_wrote_at.max(Some(at));
        self.last_unread_at = self.last_unread().filter(|last| *last > at);
        self.unread_since = self.unread_since.filter(|since| *since > at).or(self.last_unread_at);
    }

    /// Whether a customer's own promise can be taken without a person.
    pub fn check_promise(&self, date: Date, anchor: &ExternalId, today: Date) -> Result<(), PromiseRefusal> {
        if date < today {
            return Err(PromiseRefusal::Past);
        }
        if date > today.saturating_add(PROMISE_DAYS.days()) {
            return Err(PromiseRefusal::TooFar);
        }
        let made = self.promises.iter().filter(|p| p.by == PromisedBy::Customer && p.invoices.contains(anchor));
        if made.count() >= PROMISES_PER_ANCHOR { Err(PromiseRefusal::TooMany) } else { Ok(()) }
    }

    /// The number of the next promise.
    pub fn next_promise(&self) -> u32 {
        self.promises.iter().map(|promise| promise.number).max().unwrap_or_default() + 1
    }

    /// Takes in the file of a contact whose invoices this customer owes, merged or billed here.
    ///
    /// What holds one holds both: nobody is written to because a contact was merged.
    pub fn absorb(&mut self, other: &Self) {
        self.exclusion = self.exclusion.take().or_else(|| other.exclusion.clone());
        self.included_since = self.included_since.max(other.included_since);
        self.snoozed_until = self.snoozed_until.max(other.snoozed_until);
        self.held_on = self.held_on.max(other.held_on);
        self.moved_to = self.moved_to.max(other.moved_to);
        self.last_unread_at = self.last_unread().max(other.last_unread());
        self.unread_since = self.unread_since.into_iter().chain(other.unread_since).min();
        self.owner_wrote_at = self.owner_wrote_at.max(other.owner_wrote_at);
        match (&mut self.paid_claim, &other.paid_claim) {
            (Some(claim), Some(other)) => {
                claim.at = claim.at.max(other.at);
                claim.invoices.extend(other.invoices.iter().cloned());
            }
            (claim @ None, other) => claim.clone_from(other),
            (Some(_), None) => {}
        }
        self.promises.extend(other.promises.iter().cloned());
        for (invoice, dispute) in &other.disputes {
            self.disputes.entry(invoice.clone()).or_insert_with(|| dispute.clone());
        }
        for (invoice, choice) in &other.backlog {
            self.backlog.entry(invoice.clone()).or_insert(*choice);
        }
        self.released.extend(other.released.iter().cloned());
        self.released_at = self.released_at.max(other.released_at);
        self.language = self.language.or(other.language);
        self.policy = self.policy.take().or_else(|| other.policy.clone());
        self.heard_in = self.heard_in.or(other.heard_in);
        self.tried_again_on = self.tried_again_on.max(other.tried_again_on);
        self.unlinked.extend(other.unlinked.iter().cloned());
        self.replied_at.extend(&other.replied_at);
    }

    /// Whether somebody said that money is not for the open invoices.
    pub fn has_released(&self, credit: &Credit) -> bool {
        self.released.iter().any(|released| released.kind == credit.kind && released.id == credit.id)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn promise(number: u32, by: PromisedBy) -> Promise {
        Promise {
            number,
            date: date(2026, 11, 27),
            invoices: BTreeSet::from(["1".parse().unwrap()]),
            made_at: Timestamp::UNIX_EPOCH,
            by,
            is_withdrawn: false,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_customer_promises_at_most_fourteen_days_ahead_and_twice_for_one_invoice() {
        let today = date(2026, 11, 23);
        let anchor = "1".parse().unwrap();
        let mut file = CustomerFile::default();
        assert_eq!(file.check_promise(date(2026, 12, 7), &anchor, today), Ok(()));
        assert_eq!(file.check_promise(date(2026, 12, 8), &anchor, today), Err(PromiseRefusal::TooFar));
        assert_eq!(file.check_promise(date(2026, 11, 22), &anchor, today), Err(PromiseRefusal::Past));
        file.promises =
            vec![promise(1, PromisedBy::Customer), promise(2, PromisedBy::Member("user_a".parse().unwrap()))];
        assert_eq!(file.check_promise(today, &anchor, today), Ok(()));
        file.promises.push(promise(3, PromisedBy::Customer));
        assert_eq!(file.check_promise(today, &anchor, today), Err(PromiseRefusal::TooMany));
        assert_eq!(file.check_promise(today, &"2".parse().unwrap(), today), Ok(()));
        assert_eq!(file.next_promise(), 4);
    }

    #[test]
    fn of_each_day_the_latest_message_is_known_for_as_long_as_it_may_answer_a_reminder() {
        let (mut file, day) = (CustomerFile::default(), SECONDS_A_DAY);
        for second in [50, 70, 60, day - 1, day, 106 * day] {
            file.replies(at(second));
        }
        assert_eq!(file.replied_at, BTreeSet::from([at(day), at(106 * day)]));
        // One that comes late, or twice.
        for second in [-1, day + 5, day + 5, day] {
            file.replies(at(second));
        }
        assert_eq!(file.replied_at, BTreeSet::from([at(day + 5), at(106 * day)]));
    }

    #[test]
    fn a_language_is_suggested_after_two_messages_in_a_row_until_a_person_chose_one() {
        let mut file = CustomerFile::default();
        let suggested = |file: &CustomerFile| file.suggested_language(Language::English);
        for (heard, expected) in [
            (Language::Arabic, None),
            (Language::Spanish, None),
            (Language::Arabic, None),
            (Language::Arabic, Some(Language::Arabic)),
            (Language::Arabic, Some(Language::Arabic)),
            (Language::English, None),
            (Language::English, None),
        ] {
            file.hears(heard);
            assert_eq!(suggested(&file), expected, "{heard}");
        }
        assert_eq!(file.suggested_language(Language::German), Some(Language::English));
        file.write_in(Some(Language::German));
        assert_eq!((file.suggested_language(Language::German), file.language), (None, Some(Language::German)));
    }

    #[test]
    fn what_was_said_of_a_merged_contact_holds_whoever_owes_its_invoices() {
        let merged = CustomerFile {
            exclusion: Some(Exclusion {
                since: Timestamp::UNIX_EPOCH,
                by: "user_a".parse().unwrap(),
                reason: "friend".to_owned(),
            }),
            snoozed_until: Some(date(2026, 12, 1)),
            unread_since: Some(Timestamp::UNIX_EPOCH),
            last_unread_at: Some(Timestamp::UNIX_EPOCH),
            paid_claim: Some(PaidClaim { at: Timestamp::UNIX_EPOCH, invoices: BTreeSet::from(["1".parse().unwrap()]) }),
            promises: vec![promise(1, PromisedBy::Customer)],
            ..CustomerFile::default()
        };
        let mut payer = CustomerFile::default();
        payer.absorb(&merged);
        assert_eq!(payer, merged);
        let claim = PaidClaim { at: at(5), invoices: BTreeSet::from(["2".parse().unwrap()]) };
        let mut payer =
            CustomerFile { snoozed_until: Some(date(2026, 12, 9)), paid_claim: Some(claim), ..CustomerFile::default() };
        payer.absorb(&merged);
        let invoices = BTreeSet::from(["1".parse().unwrap(), "2".parse().unwrap()]);
        let claim = PaidClaim { at: at(5), invoices };
        assert_eq!((payer.snoozed_until, payer.paid_claim), (Some(date(2026, 12, 9)), Some(claim)));
    }

    #[test]
    fn of_what_waits_to_be_read_the_first_and_the_latest_time_are_known_in_whatever_order_it_comes() {
        let mut file = CustomerFile::default();
        for second in [5, 9, 2] {
            file.waits_to_be_read(at(second));
        }
        let expected = |since, last| CustomerFile {
            unread_since: Some(at(since)),
            last_unread_at: Some(at(last)),
            ..CustomerFile::default()
        };
        assert_eq!(file, expected(2, 9));
        let mut payer = expected(4, 6);
        payer.absorb(&file);
        assert_eq!(payer, expected(2, 9));
        // A file of old knows the first message alone.
        let mut payer = CustomerFile { unread_since: Some(at(10)), ..CustomerFile::default() };
        assert_eq!(payer.last_unread(), Some(at(10)));
        payer.absorb(&file);
        assert_eq!(payer, expected(2, 10));
    }

    #[test]
    fn an_answer_leaves_unread_what_came_after_it() {
        for (answered_at, unread) in [(1, Some((2, 9))), (2, Some((9, 9))), (8, Some((9, 9))), (9, None), (10, None)] {
            let mut file = CustomerFile::default();
            [2, 5, 9].into_iter().for_each(|second| file.waits_to_be_read(at(second)));
            file.owner_answered(at(answered_at));
            let expected = CustomerFile {
                unread_since: unread.map(|(since, _)| at(since)),
                last_unread_at: unread.map(|(_, last)| at(last)),
                owner_wrote_at: Some(at(answered_at)),
                ..CustomerFile::default()
            };
            assert_eq!(file, expected, "{answered_at}");
        }
    }

    #[test]
    fn an_empty_file_is_stored_and_read_as_what_it_is_and_an_older_one_may_lack_fields() {
        let file: CustomerFile = serde_json::from_str("{}").unwrap();
        assert_eq!(file, CustomerFile::default());
    }
}
