//! What a customer said about being written to, with its proof; and what an admin records of it.

use askama::Template;
use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use numo_app::{configure::record_consent, store::expected::Subject};
use numo_domain::{
    consent::{Consent, ConsentChange, ConsentSource, ConsentState},
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
};

use crate::{
    console::{
        Shown, address,
        frame::Frame,
        notice::Notice,
        sent::Sent,
        time::{LocalTime, WallClock},
        viewer::Viewer,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers/{connection}/{contact}/consent", get(show).post(record))
}

#[derive(Template)]
#[template(path = "customer_consent.html")]
struct ConsentPage {
    frame: Frame,
    customer: String,
    name: String,
    is_opted_out: bool,
    /// What was read, over which an opt-in after a STOP is written.
    revision: u64,
    said: Vec<SaidText>,
}

/// One thing that was said.
struct SaidText {
    at: LocalTime,
    is_opt_out: bool,
    of: &'static str,
    how: String,
    note: String,
}

async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
) -> Shown {
    let (store, org, at) = (state.store(), &viewer.session.org, ContactRef { connection, contact });
    let known = store.contact(org, &at).await?.ok_or_else(|| Failure::not_found("customer"))?.value;
    let said = store.said_about_writing(org, (known.number.key(), &at)).await?;
    let texts = |consent: Option<&Consent>, of| {
        let history = consent.map(|consent| consent.history.clone()).unwrap_or_default();
        history.into_iter().map(move |change| (change.at, change, of))
    };
    let mut all: Vec<_> =
        texts(said.of_number(), "the number").chain(texts(said.of_contact(), "the customer")).collect();
    all.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let page = ConsentPage {
        frame: viewer.frame(&state, "Being written to"),
        customer: address::customer(&at),
        is_opted_out: said.is_opted_out(),
        revision: said.revision(),
        said: all.into_iter().map(|(_, change, of)| SaidText::new(change, of, &viewer.clock)).collect(),
        name: known.name,
    };
    viewer.page(&state, &page)
}

async fn record(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, contact) = (&sent.viewer.session, ContactRef { connection, contact });
    let (consent, notice) = match sent.fields.text("state")? {
        "opted_in" => (ConsentState::OptedIn, Notice::OptedIn),
        "opted_out" => (ConsentState::OptedOut, Notice::OptedOut),
        _ => return Err(Failure::invalid("state", "opted_in or opted_out is needed").into()),
    };
    let (reason, mut waker) = (sent.fields.text("reason")?, state.waker().clone());
    // Somebody who says stop is heard whatever was read before; what lifts a stop is bound to it.
    if consent == ConsentState::OptedIn {
        let seen = sent.fields.read("revision", "open the page again")?;
        waker.store = waker.store.expecting(&session.org, Subject::Consent(&contact), vec![seen]);
    }
    record_consent(&waker, &session.org, &session.user, &contact, consent, reason, state.now()).await?;
    Ok(sent.done(&format!("{}/consent", address::customer(&contact)), notice).into_response())
}

impl SaidText {
    fn new(change: ConsentChange, of: &'static str, clock: &WallClock) -> Self {
        let (is_opt_out, how) = (is_opt_out(&change), how_words(&change));
        Self { at: clock.show(change.at), is_opt_out, of, how, note: change.note }
    }
}

/// Whether it was said that nothing is wanted.
pub(super) fn is_opt_out(change: &ConsentChange) -> bool {
    change.state == ConsentState::OptedOut
}

/// How it was said.
pub(super) fn how_words(change: &ConsentChange) -> String {
    match change.by {
        ConsentSource::Message => "by a message".to_owned(),
        ConsentSource::Button => "by a button".to_owned(),
        ConsentSource::Admin => "recorded by an admin".to_owned(),
        ConsentSource::Import { given_on } => format!("imported, given on {}", given_on.strftime("%-d %b %Y")),
    }
}
