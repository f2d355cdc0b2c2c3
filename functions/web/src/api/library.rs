//! Texts of Meta's library that stand in until the pack's are approved.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, Router, extract::State, routing::get};
use jiff::Timestamp;
use numo_app::{
    choose_library_text::{Place, Wanted, choose_library_text, offered, take_back_library_text},
    error::AppError,
};
use numo_domain::{
    id::{OrgId, UserId, WabaId},
    language::Language,
    library::{
        choice::LibraryChoice,
        entry::{Button, LibraryEntry, Parameter, ParameterKind},
        objection::{Objection, objections},
        value::LibraryValue,
    },
    message::example::{library_example, library_values},
    template::{AccountTemplate, Purpose, TemplateStatus, WhyUnusable},
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/library-texts", get(chosen))
        .route("/library-texts/{waba_id}/{purpose}/{language}", get(offer).put(choose).delete(take_back))
}

/// What a text is chosen for, in an address.
type InAddress = (WabaId, Purpose, Language);

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct LibraryTextForm {
    name: String,
    locale: String,
    /// All that a customer reads of it, as it was offered.
    words: String,
    values: Vec<LibraryValue>,
}

/// A text that Meta offers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OfferedView {
    name: String,
    locale: String,
    /// Header, body, footer and labels, with parameters left open.
    words: String,
    parameters: Vec<ParameterView>,
    buttons: Vec<Button>,
    /// Why it cannot be chosen; empty if it can.
    objections: Vec<AgainstView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ParameterView {
    /// From 1, as in the words.
    position: usize,
    kind: ParameterKind,
    /// Meta's own example.
    example: String,
    /// What may stand there.
    choices: Vec<LibraryValue>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AgainstView {
    code: Objection,
    sentence: &'static str,
}

/// What Meta offers.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OfferView {
    texts: Vec<OfferedView>,
    /// What each value would be in a message about an invoice of nobody.
    values: BTreeMap<LibraryValue, String>,
}

/// A text that was chosen, and how it stands.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ChosenView {
    waba_id: WabaId,
    purpose: Purpose,
    language: Language,
    name: String,
    locale: String,
    /// Its name on the account.
    template: String,
    values: Vec<LibraryValue>,
    /// As it reads with an invoice of nobody.
    example: Option<String>,
    by: UserId,
    at: Timestamp,
    /// Absent until the first look at it.
    status: Option<TemplateStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<WhyUnusable>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct LibraryTextsView {
    texts: Vec<ChosenView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TakenBackView {
    status: &'static str,
}

/// Texts of Meta's library that were chosen.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/library-texts", responses((status = 200, body = LibraryTextsView)))
)]
async fn chosen(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<LibraryTextsView>, Failure> {
    let mut texts = Vec::new();
    for choice in state.store().library_choices(&session.org).await? {
        texts.push(view(&state, &session.org, choice).await?);
    }
    Ok(Json(LibraryTextsView { texts }))
}

/// What Meta offers for a purpose in a language at this moment.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/library-texts/{waba_id}/{purpose}/{language}",
        params(("waba_id" = WabaId, Path), ("purpose" = Purpose, Path), ("language" = Language, Path)),
        responses((status = 200, body = OfferView)),
    )
)]
async fn offer(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((waba, purpose, language)): PathOf<InAddress>,
) -> Result<Json<OfferView>, Failure> {
    let (org, now) = (&session.org, state.now());
    let entries = offered(&state.senders, org, &waba, purpose, now).await?;
    let in_language = entries.into_iter().filter(|entry| entry.language() == Some(language));
    let texts: Vec<OfferedView> = in_language.map(|entry| OfferedView::new(entry, purpose, language)).collect();
    let organisation = state.store().organisation(org).await?;
    Ok(Json(OfferView { texts, values: library_values(&organisation, language, now) }))
}

/// Has a text say it until one of the pack is approved.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        put, path = "/library-texts/{waba_id}/{purpose}/{language}",
        params(("waba_id" = WabaId, Path), ("purpose" = Purpose, Path), ("language" = Language, Path)),
        request_body = LibraryTextForm,
        responses((status = 200, body = ChosenView)),
        security(("session" = ["admin"])),
    )
)]
async fn choose(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((waba, purpose, language)): PathOf<InAddress>,
    JsonBody(LibraryTextForm { name, locale, words, values }): JsonBody<LibraryTextForm>,
) -> Result<Json<ChosenView>, Failure> {
    let (place, wanted) = (Place { waba, purpose, language }, Wanted { name, locale, words, values });
    let asked = choose_library_text(&state.senders, &session.org, &session.user, (&place, wanted), state.now());
    let choice = Box::pin(asked).await?.0;
    Ok(Json(view(&state, &session.org, choice).await?))
}

/// Takes a choice back.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/library-texts/{waba_id}/{purpose}/{language}",
        params(("waba_id" = WabaId, Path), ("purpose" = Purpose, Path), ("language" = Language, Path)),
        responses((status = 200, body = TakenBackView)),
        security(("session" = ["admin"])),
    )
)]
async fn take_back(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((waba, purpose, language)): PathOf<InAddress>,
) -> Result<Json<TakenBackView>, Failure> {
    let place = Place { waba, purpose, language };
    take_back_library_text(&state.senders, &session.org, &session.user, &place, state.now()).await?;
    Ok(Json(TakenBackView { status: "taken_back" }))
}

async fn view(state: &AppState, org: &OrgId, choice: LibraryChoice) -> Result<ChosenView, AppError> {
    let LibraryChoice { waba, purpose, text, by, at } = choice;
    let known = state.store().templates_of(org, &waba).await?;
    let standing: Option<AccountTemplate> = known.into_iter().find(|known| known.template == text.template);
    let organisation = state.store().organisation(org).await?;
    let example = library_example(&organisation, &text, state.now()).map(|message| message.text);
    Ok(ChosenView {
        waba_id: waba,
        purpose,
        language: text.language,
        name: text.library_name,
        locale: text.template.language,
        template: text.template.name,
        values: text.values,
        example,
        by,
        at,
        status: standing.as_ref().map(|standing| standing.status),
        why: standing.and_then(|standing| standing.why),
    })
}

impl OfferedView {
    fn new(entry: LibraryEntry, purpose: Purpose, language: Language) -> Self {
        let against: BTreeSet<Objection> = objections(&entry, purpose, language);
        let parameter = |(position, Parameter { kind, example }): (usize, Parameter)| ParameterView {
            position,
            kind,
            example,
            choices: LibraryValue::that_fit(kind, purpose).collect(),
        };
        Self {
            words: entry.words(),
            name: entry.name,
            locale: entry.language,
            parameters: (1..).zip(entry.parameters).map(parameter).collect(),
            buttons: entry.buttons,
            objections: against.into_iter().map(AgainstView::from).collect(),
        }
    }
}

impl From<Objection> for AgainstView {
    fn from(code: Objection) -> Self {
        Self { code, sentence: code.sentence() }
    }
}
