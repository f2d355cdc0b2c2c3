//! What customers wrote, and the answer in one's own words while the window of 24 hours is open.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse as _, Redirect},
    routing::get,
};
use numo_app::{
    answer_customer::{Instead, Reply, answer_customer, instead},
    error::AppError,
    store::part::Parted,
};
use numo_domain::{
    contact::ContactRef,
    conversation::{AnswerState, AnsweredBy, Conversation, Line, MAX_ANSWER_CHARS, Recipient, Said},
    id::{NumberKey, PhoneNumberId},
    meta_code::advice::Advice,
};

use crate::{
    api::invoices::names,
    console::{
        Shown, address,
        frame::Frame,
        message_search::{Standing, Whose},
        notice::Notice,
        older::{older, part},
        sent::Sent,
        time::{LocalTime, WallClock},
        viewer::Viewer,
        words::{content_words, or_unknown},
    },
    failure::Failure,
    paging::{Paged, newest_first},
    path_of::PathOf,
    state::AppState,
    view::names::{Contacts, name_of},
};

/// Conversations of a part of the list.
const TALKS_SHOWN: usize = 50;

/// Lines of a part of a conversation.
const LINES_SHOWN: usize = 100;

/// Bytes of text on the page of a conversation: with long messages it has fewer lines.
const MOST_TEXT: usize = 40_000;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/messages", get(list).post(search))
        .route("/messages/{number}/{sender}", get(show).post(answer))
}

#[derive(Template)]
#[template(path = "messages.html")]
struct MessagesPage {
    frame: Frame,
    /// What was looked for; empty for the list.
    wanted: String,
    standing: Standing,
    talks: Vec<TalkText>,
    /// The address of what follows in the list.
    older: Option<String>,
    /// Where what follows of a search begins; its form has what was looked for.
    more: Option<String>,
}

struct TalkText {
    address: String,
    customers: Vec<PersonText>,
    number: Option<String>,
    unread: u32,
    heard_at: LocalTime,
    /// None once an answer in one's own words may not go out any more.
    open_until: Option<LocalTime>,
}

struct PersonText {
    name: String,
    address: String,
}

#[derive(Template)]
#[template(path = "message.html")]
struct TalkPage {
    frame: Frame,
    talk: TalkText,
    lines: Vec<LineText>,
    /// The address of what was said before.
    earlier: Option<String>,
    /// Names the answer, so that a form that is sent twice is one answer.
    answer_id: String,
    longest: usize,
    next: Vec<NextText>,
}

struct LineText {
    at: LocalTime,
    by_customer: bool,
    by: &'static str,
    text: Option<String>,
    /// What it is, where it is no words, or what became of it.
    note: Option<String>,
    advice: Option<Advice>,
}

/// What may go out in place of words of one's own.
struct NextText {
    address: String,
    name: String,
    sentence: String,
}

async fn list(viewer: Viewer, paged: Result<Paged, Failure>, State(state): State<AppState>) -> Shown {
    let paged = paged?;
    let shown = paged.rest().iter().find(|(name, _)| name == "show").map(|(_, value)| value.as_str());
    let standing = Standing::named(shown.unwrap_or_default())?;
    let filter = standing.name();
    let (found, people) = found(&state, &viewer, (&paged, filter), (standing, None)).await?;
    let fields: Vec<(String, String)> = shown.iter().map(|show| ("show".to_owned(), (*show).to_owned())).collect();
    let page = MessagesPage {
        frame: viewer.frame(&state, "Messages"),
        wanted: String::new(),
        standing,
        talks: found.values.iter().map(|talk| TalkText::new(talk, (&viewer, &state), &people)).collect(),
        older: older(&viewer, &paged, (filter, &fields), found.next),
        more: None,
    };
    viewer.page(&state, &page)
}

/// A name or a number is nothing for an address: it would stay in the browser's history.
async fn search(paged: Result<Paged, Failure>, State(state): State<AppState>, sent: Sent) -> Shown {
    let (viewer, fields) = (&sent.viewer, &sent.fields);
    let standing = Standing::named(fields.optional("show").unwrap_or_default())?;
    let Some(wanted) = fields.optional("find") else {
        let show = Some(standing.name()).filter(|name| !name.is_empty()).map(|name| format!("?show={name}"));
        return Ok(Redirect::to(&format!("/messages{}", show.unwrap_or_default())).into_response());
    };
    let (paged, filter) = (paged?.after(fields.optional("cursor")), format!("{} {wanted}", standing.name()));
    let (found, people) = found(&state, viewer, (&paged, &filter), (standing, Some(&Whose::of(wanted)))).await?;
    let page = MessagesPage {
        frame: viewer.frame(&state, "Messages"),
        wanted: wanted.to_owned(),
        standing,
        talks: found.values.iter().map(|talk| TalkText::new(talk, (viewer, &state), &people)).collect(),
        older: None,
        more: paged.next(&viewer.session.org, &filter, found.next),
    };
    viewer.page(&state, &page)
}

/// A part of the conversations that are looked for, with the customers in it.
///
/// All conversations are one query, page by page; a name reads the customers of those that stand so, a hundred a call.
async fn found(
    state: &AppState,
    viewer: &Viewer,
    (paged, filter): (&Paged, &str),
    (standing, whose): (Standing, Option<&Whose>),
) -> Result<(Parted<Conversation>, Contacts), Failure> {
    let (store, org, now) = (state.store(), &viewer.session.org, state.now());
    let mut talks = store.conversations(org).await?;
    talks.retain(|talk| standing.is_of(talk, now));
    let mut people = Contacts::new();
    if let Some(whose) = whose {
        if whose.needs_names() {
            people = customers_of(state, viewer, &talks).await?;
        }
        talks.retain(|talk| whose.is_of(talk, &people));
    }
    let found = part(viewer, paged, filter, TALKS_SHOWN)?.of(talks, place);
    if people.is_empty() {
        people = customers_of(state, viewer, &found.values).await?;
    }
    Ok((found, people))
}

