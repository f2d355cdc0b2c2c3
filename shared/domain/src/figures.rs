//! The numbers that matter: how long customers take to pay, and what reminders bring.

pub mod count_back;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    contact::ContactRef,
    credit::Payment,
    id::{ConnectionId, ExternalId},
    money::Currency,
    plan::SentReminder,
};

/// A payment is put down to a reminder that named its invoice at most so many days before.
pub const DAYS_AFTER_REMINDER: i64 = 14;

/// A reminder is answered with money if its invoice is paid within so many days.
pub const DAYS_TO_ANSWER: i64 = 7;

/// What became of the reminders of some days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Responses {
    /// How many days, up to today.
    pub days: u16,
    /// Reminders that were handed to WhatsApp and were not refused.
    pub sent: u64,
    /// Those that reached the phone.
    pub delivered: u64,
    /// Those that were read, as far as the customer's phone tells.
    pub read: u64,
    /// Those after which the customer wrote within fourteen days, or pressed a button.
    #[serde(default)]
    pub replied: u64,
    /// Those after which an invoice that they named was paid within seven days, wholly or in part.
    pub paid: u64,
}

/// A reminder is answered with words, or by a button, if the customer writes within so many days.
pub const DAYS_TO_REPLY: i64 = 14;

/// On which of the organisation's dates customers wrote.
pub type Replies = BTreeMap<ContactRef, BTreeSet<Date>>;

/// Payments and reminders, put side by side.
#[derive(Debug)]
pub struct AfterReminders<'a> {
    payments: BTreeMap<(ConnectionId, &'a ExternalId), BTreeSet<Date>>,
    reminders: BTreeMap<(ConnectionId, &'a ExternalId), BTreeSet<Date>>,
    all_payments: Vec<&'a Payment>,
    all_reminders: Vec<&'a SentReminder>,
}

impl<'a> AfterReminders<'a> {
    /// Of payments that were not taken back, and reminders that ask for money.
    pub fn of(
        payments: impl IntoIterator<Item = &'a Payment>,
        reminders: impl IntoIterator<Item = &'a SentReminder>,
    ) -> Self {
        let all_payments: Vec<_> = payments.into_iter().filter(|payment| !payment.is_reversed).collect();
        let asks = |reminder: &&SentReminder| reminder.key.occasion.thanks_until().is_none();
        let all_reminders: Vec<_> = reminders.into_iter().filter(asks).collect();
        let mut money = Self { payments: BTreeMap::new(), reminders: BTreeMap::new(), all_payments, all_reminders };
        for payment in &money.all_payments {
            for invoice in &payment.invoices {
                let days = money.payments.entry((payment.contact.connection, invoice)).or_default();
                days.extend(payment.date);
            }
        }
        for reminder in money.all_reminders.iter().filter(|reminder| reminder.state.is_delivered()) {
            for invoice in named(reminder) {
                let days = money.reminders.entry((reminder.key.contact.connection, invoice)).or_default();
                days.insert(reminder.sent_on);
            }
        }
        money
    }

    /// What arrived after reminders, by the first day of the month of the payment and by currency, in minor units.
    ///
    /// A payment counts with all of it, once, if a reminder that reached the phone named one of its invoices on its day
    /// or up to fourteen days before.
    pub fn collected(&self) -> BTreeMap<(Date, Currency), i64> {
        let mut collected = BTreeMap::new();
        for payment in &self.all_payments {
            let Some(date) = payment.date else { continue };
            let first = date.saturating_sub(DAYS_AFTER_REMINDER.days());
            let is_named = |invoice| {
                let days = self.reminders.get(&(payment.contact.connection, invoice));
                days.is_some_and(|days| days.range(first..=date).next().is_some())
            };
            if payment.invoices.iter().any(is_named) {
                let sum: &mut i64 = collected.entry((date.first_of_month(), payment.amount.currency)).or_default();
                *sum = sum.saturating_add(payment.amount.minor);
            }
        }
        collected
    }

    /// What became of the reminders of so many days up to one.
    pub fn responses(&self, days: u16, today: Date, replies: &Replies) -> Responses {
        let first = today.saturating_sub(i64::from(days).days());
        let mut responses = Responses { days, ..Responses::default() };
        let of_days =
            self.all_reminders.iter().filter(|reminder| reminder.sent_on > first && reminder.sent_on <= today);
        for reminder in of_days.filter(|reminder| reminder.state.was_taken()) {
            responses.sent += 1;
            responses.delivered += u64::from(reminder.state.is_delivered());
            responses.read += u64::from(reminder.state.is_read());
            let last = reminder.sent_on.saturating_add(DAYS_TO_REPLY.days());
            let replied = replies.get(&reminder.key.contact);
            let is_answered = replied.is_some_and(|days| days.range(reminder.sent_on..=last).next().is_some());
            responses.replied += u64::from(is_answered);
            let last = reminder.sent_on.saturating_add(DAYS_TO_ANSWER.days());
            let is_paid = |invoice| {
                let days = self.payments.get(&(reminder.key.contact.connection, invoice));
                days.is_some_and(|days| days.range(reminder.sent_on..=last).next().is_some())
            };
            responses.paid += u64::from(named(reminder).any(is_paid));
        }
        responses
    }
}

/// The invoices that a reminder is about.
fn named(reminder: &SentReminder) -> impl Iterator<Item = &ExternalId> {
    std::iter::once(&reminder.key.anchor).chain(&reminder.listed)
}

#[cfg(test)]
mod tests;
