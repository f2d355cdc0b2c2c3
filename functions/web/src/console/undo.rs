//! What can be taken back of what was done a moment ago, beside the sentence that it was done.
//!
//! What was there before travels sealed in a cookie of the browser, since an address stays in histories and logs.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_app::{
    edit_customer::CustomerEdit,
    error::AppError,
    port::session::Session,
    type_number::NumberChange,
    undo_edit::{Before, undo_edit},
    undo_number::undo_number,
    undo_switch::{undo_resume, undo_switch_off},
};
use numo_domain::{contact::ContactRef, customer_file::CustomerFile, id::PolicyId};
use numo_runtime::http::own_cookie::OwnCookie;
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

/// What was done, and what it found.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Undo {
    /// The code of the sentence beside which it stands.
    done: String,
    at: Timestamp,
    what: What,
}

/// What can be taken back, with the state that it left: over any other one nothing is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// A decision about a customer, by the revision of the file.
    Edit { contact: ContactRef, revision: u64, before: Before },
    /// Another number of a customer.
    Number { contact: ContactRef, change: NumberChange },
    /// That a policy was switched off, by its version.
    SwitchOff { policy: PolicyId, version: u32 },
    /// That everything went on, with the day on which it would have.
    Resume { until: Option<Date> },
}

const COOKIE: OwnCookie = OwnCookie("numo_undo");

/// As long as somebody may look at the sentence that something was done.
const SECONDS: i64 = 600;

/// A page that was left open takes nothing back of what others rely on by now.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(1);

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
        let what = What::Edit { contact: contact.clone(), revision: now, before };
        Ok((now == revision + 1).then(|| Self::new(state, done, what)))
    }

    /// What takes back what a sentence tells.
    pub(super) fn new(state: &AppState, done: Notice, what: What) -> Self {
        Self { done: done.code().to_owned(), at: state.now(), what }
    }

    /// Has the browser keep it for the page that follows.
    pub(super) fn keep(&self, state: &AppState, session: &Session, answer: &mut Response) {
        let Ok(text) = serde_json::to_string(self) else { return };
        let text = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        let seal = seal(state, session, &text);
        if let Some(cookie) = COOKIE.kept(&format!("{text}.{seal}"), SECONDS, state.site.is_https())
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
    let sealed = COOKIE.shown(headers, state.site.is_https())?;
    let undo = Undo::read(state, session, sealed).filter(|undo| undo.done == notice.code());
    undo.map(|_| sealed.to_owned())
}

async fn take_back(State(state): State<AppState>, sent: Sent) -> Shown {
    let (session, now) = (&sent.viewer.session, state.now());
    let undo = Undo::read(&state, session, sent.fields.text("undo")?);
    let undo = undo.ok_or_else(|| Failure::invalid("undo", "this was not offered to you in this organisation"))?;
    if now.duration_since(undo.at) > GOOD_FOR {
        return Err(Failure::invalid("undo", "it was offered more than an hour ago; change it by hand").into());
    }
    if !undo.what.is_for_members() {
        sent.viewer.must_be_admin()?;
    }
    let (waker, who) = (state.waker(), (&session.org, &session.user));
    let (place, notice) = match &undo.what {
        What::Edit { contact, revision, before } => {
            undo_edit(waker, who, (contact, *revision), before, now).await?;
            (address::customer(contact), Notice::Undone)
        }
        What::Number { contact, change } => {
            undo_number((waker, state.number_keys()), who, (contact, change), now).await?;
            let notice = if change.found.is_some() { Notice::NumberPutBack } else { Notice::NumberTakenBack };
            (address::customer(contact), notice)
        }
        What::SwitchOff { policy, version } => {
            undo_switch_off(waker, who, (policy, *version), now).await?;
            ("/policies".to_owned(), Notice::Undone)
        }
        What::Resume { until } => {
            undo_resume(waker, who, *until, now).await?;
            ("/".to_owned(), Notice::Paused)
        }
    };
    Ok(sent.done(&place, notice).into_response())
}

impl What {
    /// Whether every member may take it back, as every member may do it.
    const fn is_for_members(&self) -> bool {
        match self {
            Self::Edit { before, .. } => before.is_for_members(),
            Self::Number { .. } | Self::SwitchOff { .. } => false,
            Self::Resume { .. } => true,
        }
    }
}