async fn customers_of(state: &AppState, viewer: &Viewer, talks: &[Conversation]) -> Result<Contacts, AppError> {
    let people: BTreeSet<ContactRef> = talks.iter().flat_map(|talk| talk.contacts.iter().cloned()).collect();
    names(state.store(), &viewer.session.org, &people.into_iter().collect::<Vec<_>>()).await
}

/// Whoever waits to be read stands first, then whoever wrote last.
fn place(talk: &Conversation) -> String {
    let id = format!("{}#{}", talk.number.as_str(), talk.sender.as_str());
    format!("{}{}", u8::from(talk.unread == 0), newest_first(talk.heard_at, &id))
}

async fn show(
    viewer: Viewer,
    paged: Result<Paged, Failure>,
    State(state): State<AppState>,
    PathOf((number, sender)): PathOf<(NumberKey, PhoneNumberId)>,
) -> Shown {
    let (store, org, now) = (state.store(), &viewer.session.org, state.now());
    let talk = store.conversation(org, (&number, &sender)).await?;
    let talk = talk.ok_or_else(|| Failure::not_found("conversation"))?;
    let paged = paged?;
    let part = part(&viewer, &paged, "", LINES_SHOWN)?;
    let lines = store.lines_within(org, (&number, &sender), &part, MOST_TEXT).await?;
    let people = names(store, org, &talk.contacts.iter().cloned().collect::<Vec<_>>()).await?;
    let next = if talk.is_open(now) { Vec::new() } else { instead(store, org, &talk, now).await? };
    let page = TalkPage {
        frame: viewer.frame(&state, "Messages"),
        talk: TalkText::new(&talk, (&viewer, &state), &people),
        earlier: older(&viewer, &paged, ("", &[]), lines.next),
        lines: lines.values.into_iter().rev().map(|line| LineText::new(line, &viewer.clock)).collect(),
        answer_id: state.waker().ids.uuid().to_string(),
        longest: MAX_ANSWER_CHARS,
        next: next.into_iter().map(|instead| NextText::new(&instead, &viewer, &people)).collect(),
    };
    viewer.page(&state, &page)
}

/// Has an answer sent.
async fn answer(
    State(state): State<AppState>,
    PathOf((number, sender)): PathOf<(NumberKey, PhoneNumberId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let reply = Reply {
        id: sent.fields.read("id", "open the conversation again")?,
        text: sent.fields.text("text")?.to_owned(),
    };
    let (session, of) = (&sent.viewer.session, (&number, &sender));
    answer_customer(state.waker(), &session.org, &session.user, of, reply, state.now()).await?;
    Ok(sent.done(&address::conversation(&number, &sender), Notice::Answered).into_response())
}

impl TalkText {
    fn new(talk: &Conversation, (viewer, state): (&Viewer, &AppState), people: &Contacts) -> Self {
        let number = match &talk.to {
            Recipient::Number(number) => Some(number.masked()),
            Recipient::User(_) => None,
        };
        let person = |contact: &ContactRef| PersonText {
            name: or_unknown(name_of(people, contact)),
            address: address::customer(contact),
        };
        Self {
            address: address::conversation(&talk.number, &talk.sender),
            customers: talk.contacts.iter().map(person).collect(),
            number,
            unread: talk.unread,
            heard_at: viewer.clock.show(talk.heard_at),
            open_until: talk.is_open(state.now()).then(|| viewer.clock.show(talk.window_ends_at())),
        }
    }
}

impl LineText {
    fn new(line: Line, clock: &WallClock) -> Self {
        let at = clock.show(line.at);
        match line.said {
            Said::Customer(heard) => {
                let note = match (heard.revoked_at, heard.edits.is_some()) {
                    (Some(_), _) => Some("deleted by the customer".to_owned()),
                    (None, true) => Some("written anew by the customer".to_owned()),
                    (None, false) => (!heard.content.is_words()).then(|| content_words(heard.content).to_owned()),
                };
                Self { at, by_customer: true, by: "the customer", text: heard.text, note, advice: None }
            }
            Said::Business(answer) => {
                let by = match answer.by {
                    AnsweredBy::Member(_) => "one of you",
                    AnsweredBy::Numo | AnsweredBy::Farewell => "Numo",
                };
                let advice = match &answer.state {
                    AnswerState::Called(state) => Advice::of_state(state),
                    AnswerState::Waiting | AnswerState::Dropped(_) => None,
                };
                let note = Some(answer.state.name().replace('_', " "));
                Self { at, by_customer: false, by, text: Some(answer.text), note, advice }
            }
        }
    }
}

impl NextText {
    fn new(Instead { unit, is_allowed, next_at, why }: &Instead, viewer: &Viewer, people: &Contacts) -> Self {
        let sentence = match (is_allowed, next_at, why) {
            (true, ..) => "A reminder may be sent now.".to_owned(),
            (false, Some(at), _) => format!("A reminder may be sent from {} on.", viewer.clock.show(*at).text),
            (false, None, Some(why)) => why.sentence().to_owned(),
            (false, None, None) => "No reminder may be sent.".to_owned(),
        };
        let name = format!("{} ({})", or_unknown(name_of(people, &unit.contact)), unit.currency);
        Self { address: address::customer(&unit.contact), name, sentence }
    }
}
