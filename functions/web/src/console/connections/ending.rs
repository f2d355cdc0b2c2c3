//! Ending a connection: what that deletes and what stays, and a name to type, since nobody can take it back.

use askama::Template;
use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use numo_app::{
    disconnect_ledger::disconnect_ledger,
    disconnect_whatsapp::{Ended, disconnect_account, disconnect_sender},
    error::AppError,
    store::expected::Subject,
};
use numo_domain::{
    connection::{Connection, ConnectionStatus},
    id::{ConnectionId, OrgId, PhoneNumberId, WabaId},
    sender::Sender,
    wording::value::clean,
};

use crate::{
    console::{
        Problem, Shown, address, connections::ending::said::Said, frame::Frame, notice::Notice, sent::Sent,
        viewer::Viewer, words::ledger_name,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

mod said;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/connections/{connection}/end", get(ask_ledger).post(end_ledger))
        .route("/connections/numbers/{number}/end", get(ask_number).post(end_number))
        .route("/connections/accounts/{account}/end", get(ask_account).post(end_account))
}

#[derive(Template)]
#[template(path = "connection_end.html")]
struct EndPage {
    frame: Frame,
    said: &'static Said,
    what: String,
    /// What has to be typed.
    phrase: String,
    action: String,
    revision: Option<u64>,
}

async fn ask_ledger(viewer: Viewer, State(state): State<AppState>, PathOf(id): PathOf<ConnectionId>) -> Shown {
    let found = state.store().revised_connection(&viewer.session.org, id).await?;
    let (ledger, revision) = found.ok_or(AppError::NotFound("connection"))?;
    if ledger.status == ConnectionStatus::Disconnected {
        return Err(AppError::Conflict("the ledger is disconnected").into());
    }
    let page = EndPage {
        frame: viewer.frame(&state, "Disconnect an accounting system"),
        said: &said::LEDGER,
        what: format!("{}, {}", name_of(&ledger), ledger_name(ledger.provider)),
        phrase: name_of(&ledger),
        action: format!("/connections/{id}/end"),
        revision: Some(revision),
    };
    viewer.page(&state, &page)
}

async fn end_ledger(State(state): State<AppState>, PathOf(id): PathOf<ConnectionId>, sent: Sent) -> Shown {
    sent.viewer.must_be_present_admin(&state).await?;
    let session = &sent.viewer.session;
    let ledger = state.store().connection(&session.org, id).await?.ok_or(AppError::NotFound("connection"))?;
    is_typed(&sent, &name_of(&ledger))?;
    let waker = sent.waker(&state, Subject::Connection(id))?;
    disconnect_ledger(&waker, &session.org, &session.user, id, state.now()).await?;
    Ok(sent.done("/connections", Notice::LedgerEnded).into_response())
}

async fn ask_number(viewer: Viewer, State(state): State<AppState>, PathOf(id): PathOf<PhoneNumberId>) -> Shown {
    let senders = state.store().senders(&viewer.session.org).await?;
    let sender = number_of(&senders, &id)?;
    let is_last = !senders.iter().any(|other| other.waba == sender.waba && other.phone_number_id != id);
    let page = EndPage {
        frame: viewer.frame(&state, "Disconnect a WhatsApp number"),
        said: if is_last { &said::ACCOUNT } else { &said::NUMBER },
        what: format!("{} {}", sender.number.as_e164(), sender.verified_name),
        phrase: sender.number.as_e164().to_owned(),
        action: address::end_of_number(&id),
        revision: None,
    };
    viewer.page(&state, &page)
}

async fn end_number(State(state): State<AppState>, PathOf(id): PathOf<PhoneNumberId>, sent: Sent) -> Shown {
    sent.viewer.must_be_present_admin(&state).await?;
    let session = &sent.viewer.session;
    let senders = state.store().senders(&session.org).await?;
    is_typed(&sent, number_of(&senders, &id)?.number.as_e164())?;
    let ports = state.signup_ports();
    let ended = Box::pin(disconnect_sender(&ports, &session.org, &session.user, &id, state.now())).await?;
    Ok(sent.done("/connections", notice(ended)).into_response())
}

async fn ask_account(viewer: Viewer, State(state): State<AppState>, PathOf(id): PathOf<WabaId>) -> Shown {
    is_known(&state, &viewer.session.org, &id).await?;
    let page = EndPage {
        frame: viewer.frame(&state, "Disconnect a WhatsApp account"),
        said: &said::ACCOUNT,
        what: format!("account {id}, with all of its numbers"),
        phrase: id.to_string(),
        action: address::end_of_account(&id),
        revision: None,
    };
    viewer.page(&state, &page)
}

async fn end_account(State(state): State<AppState>, PathOf(id): PathOf<WabaId>, sent: Sent) -> Shown {
    sent.viewer.must_be_present_admin(&state).await?;
    let session = &sent.viewer.session;
    is_known(&state, &session.org, &id).await?;
    is_typed(&sent, id.as_str())?;
    let ports = state.signup_ports();
    let ended = Box::pin(disconnect_account(&ports, &session.org, &session.user, &id, state.now())).await?;
    Ok(sent.done("/connections", notice(ended)).into_response())
}

/// Refuses whoever did not type what the page named.
fn is_typed(sent: &Sent, phrase: &str) -> Result<(), Problem> {
    let spaceless = |text: &str| clean(text, "").split(' ').collect::<String>();
    if spaceless(sent.fields.text("confirm")?) == spaceless(phrase) {
        return Ok(());
    }
    Err(Failure::invalid("confirm", "type it as the page shows it").into())
}

/// The name of a ledger; one without a name is called as its accounting system.
fn name_of(ledger: &Connection) -> String {
    clean(&ledger.name, ledger_name(ledger.provider))
}

fn number_of<'a>(senders: &'a [Sender], id: &PhoneNumberId) -> Result<&'a Sender, AppError> {
    senders.iter().find(|sender| sender.phone_number_id == *id).ok_or(AppError::NotFound("sender"))
}

/// An account is known by itself, or by a number that was entered by hand.
async fn is_known(state: &AppState, org: &OrgId, id: &WabaId) -> Result<(), AppError> {
    let has_number = state.store().senders(org).await?.iter().any(|sender| sender.waba == *id);
    if has_number || state.store().whatsapp_account(org, id).await?.is_some() {
        return Ok(());
    }
    Err(AppError::NotFound("WhatsApp account"))
}

const fn notice(ended: Ended) -> Notice {
    match ended {
        Ended::Number => Notice::NumberEnded,
        Ended::Account { is_meta_told: true } => Notice::AccountEnded,
        Ended::Account { is_meta_told: false } => Notice::MetaNotTold,
    }
}
