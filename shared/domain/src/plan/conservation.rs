//! Rule 18: of a day's planned messages none is lost, and none goes out that was not planned.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::{
    plan::{
        SentReminder,
        decision::{Decision, Unit},
    },
    reminder::{ReminderKey, ReminderState},
};

/// What became of the messages of one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayAccount {
    /// Messages of the approved plan.
    pub planned: usize,
    /// Meta took them, whether they arrived by now or not.
    pub sent: usize,
    /// Taken back, each with its reasons.
    pub cancelled: usize,
    /// Meta refused or could not deliver them.
    pub failed: usize,
    /// Nobody knows whether Meta took them.
    pub unknown: usize,
    /// Dropped without delivery, and perhaps tried again on a later day.
    pub expired: usize,
    /// Their run is not over yet.
    pub carried_over: usize,
    /// Planned, and nobody knows what became of them.
    pub lost: usize,
    /// Sent on the day although neither a plan nor a person asked for it.
    pub unplanned: usize,
}

impl DayAccount {
    /// Whether everything planned is accounted for, and everything sent was planned.
    pub const fn balances(&self) -> bool {
        self.lost == 0 && self.unplanned == 0
    }
}

/// Accounts for a day: its approved decisions, the units that were taken back, and the reminders of the organisation.
pub fn account<'a>(
    date: Date,
    decisions: &[Decision],
    cancelled: &BTreeSet<Unit>,
    reminders: impl Iterator<Item = &'a SentReminder>,
    run_is_over: bool,
) -> DayAccount {
    let reminders: BTreeMap<&ReminderKey, &SentReminder> =
        reminders.filter(|past| past.sent_on >= date).map(|past| (&past.key, past)).collect();
    let planned: BTreeMap<ReminderKey, &Unit> =
        decisions.iter().filter_map(|d| Some((d.send()?.reminder_key(&d.unit), &d.unit))).collect();
    let of_the_day = reminders.values().filter(|past| past.sent_on == date && !past.manual);
    let unplanned = of_the_day.filter(|past| !planned.contains_key(&past.key)).count();
    let mut account = DayAccount { planned: planned.len(), unplanned, ..DayAccount::default() };
    for (key, unit) in &planned {
        *match reminders.get(key) {
            // It was tried again on a later day, which only happens to one that was dropped.
            Some(past) if past.sent_on > date => &mut account.expired,
            Some(past) => match past.state {
                ReminderState::Accepted
                | ReminderState::Held
                | ReminderState::Sent
                | ReminderState::Delivered
                | ReminderState::Read => &mut account.sent,
                ReminderState::NotSent { .. } | ReminderState::Failed { .. } => &mut account.failed,
                ReminderState::Sending | ReminderState::Unknown => &mut account.unknown,
                ReminderState::Expired => &mut account.expired,
            },
            None if cancelled.contains(unit) => &mut account.cancelled,
            None if run_is_over => &mut account.lost,
            None => &mut account.carried_over,
        } += 1;
    }
    account
}
