//! What a new organisation does first, up to its first approved plan.

use numo_app::error::AppError;
use numo_domain::{
    connection::ConnectionStatus,
    policy::PolicyState,
    sender::{Sender, SenderStatus},
};

use crate::{console::viewer::Viewer, state::AppState};

/// The steps, in their order.
pub(super) struct Checklist {
    pub(super) steps: Vec<Step>,
    pub(super) done: usize,
}

/// One step.
pub(super) struct Step {
    pub(super) title: &'static str,
    /// What it is for, or what holds it up.
    pub(super) text: String,
    pub(super) is_done: bool,
    /// Where it is done.
    pub(super) address: &'static str,
    pub(super) action: &'static str,
}

impl Checklist {
    /// The list, until every step is done.
    pub(super) async fn load(state: &AppState, viewer: &Viewer, senders: &[Sender]) -> Result<Option<Self>, AppError> {
        let (store, org) = (state.store(), &viewer.session.org);
        let connections = store.connections(org).await?;
        let active: Vec<_> =
            connections.iter().filter(|connection| connection.status == ConnectionStatus::Active).collect();
        let is_read = active.iter().any(|connection| connection.last_synced_at.is_some());
        let can_send = senders.iter().any(|sender| sender.status == SenderStatus::Ready);
        let policies = store.policies(org).await?;
        let steps = vec![
            Step {
                title: "Connect your accounting system",
                text: match (active.is_empty(), is_read) {
                    (true, _) => "Numo reads customers and open invoices from Xero or QuickBooks.".to_owned(),
                    (false, false) => "Connected; it is being read for the first time.".to_owned(),
                    (false, true) => "Connected and read.".to_owned(),
                },
                is_done: is_read,
                address: "/connections",
                action: "Connect",
            },
            Step {
                title: "Connect your WhatsApp Business number",
                text: match (senders.is_empty(), can_send) {
                    (true, _) => "Reminders come from your own number, and customers answer you there.".to_owned(),
                    (false, false) => "Connected, but it cannot send yet: see what WhatsApp wants.".to_owned(),
                    (false, true) => "Connected and ready to send.".to_owned(),
                },
                is_done: can_send,
                address: "/connections",
                action: "Connect",
            },
            Step {
                title: "Confirm that your customers may be written to",
                text: "Without the statement, reminders go only to customers who opted in.".to_owned(),
                is_done: viewer.organisation.is_attested() || viewer.organisation.explicit_opt_in_only,
                address: "/settings/consent",
                action: "Read the statement",
            },
            Step {
                title: "Switch a policy on",
                text: "A policy says when customers are reminded, in which tone, and what happens with old invoices."
                    .to_owned(),
                is_done: policies.all().any(|policy| policy.state == PolicyState::Active),
                address: "/plan",
                action: "Look at the plan",
            },
        ];
        let done = steps.iter().filter(|step| step.is_done).count();
        Ok((done < steps.len()).then_some(Self { steps, done }))
    }
}
