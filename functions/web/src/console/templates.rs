//! The texts that WhatsApp has to approve, and how each stands.

use std::collections::BTreeMap;

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_app::error::AppError;
use numo_domain::{
    id::WabaId,
    language::Language,
    library::{choice::LibraryChoice, entry::LIBRARY_PREFIX},
    reminder::TemplateRef,
    template::{AccountTemplate, Purpose, TemplateStatus, texts_in},
};

use crate::{
    console::{
        Shown, address,
        frame::Frame,
        library_text, template_text,
        template_words::StandingText,
        viewer::Viewer,
        words::{language_name, purpose_words},
    },
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/templates", get(show))
        .route("/templates/{waba}/{purpose}/{language}", get(template_text::show))
        .merge(library_text::routes())
}

#[derive(Template)]
#[template(path = "templates.html")]
struct TemplatesPage {
    frame: Frame,
    accounts: Vec<AccountText>,
}

/// The texts of one WhatsApp account.
struct AccountText {
    waba: String,
    languages: Vec<LanguageText>,
    /// Texts that are none of the pack, such as those of Meta's library.
    others: Vec<OtherText>,
}

struct LanguageText {
    name: &'static str,
    /// How many texts may be sent, of how many.
    approved: usize,
    all: usize,
    purposes: Vec<PurposeText>,
}

/// What the variants of a text have in common.
struct PurposeText {
    address: String,
    what: &'static str,
    approved: usize,
    all: usize,
    /// The variants that may not be sent, each way of that once.
    wrong: Vec<StandingText>,
    /// The text of Meta's library that stands in.
    library: Option<String>,
}

struct OtherText {
    name: String,
    language: String,
    standing: StandingText,
}

/// How the texts of an account stand, by name and language.
type Known = BTreeMap<(String, String), AccountTemplate>;

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let choices = state.store().library_choices(&viewer.session.org).await?;
    let mut accounts = Vec::new();
    for waba in accounts_of(&state, &viewer).await? {
        let known = state.store().templates_of(&viewer.session.org, &waba).await?;
        if !known.is_empty() {
            accounts.push(AccountText::new(&waba, known, &choices, &viewer));
        }
    }
    viewer.page(&state, &TemplatesPage { frame: viewer.frame(&state, "Templates"), accounts })
}

/// The WhatsApp accounts of the organisation, by their numbers.
pub(super) async fn accounts_of(state: &AppState, viewer: &Viewer) -> Result<Vec<WabaId>, AppError> {
    let (store, org) = (state.store(), &viewer.session.org);
    let accounts = store.whatsapp_accounts(org).await?.into_iter().map(|account| account.waba);
    let mut accounts: Vec<WabaId> =
        store.senders(org).await?.into_iter().map(|sender| sender.waba).chain(accounts).collect();
    accounts.sort();
    accounts.dedup();
    Ok(accounts)
}

impl AccountText {
    fn new(waba: &WabaId, known: Vec<AccountTemplate>, choices: &[LibraryChoice], viewer: &Viewer) -> Self {
        let key = |template: &TemplateRef| (template.name.clone(), template.language.clone());
        let mut known: Known = known.into_iter().map(|one| (key(&one.template), one)).collect();
        let choices: Vec<&LibraryChoice> = choices.iter().filter(|choice| choice.waba == *waba).collect();
        let mut languages = Vec::new();
        for language in Language::ALL {
            let of_pack =
                texts_in(language).filter_map(|text| Some((text.purpose, known.remove(&key(&text.reference()))?)));
            let mut purposes: BTreeMap<Purpose, Vec<AccountTemplate>> = BTreeMap::new();
            of_pack.for_each(|(purpose, one)| purposes.entry(purpose).or_default().push(one));
            if !purposes.is_empty() {
                languages.push(LanguageText::new((waba, language), purposes, &choices, viewer));
            }
        }
        let others = known.into_values().map(|one| OtherText {
            standing: StandingText::new(&one, &viewer.clock),
            name: one.template.name.trim_start_matches(LIBRARY_PREFIX).to_owned(),
            language: one.template.language,
        });
        Self { waba: waba.to_string(), languages, others: others.collect() }
    }
}

impl LanguageText {
    fn new(
        (waba, language): (&WabaId, Language),
        purposes: BTreeMap<Purpose, Vec<AccountTemplate>>,
        choices: &[&LibraryChoice],
        viewer: &Viewer,
    ) -> Self {
        let of_purpose = |(purpose, all): (Purpose, Vec<AccountTemplate>)| {
            let is_for = |choice: &&&LibraryChoice| choice.purpose == purpose && choice.text.language == language;
            let waiting = all.iter().filter(|one| one.status != TemplateStatus::Approved);
            let mut wrong: Vec<StandingText> = waiting.map(|one| StandingText::new(one, &viewer.clock)).collect();
            wrong.dedup_by(|one, other| one.status == other.status);
            PurposeText {
                address: address::template(waba, purpose, language),
                what: purpose_words(purpose),
                approved: all.iter().filter(|one| one.is_approved()).count(),
                all: all.len(),
                wrong,
                library: choices.iter().find(is_for).map(|choice| choice.text.library_name.clone()),
            }
        };
        let purposes: Vec<PurposeText> = purposes.into_iter().map(of_purpose).collect();
        Self {
            name: language_name(language),
            approved: purposes.iter().map(|one| one.approved).sum(),
            all: purposes.iter().map(|one| one.all).sum(),
            purposes,
        }
    }
}
