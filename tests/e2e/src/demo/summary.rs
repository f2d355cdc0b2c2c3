//! The demo's figures.

use serde::Serialize;

use crate::journey::Day;
use crate::product::answers::SyncRun;
use crate::surprises::Person;

/// The demo's last line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Sales invoices that the first sync stored.
    pub synced_invoices: u64,
    /// Customers that Numo knows.
    pub customers: usize,
    /// Messages of the day's plan.
    pub planned: usize,
    /// Messages that Meta took.
    pub sent: usize,
    /// Messages that arrived, read ones included.
    pub delivered: usize,
    /// Messages that Meta could not deliver.
    pub failed: usize,
    /// Second messages for one number on one day, as Meta counted them.
    pub duplicates: u64,
    /// Customers who got nothing because they said STOP.
    pub opted_out: usize,
    /// Length of the whole run.
    pub seconds: f64,
}

impl Summary {
    /// The figures of one business; duplicates and length are the run's.
    pub fn of(first: &SyncRun, customers: usize, day: &Day, opted_out: &Person) -> Self {
        Self {
            synced_invoices: first.invoices_written,
            customers,
            planned: day.plan.header.sends,
            sent: day.reminders.len(),
            delivered: day.reminders.iter().filter(|reminder| reminder.has_arrived()).count(),
            failed: day.reminders.iter().filter(|reminder| reminder.state == "failed").count(),
            duplicates: 0,
            opted_out: usize::from(day.why_silent(&opted_out.contact) == Some("opted_out")),
            seconds: 0.0,
        }
    }

    /// The figures of two businesses together.
    pub fn and(self, other: &Self) -> Self {
        Self {
            synced_invoices: self.synced_invoices + other.synced_invoices,
            customers: self.customers + other.customers,
            planned: self.planned + other.planned,
            sent: self.sent + other.sent,
            delivered: self.delivered + other.delivered,
            failed: self.failed + other.failed,
            duplicates: self.duplicates + other.duplicates,
            opted_out: self.opted_out + other.opted_out,
            seconds: self.seconds,
        }
    }

    /// The figures in words.
    pub fn sentence(&self) -> String {
        format!(
            "{} planned, {} sent, {} delivered, {} failed, {} opted out, {} duplicates, {} s in all",
            self.planned, self.sent, self.delivered, self.failed, self.opted_out, self.duplicates, self.seconds
        )
    }
}
