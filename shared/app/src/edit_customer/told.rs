//! What the activity log says of an edit: what was decided, and nothing that somebody wrote in words.

use numo_domain::contact::ContactRef;
use serde_json::{Value, json};

use crate::edit_customer::CustomerEdit;

impl CustomerEdit {
    /// The name in the activity log.
    pub(super) const fn action(&self) -> &'static str {
        match self {
            Self::Exclude { .. } => "customer.excluded",
            Self::Include {} => "customer.included",
            Self::Snooze { .. } => "customer.snoozed",
            Self::Hold { .. } => "customer.held",
            Self::Move { .. } => "reminder.moved",
            Self::WriteIn { .. } => "customer.language_changed",
            Self::ApplyPolicy { .. } => "customer.policy_chosen",
            Self::Handled {} => "customer.handled",
            Self::ConfirmNumber {} => "customer.number_confirmed",
            Self::TryAgain {} => "customer.tried_again",
            Self::Promise { .. } => "promise.noted",
            Self::WithdrawPromise { .. } => "promise.withdrawn",
            Self::OpenDispute { .. } => "dispute.opened",
            Self::CloseDispute { .. } => "dispute.closed",
            Self::ReleaseCredit { .. } => "credit.released",
        }
    }

    /// Whom it is about, and the days and ids that were chosen.
    pub(super) fn told(&self, contact: &ContactRef) -> Value {
        let chosen = match self {
            Self::Snooze { until } => Some(("until", json!(until))),
            Self::Hold { on } => Some(("on", json!(on))),
            Self::Move { to } => Some(("to", json!(to))),
            Self::WriteIn { language } => Some(("language", json!(language))),
            Self::ApplyPolicy { policy } => Some(("policy", json!(policy))),
            Self::Promise { date, .. } => Some(("date", json!(date))),
            Self::WithdrawPromise { number } => Some(("promise", json!(number))),
            Self::OpenDispute { invoice, .. } | Self::CloseDispute { invoice } => Some(("invoice", json!(invoice))),
            Self::ReleaseCredit { id, .. } => Some(("credit", json!(id))),
            Self::Exclude { .. } | Self::Include {} | Self::Handled {} | Self::ConfirmNumber {} | Self::TryAgain {} => {
                None
            }
        };
        let mut told = json!({"connection": contact.connection, "contact": contact.contact});
        if let (Some((name, value)), Some(fields)) = (chosen, told.as_object_mut()) {
            fields.insert(name.to_owned(), value);
        }
        told
    }
}
