use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::field::Field as _;
use crate::intuit::access::{self, Reader};
use crate::intuit::company::served;
use crate::intuit::entity::Entity;
use crate::intuit::errors::{self, Problem};
use crate::oauth::Parameters;

type Address = Path<(String, String)>;

pub(crate) async fn company_info(State(app): State<App>, headers: HeaderMap, path: Address) -> Response {
    let Path((realm, id)) = path;
    access::read(&app, &headers, &realm, |reader| {
        if id != realm {
            return Err(errors::not_found("CompanyInfo"));
        }
        Ok(reader.timed("CompanyInfo", reader.company.only(Entity::CompanyInfo)))
    })
}

pub(crate) async fn preferences(State(app): State<App>, headers: HeaderMap, Path(realm): Path<String>) -> Response {
    access::read(&app, &headers, &realm, |reader| {
        Ok(reader.timed("Preferences", reader.company.only(Entity::Preferences)))
    })
}

/// One invoice; the link to pay it comes only with `include=invoiceLink`.
pub(crate) async fn invoice(
    State(app): State<App>,
    headers: HeaderMap,
    Path((realm, id)): Address,
    Query(asked): Query<Parameters>,
) -> Response {
    let with_link = asked.get("include").is_some_and(|wanted| wanted.split(',').any(|name| name == "invoiceLink"));
    access::read(&app, &headers, &realm, |reader| {
        let mut row = one(reader, Entity::Invoice, &id)?;
        if with_link && has_link(&row) {
            let link = format!("https://connect.intuit.example/t/scs-v1-{realm}-{id}?cta=v3invoicelink&locale=en_US");
            row.put("InvoiceLink", json!(link));
        }
        Ok(reader.timed("Invoice", row))
    })
}

pub(crate) async fn customer(State(app): State<App>, headers: HeaderMap, path: Address) -> Response {
    by_id(&app, &headers, Entity::Customer, &path.0)
}

pub(crate) async fn payment(State(app): State<App>, headers: HeaderMap, path: Address) -> Response {
    by_id(&app, &headers, Entity::Payment, &path.0)
}

/// The invoice as a document; any other kind of answer cannot be had here.
pub(crate) async fn invoice_pdf(State(app): State<App>, headers: HeaderMap, Path((realm, id)): Address) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    let found = access::permitted(&app, &headers, &realm).and_then(|()| {
        if !accepted.contains("application/pdf") && !accepted.contains("*/*") {
            return Err(errors::unsupported("pdf as another type"));
        }
        let intuit = app.intuit();
        let row = intuit.company(&realm).and_then(|company| company.row(Entity::Invoice, &id));
        row.map(|row| document(row.at("DocNumber"))).ok_or_else(|| errors::not_found("Invoice"))
    });
    match found {
        Ok(text) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"))], text).into_response(),
        Err(problem) => problem.answer(&app),
    }
}

fn by_id(app: &App, headers: &HeaderMap, entity: Entity, (realm, id): &(String, String)) -> Response {
    access::read(app, headers, realm, |reader| Ok(reader.timed(entity.name(), one(reader, entity, id)?)))
}

fn one(reader: &Reader<'_>, entity: Entity, id: &str) -> Result<Value, Problem> {
    reader.company.row(entity, id).map(served).ok_or_else(|| errors::not_found(entity.name()))
}

/// A link is there only if the invoice can be paid online and has an address to send it to.
fn has_link(row: &Value) -> bool {
    let online = ["AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"].iter().any(|flag| *row.at(flag) == true);
    online && row.at("BillEmail").at("Address").as_str().is_some_and(|address| address.contains('@'))
}

fn document(number: &Value) -> String {
    format!("%PDF-1.4\n% invoice {}\n%%EOF\n", number.as_str().unwrap_or_default())
}
