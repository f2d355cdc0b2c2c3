use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::control::{Changed, Moment, entered, wrong};
use crate::xero::data::contact::{Contact, Side};
use crate::xero::data::credit::Credit;
use crate::xero::data::document::{self, Kind};
use crate::xero::data::{payment as payments, phones};
use crate::xero::money::UNIT;
use crate::xero::state::Tenant;
use crate::xero::webhook::Change;

/// Overrides fields of an invoice, or adds one that is filled up with defaults.
pub(crate) async fn invoice(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "invoice", Collection::Invoices, |tenant, moment, _| {
        document::blank(&moment.new_id, Kind::Sale, &first(tenant, Collection::Contacts), moment.today)
    })
    .await
}

/// The same for a bill.
pub(crate) async fn bill(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "bill", Collection::Invoices, |tenant, moment, _| {
        document::blank(&moment.new_id, Kind::Bill, &first(tenant, Collection::Contacts), moment.today)
    })
    .await
}

/// The same for a contact.
pub(crate) async fn contact(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "contact", Collection::Contacts, |tenant, moment, _| {
        Contact {
            id: moment.new_id.clone(),
            index: tenant.contacts.len(),
            name: format!("New contact {}", tenant.contacts.len()),
            status: "ACTIVE",
            phones: phones::none(),
            side: Side::Customer,
            updated_ms: moment.now_ms,
        }
        .row()
    })
    .await
}

/// The same for a credit note.
pub(crate) async fn credit_note(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "credit_note", Collection::CreditNotes, credit).await
}

/// The same for a prepayment.
pub(crate) async fn prepayment(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "prepayment", Collection::Prepayments, credit).await
}

/// The same for an overpayment.
pub(crate) async fn overpayment(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "overpayment", Collection::Overpayments, credit).await
}

/// The same for the row of a payment; what an invoice tells of it stays.
pub(crate) async fn payment(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    put(&app, &asked, "payment", Collection::Payments, |tenant, moment, _| {
        let nested = document::payment(&moment.new_id, moment.today, 100 * UNIT);
        payments::row(&first(tenant, Collection::Invoices), &nested)
    })
    .await
}

type Blank = fn(&Tenant, &Moment, Collection) -> Value;

async fn put(app: &App, asked: &Value, field: &str, collection: Collection, blank: Blank) -> Response {
    let overrides = asked.at(field).as_object().cloned();
    let keeps_date = overrides.as_ref().is_some_and(|fields| fields.contains_key("UpdatedDateUTC"));
    let mut asked = asked.clone();
    if keeps_date {
        asked.put("keep_updated", json!(true));
    }
    entered(app, &asked, |tenant, moment| {
        let overrides = overrides.ok_or_else(|| wrong("the row is not an object"))?;
        let id = overrides.get(collection.id_field()).and_then(Value::as_str);
        let (mut row, change) = match id.and_then(|id| tenant.row(collection, id)) {
            Some(held) => (held.clone(), Change::Update),
            None => (blank(tenant, moment, collection), Change::Create),
        };
        merge(&mut row, &overrides);
        if collection == Collection::Invoices {
            move_to_the_end(tenant, &row);
        }
        Ok(vec![Changed { collection, change, row }])
    })
    .await
}

/// An invoice that is edited changes its place, so that pages move under a reader.
fn move_to_the_end(tenant: &mut Tenant, row: &Value) {
    if let Some(at) = tenant.invoices.iter().position(|held| held.at("InvoiceID") == row.at("InvoiceID")) {
        let held = tenant.invoices.remove(at);
        tenant.invoices.push(held);
    }
}

fn credit(tenant: &Tenant, moment: &Moment, collection: Collection) -> Value {
    let contact = first(tenant, Collection::Contacts);
    Credit {
        collection,
        side: Kind::Sale,
        status: "AUTHORISED",
        id: moment.new_id.clone(),
        number: format!("NEW-{}", moment.new_id.get(..8).unwrap_or_default()),
        contact_id: contact.at("ContactID").clone(),
        contact_name: contact.at("Name").clone(),
        date: moment.today,
        currency: tenant.organisation.at("BaseCurrency").as_str().unwrap_or_default().to_owned(),
        total: 100 * UNIT,
        updated_ms: moment.now_ms,
    }
    .row()
}

fn first(tenant: &Tenant, collection: Collection) -> Value {
    tenant.rows(collection).first().cloned().unwrap_or_default()
}

/// Overrides fields of a row.
pub(crate) fn merge(row: &mut Value, overrides: &serde_json::Map<String, Value>) {
    let Some(fields) = row.as_object_mut() else { return };
    for (name, value) in overrides {
        match value {
            // JSON null takes a field away, so that rows without a due date can be made.
            Value::Null => drop(fields.remove(name)),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                fields.insert(name.clone(), value.clone());
            }
        }
    }
}
