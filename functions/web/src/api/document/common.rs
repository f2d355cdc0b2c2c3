//! What operations have in common: how they may fail, and what they take beside their own.

use serde_json::{Map, Value, json};

use crate::etag::GUARDED;

/// What is read with rules or a provider in the way, which may refuse as they do a change.
const ASKS: [&str; 2] = ["/customers/{connection}/{contact}/send-now", "/library-texts/{waba_id}/{purpose}/{language}"];

/// Changes whose answer is not what they changed, and has no tag.
const TELLS_LESS: [(&str, &str); 2] =
    [("delete", "/policies/{policy}"), ("post", "/customers/{connection}/{contact}/consent")];

/// When a request may fail in a way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Everywhere,
    WithId,
    WithBody,
    InChanges,
    Guarded,
}

/// Every failure: its status, its name among the components, what it means, and where it is met.
const FAILURES: [(&str, &str, &str, Where); 13] = [
    ("400", "Invalid", "Something in the request is wrong; `field` says what.", Where::Everywhere),
    ("401", "Unauthenticated", "There is no session token, or none that is accepted.", Where::Everywhere),
    ("403", "Forbidden", "The role does not allow it, or no organisation is active.", Where::Everywhere),
    ("404", "NotFound", "There is no such thing in this organisation.", Where::WithId),
    (
        "409",
        "Conflict",
        "Somebody else was faster, a rule speaks against it at the moment, or the same request is being done.",
        Where::InChanges,
    ),
    ("412", "Stale", "It was changed since it was read: read it again, and decide again.", Where::Guarded),
    ("413", "TooLarge", "The body is too large.", Where::WithBody),
    ("415", "NotJson", "The body is not sent as `application/json`.", Where::WithBody),
    ("422", "Rejected", "A provider refused, or the key was used for another request.", Where::InChanges),
    ("429", "RateLimited", "Ask again after `Retry-After` seconds.", Where::Everywhere),
    ("500", "Internal", "Something went wrong here.", Where::Everywhere),
    ("502", "Ambiguous", "Nobody knows whether it happened: look before asking again.", Where::InChanges),
    ("503", "Unavailable", "Something is down; ask again after `Retry-After` seconds.", Where::Everywhere),
];

/// Adds what every operation has: an id, the resource that it belongs to, and how it may fail.
pub(super) fn completed(path: &str, mut item: Value) -> Value {
    for (method, operation) in item.as_object_mut().into_iter().flatten() {
        let Some(operation) = operation.as_object_mut() else { continue };
        let words = path.split(['/', '-']).map(|word| word.trim_matches(['{', '}'])).filter(|word| !word.is_empty());
        let id: Vec<&str> = std::iter::once(method.as_str()).chain(words).collect();
        operation.insert("operationId".to_owned(), json!(id.join("_")));
        operation.insert("tags".to_owned(), json!([path.split('/').nth(1)]));
        if method == "post" {
            done_once(operation);
        }
        let is_guarded = GUARDED.iter().any(|(one, at, _)| method.eq_ignore_ascii_case(one) && path == *at);
        if is_guarded {
            add_parameter(operation, "IfMatch");
            let is_told = !TELLS_LESS.contains(&(method.as_str(), path));
            if is_told {
                add_header(operation.get_mut("responses").and_then(|all| all.get_mut("200")), "ETag", tag());
            }
        }
        if method == "get" && GUARDED.iter().any(|(.., read)| path == *read) {
            tagged(operation);
        }
        let has_body = operation.contains_key("requestBody");
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        for (status, name, _, met) in FAILURES {
            let is_met = match met {
                Where::Everywhere => true,
                // Links are there only where the sign-up is set up.
                Where::WithId => has_body || path.contains('{') || path == "/setup-links",
                Where::WithBody => has_body,
                Where::InChanges => method != "get" || ASKS.contains(&path),
                Where::Guarded => is_guarded,
            };
            // A pause is not counted.
            if is_met && !(status == "429" && path == "/organisation/pause") {
                let response = json!({"$ref": format!("#/components/responses/{name}")});
                responses.insert(status.to_owned(), response);
            }
        }
    }
    item
}

/// A change that may be asked for under a key.
fn done_once(operation: &mut Map<String, Value>) {
    add_parameter(operation, "IdempotencyKey");
    for response in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
    {
        let replayed = json!({"description": "The answer is that of an earlier request.", "schema": {"const": "true"}});
        add_header(Some(response), "Idempotency-Replayed", replayed);
    }
}

fn add_header(response: Option<&mut Value>, name: &str, described: Value) {
    if let Some(response) = response.and_then(Value::as_object_mut) {
        let headers = response.entry("headers").or_insert_with(|| json!({}));
        if let Some(headers) = headers.as_object_mut() {
            headers.insert(name.to_owned(), described);
        }
    }
}

fn add_parameter(operation: &mut Map<String, Value>, name: &str) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    if let Some(parameters) = parameters.as_array_mut() {
        parameters.push(json!({"$ref": format!("#/components/parameters/{name}")}));
    }
}

/// Something with a revision: what is told of it has an ETag.
fn tagged(operation: &mut Map<String, Value>) {
    add_parameter(operation, "IfNoneMatch");
    let tag = tag();
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        let unchanged = json!({"description": "It has not changed.", "headers": {"ETag": tag.clone()}});
        responses.insert("304".to_owned(), unchanged);
        add_header(responses.get_mut("200"), "ETag", tag);
    }
}

fn tag() -> Value {
    json!({"description": "Its revision, and a hash of the answer.", "schema": {"type": "string"}})
}

/// What several operations take.
pub(super) fn parameters() -> Value {
    json!({
        "IdempotencyKey": idempotency_key(),
        "IfMatch": condition("If-Match", "Changes it only as it was read: ETags of its GET, or `*`."),
        "IfNoneMatch": condition("If-None-Match", "Tells it only if it is another one: ETags, or `*`."),
    })
}

fn condition(name: &str, about: &str) -> Value {
    json!({"name": name, "in": "header", "description": about, "schema": {"type": "string"}})
}

fn idempotency_key() -> Value {
    let about = "Names the request, for its member and organisation, for 24 hours: a UUID, say. With it the request is \
                 done once; another request under the same key is 422.";
    let schema = json!({"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"});
    json!({"name": "Idempotency-Key", "in": "header", "description": about, "schema": schema})
}

pub(super) fn failures() -> Map<String, Value> {
    let of = |(status, name, meaning, _): (&str, &str, &str, Where)| {
        let mut headers = json!({"X-Request-Id": {"schema": {"type": "string"}}});
        if let (true, Some(headers)) = (["429", "503"].contains(&status), headers.as_object_mut()) {
            headers.insert("Retry-After".to_owned(), json!({"schema": {"type": "integer", "minimum": 1}}));
        }
        let schema = json!({"$ref": "#/components/schemas/Failed"});
        let content = json!({"application/json": {"schema": schema}});
        (name.to_owned(), json!({"description": meaning, "headers": headers, "content": content}))
    };
    FAILURES.map(of).into_iter().collect()
}
