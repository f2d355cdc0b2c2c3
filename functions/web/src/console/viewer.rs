//! Who looks at a page, with what every page shows.

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{HeaderValue, StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
};
use jiff::civil::Date;
use numo_app::{
    error::AppError,
    messaging_gate::paused_on,
    port::session::{Role, Session},
};
use numo_domain::organisation::{Organisation, Pause};

use crate::{
    auth::{PageSession, is_present_admin},
    console::{
        Loads, awaited::is_part, frame::Frame, nonce, notice::Notice, problem::Problem, render, shell::Shell,
        time::WallClock, undo,
    },
    csrf,
    state::AppState,
};

/// A signed-in person of an organisation, who opened a page.
pub(super) struct Viewer {
    pub(super) session: Session,
    pub(super) organisation: Organisation,
    /// How often the organisation was changed.
    pub(super) revision: u64,
    pub(super) pause: Option<Pause>,
    pub(super) clock: WallClock,
    /// The organisation's date.
    pub(super) today: Date,
    /// Where the page is, without its query.
    pub(super) path: String,
    /// What was done right before, if the page is shown after something was.
    pub(super) notice: Option<Notice>,
    /// What takes it back, sealed.
    pub(super) undo: Option<String>,
    pub(super) nonce: String,
}

impl FromRequestParts<AppState> for Viewer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Ok(found) = PageSession::from_request_parts(parts, state).await;
        let nonce = nonce(state);
        let session = match admit(found, state, &nonce) {
            Ok(session) => session,
            Err(shown) if is_part(&parts.headers) => return Err(load_again(shown.status())),
            Err(shown) => return Err(*shown),
        };
        let path = OriginalUri::from_request_parts(parts, state).await.map(|OriginalUri(uri)| uri);
        let path = path.unwrap_or_default().path().to_owned();
        let notice = Notice::of(parts.uri.query().unwrap_or_default());
        let undo = notice.and_then(|notice| undo::offered(state, &session, &parts.headers, notice));
        let viewer = Self::load(state, session, (path, (notice, undo), nonce)).await;
        viewer.map_err(|error| Problem::from(error).into_response())
    }
}

impl Viewer {
    async fn load(
        state: &AppState,
        session: Session,
        (path, (notice, undo), nonce): (String, (Option<Notice>, Option<String>), String),
    ) -> Result<Self, AppError> {
        let (organisation, revision, gate) = state.store().organisation_at_gate(&session.org).await?;
        let today = organisation.zone.date(state.now());
        let pause = paused_on(&gate, &organisation, today);
        let clock = WallClock::of(&organisation.zone);
        Ok(Self { session, organisation, revision, pause, clock, today, path, notice, undo, nonce })
    }

    /// Whether this person may change more than what members may.
    pub(super) fn is_admin(&self) -> bool {
        self.session.role == Role::Admin
    }

    /// Refuses whoever may not change this.
    pub(super) fn must_be_admin(&self) -> Result<(), Problem> {
        if self.is_admin() { Ok(()) } else { Err(AppError::Forbidden.into()) }
    }

    /// The same for what cannot be undone, where a session token that tells of a minute ago is not enough.
    pub(super) async fn must_be_present_admin(&self, state: &AppState) -> Result<(), Problem> {
        self.must_be_admin()?;
        Ok(is_present_admin(state, &self.session).await?)
    }

    /// What stands around a page.
    pub(super) fn frame(&self, state: &AppState, title: &str) -> Frame {
        Frame::new(self, state, title)
    }

    /// The token of this page's forms.
    pub(super) fn form_token(&self, state: &AppState) -> String {
        csrf::token(state.number_keys(), &self.session, &self.nonce)
    }
}

/// Who is signed in, or what everybody else is shown.
pub(super) fn admit(session: PageSession, state: &AppState, nonce: &str) -> Result<Session, Box<Response>> {
    let (status, shell) = match session {
        PageSession::Signed(session) => return Ok(session),
        PageSession::SignedOut => (StatusCode::OK, Shell::sign_in(state, nonce)),
        PageSession::NoOrganisation => (StatusCode::FORBIDDEN, Shell::no_organisation(state, nonce)),
        PageSession::Unavailable => {
            let error = AppError::Unavailable("the session keys are unavailable".into());
            return Err(Box::new(Problem::from(error).into_response()));
        }
    };
    let shown = render(status, &shell, nonce, Loads::Clerk(&state.site));
    Err(Box::new(shown.unwrap_or_else(|error| Problem::from(error).into_response())))
}

/// Tells htmx to load the whole page: the session has ended, and only a page can renew it.
fn load_again(status: StatusCode) -> Response {
    let status = if status.is_server_error() { status } else { StatusCode::UNAUTHORIZED };
    (status, [("hx-refresh", HeaderValue::from_static("true"))]).into_response()
}
