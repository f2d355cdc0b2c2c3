//! One text: how it reads on a phone in each variant, how each stands at Meta, and what may stand in for it.

use askama::Template;
use axum::extract::State;
use numo_app::error::AppError;
use numo_domain::{
    id::WabaId,
    language::Language,
    library::choice::LibraryChoice,
    message::example::{example, library_example},
    template::{Purpose, Variant, template_for},
};

use crate::{
    console::{
        Shown, address,
        frame::Frame,
        phone::{PhoneMessage, PhoneText},
        policy_preview::{around_words, business},
        template_words::StandingText,
        templates::accounts_of,
        test_on_yourself,
        time::LocalTime,
        viewer::Viewer,
        words::{language_name, purpose_words},
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

/// What a text is for, in an address.
pub(super) type InAddress = (WabaId, Purpose, Language);

#[derive(Template)]
#[template(path = "template.html")]
struct TemplatePage {
    frame: Frame,
    address: String,
    language: &'static str,
    test: String,
    variants: Vec<VariantText>,
    phone: PhoneText,
    is_in_library: bool,
    chosen: Option<ChosenText>,
}

struct VariantText {
    name: String,
    around: &'static str,
    standing: StandingText,
}

/// A text of Meta's library that stands in.
struct ChosenText {
    name: String,
    at: LocalTime,
    standing: Option<StandingText>,
    phone: Option<PhoneText>,
}

pub(super) async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((waba, purpose, language)): PathOf<InAddress>,
) -> Shown {
    known(&state, &viewer, &waba).await?;
    let org = &viewer.session.org;
    let standing = state.store().templates_of(org, &waba).await?;
    let chosen = state.store().library_choice(org, &waba, purpose, language).await?;
    let of = |variant| template_for(purpose, language, variant);
    let variants: &[Variant] = if purpose.asks() { &Variant::ALL } else { &[Variant::Plain] };
    let variant = |variant: &Variant| {
        let text = of(*variant).reference();
        let held = standing.iter().find(|held| held.template == text);
        VariantText {
            around: around_words(*variant),
            standing: held.map_or_else(StandingText::absent, |held| StandingText::new(held, &viewer.clock)),
            name: text.name,
        }
    };
    let message = |variant: &Variant| {
        let template = of(*variant);
        PhoneMessage::new(&template, example(&viewer.organisation, template), (around_words(*variant).to_owned(), ""))
    };
    let chosen = chosen.map(|choice| {
        let held = standing.iter().find(|held| held.template == choice.text.template);
        ChosenText::new(choice, held.map(|held| StandingText::new(held, &viewer.clock)), &viewer, &state)
    });
    let page = TemplatePage {
        frame: viewer.frame(&state, purpose_words(purpose)),
        address: address::template(&waba, purpose, language),
        language: language_name(language),
        test: test_on_yourself::address(purpose, language),
        variants: variants.iter().map(variant).collect(),
        phone: PhoneText { business: business(&viewer), messages: variants.iter().map(message).collect() },
        is_in_library: purpose.is_in_library(),
        chosen,
    };
    viewer.page(&state, &page)
}

/// Holds that an account is the organisation's.
pub(super) async fn known(state: &AppState, viewer: &Viewer, waba: &WabaId) -> Result<(), Failure> {
    let is_known = accounts_of(state, viewer).await?.contains(waba);
    if is_known { Ok(()) } else { Err(AppError::NotFound("WhatsApp account").into()) }
}

impl ChosenText {
    fn new(choice: LibraryChoice, standing: Option<StandingText>, viewer: &Viewer, state: &AppState) -> Self {
        let message = library_example(&viewer.organisation, &choice.text, state.now());
        let messages = message.map(|message| vec![PhoneMessage::of_library(&choice.text, message)]);
        Self {
            name: choice.text.library_name,
            at: viewer.clock.show(choice.at),
            standing,
            phone: messages.map(|messages| PhoneText { business: business(viewer), messages }),
        }
    }
}
