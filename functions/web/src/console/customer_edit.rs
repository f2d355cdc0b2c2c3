//! Decisions about a customer from the forms of pages: the same as the API takes.

use std::collections::BTreeSet;

use axum::{extract::State, response::IntoResponse as _};
use jiff::civil::Date;
use numo_app::edit_customer::{CustomerEdit, edit_customer};
use numo_domain::{
    contact::ContactRef,
    credit::CreditKind,
    id::{ConnectionId, ExternalId},
};

use crate::{
    console::{
        Shown, address,
        notice::Notice,
        sent::{Fields, Sent},
        undo::Undo,
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
    let contact = ContactRef { connection, contact };
    let (edit, notice) = read(&sent.fields)?;
    if !edit.is_for_members() {
        sent.viewer.must_be_admin()?;
    }
    let session = &sent.viewer.session;
    let (before, revision) = state.store().revised_customer_file(&session.org, &contact).await?;
    edit_customer(state.waker(), &session.org, &session.user, &contact, &edit, state.now()).await?;
    let undo = Undo::of_edit(&state, (session, &contact, notice), (&edit, &before, revision)).await?;
    let mut answer = sent.done(&address::customer(&contact), notice).into_response();
    if let Some(undo) = undo {
        undo.keep(&state, session, &mut answer);
    }
    Ok(answer)
}

const A_DAY: &str = "choose a day";

fn read(fields: &Fields) -> Result<(CustomerEdit, Notice), Failure> {
    let invoice = || fields.read::<ExternalId>("invoice", "choose an invoice");
    let reason = || Ok::<String, Failure>(fields.text("reason")?.to_owned());
    Ok(match fields.text("edit")? {
        "exclude" => (CustomerEdit::Exclude { reason: reason()? }, Notice::LeftOut),
        "include" => (CustomerEdit::Include {}, Notice::Included),
        "snooze" => {
            let until: Option<Date> = fields.read_optional("until", A_DAY)?;
            let notice = if until.is_some() { Notice::PutOff } else { Notice::Saved };
            (CustomerEdit::Snooze { until }, notice)
        }
        "hold" => {
            let on: Option<Date> = fields.read_optional("on", A_DAY)?;
            let notice = if on.is_some() { Notice::Held } else { Notice::Released };
            (CustomerEdit::Hold { on }, notice)
        }
        "move" => (CustomerEdit::Move { to: fields.read_optional("to", A_DAY)? }, Notice::Moved),
        "language" => {
            (CustomerEdit::WriteIn { language: fields.read_optional("language", "choose a language")? }, Notice::Saved)
        }
        "policy" => {
            let policy = fields.read_optional("policy", "choose a policy of the list")?;
            (CustomerEdit::ApplyPolicy { policy }, Notice::PolicyChosen)
        }
        "handled" => (CustomerEdit::Handled {}, Notice::Saved),
        "confirm_number" => (CustomerEdit::ConfirmNumber {}, Notice::Saved),
        "try_again" => (CustomerEdit::TryAgain {}, Notice::Saved),
        "promise" => {
            let date = fields.read("date", A_DAY)?;
            (CustomerEdit::Promise { date, invoices: BTreeSet::new() }, Notice::Promised)
        }
        "withdraw_promise" => {
            let number = fields.read("number", "choose a promise")?;
            (CustomerEdit::WithdrawPromise { number }, Notice::Unpromised)
        }
        "open_dispute" => (CustomerEdit::OpenDispute { invoice: invoice()?, reason: reason()? }, Notice::Disputed),
        "close_dispute" => (CustomerEdit::CloseDispute { invoice: invoice()? }, Notice::Settled),
        "release_credit" => {
            let kinds = [CreditKind::CreditNote, CreditKind::Prepayment, CreditKind::Overpayment, CreditKind::Payment];
            let named = fields.text("kind")?;
            let kind = kinds.into_iter().find(|kind| kind.as_str() == named);
            let kind = kind.ok_or_else(|| Failure::invalid("kind", "open the page again"))?;
            (CustomerEdit::ReleaseCredit { kind, id: fields.read("credit", "choose one")? }, Notice::Saved)
        }
        _ => return Err(Failure::invalid("edit", "this page has no such button; open it again")),
    })
}
