//! Reminders that were claimed, newest first, with every state they had.

use std::collections::BTreeSet;

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_domain::{contact::ContactRef, meta_code::advice::Advice};

use crate::{
    api::invoices::names,
    console::{
        Shown,
        frame::Frame,
        older::{older, part},
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::{or_unknown, state_words},
    },
    failure::Failure,
    paging::{Paged, newest_first},
    state::AppState,
    view::reminder::{ReminderView, newest},
};

/// Reminders that one page holds.
const SHOWN: usize = 50;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/reminders", get(show))
}

#[derive(Template)]
#[template(path = "reminders.html")]
struct RemindersPage {
    frame: Frame,
    reminders: Vec<ReminderText>,
    /// The address of the part that follows.
    older: Option<String>,
}

/// A reminder as pages show it.
pub(super) struct ReminderText {
    pub(super) customer: String,
    pub(super) total: String,
    pub(super) state: String,
    /// What happened and what to do, where it did not arrive.
    pub(super) advice: Option<Advice>,
    pub(super) text: String,
    pub(super) history: Vec<ChangeText>,
}

/// A state and when it was learnt.
pub(super) struct ChangeText {
    pub(super) state: String,
    pub(super) at: LocalTime,
}

async fn show(viewer: Viewer, paged: Result<Paged, Failure>, State(state): State<AppState>) -> Shown {
    let (store, org, paged) = (state.store(), &viewer.session.org, paged?);
    let reminders = store.reminders(org).await?;
    let part = part(&viewer, &paged, "", SHOWN)?
        .of(reminders, |reminder| newest_first(reminder.claimed_at, &reminder.attempt.to_string()));
    let customers: BTreeSet<ContactRef> = part.values.iter().map(|reminder| reminder.key.contact.clone()).collect();
    let contacts = names(store, org, &customers.into_iter().collect::<Vec<_>>()).await?;
    let reminders = newest(store, org, (part.values, SHOWN), &contacts).await?;
    let page = RemindersPage {
        frame: viewer.frame(&state, "Reminders"),
        reminders: reminders.into_iter().map(|reminder| ReminderText::new(reminder, &viewer.clock)).collect(),
        older: older(&viewer, &paged, ("", &[]), part.next),
    };
    viewer.page(&state, &page)
}

impl ReminderText {
    pub(super) fn new(reminder: ReminderView, clock: &WallClock) -> Self {
        Self {
            customer: or_unknown(reminder.customer),
            total: reminder.total.text,
            state: state_words(&reminder.state),
            advice: reminder.state.advice,
            text: reminder.text,
            history: reminder
                .history
                .iter()
                .map(|change| ChangeText { state: state_words(&change.state), at: clock.show(change.at) })
                .collect(),
        }
    }
}
