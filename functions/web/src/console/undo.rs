//! What can be taken back of what was done a moment ago, beside the sentence that it was done.
//!
//! What was there before travels sealed in a cookie of the browser, since an address stays in histories and logs.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use numo_app::{
    edit_customer::CustomerEdit,
    error::AppError,
    port::session::Session,
    undo_edit::{Before, undo_edit},
};
use numo_domain::{contact::ContactRef, customer_file::CustomerFile};
use numo_runtime::http::request::cookie;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::{
    console::{Shown, address, notice::Notice, sent::Sent},
    failure::Failure,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    let home = || async { axum::response::Redirect::to("/") };
    Router::new().route("/undo", post(take_back)).route("/undo", get(home))
}

/// A decision about a customer, and what it found.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Undo {
    /// The code of the sentence beside which it stands.
    done: String,
    contact: ContactRef,
    /// The revision of the file that the decision left.
    revision: u64,
    before: Before,
}

const COOKIE: &str = "numo_undo";

/// As long as somebody may look at the sentence that something was done.
const SECONDS: u32 = 600;

/// A browser keeps no longer cookie (RFC 6265, 6.1, with the attributes).
const MAX_BYTES: usize = 3_800;

impl Undo {
    /// What takes an edit back; none where nothing does, or somebody else changed the file meanwhile.
    pub(super) async fn of_edit(
        state: &AppState,
        (session, contact, done): (&Session, &ContactRef, Notice),
        (edit, file, revision): (&CustomerEdit, &CustomerFile, u64),
    ) -> Result<Option<Self>, AppError> {
        let Some(before) = Before::of(edit, file) else { return Ok(None) };
        let (_, now) = state.store().revised_customer_file(&session.org, contact).await?;
        let undo = Self { done: done.code().to_owned(), contact: contact.clone(), revision: now, before };
        Ok(Some(undo).filter(|undo| undo.revision == revision + 1))
    }

    /// Has the browser keep it for the page that follows.
    pub(super) fn keep(&self, state: &AppState, session: &Session, answer: &mut Response) {
        let Ok(text) = serde_json::to_string(self) else { return };
        let text = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        let seal = seal(state, session, &text);
        let secure = if state.site.is_https() { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={text}.{seal}; HttpOnly; SameSite=Lax; Path=/; Max-Age={SECONDS}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie)
            && cookie.len() <= MAX_BYTES
        {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }

    /// What stands in a field or a cookie, if it was written for this person in this organisation.
    fn read(state: &AppState, session: &Session, sealed: &str) -> Option<Self> {
        let (text, given) = sealed.split_once('.')?;
        if seal(state, session, text) != given {
            return None;
        }
        serde_json::from_str(&percent_decode_str(text).decode_utf8().ok()?).ok()
    }
}

fn seal(state: &AppState, session: &Session, text: &str) -> String {
    state.number_keys().form_seal(&session.org, &session.user, &format!("undo {text}"))
}

/// What the page's form sends to take back what a notice tells; none where nothing does.
pub(super) fn offered(state: &AppState, session: &Session, headers: &HeaderMap, notice: Notice) -> Option<String> {
    let sealed = cookie(headers, COOKIE)?;
    let undo = Undo::read(state, session, sealed).filter(|undo| undo.done == notice.code());
    undo.map(|_| sealed.to_owned())
}

async fn take_back(State(state): State<AppState>, sent: Sent) -> Shown {
    let session = &sent.viewer.session;
    let sealed = sent.fields.text("undo")?;
    let undo = Undo::read(&state, session, sealed);
    let Undo { contact, revision, before, .. } =
        undo.ok_or_else(|| Failure::invalid("undo", "this was not offered to you in this organisation"))?;
    if !before.is_for_members() {
        sent.viewer.must_be_admin()?;
    }
    let who = (&session.org, &session.user);
    undo_edit(state.waker(), who, (&contact, revision), &before, state.now()).await?;
    Ok(sent.done(&address::customer(&contact), Notice::Undone).into_response())
}
