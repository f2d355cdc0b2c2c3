//! Old invoices of one customer about which nobody decided yet, and the decision.

use axum::{extract::State, response::IntoResponse as _};
use numo_app::{
    backlog::{Chosen, OldInvoice, choose_start},
    undo_edit::Before,
};
use numo_domain::{
    contact::ContactRef,
    customer_file::Start,
    id::{ConnectionId, ExternalId},
};

use crate::{
    console::{
        Shown, address,
        notice::Notice,
        sent::{Fields, Sent},
        undo::{Undo, What},
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

/// Invoices that may be decided about at once.
pub(super) const SHOWN: usize = 50;

/// Old invoices of a customer.
pub(super) struct BacklogText {
    pub(super) invoices: Vec<OldText>,
    /// How many more there are.
    pub(super) more: usize,
}

/// An old invoice.
pub(super) struct OldText {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) days_overdue: i32,
    pub(super) remaining: String,
}

impl BacklogText {
    pub(super) fn new(old: Vec<OldInvoice>) -> Self {
        let more = old.len().saturating_sub(SHOWN);
        let text = |old: OldInvoice| OldText {
            id: old.invoice.as_str().to_owned(),
            number: old.number,
            days_overdue: old.days_overdue,
            remaining: old.remaining.to_string(),
        };
        Self { invoices: old.into_iter().take(SHOWN).map(text).collect(), more }
    }
}

/// How to start with those that are ticked.
pub(super) async fn choose(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, now) = (&sent.viewer.session, state.now());
    let customer = ContactRef { connection, contact };
    if state.store().contact(&session.org, &customer).await?.is_none() {
        return Err(Failure::not_found("customer").into());
    }
    let start = start(&sent.fields)?;
    let invoices = sent.fields.all("invoice").map(|id| id.parse::<ExternalId>());
    let invoices: Vec<ExternalId> =
        invoices.collect::<Result<_, _>>().map_err(|_wrong| Failure::invalid("invoice", "choose from the list"))?;
    if invoices.is_empty() {
        return Err(Failure::invalid("invoice", "tick at least one invoice").into());
    }
    let (before, revision) = state.store().revised_customer_file(&session.org, &customer).await?;
    let chosen = Chosen::Of(customer.clone(), invoices);
    if choose_start(state.waker(), &session.org, &session.user, (start, &chosen), now).await? == 0 {
        return Err(
            Failure::invalid("invoice", "these are decided about already, or not old; open the page again").into()
        );
    }
    let (after, left) = state.store().revised_customer_file(&session.org, &customer).await?;
    let mut answer = sent.done(&address::customer(&customer), Notice::Begun).into_response();
    if left == revision + 1 {
        let decided = after.backlog.into_keys().filter(|invoice| !before.backlog.contains_key(invoice));
        let before = Before::Backlog(decided.collect());
        let what = What::Edit { contact: customer, revision: left, before };
        Undo::new(&state, Notice::Begun, what).keep(&state, session, &mut answer);
    }
    Ok(answer)
}

/// The choice of a form.
pub(super) fn start(fields: &Fields) -> Result<Start, Failure> {
    match fields.text("start")? {
        "leave_out" => Ok(Start::LeaveOut),
        "gently" => Ok(Start::Gently),
        "by_age" => Ok(Start::ByAge),
        _ => Err(Failure::invalid("start", "leave_out, gently or by_age is needed")),
    }
}
