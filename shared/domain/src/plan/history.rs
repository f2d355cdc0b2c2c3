//! What happened before: answers of customers and past reminders.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use crate::{
    consent::Consents,
    contact::ContactRef,
    customer_file::CustomerFile,
    fuse::Fuse,
    id::{ExternalId, NumberKey, PhoneNumberId},
    plan::Channel,
    policy::Tone,
    reminder::{MAX_ATTEMPTS, Reminder, ReminderKey, ReminderState, trying_again::Number},
};

/// What happened before.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Who may be written to.
    pub consents: Consents,
    /// What people decided about customers and customers said.
    pub files: BTreeMap<ContactRef, CustomerFile>,
    /// The last seven days per number.
    pub fuses: BTreeMap<NumberKey, Fuse>,
    /// Past reminders by the customer who owes the invoices today, whoever they went to then.
    pub reminders: BTreeMap<ContactRef, Vec<SentReminder>>,
    /// How many messages reached each number.
    pub delivered: BTreeMap<NumberKey, u8>,
    /// The numbers that each of our own has written to before.
    pub known_numbers: BTreeMap<PhoneNumberId, BTreeSet<NumberKey>>,
    /// Whether WhatsApp can be used at all.
    pub channel: Channel,
    /// The last day of which messages may be unknown, because the table was restored from a backup: what was due by
    /// then may have been said.
    pub lost_until: Option<Date>,
}

impl History {
    /// Puts in past reminders, with what follows from them for the numbers.
    pub fn remember(&mut self, owed_by: ContactRef, past: SentReminder) {
        // Thanks are no milder word that a firmer one could follow.
        if past.state.is_delivered() && past.key.occasion.thanks_until().is_none() {
            let delivered = self.delivered.entry(past.recipient.clone()).or_default();
            *delivered = delivered.saturating_add(1);
        }
        if !matches!(past.state, ReminderState::NotSent { .. }) {
            self.known_numbers.entry(past.sender.clone()).or_default().insert(past.recipient.clone());
        }
        self.reminders.entry(owed_by).or_default().push(past);
    }
}

/// What a plan needs to know of a past reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentReminder {
    /// Its identity, as it was claimed.
    pub key: ReminderKey,
    /// Where it stands.
    pub state: ReminderState,
    /// From when on it may be tried again, if ever: it did not go out, or did not arrive.
    pub again_from: Option<Timestamp>,
    /// How often it was dropped without delivery.
    pub times_expired: usize,
    /// The number it was for.
    pub recipient: NumberKey,
    /// The number it went out from.
    pub sender: PhoneNumberId,
    /// The organisation's date on which it went out.
    pub sent_on: Date,
    /// How firm it was.
    pub tone: Tone,
    /// The date that its anchor's steps were counted from.
    pub counted_from: Option<Date>,
    /// The invoices it listed.
    pub listed: Vec<ExternalId>,
    /// Whether a person asked for it outside the plan.
    pub manual: bool,
}

impl SentReminder {
    /// Whether it may be sent at a time, to a number which an admin may have had tried again on a day: it did not go out,
    /// or was dropped there less often than is enough, or what did not arrive says nothing about the number any more.
    ///
    /// The claim of a send goes by the same rule, and counts attempts that never went out as well.
    pub fn may_be_tried_again(
        &self,
        recipient: Option<&NumberKey>,
        tried_again_on: Option<Date>,
        at: Timestamp,
    ) -> bool {
        let is_tried_again = tried_again_on.is_some_and(|on| self.sent_on <= on);
        let number = Number::of(Some(&self.recipient) == recipient, is_tried_again);
        let is_given_up = number == Number::Same && self.times_expired >= MAX_ATTEMPTS;
        self.state.is_free(number, self.again_from, at) && !is_given_up
    }
}

impl From<&Reminder> for SentReminder {
    fn from(reminder: &Reminder) -> Self {
        Self {
            key: reminder.key.clone(),
            state: reminder.state.clone(),
            again_from: reminder.again_from(),
            times_expired: reminder.times_expired(),
            recipient: reminder.recipient.clone(),
            sender: reminder.sender.clone(),
            sent_on: reminder.date,
            tone: reminder.tone,
            counted_from: reminder.counted_from,
            listed: reminder.listed.clone(),
            manual: reminder.asked_by.is_some(),
        }
    }
}
