//! What holds for the whole organisation: language, pace, consent, and taking everything along.

use std::cmp::Reverse;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect},
    routing::{get, post},
};
use numo_app::{
    configure::{set_explicit_opt_in_only, set_language, set_pace, set_ramp},
    error::AppError,
    export::{ask_for_export, take_links},
    store::export::{Export, ExportState},
};
use numo_domain::{id::ExportId, language::Language, plan::caps::RAMP_PER_DAY};

use crate::{
    console::{
        Shown,
        frame::Frame,
        notice::Notice,
        sent::Sent,
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::language_name,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings", get(show).post(change))
        .route("/settings/exports", post(export))
        .route("/settings/exports/{id}/{archive}", get(fetch))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    id: String,
    zone: String,
    country: Option<String>,
    currency: Option<String>,
    languages: Vec<LanguageText>,
    explicit_opt_in_only: bool,
    ramp_per_day: u32,
    per_ten_minutes: Option<u32>,
    exports: Vec<ExportText>,
    can_export: bool,
    /// Names the export that is asked for, so that a form that is sent twice asks once.
    new_export: String,
}

struct LanguageText {
    code: &'static str,
    name: &'static str,
    is_chosen: bool,
}

/// An export, with the archives that can be fetched.
struct ExportText {
    id: String,
    of: &'static str,
    asked_at: LocalTime,
    state: String,
    archives: usize,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let organisation = &viewer.organisation;
    let mut exports: Vec<Export> = match viewer.is_admin() {
        true => state.store().exports(&organisation.id).await?.into_iter().map(|stored| stored.value).collect(),
        false => Vec::new(),
    };
    exports.sort_by_key(|export| Reverse((export.asked_at, export.id)));
    let is_under_way = |export: &Export| matches!(export.state, ExportState::Asked | ExportState::Running);
    let page = SettingsPage {
        frame: viewer.frame(&state, "Settings"),
        id: organisation.id.to_string(),
        zone: organisation.zone.name().to_owned(),
        country: organisation.country.map(|country| country.as_str().to_owned()),
        currency: organisation.base_currency.map(|currency| currency.as_str().to_owned()),
        languages: Language::ALL
            .map(|language| LanguageText {
                code: language.code(),
                name: language_name(language),
                is_chosen: language == organisation.language,
            })
            .into(),
        explicit_opt_in_only: organisation.explicit_opt_in_only,
        ramp_per_day: organisation.ramp_per_day.unwrap_or(RAMP_PER_DAY),
        per_ten_minutes: organisation.per_ten_minutes,
        new_export: state.waker().ids.uuid().to_string(),
        can_export: !exports.iter().any(is_under_way),
        exports: exports.into_iter().map(|export| ExportText::new(export, &state, &viewer.clock)).collect(),
    };
    viewer.page(&state, &page)
}

/// Changes one setting.
async fn change(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (waker, session, now, fields) = (state.waker(), &sent.viewer.session, state.now(), &sent.fields);
    let (org, by) = (&session.org, &session.user);
    match fields.text("setting")? {
        "language" => set_language(waker, org, by, fields.read("language", "choose a language")?, now).await?,
        "explicit_opt_in_only" => {
            let only = fields.optional("explicit_opt_in_only").is_some();
            set_explicit_opt_in_only(waker, org, by, only, now).await?
        }
        "ramp" => set_ramp(waker, org, by, fields.read("per_day", "a number is needed")?, now).await?,
        "pace" => {
            let pace = fields.read_optional("per_ten_minutes", "a number is needed")?;
            set_pace(waker, org, by, pace, now).await?
        }
        _ => return Err(Failure::invalid("setting", "this page has no such button; open it again").into()),
    };
    Ok(sent.done("/settings", Notice::Saved).into_response())
}

/// Asks for everything of the organisation.
async fn export(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let id = sent.fields.read::<ExportId>("id", "open the page again")?;
    let session = &sent.viewer.session;
    ask_for_export(state.waker(), (&session.org, &session.user), (id, None), state.now()).await?;
    Ok(sent.done("/settings", Notice::ExportAsked).into_response())
}

/// Leads to an archive, by a link that is made for this moment; a form may not lead to another host.
async fn fetch(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((id, archive)): PathOf<(ExportId, usize)>,
) -> Shown {
    viewer.must_be_admin()?;
    let (session, now) = (&viewer.session, state.now());
    let export = state.store().export(&session.org, id).await?.ok_or(AppError::NotFound("export"))?.value;
    if !export.is_there(now) {
        return Err(AppError::NotFound("export").into());
    }
    let ports = (state.waker(), state.exports.as_ref());
    let links = take_links(ports, (&session.org, &session.user), &export, now).await?;
    let link = links.into_iter().nth(archive).ok_or(AppError::NotFound("export"))?;
    Ok(Redirect::to(&link).into_response())
}

impl ExportText {
    fn new(export: Export, state: &AppState, clock: &WallClock) -> Self {
        let is_there = export.is_there(state.now());
        let told = match &export.state {
            ExportState::Asked | ExportState::Running => "it is being made".to_owned(),
            ExportState::Ready { goes_at, .. } if is_there => format!("ready until {}", clock.show(*goes_at).text),
            ExportState::Ready { .. } => "deleted after its seven days".to_owned(),
            ExportState::Failed { why, .. } => format!("failed: {why}"),
            ExportState::Withdrawn { .. } => "deleted, since a customer was erased who may be in it".to_owned(),
        };
        Self {
            id: export.id.to_string(),
            of: if export.of.is_some() { "One customer" } else { "Everything" },
            asked_at: clock.show(export.asked_at),
            state: told,
            archives: if is_there { export.archives.len() } else { 0 },
        }
    }
}
