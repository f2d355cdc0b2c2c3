//! The console's words for states, in one place.

use numo_app::store::{sync::SyncRun, task::TaskAbout};
use numo_domain::{connection::ConnectionStatus, sender::SenderStatus};

use crate::view::reminder::StateView;

/// What a person is asked to do.
pub(super) const fn task_sentence(about: &TaskAbout) -> &'static str {
    match about {
        TaskAbout::OutcomeUnknown(_) => {
            "It is not known whether a message went out; look at the customer's phone or ask."
        }
        TaskAbout::UndeliveredTwice(_) => {
            "Two messages in a row did not arrive, so reminders to this customer stand still; check the number."
        }
        TaskAbout::ReconnectLedger(_) => "An accounting system has to be connected again.",
        TaskAbout::SenderBlocked(_) => "WhatsApp does not let a number send; look at it in Meta's manager.",
    }
}

/// The id that a task is about.
pub(super) fn task_subject(about: &TaskAbout) -> String {
    match about {
        TaskAbout::OutcomeUnknown(attempt) | TaskAbout::UndeliveredTwice(attempt) => attempt.to_string(),
        TaskAbout::ReconnectLedger(connection) => connection.to_string(),
        TaskAbout::SenderBlocked(sender) => sender.to_string(),
    }
}

/// Whether the owner has to connect again.
pub(super) const fn needs_reconnect(status: ConnectionStatus) -> bool {
    match status {
        ConnectionStatus::Active => false,
        ConnectionStatus::ReauthRequired => true,
    }
}

/// Whether a number can send.
pub(super) const fn sender_status(status: SenderStatus) -> &'static str {
    match status {
        SenderStatus::Ready => "ready to send",
        SenderStatus::Blocked => "blocked by WhatsApp",
        SenderStatus::ReauthRequired => "needs a new access token",
    }
}

/// What the latest read of a ledger did.
pub(super) fn run_sentence(run: &SyncRun) -> String {
    let counts = format!("{} customers and {} invoices read", run.contacts_read, run.invoices_read);
    let skipped =
        if run.skipped > 0 { format!(", rows that could not be read: {}", run.skipped) } else { String::new() };
    match (&run.failure, run.ended_at) {
        (Some(_), _) => format!("The latest read ended early: {counts}{skipped}. It is tried again."),
        (None, Some(_)) => format!("The latest read: {counts}{skipped}."),
        (None, None) => format!("Reading now: {counts}{skipped} so far."),
    }
}

/// A state, with Meta's code where there is one.
pub(super) fn state_words(state: &StateView) -> String {
    let word = state.state.replace('_', " ");
    state.code.map_or_else(|| word.clone(), |code| format!("{word} (code {code})"))
}

/// A customer's name, or that the ledger has dropped it.
pub(super) fn or_unknown(name: Option<String>) -> String {
    name.unwrap_or_else(|| "Unknown customer".to_owned())
}
