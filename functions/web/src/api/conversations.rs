//! Conversations with customers: what they wrote, and what was answered.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use jiff::Timestamp;
use numo_app::answer_customer::{Instead, Reply, answer_customer, instead};
use numo_domain::{
    contact::ContactRef,
    conversation::{
        AnswerState, AnsweredBy, Content, Conversation, FREE_ANSWERS_PER_MONTH, Line, Recipient, Said, WhyDropped,
    },
    cost::{Cost, RateCard},
    delivery_report::status_error::StatusError,
    id::{AttemptId, NumberKey, PhoneNumberId, UserId},
    meta_code::{advice::Advice, shown},
    money::Currency,
    phone::CountryCode,
    plan::reason::SkipCode,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;

use crate::{
    api::asked::AskedView,
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    paging::{Paged, newest_first},
    path_of::PathOf,
    state::AppState,
    view::reminder::PricingView,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/conversations", get(list))
        .route("/conversations/{number}/{sender}", get(one))
        .route("/conversations/{number}/{sender}/answers", post(answer))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ConversationView {
    number: NumberKey,
    sender: PhoneNumberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_masked: Option<String>,
    customers: Vec<ContactRef>,
    heard_at: Timestamp,
    answered_at: Option<Timestamp>,
    unread: u32,
    /// Whether an answer in one's own words may go out.
    is_open: bool,
    window_ends_at: Timestamp,
    /// Until when an answer in one's own words may go out; none once the window is closed.
    can_answer_until: Option<Timestamp>,
    price: PriceView,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ConversationsView {
    conversations: Vec<ConversationView>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// Messages that nobody answered, in all of them.
    unread: u32,
}

/// A conversation and what was said in it.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct TalkView {
    conversation: ConversationView,
    /// What may go out once an answer may not.
    next: Vec<NextView>,
    /// The latest lines, the oldest of them first.
    lines: Vec<LineView>,
    /// Where the lines before these are; none where these are the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What the next message costs, by the rates that the owner entered.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct PriceView {
    /// In one's own words, while the window is open.
    answer: AnswerPriceView,
    /// A template, at any time; none without rates.
    template: Option<Cost>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AnswerPriceView {
    /// So many of a number are free in a calendar month.
    free_per_month: u32,
    /// What any other costs; none without rates.
    then: Option<Cost>,
}

impl PriceView {
    /// Meta bills an answer that is not free as it bills a reminder (Meta: pricing of non-template messages).
    fn of(country: Option<CountryCode>, rates: Option<&RateCard>) -> Self {
        let template = rates.map(|rates| rates.cost_to(country));
        Self { answer: AnswerPriceView { free_per_month: FREE_ANSWERS_PER_MONTH, then: template }, template }
    }
}

/// One line, by the customer or the business.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ConversationLine))]
struct LineView {
    at: Timestamp,
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserId>,
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    understood_as: Option<String>,
    /// Whether the customer wrote it anew: it stands in the place of an earlier one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_edited: bool,
    /// When the customer deleted it; its words are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_by_customer_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<AttemptId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// Why it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<WhyDropped>,
    /// Meta's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    /// What happened and what to do, where it did not arrive or nobody knows.
    #[serde(flatten)]
    advice: Option<Advice>,
    /// Why it failed, with Meta's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<StatusError>,
    /// What Meta bills for it, once it has told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing: Option<PricingView>,
}

/// What may go out once an answer may not: a reminder, by `POST` to its address, at once or from a time on.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct NextView {
    send_now: Option<String>,
    currency: Currency,
    is_allowed: bool,
    next_at: Option<Timestamp>,
    /// The most important reason against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
}

/// Where a reminder by hand is asked for, with the ledger's id as it has to be written in an address.
fn send_now_path(ContactRef { connection, contact }: &ContactRef) -> Option<String> {
    let mut url = Url::parse("https://api.invalid").ok()?;
    let connection = connection.to_string();
    url.path_segments_mut().ok()?.extend(["v1", "customers", &connection, contact.as_str(), "send-now"]);
    Some(url.path().to_owned())
}

impl From<Instead> for NextView {
    fn from(Instead { unit, is_allowed, next_at, why }: Instead) -> Self {
        Self {
            send_now: send_now_path(&unit.contact),
            currency: unit.currency,
            is_allowed,
            next_at,
            why: why.map(SkipCode::code),
        }
    }
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct AnswerForm {
    id: AttemptId,
    text: String,
}

/// The conversation that was written in last comes first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/conversations", params(crate::paging::PartQuery), responses((status = 200, body = ConversationsView)))
)]
async fn list(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<ConversationsView>, Failure> {
    let (now, part) = (state.now(), paged.part(&session.org)?);
    let talks = state.store().conversations(&session.org).await?;
    let unread: u32 = talks.iter().map(|talk| talk.unread).sum();
    let rates = state.store().organisation(&session.org).await?.rate_card();
    let view = |talk| ConversationView::new(talk, rates.as_ref(), now);
    let of = |talk: &Conversation| format!("{}#{}", talk.number, talk.sender);
    let written_at = |talk: &Conversation| talk.heard_at.max(talk.answered_at.unwrap_or(talk.heard_at));
    let shown = part.of(talks, |talk| newest_first(written_at(talk), &of(talk))).map(view);
    let next_cursor = paged.next(&session.org, "", shown.next);
    Ok(Json(ConversationsView { conversations: shown.values, next_cursor, unread }))
}

/// One conversation with its latest lines, the oldest of them first.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        get, path = "/conversations/{number}/{sender}",
        params(crate::paging::PartQuery, ("number" = NumberKey, Path), ("sender" = PhoneNumberId, Path)),
        responses((status = 200, body = TalkView)),
    )
)]
async fn one(
    Signed(session): Signed,
    State(state): State<AppState>,
    PathOf((number, sender)): PathOf<(NumberKey, PhoneNumberId)>,
    paged: Paged,
) -> Result<Json<TalkView>, Failure> {
    let (store, org, of) = (state.store(), &session.org, (&number, &sender));
    let part = paged.part(org)?;
    let Some(talk) = store.conversation(org, of).await? else { return Err(Failure::not_found("conversation")) };
    let lines = store.lines_part(org, of, &part).await?;
    let next_cursor = paged.next(org, "", lines.next);
    let lines: Vec<LineView> = lines.values.into_iter().rev().map(LineView::from).collect();
    let (rates, now) = (store.organisation(org).await?.rate_card(), state.now());
    let next = match talk.is_open(now) {
        true => Vec::new(),
        false => instead(store, org, &talk, now).await?.into_iter().map(NextView::from).collect(),
    };
    Ok(Json(TalkView { conversation: ConversationView::new(talk, rates.as_ref(), now), next, lines, next_cursor }))
}

