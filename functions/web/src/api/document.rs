//! The API described for programs: made from the routes' own types, and never part of the function.

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};

use crate::api;

mod common;

use self::common::{completed, failures, parameters};

#[derive(OpenApi)]
#[openapi(
    paths(
        api::organisation::show,
        api::organisation::pause,
        api::organisation::ramp,
        api::organisation::pace,
        api::organisation::language,
        api::organisation::explicit_opt_in_only,
        api::organisation_erasure::show,
        api::organisation_erasure::erase,
        api::organisation_erasure::take_back,
        api::own_number::show,
        api::own_number::ask,
        api::own_number::forget,
        api::connections::list,
        api::connections::show,
        api::connections::syncs,
        api::connections::unreadable,
        api::connections::set_sender,
        api::connections::sync,
        api::connections::disconnect,
        api::senders::list,
        api::senders::add,
        api::senders::disconnect,
        api::setup_links::list,
        api::setup_links::make,
        api::setup_links::take_back,
        api::signup::complete,
        api::whatsapp_accounts::list,
        api::whatsapp_accounts::disconnect,
        api::templates::list,
        api::library::chosen,
        api::library::offer,
        api::library::choose,
        api::library::take_back,
        api::test_messages::ask,
        api::test_messages::show,
        api::consent::show,
        api::consent::give,
        api::opt_ins::import,
        api::conversations::list,
        api::conversations::one,
        api::conversations::answer,
        api::cost::show,
        api::cost::set_rates,
        api::cost::set_cap,
        api::cost::take_cap_away,
        api::figures::show,
        api::customer_consent::show,
        api::customer_consent::record,
        api::customer_erasure::show,
        api::customer_erasure::erase,
        api::customers::list,
        api::customers_csv::file,
        api::invoices::list,
        api::invoices::show,
        api::customers::file,
        api::customers::edit,
        api::numbers::show,
        api::numbers::correct,
        api::numbers::take_back,
        api::numbers::import,
        api::exports::list,
        api::exports::ask,
        api::exports::ask_of_customer,
        api::exports::show,
        api::backlog::list,
        api::backlog::choose,
        api::clients::list,
        api::clients::copy,
        api::policies::list,
        api::policies::presets,
        api::policies::show,
        api::policies::versions,
        api::policies::create,
        api::policies::save,
        api::policies::delete,
        api::plan::preview,
        api::plan::plan_anew,
        api::plan::show,
        api::plan::approve,
        api::reminders::list,
        api::reminders::show,
        api::reminders::resolve,
        api::send_now::preview,
        api::send_now::ask,
        api::send_now::show,
        api::mails::show,
        api::mails::change,
        api::mails::digest,
        api::tasks::tasks,
        api::tasks::seen,
        api::activity::activity,
        api::activity::csv,
    ),
    components(schemas(Failed, api::invoice_query::InvoiceState, crate::view::number::NumberState))
)]
struct Described;

/// What a request gets that was not done.
#[derive(Debug, Serialize, ToSchema)]
struct Failed {
    error: FailedBecause,
}

/// Why it was not done.
#[derive(Debug, Serialize, ToSchema)]
struct FailedBecause {
    /// The class, for programs, such as `invalid`.
    code: String,
    /// A sentence, for people.
    message: String,
    /// Where in the request, as in `steps[0].offset_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What may be done instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Value>,
    /// The id under which the request is found in our logs.
    request_id: String,
}

const ABOUT: &str = "Invoices chased from your own WhatsApp number.\n\n\
Times are RFC 3339 in UTC, days are `YYYY-MM-DD` in the organisation's time zone, and amounts are whole minor units of \
their currency. A `POST` with an `Idempotency-Key` is done once, however often it is sent within 24 hours, and answered \
each time as it was the first time, with `Idempotency-Replayed: true`; what failed with 429 or 5xx is done when it is \
sent again. What tells an `ETag` may be changed over it alone, with `If-Match`; without, a change is made over whatever \
is there. Answers may gain fields; a request with a field that is not described is refused. The organisation is \
that of the session: an id of another one is answered like one that does not exist.";

/// The document as it is kept in `docs/openapi.json` and served at `/v1/openapi.json`.
pub(crate) fn document() -> String {
    let mut described = json!(Described::openapi());
    let mut schemas = described.pointer_mut("/components/schemas").map(Value::take).unwrap_or_default();
    loosen(&mut schemas);
    let paths = described.get_mut("paths").and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    let paths: Map<String, Value> =
        paths.into_iter().map(|(path, item)| (format!("/v1{path}"), completed(&path, item))).collect();
    let bearer = "A session token of Clerk; its role is `member` or `admin`, and an admin may do what a member may.";
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Numo", "description": ABOUT, "version": "1"},
        "servers": [{"url": "/"}],
        "security": [{"session": ["member"]}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": failures(),
            "parameters": parameters(),
            "securitySchemes": {
                "session": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": bearer},
            },
        },
    });
    format!("{document:#}\n").replace("View\"", "\"")
}

/// Part of an object that may be missing is written as a null, which no object is.
fn loosen(schema: &mut Value) {
    for (name, part) in schema.as_object_mut().into_iter().flatten() {
        for choice in part.as_array_mut().filter(|_| name == "allOf").into_iter().flatten() {
            if let Some(choices) = choice.as_object_mut().and_then(|choice| choice.remove("oneOf")) {
                let some = choices.as_array().into_iter().flatten().filter(|one| **one != json!({"type": "null"}));
                let any: Vec<Value> = some.cloned().chain([json!({"type": "object"})]).collect();
                *choice = json!({"anyOf": any});
            }
        }
        loosen(part);
    }
    schema.as_array_mut().into_iter().flatten().for_each(loosen);
}
