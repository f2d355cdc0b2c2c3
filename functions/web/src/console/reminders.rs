//! Reminders that were claimed, newest first, with every state they had.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_domain::meta_code::advice::Advice;

use crate::{
    console::{
        Shown,
        frame::Frame,
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::{or_unknown, state_words},
    },
    state::AppState,
    view::{
        names::by_ref,
        reminder::{ReminderView, newest},
    },
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
    more: usize,
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

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let contacts = by_ref(store.contacts(org).await?);
    let reminders = store.reminders(org).await?;
    let more = reminders.len().saturating_sub(SHOWN);
    let reminders = newest(store, org, (reminders, SHOWN), &contacts).await?;
    let page = RemindersPage {
        frame: viewer.frame(&state, "Reminders"),
        reminders: reminders.into_iter().map(|reminder| ReminderText::new(reminder, &viewer.clock)).collect(),
        more,
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
