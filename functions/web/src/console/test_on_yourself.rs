//! A text on one's own phone: the number is proved to be one's own, and a text of the pack is sent to it.

use std::fmt::Display;

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    own_number::{GivenCode, forget_number, give_code},
    test_on_yourself::{WantedTest, test_on_yourself},
};
use numo_domain::{
    id::TestMessageId,
    language::Language,
    message::example::example,
    meta_code::{advice::Advice, shown},
    template::{Purpose, Variant, template_for},
    test_message::{TestMessage, TestState},
};
use url::form_urlencoded;

use crate::{
    console::{
        Shown,
        awaited::is_part,
        frame::Frame,
        notice::Notice,
        phone::{PhoneMessage, PhoneText},
        policy_preview::business,
        sent::Sent,
        time::LocalTime,
        viewer::Viewer,
        words::{language_name, purpose_words, state_words},
    },
    failure::Failure,
    state::AppState,
    view::reminder::StateView,
};

/// After so long nobody sits in front of the page any more, and it asks no more.
const WATCHED_FOR: SignedDuration = SignedDuration::from_mins(10);

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/test", get(show).post(send)).route("/test/number", post(prove))
}

/// The page of a text, by which a step's message is tried.
pub(super) fn address(purpose: Purpose, language: impl Display) -> String {
    format!("/test?text={purpose}&language={language}")
}

#[derive(Template)]
#[template(path = "test_on_yourself.html")]
struct TestPage {
    frame: Frame,
    number: NumberText,
    code: Option<CodeText>,
    purpose: Purpose,
    language: Language,
    purposes: Vec<(String, &'static str)>,
    languages: Vec<(&'static str, &'static str)>,
    phone: PhoneText,
    new_id: String,
    test: Option<TestText>,
    /// Why what was asked for is not done.
    refused: Option<&'static str>,
}

/// What a page says besides what it always says.
#[derive(Default)]
struct Besides {
    code: Option<CodeText>,
    test: Option<TestText>,
    refused: Option<&'static str>,
}

/// The part that changes while a code waits to be written.
#[derive(Template)]
#[template(path = "test_number.html")]
struct NumberPart {
    number: NumberText,
}

/// The part that changes while a message is on its way.
#[derive(Template)]
#[template(path = "test_status.html")]
struct StatusPart {
    test: TestText,
}

/// The own number, masked.
struct NumberText {
    masked: Option<String>,
    verified_at: Option<LocalTime>,
    /// Until when a code waits to be written.
    code_ends_at: Option<LocalTime>,
}

/// A code, which is shown this once.
struct CodeText {
    message: String,
    write_to: String,
    link: String,
    ends_at: LocalTime,
}

/// What became of a test message.
struct TestText {
    id: TestMessageId,
    what: &'static str,
    language: &'static str,
    asked_at: LocalTime,
    state: String,
    why: Option<&'static str>,
    advice: Option<Advice>,
    /// Whether it may change while somebody looks.
    is_under_way: bool,
}

async fn show(viewer: Viewer, State(state): State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Shown {
    let query = query.unwrap_or_default();
    let asked = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
    };
    let test = match asked("message") {
        Some(id) => {
            let id: TestMessageId = id.parse().map_err(|_unreadable| Failure::not_found("test message"))?;
            let test = state.store().test_message(&viewer.session.org, id).await?;
            let test = test.ok_or(AppError::NotFound("test message"))?.value;
            Some(TestText::new(&test, &viewer, state.now()))
        }
        None => None,
    };
    if is_part(&headers) {
        return match test {
            Some(test) => viewer.page(&state, &StatusPart { test }),
            None => viewer.page(&state, &NumberPart { number: NumberText::load(&state, &viewer).await? }),
        };
    }
    let purpose = asked("text").map_or(Ok(Purpose::OverdueGentle), |name| purpose_of(&name))?;
    let language = asked("language").map_or(Ok(viewer.organisation.language), |code| {
        code.parse().map_err(|_unknown| Failure::invalid("language", "choose a language"))
    })?;
    page(&viewer, &state, (purpose, language), Besides { test, ..Besides::default() }).await
}

async fn page(
    viewer: &Viewer,
    state: &AppState,
    (purpose, language): (Purpose, Language),
    Besides { code, test, refused }: Besides,
) -> Shown {
    let template = template_for(purpose, language, Variant::Plain);
    let message = example(&viewer.organisation, template);
    let message = PhoneMessage::new(&template, message, ("today".to_owned(), "a test"));
    let page = TestPage {
        frame: viewer.frame(state, "Test on yourself"),
        number: NumberText::load(state, viewer).await?,
        code,
        purpose,
        language,
        purposes: Purpose::ALL.map(|purpose| (purpose.to_string(), purpose_words(purpose))).into(),
        languages: Language::ALL.map(|language| (language.code(), language_name(language))).into(),
        phone: PhoneText { business: business(viewer), messages: vec![message] },
        new_id: state.waker().ids.uuid().to_string(),
        test,
        refused,
    };
    let status = if refused.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    viewer.page_as(status, state, &page)
}

/// What speaks against it at the moment, where a person can do something about that.
const fn refusal(error: &AppError) -> Option<&'static str> {
    if let AppError::Conflict(why) | AppError::NotNow { why, .. } = error { Some(*why) } else { None }
}

