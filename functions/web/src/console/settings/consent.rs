//! The statement that customers may be written to, and whether it counts.

use askama::Template;
use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use numo_app::{
    configure::{attest_consent, set_explicit_opt_in_only},
    store::expected::Subject,
};
use numo_domain::organisation::{ATTESTATION_TEXT, ATTESTATION_VERSION, Attestation};

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
    Router::new().route("/settings/consent", get(show).post(change))
}

#[derive(Template)]
#[template(path = "settings_consent.html")]
struct ConsentPage {
    frame: Frame,
    revision: u64,
    given: Option<GivenText>,
    /// Whether the text in force was confirmed.
    is_attested: bool,
    text: &'static str,
    version: u16,
    explicit_opt_in_only: bool,
}

/// Who confirmed a statement, and when.
struct GivenText {
    by: String,
    at: LocalTime,
    version: u16,
    authorised_by: String,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let organisation = &viewer.organisation;
    let page = ConsentPage {
        frame: viewer.frame(&state, "Consent"),
        revision: viewer.revision,
        given: match &organisation.attestation {
            Some(given) => Some(GivenText::load(&state, &viewer, given).await),
            None => None,
        },
        is_attested: organisation.is_attested(),
        text: ATTESTATION_TEXT,
        version: ATTESTATION_VERSION,
        explicit_opt_in_only: organisation.explicit_opt_in_only,
    };
    viewer.page(&state, &page)
}

/// Confirms the statement, or says whether it counts.
async fn change(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, fields, now) = (&sent.viewer.session, &sent.fields, state.now());
    let (waker, org, by) = (&sent.waker(&state, Subject::Organisation)?, &session.org, &session.user);
    let notice = match fields.text("setting")? {
        "attestation" => {
            let version = fields.read("version", "open the page again")?;
            let authorised_by = fields.optional("authorised_by").unwrap_or_default().to_owned();
            attest_consent(waker, org, by, version, authorised_by, now).await?;
            Notice::Attested
        }
        "explicit_opt_in_only" => {
            let only = fields.optional("explicit_opt_in_only").is_some();
            set_explicit_opt_in_only(waker, org, by, only, now).await?;
            Notice::SettingSaved
        }
        _ => return Err(Failure::invalid("setting", "this page has no such button; open it again").into()),
    };
    Ok(sent.done("/settings/consent", notice).into_response())
}

impl GivenText {
    async fn load(state: &AppState, viewer: &Viewer, given: &Attestation) -> Self {
        let Attestation { version, by, at, authorised_by } = given;
        let known = names(state, std::slice::from_ref(by)).await;
        Self {
            by: name_of(&known, by),
            at: viewer.clock.show(*at),
            version: *version,
            authorised_by: authorised_by.trim().to_owned(),
        }
    }
}
