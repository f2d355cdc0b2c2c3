//! Events of API Gateway as requests, and answers as it wants them (HTTP APIs, payload format 2.0).

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

/// A request, its body byte for byte as it was sent.
pub type Request = http::Request<Vec<u8>>;

/// An answer.
pub type Response = http::Response<Vec<u8>>;

/// What Lambda and the gateway say about a call; it is among the extensions of its request.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// The id under which the log has the call.
    pub request_id: String,
    /// Header of the trace that was begun or taken over for it.
    pub trace: Option<String>,
    /// The address that the gateway saw.
    pub caller: Option<IpAddr>,
    /// The path as the gateway hands it on, its percent signs undone.
    pub path: String,
}

/// An event of API Gateway; whatever else it says is not read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    headers: Map<String, Value>,
    request_context: Context,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
struct Context {
    http: Called,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called {
    method: String,
    source_ip: Option<String>,
}

/// What an event has that no request can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the {0} of a call cannot be read")]
pub struct Unreadable(pub &'static str);

impl Event {
    /// The request, with what Lambda says about the call and what the gateway adds to it.
    pub fn request(self, lambda: Invocation) -> Result<Request, Unreadable> {
        let caller = self.request_context.http.source_ip.and_then(|address| address.parse().ok());
        let invocation = Invocation { caller, path: self.raw_path, ..lambda };
        let body = self.body.unwrap_or_default();
        let body = if self.is_base64_encoded {
            BASE64_STANDARD.decode(body).or(Err(Unreadable("body")))?
        } else {
            body.into_bytes()
        };
        let mut request = Request::new(body);
        *request.method_mut() =
            Method::from_bytes(self.request_context.http.method.as_bytes()).or(Err(Unreadable("method")))?;
        *request.uri_mut() = uri(&invocation.path, &self.raw_query_string)?;
        *request.headers_mut() = headers(self.headers, &self.cookies)?;
        request.extensions_mut().insert(invocation);
        Ok(request)
    }
}

/// The gateway undoes the percent signs of a path, and an address needs them.
fn uri(path: &str, query: &str) -> Result<Uri, Unreadable> {
    let mut address = Url::parse("https://gateway/").or(Err(Unreadable("path")))?;
    address.set_path(path);
    let path = address.path();
    let uri = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    uri.parse().or(Err(Unreadable("address")))
}

/// Values of one name stand behind each other with commas; cookies come apart from them.
fn headers(sent: Map<String, Value>, cookies: &[String]) -> Result<HeaderMap, Unreadable> {
    let unreadable = Unreadable("headers");
    let mut headers = HeaderMap::with_capacity(sent.len() + 1);
    for (name, value) in sent {
        let name = HeaderName::from_bytes(name.as_bytes()).or(Err(unreadable))?;
        let value = value.as_str().ok_or(unreadable)?;
        headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).or(Err(unreadable))?);
    }
    if !cookies.is_empty() {
        headers.insert(header::COOKIE, HeaderValue::from_bytes(cookies.join("; ").as_bytes()).or(Err(unreadable))?);
    }
    Ok(headers)
}