/// Has a text sent to whoever asks, and nobody else; a form that is sent twice asks once.
async fn send(State(state): State<AppState>, sent: Sent) -> Shown {
    let fields = &sent.fields;
    let id: TestMessageId = fields.read("id", "open the page again")?;
    let purpose = purpose_of(fields.text("text")?)?;
    let language: Language = fields.read("language", "choose a language")?;
    let session = &sent.viewer.session;
    let wanted = WantedTest { id, purpose, language };
    let asked = test_on_yourself(state.waker(), &session.org, &session.user, wanted, state.now()).await;
    if let Err(error) = asked {
        let Some(why) = refusal(&error) else { return Err(error.into()) };
        let besides = Besides { refused: Some(why), ..Besides::default() };
        return page(&sent.viewer, &state, (purpose, language), besides).await;
    }
    let back = format!("{}&message={id}", address(purpose, language));
    Ok(sent.done(&back, Notice::TestAsked).into_response())
}

/// Gives a code for the own number, or forgets that number.
async fn prove(State(state): State<AppState>, sent: Sent) -> Shown {
    let (viewer, session, now) = (&sent.viewer, &sent.viewer.session, state.now());
    match sent.fields.text("number")? {
        "code" => {
            let besides = match give_code(state.waker(), &session.org, &session.user, now).await {
                Ok(given) => Besides { code: Some(CodeText::new(&given, viewer)), ..Besides::default() },
                Err(error) => match refusal(&error) {
                    Some(why) => Besides { refused: Some(why), ..Besides::default() },
                    None => return Err(error.into()),
                },
            };
            page(viewer, &state, (Purpose::OverdueGentle, viewer.organisation.language), besides).await
        }
        "forget" => {
            forget_number(state.waker(), &session.org, &session.user, now).await?;
            Ok(sent.done("/test", Notice::NumberForgotten).into_response())
        }
        _ => Err(Failure::invalid("number", "this page has no such button; open it again").into()),
    }
}

fn purpose_of(name: &str) -> Result<Purpose, Failure> {
    let known = Purpose::ALL.into_iter().find(|purpose| purpose.to_string() == name);
    known.ok_or_else(|| Failure::invalid("text", "choose one of the texts"))
}

impl NumberText {
    async fn load(state: &AppState, viewer: &Viewer) -> Result<Self, AppError> {
        let session = &viewer.session;
        let member = state.store().member(&session.org, &session.user).await?;
        Ok(Self {
            masked: member.number.as_ref().map(|own| own.number.masked()),
            verified_at: member.number.as_ref().map(|own| viewer.clock.show(own.verified_at)),
            code_ends_at: member.waiting_code(state.now()).map(|code| viewer.clock.show(code.ends_at)),
        })
    }
}

impl CodeText {
    fn new(given: &GivenCode, viewer: &Viewer) -> Self {
        Self {
            message: given.code.to_string(),
            write_to: given.write_to.as_e164().to_owned(),
            link: given.link(),
            ends_at: viewer.clock.show(given.ends_at),
        }
    }
}

impl TestText {
    fn new(test: &TestMessage, viewer: &Viewer, now: Timestamp) -> Self {
        let (why, advice) = match &test.state {
            TestState::Waiting => (None, None),
            TestState::Dropped(why) => (Some(why.sentence()), None),
            TestState::Called(state) => (None, Advice::of_state(state)),
        };
        let view = StateView { state: test.state.name(), code: test.state.code().and_then(shown), advice: None };
        let is_done = why.is_some() || advice.is_some() || matches!(view.state, "read");
        Self {
            id: test.id,
            what: purpose_words(test.purpose),
            language: language_name(test.language),
            asked_at: viewer.clock.show(test.asked_at),
            state: state_words(&view),
            why,
            advice,
            is_under_way: !is_done && now.duration_since(test.asked_at) < WATCHED_FOR,
        }
    }
}
