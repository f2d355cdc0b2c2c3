//! Decisions about a customer from the forms of pages: the same as the API takes.

use std::collections::BTreeSet;

use axum::{extract::State, response::IntoResponse as _};
use jiff::civil::Date;
use numo_app::edit_customer::{CustomerEdit, edit_customer};
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
};

use crate::{
    console::{
        Shown, address,
        notice::Notice,
        sent::{Fields, Sent},
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

/// Carries out one decision.
pub(super) async fn edit(
    State(state): State<AppState>,
    PathOf((connection, contact)): PathOf<(ConnectionId, ExternalId)>,
    sent: Sent,
) -> Shown {
    sent.viewer.must_be_admin()?;
    let contact = ContactRef { connection, contact };
    let (edit, notice) = read(&sent.fields)?;
    let session = &sent.viewer.session;
    edit_customer(state.waker(), &session.org, &session.user, &contact, &edit, state.now()).await?;
    Ok(sent.done(&address::customer(&contact), notice).into_response())
}

const A_DAY: &str = "choose a day";

fn read(fields: &Fields) -> Result<(CustomerEdit, Notice), Failure> {
    let invoice = || fields.read::<ExternalId>("invoice", "choose an invoice");
    let edit = match fields.text("edit")? {
        "exclude" => CustomerEdit::Exclude { reason: fields.text("reason")?.to_owned() },
        "include" => CustomerEdit::Include {},
        "snooze" => CustomerEdit::Snooze { until: fields.read_optional("until", A_DAY)? },
        "hold" => {
            let on: Option<Date> = fields.read_optional("on", A_DAY)?;
            let notice = if on.is_some() { Notice::Held } else { Notice::Released };
            return Ok((CustomerEdit::Hold { on }, notice));
        }
        "move" => return Ok((CustomerEdit::Move { to: fields.read_optional("to", A_DAY)? }, Notice::Moved)),
        "handled" => CustomerEdit::Handled {},
        "confirm_number" => CustomerEdit::ConfirmNumber {},
        "try_again" => CustomerEdit::TryAgain {},
        "promise" => CustomerEdit::Promise { date: fields.read("date", A_DAY)?, invoices: BTreeSet::new() },
        "withdraw_promise" => CustomerEdit::WithdrawPromise { number: fields.read("number", "choose a promise")? },
        "open_dispute" => CustomerEdit::OpenDispute { invoice: invoice()?, reason: fields.text("reason")?.to_owned() },
        "close_dispute" => CustomerEdit::CloseDispute { invoice: invoice()? },
        _ => return Err(Failure::invalid("edit", "this page has no such button; open it again")),
    };
    Ok((edit, Notice::Saved))
}
