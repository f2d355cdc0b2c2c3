//! JSON bodies, read strictly: a field that is wrong, missing or unknown is named.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::{failure::Failure, state::AppState};

/// The body of a request.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        if !is_json(request.headers()) {
            return Err(Failure::unreadable(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "send JSON with the content type application/json",
            ));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|refused| Failure::unreadable(refused.status(), Failure::CUT_OFF))?;
        parse(&bytes).map(Self)
    }
}

/// What is wrong with one field of a body, or with the whole of it if the name is empty.
#[derive(Debug)]
pub(crate) struct WrongField {
    pub(crate) field: String,
    pub(crate) message: String,
}

/// Reads a part of a body that was left unread, so that its errors are its own.
pub(crate) fn read_part<T: DeserializeOwned>(part: Value) -> Result<T, WrongField> {
    serde_path_to_error::deserialize(part).map_err(|error| named(&error.path().to_string(), error.inner()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.inner());
        // Where a word is wanted, an array counts as wrong syntax; it is JSON all the same.
        let is_json = error.is_syntax() && serde_json::from_slice::<IgnoredAny>(bytes).is_ok();
        let WrongField { field, message } = match is_json {
            true => WrongField { field: path, message: "invalid type, expected a word".to_owned() },
            false => named(&path, error),
        };
        Failure::invalid(field, message)
    })?;
    json.end().map_err(|_trailing| Failure::invalid("", "there is something after the JSON value"))?;
    Ok(value)
}

/// The field that an error is about; where one is missing or there twice, the path does not have its name.
fn named(path: &str, error: &serde_json::Error) -> WrongField {
    if error.is_syntax() || error.is_eof() {
        return WrongField { field: String::new(), message: "the body is not valid JSON".to_owned() };
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(before, _)| before);
    let path = if path == "." { "" } else { path };
    let told = ["missing field `", "duplicate field `"].iter().find_map(|start| message.strip_prefix(start));
    let field = match (path, told.and_then(|rest| rest.split('`').next())) {
        (path, None) => path.to_owned(),
        ("", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
    };
    WrongField { field, message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        count: u8,
    }

    fn refused(text: &str) -> Value {
        parse::<Outer>(text.as_bytes()).unwrap_err().body("r")["error"].take()
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        let cases = [
            (r#"{"inner":[{"count":1},{"count":"x"}]}"#, "inner[1].count", "invalid type: string \"x\", expected u8"),
            (r#"{"inner":[{"count":300}]}"#, "inner[0].count", "invalid value: integer `300`, expected u8"),
            (r#"{"inner":[{"count":1,"more":1}]}"#, "inner[0].more", "unknown field `more`, expected `count`"),
            (r#"{"other":1}"#, "other", "unknown field `other`, expected `inner`"),
            (r#"{"inner":[{}]}"#, "inner[0].count", "missing field `count`"),
            ("{}", "inner", "missing field `inner`"),
        ];
        for (text, field, message) in cases {
            let expected = json!({"code": "invalid", "message": message, "field": field, "request_id": "r"});
            assert_eq!(refused(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_json_has_no_field() {
        for text in ["", "{", "nonsense", r#"{"inner":[]} {}"#] {
            assert_eq!(refused(text).get("field"), None, "{text}");
        }
    }
}