/// Answers a customer in one's own words.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/conversations/{number}/{sender}/answers",
        params(("number" = NumberKey, Path), ("sender" = PhoneNumberId, Path)),
        request_body = AnswerForm,
        responses((status = 202, body = AskedView<AttemptId>)),
        security(("session" = ["admin"])),
    )
)]
async fn answer(
    Admin(session): Admin,
    State(state): State<AppState>,
    PathOf((number, sender)): PathOf<(NumberKey, PhoneNumberId)>,
    JsonBody(AnswerForm { id, text }): JsonBody<AnswerForm>,
) -> Result<(StatusCode, Json<AskedView<AttemptId>>), Failure> {
    let (waker, now) = (state.waker(), state.now());
    let (org, of) = (&session.org, (&number, &sender));
    let Err(refused) = answer_customer(waker, org, &session.user, of, Reply { id, text }, now).await else {
        return Ok((StatusCode::ACCEPTED, Json(AskedView { id })));
    };
    let closed = state.store().conversation(org, of).await?.filter(|talk| !talk.is_open(now));
    let Some(talk) = closed else { return Err(refused.into()) };
    let next: Vec<NextView> = instead(state.store(), org, &talk, now).await?.into_iter().map(NextView::from).collect();
    Err(Failure::from(refused).with_next(json!(next)))
}

impl ConversationView {
    fn new(talk: Conversation, rates: Option<&RateCard>, now: Timestamp) -> Self {
        let number_masked = match &talk.to {
            Recipient::Number(number) => Some(number.masked()),
            Recipient::User(_) => None,
        };
        Self {
            is_open: talk.is_open(now),
            window_ends_at: talk.window_ends_at(),
            can_answer_until: Some(talk.window_ends_at()).filter(|_| talk.is_open(now)),
            price: PriceView::of(talk.country, rates),
            number: talk.number,
            sender: talk.sender,
            number_masked,
            customers: talk.contacts.into_iter().collect(),
            heard_at: talk.heard_at,
            answered_at: talk.answered_at,
            unread: talk.unread,
        }
    }
}

impl From<Line> for LineView {
    fn from(line: Line) -> Self {
        let blank = Self {
            at: line.at,
            by: "customer",
            user: None,
            text: None,
            content: None,
            understood_as: None,
            is_edited: false,
            deleted_by_customer_at: None,
            id: None,
            state: None,
            why: None,
            code: None,
            advice: None,
            errors: Vec::new(),
            pricing: None,
        };
        match line.said {
            Said::Customer(heard) => Self {
                text: heard.text,
                content: Some(heard.content),
                understood_as: Some(heard.understood_as),
                is_edited: heard.edits.is_some(),
                deleted_by_customer_at: heard.revoked_at,
                ..blank
            },
            Said::Business(answer) => {
                let (by, user) = match answer.by {
                    AnsweredBy::Member(user) => ("member", Some(user)),
                    AnsweredBy::Numo | AnsweredBy::Farewell => ("numo", None),
                };
                let why = match &answer.state {
                    AnswerState::Dropped(why) => Some(*why),
                    AnswerState::Waiting | AnswerState::Called(_) => None,
                };
                let (state, code) = (Some(answer.state.name()), answer.state.code().and_then(shown));
                let advice = match &answer.state {
                    AnswerState::Called(state) => Advice::of_state(state),
                    AnswerState::Waiting | AnswerState::Dropped(_) => None,
                };
                let (id, text) = (Some(answer.attempt), Some(answer.text));
                let errors = answer.report.errors.into_iter().collect();
                let pricing = answer.report.pricing.map(Into::into);
                Self { by, user, text, id, state, why, code, advice, errors, pricing, ..blank }
            }
        }
    }
}
