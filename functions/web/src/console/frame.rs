//! What stands around every page of the console.

use numo_domain::organisation::{Pause, PausedBy};

use crate::{
    console::{
        notice::Notice,
        time::{LocalTime, WallClock},
        viewer::Viewer,
    },
    state::AppState,
};

/// Title, navigation, the pause, and what was done right before.
pub(super) struct Frame {
    pub(super) title: String,
    /// The organisation's name.
    pub(super) name: String,
    pub(super) is_admin: bool,
    pub(super) tabs: Vec<Tab>,
    /// Whether everything of it is to be erased.
    pub(super) is_ending: bool,
    pub(super) pause: Option<PauseText>,
    pub(super) notice: Option<Notice>,
    /// What takes it back, sealed; none where nothing does.
    pub(super) undo: Option<String>,
    /// To come back to after something was done.
    pub(super) path: String,
    pub(super) form_token: String,
    pub(super) home: String,
    pub(super) clerk_js: String,
    pub(super) clerk_ui: String,
    pub(super) publishable_key: String,
}

/// A place of the navigation.
pub(super) struct Tab {
    pub(super) address: &'static str,
    pub(super) label: &'static str,
    pub(super) is_here: bool,
}

/// That everything is paused.
pub(super) struct PauseText {
    pub(super) since: LocalTime,
    pub(super) by_operator: bool,
    /// The day on which everything goes on by itself.
    pub(super) until: Option<String>,
}

const TABS: [(&str, &str); 12] = [
    ("/", "Home"),
    ("/plan", "Plan"),
    ("/customers", "Customers"),
    ("/invoices", "Invoices"),
    ("/messages", "Messages"),
    ("/reminders", "Reminders"),
    ("/policies", "Policies"),
    ("/templates", "Templates"),
    ("/connections", "Connections"),
    ("/activity", "Activity"),
    ("/settings", "Settings"),
    ("/clients", "Clients"),
];

impl Frame {
    pub(super) fn new(viewer: &Viewer, state: &AppState, title: &str) -> Self {
        let site = &state.site;
        let is_here = |address: &str| match address {
            "/" => viewer.path == "/",
            _ => viewer.path == address || viewer.path.starts_with(&format!("{address}/")),
        };
        let name = viewer.organisation.name.trim();
        Self {
            title: title.to_owned(),
            name: if name.is_empty() { "Your organisation".to_owned() } else { name.to_owned() },
            is_admin: viewer.is_admin(),
            tabs: TABS.map(|(address, label)| Tab { address, label, is_here: is_here(address) }).into(),
            is_ending: viewer.organisation.closing.is_some(),
            pause: viewer.pause.as_ref().map(|pause| PauseText::new(pause, &viewer.clock)),
            notice: viewer.notice,
            undo: viewer.undo.clone(),
            path: viewer.path.clone(),
            form_token: viewer.form_token(state),
            home: format!("{}/", site.base()),
            clerk_js: site.clerk_script("/npm/@clerk/clerk-js@6/dist/clerk.browser.js"),
            clerk_ui: site.clerk_script("/npm/@clerk/ui@1/dist/ui.browser.js"),
            publishable_key: site.clerk_publishable_key.clone(),
        }
    }
}

impl PauseText {
    fn new(pause: &Pause, clock: &WallClock) -> Self {
        let by_operator = match pause.by {
            PausedBy::Operator => true,
            PausedBy::Member(_) => false,
        };
        let until = pause.until.map(|until| until.strftime("%-d %b %Y").to_string());
        Self { since: clock.show(pause.since), by_operator, until }
    }
}
