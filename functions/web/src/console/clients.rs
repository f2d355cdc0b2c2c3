//! Several organisations of one person at a glance, in numbers alone.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_app::{
    clients::{Client, clients},
    error::AppError,
    port::session::Role,
};
use numo_domain::id::OrgId;

use crate::{
    console::{Shown, frame::Frame, viewer::Viewer},
    state::AppState,
};

/// Organisations of one page.
const SHOWN: usize = 200;

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/clients", get(show))
}

#[derive(Template)]
#[template(path = "clients.html")]
struct ClientsPage {
    frame: Frame,
    clients: Vec<ClientText>,
    more: usize,
}

struct ClientText {
    name: String,
    is_here: bool,
    is_paused: bool,
    approvals: usize,
    unread: u32,
    /// What is open, as `2 about WhatsApp`.
    open: Vec<String>,
    /// None until the day is planned.
    today: Option<String>,
}

/// Every organisation that the person belongs to by Clerk's word at this moment.
async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let theirs = state.people.organisations(&viewer.session.user).await;
    let theirs = theirs.map_err(|error| AppError::Unavailable(Box::new(error)))?;
    let more = theirs.len().saturating_sub(SHOWN);
    let theirs: Vec<(OrgId, Role)> = theirs.into_iter().take(SHOWN).collect();
    let found = clients(state.store(), &theirs, state.now()).await?;
    let page = ClientsPage {
        frame: viewer.frame(&state, "Clients"),
        clients: found.into_iter().map(|client| ClientText::new(client, &viewer)).collect(),
        more,
    };
    viewer.page(&state, &page)
}

impl ClientText {
    fn new(client: Client, viewer: &Viewer) -> Self {
        let open = [
            (client.open.ledgers, "about accounting"),
            (client.open.whatsapp, "about WhatsApp"),
            (client.open.customers, "about customers"),
            (client.open.other, "about something else"),
        ];
        let today = client.today.map(|today| match (today.sends, today.nothing_because.first()) {
            (0, Some((code, customers))) => {
                format!("0 reminders today, most of all because: {} ({customers})", code.sentence())
            }
            (0, None) => "0 reminders today, as nothing is open".to_owned(),
            (1, _) => "1 reminder today".to_owned(),
            (sends, _) => format!("{sends} reminders today"),
        });
        Self {
            is_here: client.org == viewer.session.org,
            name: if client.name.is_empty() { client.org.to_string() } else { client.name },
            is_paused: client.is_paused,
            approvals: client.approvals,
            unread: client.unread,
            open: open.into_iter().filter(|(n, _)| *n > 0).map(|(n, about)| format!("{n} {about}")).collect(),
            today,
        }
    }
}
