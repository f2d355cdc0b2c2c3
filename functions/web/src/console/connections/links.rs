//! Links by which a client connects WhatsApp without signing in.

use askama::Template;
use axum::{Router, extract::State, response::IntoResponse as _, routing::post};
use numo_app::{
    error::AppError,
    setup_link::{make_link, take_link_back},
};
use numo_domain::id::UserId;

use crate::{
    console::{
        Shown,
        frame::Frame,
        notice::Notice,
        people::{name_of, names},
        sent::Sent,
        time::LocalTime,
        viewer::Viewer,
    },
    failure::Failure,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/connections/links", post(make)).route("/connections/links/withdrawal", post(take_back))
}

/// The links that work.
pub(super) struct LinksText {
    /// Where an admin connects WhatsApp.
    pub(super) signup_url: String,
    pub(super) links: Vec<LinkText>,
}

/// One of them; its address was shown once.
pub(super) struct LinkText {
    pub(super) id: String,
    pub(super) by: String,
    pub(super) made_at: LocalTime,
    pub(super) ends_at: LocalTime,
}

/// The address of a new link, shown this once.
#[derive(Template)]
#[template(path = "setup_link.html")]
struct NewLinkPage {
    frame: Frame,
    url: String,
    ends_at: LocalTime,
}

impl LinksText {
    pub(super) async fn load(state: &AppState, viewer: &Viewer) -> Result<Self, AppError> {
        let mut links = state.store().setup_links(&viewer.session.org, state.now()).await?;
        links.sort_by(|one, other| (one.made_at, &one.hash).cmp(&(other.made_at, &other.hash)));
        let makers: Vec<UserId> = links.iter().map(|link| link.by.clone()).collect();
        let known = names(state, &makers).await;
        let text = |link: numo_app::store::setup_link::SetupLink| LinkText {
            by: name_of(&known, &link.by),
            made_at: viewer.clock.show(link.made_at),
            ends_at: viewer.clock.show(link.ends_at),
            id: link.hash,
        };
        let signup_url = format!("{}/connect/whatsapp", state.site.base());
        Ok(Self { signup_url, links: links.into_iter().map(text).collect() })
    }
}

/// Makes a link, and shows its address on a page that is not kept.
async fn make(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    if state.site.meta_signup.is_none() {
        return Err(Failure::not_found("address").into());
    }
    let session = &sent.viewer.session;
    let made = make_link(state.waker(), &session.org, &session.user, state.now()).await?;
    let page = NewLinkPage {
        frame: sent.viewer.frame(&state, "A link for your client"),
        url: format!("{}/setup/{}/{}", state.site.base(), session.org, made.token),
        ends_at: sent.viewer.clock.show(made.link.ends_at),
    };
    sent.viewer.page(&state, &page)
}

/// Takes a link back.
async fn take_back(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, id) = (&sent.viewer.session, sent.fields.text("id")?);
    take_link_back(state.waker(), &session.org, &session.user, id, state.now()).await?;
    Ok(sent.done("/connections", Notice::LinkTakenBack).into_response())
}
