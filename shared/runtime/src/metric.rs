//! Metrics: log events that `CloudWatch` counts, written in its embedded metric format.
//!
//! Any event with a field `metric` is one; `provider` and `outcome` are its only dimensions besides
//! the stage, so that no organisation ever becomes one.

use numo_app::delivery::Unknown;
use numo_domain::connection::LedgerProvider;

/// Target of metrics: they are written whatever the level of the log.
pub(crate) const TARGET: &str = "numo_metric";

/// Counts sends by what Meta said, and statuses by what became of them.
pub fn reminders(outcome: &'static str, count: usize) {
    tracing::info!(target: TARGET, metric = "reminders", outcome, count);
}

/// Counts webhook calls that were turned away.
pub fn webhook_rejected(outcome: &'static str) {
    tracing::info!(target: TARGET, metric = "webhook_rejections", outcome, count = 1);
}

/// Counts what Meta's webhooks bring that nobody here reads; a field is told by name only where Meta documents it.
pub fn webhook_unknown(what: Unknown) {
    let (metric, outcome) = match what {
        Unknown::Field(name) => ("webhook_unknown_field", name),
        Unknown::MessageType => ("webhook_unknown_kind", "message_type"),
        Unknown::Status => ("webhook_unknown_kind", "status"),
        Unknown::AccountEvent => ("webhook_unknown_kind", "account_event"),
        Unknown::Preference => ("webhook_unknown_kind", "preference"),
    };
    tracing::info!(target: TARGET, metric, outcome, count = 1);
}

/// Counts the calls of a ledger's webhook by what became of them.
pub fn ledger_webhook(provider: LedgerProvider, outcome: &'static str) {
    tracing::info!(target: TARGET, metric = "ledger_webhook", provider = provider.as_str(), outcome, count = 1);
}

/// Counts the calls of Clerk's webhook by what became of them.
pub fn clerk_webhook(outcome: &'static str) {
    tracing::info!(target: TARGET, metric = "clerk_webhook", outcome, count = 1);
}
