//! Texts of Meta's library: looked at on a phone, chosen until one of the pack is approved, and taken back.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{
    choose_library_text::{Place, Wanted, choose_library_text, offered, take_back_library_text},
    error::AppError,
};
use numo_domain::{
    language::Language,
    library::{
        choice::choose,
        entry::{LibraryEntry, Parameter},
        objection::objections,
        value::LibraryValue,
    },
    message::example::library_example,
    template::Purpose,
};

use crate::{
    console::{
        Shown, address,
        frame::Frame,
        notice::Notice,
        phone::{PhoneMessage, PhoneText},
        policy_preview::business,
        sent::{Fields, Sent},
        template_text::InAddress,
        viewer::Viewer,
        words::{language_name, purpose_words},
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/templates/{waba}/{purpose}/{language}/library", get(show).post(choose_one))
        .route("/templates/{waba}/{purpose}/{language}/take-back", post(take_back))
}

#[derive(Template)]
#[template(path = "library.html")]
struct LibraryPage {
    frame: Frame,
    address: String,
    what: &'static str,
    language: &'static str,
    offers: Vec<OfferText>,
    /// Why the choice that was made is none.
    refused: Option<String>,
}

/// A text that Meta offers.
struct OfferText {
    name: String,
    locale: String,
    words: String,
    parameters: Vec<ParameterText>,
    objections: Vec<&'static str>,
    /// With what is chosen for its parameters, where that makes a text.
    phone: Option<PhoneText>,
    why_not: Option<String>,
}

/// A place of a text that something of ours fills.
struct ParameterText {
    position: usize,
    example: String,
    choices: Vec<(LibraryValue, bool)>,
}

async fn show(viewer: Viewer, State(state): State<AppState>, PathOf(place): PathOf<InAddress>) -> Shown {
    page(&viewer, &state, &place, (&Fields::default(), None)).await
}

/// Chooses a text as it was looked at, or shows it with other values.
async fn choose_one(State(state): State<AppState>, PathOf(place): PathOf<InAddress>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (fields, session) = (&sent.fields, &sent.viewer.session);
    let is_looked_at = match fields.text("do")? {
        "look" => true,
        "choose" => false,
        _ => return Err(Failure::invalid("do", "this page has no such button; open it again").into()),
    };
    if is_looked_at {
        return page(&sent.viewer, &state, &place, (fields, None)).await;
    }
    let wanted = Wanted {
        name: fields.text("name")?.to_owned(),
        locale: fields.text("locale")?.to_owned(),
        // A browser sends lines with a carriage return.
        words: fields.text("words")?.replace("\r\n", "\n"),
        values: values(fields),
    };
    let (waba, purpose, language) = place.clone();
    let at = Place { waba, purpose, language };
    let asked = choose_library_text(&state.senders, &session.org, &session.user, (&at, wanted), state.now());
    match Box::pin(asked).await {
        Ok(_) => {
            let back = address::template(&at.waba, purpose, language);
            Ok(sent.done(&back, Notice::LibraryTextChosen).into_response())
        }
        Err(AppError::Invalid { message, .. }) => page(&sent.viewer, &state, &place, (fields, Some(message))).await,
        Err(error) => Err(error.into()),
    }
}

async fn take_back(State(state): State<AppState>, PathOf(place): PathOf<InAddress>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, (waba, purpose, language)) = (&sent.viewer.session, place);
    let place = Place { waba, purpose, language };
    take_back_library_text(&state.senders, &session.org, &session.user, &place, state.now()).await?;
    let back = address::template(&place.waba, purpose, language);
    Ok(sent.done(&back, Notice::LibraryTextTakenBack).into_response())
}

