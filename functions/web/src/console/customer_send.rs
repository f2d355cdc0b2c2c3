//! A reminder outside the plan: what would go out, whether it may, and the button that asks for it.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::IntoResponse as _,
    routing::get,
};
use numo_app::send_now::{Looked, Wanted, look, send_now};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
    money::Currency,
    plan::decision::Unit,
};
use url::form_urlencoded;

use crate::{
    console::{
        Shown, address,
        awaited::{ALONE, Awaited, is_alone, is_part, part},
        frame::Frame,
        notice::Notice,
        plan_day::sentences,
        sent::Sent,
        time::LocalTime,
        viewer::Viewer,
        words::or_unknown,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
    view::decision::DecisionView,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/customers/{connection}/{contact}/send-now", get(show).post(ask))
}

#[derive(Template)]
#[template(path = "customer_send.html")]
struct SendPage {
    frame: Frame,
    awaited: Awaited,
}

/// What would go out: what htmx asks for once the page is there.
#[derive(Template)]
#[template(path = "customer_send_part.html")]
struct SendPart {
    frame: Frame,
    customer: String,
    name: String,
    currency: String,
    text: Option<String>,
    buttons: Vec<String>,
    reasons: Vec<String>,
    is_allowed: bool,
    /// From when on it may be sent, where nothing but time stands in the way.
    next_at: Option<LocalTime>,
    /// The digest of what is shown: anything else is never sent.
    seen: String,
    /// Names what is asked for, so that a form that is sent twice asks once.
    new_id: String,
}

const TITLE: &str = "Send a reminder now";

const A_CURRENCY: &str = "a currency such as AED is needed";

async fn show(
    viewer: Viewer,
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let query = query.unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "currency");
    let currency = asked.and_then(|(_, value)| value.parse::<Currency>().ok());
    let currency = currency.ok_or_else(|| Failure::invalid("currency", A_CURRENCY))?;
    let unit = Unit { contact: ContactRef { connection, contact }, currency };
    let frame = viewer.frame(&state, TITLE);
    if !is_part(&headers) && !is_alone(&query) {
        let here = format!("{}/send-now?currency={}", address::customer(&unit.contact), currency.as_str());
        let words = "Working out what would go out now, by all limits of the day.";
        let awaited = Awaited { id: "send", from: here.clone(), alone: format!("{here}&{ALONE}"), words, page: here };
        return viewer.page(&state, &SendPage { frame, awaited });
    }
    let (now, org) = (state.now(), &viewer.session.org);
    let looked = look(state.store(), org, &unit, now).await?;
    let seen = looked.digest().unwrap_or_default();
    let Looked { situation, decision } = looked;
    let contacts = &situation.ledger.contacts;
    let date = situation.organisation.zone.date(now);
    let view =
        decision.as_ref().map(|found| DecisionView::new(&found.decision, date, &situation.organisation, contacts));
    let name = or_unknown(contacts.get(&unit.contact).map(|contact| contact.name.clone()));
    let (send, reasons) = view.map(|view| (view.send, sentences(&view.reasons))).unwrap_or_default();
    let found = SendPart {
        frame,
        customer: address::customer(&unit.contact),
        name,
        currency: currency.as_str().to_owned(),
        text: send.as_ref().and_then(|send| send.text.clone()),
        buttons: send.map(|send| send.buttons).unwrap_or_default(),
        reasons,
        is_allowed: decision.as_ref().is_some_and(|found| found.is_allowed()),
        next_at: decision.and_then(|found| found.next_at).map(|at| viewer.clock.show(at)),
        seen,
        new_id: state.waker().ids.uuid().to_string(),
    };
    part(&viewer, &state, &headers, (TITLE, &found))
}

async fn ask(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let (fields, contact) = (&sent.fields, ContactRef { connection, contact });
    let (id, currency) = (fields.read("id", "open the page again")?, fields.read("currency", A_CURRENCY)?);
    let wanted =
        Wanted { id, unit: Unit { contact: contact.clone(), currency }, seen: fields.text("seen")?.to_owned() };
    let session = &sent.viewer.session;
    send_now(state.waker(), &session.org, &session.user, &wanted, state.now()).await?;
    Ok(sent.done(&address::customer(&contact), Notice::AskedFor).into_response())
}
