//! What holds for the whole organisation; each subject has a page of its own.

mod consent;
mod cost;
mod ending;
mod exports;
mod mails;

use askama::Template;
use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use numo_app::{
    configure::{set_language, set_pace, set_ramp},
    store::expected::Subject,
};
use numo_domain::{language::Language, plan::caps::RAMP_PER_DAY};

use crate::{
    console::{Shown, frame::Frame, notice::Notice, sent::Sent, viewer::Viewer, words::language_name},
    failure::Failure,
    state::AppState,
    view::country::country_name,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/settings", get(show).post(change))
        .merge(consent::routes())
        .merge(mails::routes())
        .merge(cost::routes())
        .merge(exports::routes())
        .merge(ending::routes())
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    frame: Frame,
    revision: u64,
    id: String,
    zone: String,
    country: Option<String>,
    currency: Option<String>,
    languages: Vec<LanguageText>,
    ramp_per_day: u32,
    per_ten_minutes: Option<u32>,
}

struct LanguageText {
    code: &'static str,
    name: &'static str,
    is_chosen: bool,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let organisation = &viewer.organisation;
    let page = SettingsPage {
        frame: viewer.frame(&state, "Settings"),
        revision: viewer.revision,
        id: organisation.id.to_string(),
        zone: organisation.zone.name().to_owned(),
        country: organisation.country.map(|country| country_name(&country).to_owned()),
        currency: organisation.base_currency.map(|currency| currency.as_str().to_owned()),
        languages: Language::ALL
            .map(|language| LanguageText {
                code: language.code(),
                name: language_name(language),
                is_chosen: language == organisation.language,
            })
            .into(),
        ramp_per_day: organisation.ramp_per_day.unwrap_or(RAMP_PER_DAY),
        per_ten_minutes: organisation.per_ten_minutes,
    };
    viewer.page(&state, &page)
}

/// Changes one setting.
async fn change(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, now, fields) = (&sent.viewer.session, state.now(), &sent.fields);
    let (waker, org, by) = (&sent.waker(&state, Subject::Organisation)?, &session.org, &session.user);
    match fields.text("setting")? {
        "language" => set_language(waker, org, by, fields.read("language", "choose a language")?, now).await?,
        "ramp" => set_ramp(waker, org, by, fields.read("per_day", "a number is needed")?, now).await?,
        "pace" => {
            let pace = fields.read_optional("per_ten_minutes", "a number is needed")?;
            set_pace(waker, org, by, pace, now).await?
        }
        _ => return Err(Failure::invalid("setting", "this page has no such button; open it again").into()),
    };
    Ok(sent.done("/settings", Notice::SettingSaved).into_response())
}
