//! What became of the rows of an import: the same for whatever is imported.

use numo_domain::contact::ContactRef;
use serde_json::{Value, json};

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The field of the row that is wrong; empty for the row itself.
    pub field: String,
    /// What is wrong with it, and what was kept.
    pub message: String,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowOutcome {
    /// It is done.
    Accepted,
    /// It said what was so already.
    Unchanged,
    /// What was imported or entered before does not count any more.
    TakenBack,
    /// It is not done.
    Refused(RefusedRow),
    /// The table did not answer: nobody knows whether it is, and the row may be imported again.
    Failed,
}

impl RefusedRow {
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }

    /// The row of somebody whom the connection does not have.
    pub(crate) fn unknown(customer: &ContactRef) -> Self {
        Self::new("contact", format!("there is no customer {} in this connection", customer.contact))
    }
}

/// How many rows had each outcome, for the activity log; nothing if nothing was changed.
pub(crate) fn counts(outcomes: &[RowOutcome]) -> Option<Value> {
    let count = |is_counted: fn(&RowOutcome) -> bool| outcomes.iter().filter(|outcome| is_counted(outcome)).count();
    let n_accepted = count(|outcome| *outcome == RowOutcome::Accepted);
    let n_taken_back = count(|outcome| *outcome == RowOutcome::TakenBack);
    (n_accepted + n_taken_back > 0).then(|| {
        json!({
            "accepted": n_accepted,
            "unchanged": count(|outcome| *outcome == RowOutcome::Unchanged),
            "taken_back": n_taken_back,
            "refused": count(|outcome| matches!(outcome, RowOutcome::Refused(_))),
            "failed": count(|outcome| *outcome == RowOutcome::Failed),
        })
    })
}
