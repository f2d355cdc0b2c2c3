use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::control::{Changed, entered, missing, wrong};
use crate::xero::money::{self, Units};
use crate::xero::settle;
use crate::xero::state::Tenant;
use crate::xero::webhook::Change;

/// Settles an invoice in full, or by the `amount`, as a payment entered in Xero would.
pub(crate) async fn pay(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    entered(&app, &asked, |tenant, moment| {
        let mut invoice = named(tenant, Collection::Invoices, asked.at("invoice_id"))?;
        let amount = amount(&asked, due(&invoice));
        let payment = settle::pay(&mut invoice, &moment.new_id, amount, moment.today);
        Ok(vec![updated(Collection::Invoices, invoice), created(Collection::Payments, payment)])
    })
    .await
}

/// Takes a payment back: its invoice is open again.
pub(crate) async fn reverse(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    entered(&app, &asked, |tenant, _| {
        let mut payment = named(tenant, Collection::Payments, asked.at("payment_id"))?;
        if payment.at("Status") == "DELETED" {
            return Err(wrong("the payment was taken back before"));
        }
        let mut invoice = named(tenant, Collection::Invoices, payment.at("Invoice").at("InvoiceID"))?;
        settle::take_back(&mut invoice, &mut payment);
        Ok(vec![updated(Collection::Invoices, invoice), updated(Collection::Payments, payment)])
    })
    .await
}

/// Applies a credit to an invoice, as much as both allow or the `amount`.
pub(crate) async fn allocate(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    entered(&app, &asked, |tenant, moment| {
        let (collection, mut held, mut invoice) = pair(tenant, &asked)?;
        let most = money::units(held.at("RemainingCredit")).unwrap_or_default().min(due(&invoice));
        let amount = amount(&asked, most);
        if amount <= 0 || amount > most {
            return Err(wrong("more than is left or due"));
        }
        settle::apply(&mut held, &mut invoice, collection, amount, moment.today);
        Ok(vec![updated(Collection::Invoices, invoice), updated(collection, held)])
    })
    .await
}

/// Undoes what was applied of a credit to an invoice.
pub(crate) async fn deallocate(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    entered(&app, &asked, |tenant, _| {
        let (collection, mut held, mut invoice) = pair(tenant, &asked)?;
        settle::unapply(&mut held, &mut invoice, collection);
        Ok(vec![updated(Collection::Invoices, invoice), updated(collection, held)])
    })
    .await
}

/// Voids an approved invoice.
pub(crate) async fn void(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    cancel(&app, &asked, "VOIDED").await
}

/// Deletes a draft.
pub(crate) async fn delete(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    cancel(&app, &asked, "DELETED").await
}

async fn cancel(app: &App, asked: &Value, status: &str) -> Response {
    entered(app, asked, |tenant, _| {
        let mut invoice = named(tenant, Collection::Invoices, asked.at("invoice_id"))?;
        settle::cancel(&mut invoice, status);
        Ok(vec![updated(Collection::Invoices, invoice)])
    })
    .await
}

/// Merges a contact into another: it is archived, and its documents change hands without being updated.
pub(crate) async fn merge(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    entered(&app, &asked, |tenant, _| {
        let mut from = named(tenant, Collection::Contacts, asked.at("from"))?;
        let into = named(tenant, Collection::Contacts, asked.at("into"))?;
        from.put("ContactStatus", json!("ARCHIVED"));
        from.put("MergedToContactID", into.at("ContactID").clone());
        for collection in
            [Collection::Invoices, Collection::CreditNotes, Collection::Prepayments, Collection::Overpayments]
        {
            for contact in tenant.rows_mut(collection).iter_mut().filter_map(|row| row.get_mut("Contact")) {
                if contact.at("ContactID") == from.at("ContactID") {
                    contact.put("ContactID", into.at("ContactID").clone());
                    contact.put("Name", into.at("Name").clone());
                }
            }
        }
        Ok(vec![updated(Collection::Contacts, from), updated(Collection::Contacts, into)])
    })
    .await
}

fn pair(tenant: &Tenant, asked: &Value) -> Result<(Collection, Value, Value), Refusal> {
    let collection = asked.at("kind").as_str().and_then(Collection::credit);
    let collection = collection.ok_or_else(|| wrong("kind is credit_note, prepayment or overpayment"))?;
    let held = named(tenant, collection, asked.at("id"))?;
    let invoice = named(tenant, Collection::Invoices, asked.at("invoice_id"))?;
    Ok((collection, held, invoice))
}

fn named(tenant: &Tenant, collection: Collection, name: &Value) -> Result<Value, Refusal> {
    let row = name.as_str().and_then(|name| tenant.row(collection, name));
    row.cloned().ok_or_else(|| missing(collection.name()))
}

fn due(invoice: &Value) -> Units {
    money::units(invoice.at("AmountDue")).unwrap_or_default()
}

fn amount(asked: &Value, otherwise: Units) -> Units {
    money::units(asked.at("amount")).unwrap_or(otherwise)
}

fn updated(collection: Collection, row: Value) -> Changed {
    Changed { collection, change: Change::Update, row }
}

fn created(collection: Collection, row: Value) -> Changed {
    Changed { collection, change: Change::Create, row }
}
