use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::intuit::company::{Company, touch};
use crate::intuit::control::{missing, realm_of};
use crate::intuit::data::customer::Customer;
use crate::intuit::data::payment::Payment;
use crate::intuit::data::{document, vendor};
use crate::intuit::entity::{Change, Entity, Operation};
use crate::intuit::ledger::{self, Moment, balances, removal};
use crate::intuit::webhook;
use crate::xero::control::rows::merge;
use crate::xero::money::{self, Units};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/_control/intuit/pay", post(pay))
        .route("/_control/intuit/apply", post(apply))
        .route("/_control/intuit/unapply", post(unapply))
        .route("/_control/intuit/void", post(void))
        .route("/_control/intuit/delete", post(delete))
        .route("/_control/intuit/merge", post(merge_customers))
        .route("/_control/intuit/row", post(row))
}

/// Receives a payment: `{"realm","invoice_id","amount"?}`.
async fn pay(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    changed(&app, &asked, |company, at| ledger::pay(company, text(&asked, "invoice_id"), amount(&asked), at))
}

/// Applies money or credit: `{"realm","payment_id"|"credit_memo_id","invoice_id","amount"?}`.
async fn apply(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let invoice_id = text(&asked, "invoice_id");
    changed(&app, &asked, |company, at| match asked.at("credit_memo_id").as_str() {
        Some(memo_id) => ledger::apply_credit(company, (memo_id, invoice_id), amount(&asked), at),
        None => ledger::apply_payment(company, (text(&asked, "payment_id"), invoice_id), amount(&asked), at),
    })
}

/// Takes a payment off an invoice: `{"realm","payment_id","invoice_id"}`.
async fn unapply(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    changed(&app, &asked, |company, at| {
        ledger::unapply(company, text(&asked, "payment_id"), text(&asked, "invoice_id"), at)
    })
}

/// `{"realm","entity","id"}`.
async fn void(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    changed(&app, &asked, |company, at| removal::void(company, entity(&asked)?, text(&asked, "id"), at))
}

/// `{"realm","entity","id"}`.
async fn delete(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    changed(&app, &asked, |company, at| removal::delete(company, entity(&asked)?, text(&asked, "id"), at))
}

/// Merges customers: `{"realm","from","into"}`.
async fn merge_customers(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    changed(&app, &asked, |company, at| removal::merge(company, text(&asked, "from"), text(&asked, "into"), at))
}

/// Overrides a row by its `Id`, or adds one filled up with defaults: `{"realm","entity","row"}`.
async fn row(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    changed(&app, &asked, |company, at| {
        let (entity, fields) = (entity(&asked)?, asked.at("row").as_object()?);
        let known = fields.get("Id").and_then(Value::as_str).filter(|id| company.row(entity, id).is_some());
        let (operation, id) = match known {
            Some(id) => (Operation::Update, id.to_owned()),
            None => (Operation::Create, added(company, entity, fields, at)?),
        };
        let row = company.row_mut(entity, &id)?;
        merge(row, fields);
        if !fields.contains_key("MetaData") {
            touch(row, at.now_ms);
        }
        rename(company, entity, &id);
        Some(vec![Change::new(entity, operation, &id)])
    })
}

/// Works in a company's books, tells the webhook and answers with what changed.
fn changed(app: &App, asked: &Value, work: impl FnOnce(&mut Company, Moment) -> Option<Vec<Change>>) -> Response {
    let now_ms = app.clock.now_ms();
    let at = Moment { now_ms, today: app.dubai_date(now_ms) };
    let mut intuit = app.intuit();
    let Some(company) = intuit.company_mut(realm_of(asked)) else { return missing("company") };
    let realm = company.realm.clone();
    let Some(changes) = work(company, at) else { return missing("object") };
    balances::write(company);
    let rows: Vec<Value> = changes.iter().map(|change| shown(company, change)).collect();
    drop(intuit);
    webhook::tell(app, &realm, changes);
    answer::json(200, json!({ "changes": rows }))
}

fn shown(company: &Company, change: &Change) -> Value {
    json!({
        "entity": change.entity, "operation": change.operation, "id": change.id,
        "row": company.row(change.entity, &change.id),
    })
}

/// A new row whose open amount is its total; gives its id.
fn added(company: &mut Company, entity: Entity, fields: &Map<String, Value>, at: Moment) -> Option<String> {
    let id = fields.get("Id").and_then(Value::as_str).map_or_else(|| company.new_id(), String::from);
    let mut row = blank(company, entity, &id, at)?;
    if let Some(total) = fields.get("TotalAmt") {
        for open in ["Balance", "RemainingCredit", "UnappliedAmt"] {
            if row.get(open).is_some() {
                row.put(open, total.clone());
            }
        }
    }
    company.rows_mut(entity).push(row);
    Some(id)
}

fn blank(company: &Company, entity: Entity, id: &str, at: Moment) -> Option<Value> {
    let first = |entity| company.rows(entity).first().cloned().unwrap_or_default();
    let sale = document::blank(id, &first(Entity::Customer), at.today, at.now_ms);
    match entity {
        Entity::Invoice => Some(sale.invoice()),
        Entity::CreditMemo => Some(sale.credit_memo()),
        Entity::Bill => Some(document::blank(id, &first(Entity::Vendor), at.today, at.now_ms).bill()),
        Entity::Payment => {
            Some(Payment { invoice_id: None, ..Payment::of_invoice(id, &sale.invoice(), sale.total, at) }.row())
        }
        Entity::Customer => {
            let name = format!("New customer {id}");
            Some(Customer { id: id.to_owned(), name, currency: "AED", updated_ms: at.now_ms, email: None }.row())
        }
        Entity::Vendor => Some(vendor::row(id, &format!("New vendor {id}"), "AED", at.now_ms)),
        Entity::CompanyInfo | Entity::Preferences => None,
    }
}

/// References carry a customer's present name.
fn rename(company: &mut Company, entity: Entity, id: &str) {
    if entity != Entity::Customer {
        return;
    }
    let name = company.row(entity, id).map(|row| row.at("DisplayName").clone()).unwrap_or_default();
    for entity in [Entity::Invoice, Entity::CreditMemo, Entity::Payment] {
        for reference in company.rows_mut(entity).iter_mut().filter_map(|row| row.get_mut("CustomerRef")) {
            if reference.at("value") == id {
                reference.put("name", name.clone());
            }
        }
    }
}

fn text<'a>(asked: &'a Value, name: &str) -> &'a str {
    asked.at(name).as_str().unwrap_or_default()
}

fn entity(asked: &Value) -> Option<Entity> {
    Entity::named(text(asked, "entity"))
}

fn amount(asked: &Value) -> Option<Units> {
    money::units(asked.at("amount"))
}
