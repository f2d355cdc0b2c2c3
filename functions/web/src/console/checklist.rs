//! What a new organisation does first, up to its first approved plan: what is true of each step now, and where it is
//! done.

mod account;
mod ledger;
mod outlook;

use numo_app::error::AppError;
use numo_domain::sender::Sender;

use crate::{console::viewer::Viewer, state::AppState};

/// The steps, in their order.
pub(super) struct Checklist {
    pub(super) steps: Vec<Step>,
    /// Steps without which nothing goes out, and how many of them are done.
    pub(super) needed: usize,
    pub(super) done: usize,
}

/// One step.
pub(super) struct Step {
    pub(super) title: &'static str,
    /// What is true of it now.
    pub(super) text: String,
    standing: Standing,
    /// Where it is done, and what is done there; more than one where there is a choice.
    pub(super) links: Vec<(String, &'static str)>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nothing is left to do.
    Done,
    /// Nothing goes out without it.
    Needed,
    /// Worth a look, and nothing waits for it.
    Advised,
}

impl Checklist {
    /// The list, until a reminder has gone out or everything that is needed is done.
    pub(super) async fn load(state: &AppState, viewer: &Viewer, senders: &[Sender]) -> Result<Option<Self>, AppError> {
        let (store, org) = (state.store(), &viewer.session.org);
        if store.has_reminded(org).await? {
            return Ok(None);
        }
        let (connections, tasks) = (store.connections(org).await?, store.tasks(org).await?);
        let is_read = connections.iter().any(|connection| connection.last_synced_at.is_some());
        let mut steps = vec![ledger::connected(state, viewer, &connections).await?];
        steps.extend(ledger::own_reminders(&connections));
        steps.extend(account::steps(state, viewer, senders, &tasks).await?);
        steps.push(outlook::consent(viewer));
        if is_read {
            steps.push(outlook::numbers(state, viewer).await?);
            steps.push(outlook::old_invoices(state, viewer).await?);
        }
        steps.extend(outlook::plan(state, viewer).await?);
        let needed = steps.iter().filter(|step| step.standing != Standing::Advised).count();
        let done = steps.iter().filter(|step| step.is_done()).count();
        Ok((done < needed).then_some(Self { steps, needed, done }))
    }
}

impl Step {
    fn new(title: &'static str, text: impl Into<String>, standing: Standing) -> Self {
        Self { title, text: text.into(), standing, links: Vec::new() }
    }

    fn done(title: &'static str, text: impl Into<String>) -> Self {
        Self::new(title, text, Standing::Done)
    }

    fn needed(title: &'static str, text: impl Into<String>) -> Self {
        Self::new(title, text, Standing::Needed)
    }

    fn advised(title: &'static str, text: impl Into<String>) -> Self {
        Self::new(title, text, Standing::Advised)
    }

    fn at(mut self, address: impl Into<String>, action: &'static str) -> Self {
        self.links.push((address.into(), action));
        self
    }

    pub(super) fn is_done(&self) -> bool {
        self.standing == Standing::Done
    }

    /// Whether nothing waits for it.
    pub(super) fn is_advised(&self) -> bool {
        self.standing == Standing::Advised
    }
}
