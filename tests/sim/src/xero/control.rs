mod books;
pub(crate) mod rows;
mod settings;
mod settling;
mod views;
mod webhooks;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::field::Field as _;
use crate::xero::collection::Collection;
use crate::xero::state::Tenant;
use crate::xero::webhook::{self, Category, Change, Event, Signature};
use crate::xero::{dates, limits, token};

pub(crate) fn routes() -> Router<App> {
    let path = |name: &str| format!("/_control/xero/{name}");
    Router::new()
        .route(&path("pay"), post(settling::pay))
        .route(&path("reverse"), post(settling::reverse))
        .route(&path("allocate"), post(settling::allocate))
        .route(&path("deallocate"), post(settling::deallocate))
        .route(&path("void"), post(settling::void))
        .route(&path("delete"), post(settling::delete))
        .route(&path("merge"), post(settling::merge))
        .route(&path("invoice"), post(rows::invoice))
        .route(&path("bill"), post(rows::bill))
        .route(&path("contact"), post(rows::contact))
        .route(&path("credit_note"), post(rows::credit_note))
        .route(&path("prepayment"), post(rows::prepayment))
        .route(&path("overpayment"), post(rows::overpayment))
        .route(&path("payment"), post(rows::payment))
        .route(&path("tenants"), get(views::tenants))
        .route(&path("documents"), get(views::documents))
        .route(&path("contacts"), get(views::contacts))
        .route(&path("mobiles"), get(views::mobiles))
        .route(&path("settings"), post(settings::change))
        .route(&path("organisation"), post(settings::organisation))
        .route(&path("reminders"), post(settings::reminders))
        .route(&path("disconnect"), post(settings::disconnect))
        .route(&path("many"), post(books::many))
        .route(&path("large"), post(books::large))
        .route(&path("limits"), get(limits::observed))
        .route(&path("tokens"), get(token::observed))
        .route(&path("end_tokens"), post(token::end))
        .merge(webhooks::routes())
}

/// When something is entered in Xero, and the id that it gets.
struct Moment {
    now_ms: i64,
    today: Date,
    new_id: String,
}

impl Moment {
    fn new(app: &App) -> Self {
        let now_ms = app.clock.now_ms();
        Self { now_ms, today: app.dubai_date(now_ms), new_id: app.new_id() }
    }
}

/// A row that changed, and how.
struct Changed {
    collection: Collection,
    change: Change,
    row: Value,
}

/// Changes rows of the tenant that is named, keeps them and tells of them.
///
/// With `keep_updated` the rows do not say that they changed: Xero moves the date neither for a due date
/// or sent mark of a part-paid invoice nor for balances (Xero: requests and responses).
async fn entered(
    app: &App,
    asked: &Value,
    enter: impl FnOnce(&mut Tenant, &Moment) -> Result<Vec<Changed>, Refusal>,
) -> Response {
    let moment = Moment::new(app);
    match kept(app, asked, &moment, enter) {
        Ok((events, first)) => {
            if !events.is_empty() {
                webhook::announce(app, &events, Signature::Right).await;
            }
            answer::json(200, first)
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn kept(
    app: &App,
    asked: &Value,
    moment: &Moment,
    enter: impl FnOnce(&mut Tenant, &Moment) -> Result<Vec<Changed>, Refusal>,
) -> Result<(Vec<Event>, Value), Refusal> {
    let mut xero = app.xero();
    let name = asked.at("tenant").as_str().unwrap_or_default();
    let tenant = xero.tenant_mut(name).ok_or_else(|| missing("tenant"))?;
    let mut changed = enter(tenant, moment)?;
    for Changed { collection, row, .. } in &mut changed {
        if *asked.at("keep_updated") != true {
            row.put("UpdatedDateUTC", json!(dates::instant(moment.now_ms)));
            if *collection != Collection::Contacts {
                row.put("UpdatedDateUTCString", json!(dates::instant_string(moment.now_ms)));
            }
        }
        keep(tenant, *collection, row);
    }
    let events = changed.iter().filter_map(|changed| event(tenant, changed)).collect();
    Ok((events, changed.into_iter().next().map(|first| first.row).unwrap_or_default()))
}

/// A known row keeps its place, as a new one is put at the end.
fn keep(tenant: &mut Tenant, collection: Collection, row: &Value) {
    let rows = tenant.rows_mut(collection);
    let id = collection.id_field();
    match rows.iter_mut().find(|held| held.get(id).is_some() && held.at(id) == row.at(id)) {
        Some(held) => held.clone_from(row),
        None => rows.push(row.clone()),
    }
}

/// There is no event of a payment, prepayment or overpayment (Xero: webhooks).
fn event(tenant: &Tenant, changed: &Changed) -> Option<Event> {
    let text = |name: &str| changed.row.at(name).as_str().unwrap_or_default().to_owned();
    let (category, data) = match changed.collection {
        Collection::Invoices => (Category::Invoice, None),
        Collection::Contacts => (Category::Contact, None),
        Collection::CreditNotes => (Category::CreditNote, Some((text("Type"), text("Status")))),
        Collection::Prepayments | Collection::Overpayments | Collection::Payments => return None,
    };
    let id = text(changed.collection.id_field());
    Some(Event { tenant_id: tenant.id.clone(), category, change: changed.change, id, data })
}

fn missing(what: &str) -> Refusal {
    Refusal { status: 404, body: json!({ "error": format!("no such {what}") }) }
}

fn wrong(what: &str) -> Refusal {
    Refusal { status: 400, body: json!({ "error": what }) }
}