/// An answer as the gateway reads it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    status_code: u16,
    headers: Map<String, Value>,
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let values = |name: &HeaderName| parts.headers.get_all(name).iter().map(text).collect::<Vec<_>>();
        let names = parts.headers.keys().filter(|name| *name != header::SET_COOKIE);
        let (body, is_base64_encoded) = match String::from_utf8(body) {
            Ok(text) => (text, false),
            Err(binary) => (BASE64_STANDARD.encode(binary.as_bytes()), true),
        };
        Self {
            status_code: parts.status.as_u16(),
            headers: names.map(|name| (name.to_string(), Value::from(values(name).join(", ")))).collect(),
            cookies: values(&header::SET_COOKIE),
            body,
            is_base64_encoded,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// What the gateway sends, with changes.
    pub(crate) fn event(with: impl FnOnce(&mut Value)) -> Result<Request, Unreadable> {
        let mut sent: Value = serde_json::from_str(include_str!("../../tests/fixtures/http_v2.json")).unwrap();
        (sent["body"], sent["isBase64Encoded"]) = (Value::Null, json!(false));
        with(&mut sent);
        let lambda = Invocation { request_id: "lambda-1".to_owned(), ..Invocation::default() };
        serde_json::from_value::<Event>(sent).unwrap().request(lambda)
    }

    #[test]
    fn an_event_is_the_request_that_was_sent() {
        let request = event(|_| {}).unwrap();
        assert_eq!(request.method(), Method::GET);
        assert_eq!(request.uri(), "/oauth/xero/callback?state=a+b%2Bc&code=1&state=second");
        let mut headers: Vec<_> =
            request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        headers.sort_unstable();
        assert_eq!(
            headers,
            [
                "cookie: other=1; numo_oauth=bound=1; __session=token",
                "host: api.numo.example",
                "user-agent: Mozilla/5.0",
                "x-forwarded-for: 192.0.2.1",
                "x-forwarded-port: 443",
                "x-forwarded-proto: https",
            ]
        );
        let invocation = request.extensions().get::<Invocation>().unwrap();
        assert_eq!(
            (invocation.request_id.as_str(), invocation.path.as_str(), invocation.caller),
            ("lambda-1", "/oauth/xero/callback", Some("192.0.2.1".parse().unwrap()))
        );
    }

    #[test]
    fn a_body_is_read_as_the_bytes_that_were_sent() {
        let body = |text: &str, is_base64: bool| {
            let sent = event(|event| (event["body"], event["isBase64Encoded"]) = (json!(text), json!(is_base64)));
            sent.map(http::Request::into_body)
        };
        assert_eq!(body("{\"a\":\"\\u00fc\"}", false).unwrap(), br#"{"a":"\u00fc"}"#);
        assert_eq!(body("/wD+", true).unwrap(), [0xff, 0x00, 0xfe]);
        assert_eq!(body("", false).unwrap(), b"");
        assert_eq!(body("no base64", true).unwrap_err(), Unreadable("body"));
        assert_eq!(event(|_| {}).unwrap().body(), b"");
    }

    #[test]
    fn an_event_without_cookies_headers_and_query_is_a_request() {
        let request = event(|event| {
            for name in ["cookies", "headers", "rawQueryString", "body", "isBase64Encoded"] {
                event.as_object_mut().unwrap().remove(name);
            }
            event["requestContext"] = json!({"http": {"method": "POST"}});
        });
        let request = request.unwrap();
        assert_eq!((request.method(), request.headers().len()), (&Method::POST, 0));
        assert_eq!(request.uri(), "/oauth/xero/callback");
        assert_eq!(request.extensions().get::<Invocation>().unwrap().caller, None);
    }

    #[test]
    fn a_path_is_an_address_again() {
        let uri = |path: &str| event(|event| event["rawPath"] = json!(path)).map(|request| request.uri().to_string());
        for (path, address) in [
            ("/a b/ü", "/a%20b/%C3%BC"),
            ("/a?b#c", "/a%3Fb%23c"),
            ("/a%2Fb", "/a%2Fb"),
            ("/a/../b", "/b"),
            ("//other.example/", "//other.example/"),
            ("", "/"),
        ] {
            assert_eq!(uri(path).unwrap(), format!("{address}?state=a+b%2Bc&code=1&state=second"), "{path}");
        }
    }

    #[test]
    fn letters_beyond_ascii_in_a_header_are_kept() {
        let request = event(|event| event["headers"]["user-agent"] = json!("Bücher/1")).unwrap();
        assert_eq!(request.headers()[header::USER_AGENT].as_bytes(), "Bücher/1".as_bytes());
    }

    #[test]
    fn what_no_request_can_have_is_named() {
        let failed = |with: &dyn Fn(&mut Value)| event(|event| with(event)).unwrap_err().to_string();
        let told = [
            failed(&|event| event["requestContext"]["http"]["method"] = json!("G T")),
            failed(&|event| event["rawQueryString"] = json!("a=\u{1}")),
            failed(&|event| event["headers"]["a b"] = json!("1")),
            failed(&|event| event["headers"]["a"] = json!("1\n2")),
            failed(&|event| event["headers"]["a"] = json!(["1"])),
            failed(&|event| event["cookies"] = json!(["a=1\n"])),
        ];
        let expected = ["method", "address", "headers", "headers", "headers", "headers"];
        assert_eq!(told, expected.map(|part| format!("the {part} of a call cannot be read")));
    }

    #[test]
    fn an_answer_has_its_cookies_apart_and_its_body_as_text_where_it_is_text() {
        let answer = |body: &[u8]| {
            let mut response = Response::new(body.to_vec());
            *response.status_mut() = http::StatusCode::CREATED;
            for (name, value) in [("vary", "a"), ("set-cookie", "a=1"), ("vary", "b"), ("set-cookie", "b=2; Path=/")] {
                response.headers_mut().append(name, HeaderValue::from_static(value));
            }
            serde_json::to_value(Answer::from(response)).unwrap()
        };
        let told = |body: &str, is_base64: bool| {
            json!({
                "statusCode": 201, "headers": {"vary": "a, b"}, "cookies": ["a=1", "b=2; Path=/"],
                "body": body, "isBase64Encoded": is_base64,
            })
        };
        assert_eq!(answer("ü".as_bytes()), told("ü", false));
        assert_eq!(answer(&[0xff, 0x00, 0xfe]), told("/wD+", true));
        assert_eq!(answer(b""), told("", false));
    }
}