async fn page(
    viewer: &Viewer,
    state: &AppState,
    (waba, purpose, language): &InAddress,
    (fields, refused): (&Fields, Option<String>),
) -> Shown {
    let (org, now) = (&viewer.session.org, state.now());
    let entries = offered(&state.senders, org, waba, *purpose, now).await?;
    let in_language = entries.into_iter().filter(|entry| entry.language() == Some(*language));
    let offer = |entry| OfferText::new(entry, (*purpose, *language), fields, (viewer, state));
    let mut offers: Vec<OfferText> = in_language.map(offer).collect();
    offers.sort_by_key(|offer| offer.objections.len());
    let status = if refused.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = LibraryPage {
        frame: viewer.frame(state, "Texts of Meta's library"),
        address: address::template(waba, *purpose, *language),
        what: purpose_words(*purpose),
        language: language_name(*language),
        offers,
        refused,
    };
    viewer.page_as(status, state, &page)
}

/// What is chosen for each parameter, in their order.
fn values(fields: &Fields) -> Vec<LibraryValue> {
    let value = |text: &str| LibraryValue::ALL.into_iter().find(|value| value.as_str() == text);
    (1_usize..).map_while(|position| fields.optional(&format!("value_{position}"))).filter_map(value).collect()
}

/// What most often stands in the parameters of such a text, in the order in which parameters of words come.
fn usual(entry: &LibraryEntry, purpose: Purpose) -> Vec<LibraryValue> {
    let mut words = [LibraryValue::CustomerName, LibraryValue::BusinessName, LibraryValue::InvoiceNumber].into_iter();
    let value = |parameter: &Parameter| {
        let mut fitting: Vec<LibraryValue> = LibraryValue::that_fit(parameter.kind, purpose).collect();
        let next = if fitting.len() > 1 { words.next() } else { fitting.pop() };
        next.unwrap_or(LibraryValue::CustomerName)
    };
    entry.parameters.iter().map(value).collect()
}

impl OfferText {
    fn new(
        entry: LibraryEntry,
        (purpose, language): (Purpose, Language),
        fields: &Fields,
        (viewer, state): (&Viewer, &AppState),
    ) -> Self {
        let is_it = |name, value: &str| fields.optional(name) == Some(value);
        let is_chosen = is_it("name", &entry.name) && is_it("locale", &entry.language);
        let values = if is_chosen { values(fields) } else { usual(&entry, purpose) };
        let against = objections(&entry, purpose, language);
        let text = if against.is_empty() { Some(choose(&entry, purpose, language, values.clone())) } else { None };
        let (text, why_not) = match text {
            None => (None, None),
            Some(Ok(text)) => (Some(text), None),
            Some(Err(why)) => (None, Some(why.to_string())),
        };
        let message = text.and_then(|text| {
            let message = library_example(&viewer.organisation, &text, state.now())?;
            Some(PhoneMessage::of_library(&text, message))
        });
        let parameter = |(position, parameter): (usize, &Parameter)| {
            let chosen = values.get(position.saturating_sub(1));
            let fitting = LibraryValue::that_fit(parameter.kind, purpose);
            let choices = fitting.map(|value| (value, chosen == Some(&value))).collect();
            ParameterText { position, example: parameter.example.clone(), choices }
        };
        Self {
            words: entry.words(),
            parameters: (1..).zip(&entry.parameters).map(parameter).collect(),
            objections: against.into_iter().map(|objection| objection.sentence()).collect(),
            phone: message.map(|message| PhoneText { business: business(viewer), messages: vec![message] }),
            why_not,
            name: entry.name,
            locale: entry.language,
        }
    }
}

/// A value of ours where a person chooses it.
const fn value_words(value: &LibraryValue) -> &'static str {
    match value {
        LibraryValue::CustomerName => "the customer's name",
        LibraryValue::BusinessName => "your business's name",
        LibraryValue::InvoiceNumber => "the invoice's number",
        LibraryValue::Balance => "what is left to pay",
        LibraryValue::DueDate => "the due date",
        LibraryValue::DaysOverdue => "the days since the due date",
    }
}
