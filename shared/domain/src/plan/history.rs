//! What happened before: answers of customers and past reminders.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{
    consent::Consents,
    contact::ContactRef,
    customer_file::CustomerFile,
    fuse::Fuse,
    id::{ExternalId, NumberKey, PhoneNumberId},
    plan::Channel,
    policy::Tone,
    reminder::{MAX_ATTEMPTS, Reminder, ReminderKey, ReminderState},
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
    /// Whether it may be sent again to a number, which an admin may have had tried again on a day: it did not go out,
    /// or was dropped there less often than is enough, or what did not arrive says nothing about the number any more.
    ///
    /// The claim of a send goes by the same rule, and counts attempts that never went out as well.
    pub fn may_be_tried_again(&self, recipient: Option<&NumberKey>, tried_again_on: Option<Date>) -> bool {
        let is_another = Some(&self.recipient) != recipient || tried_again_on.is_some_and(|on| self.sent_on <= on);
        self.state.is_given_back(is_another) && (is_another || self.times_expired < MAX_ATTEMPTS)
    }
}

impl From<&Reminder> for SentReminder {
    fn from(reminder: &Reminder) -> Self {
        Self {
            key: reminder.key.clone(),
            state: reminder.state.clone(),
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
