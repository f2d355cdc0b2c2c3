//! Faults in the four shapes in which they come.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::http::call::Answer;

/// What a fault says; its texts stay out of errors and logs, since they may name records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// `ValidationFault`, `SERVICE` and the like, in lower case; often empty.
    pub(crate) kind: String,
    /// Without leading zeros; empty where there is none.
    pub(crate) code: String,
    /// Message and detail, in lower case.
    pub(crate) text: String,
}

/// The fault of an answer, if it carries one; a success may.
///
/// QuickBooks: error codes. JSON with capital or small keys, or XML even when JSON was asked for,
/// by throttles and authentication above all.
pub(crate) fn of_answer(answer: &Answer) -> Option<Fault> {
    if let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(&answer.body) {
        return of_json(envelope.fault?);
    }
    let body = String::from_utf8_lossy(&answer.body);
    if body.trim_start().starts_with('<') { of_xml(&body) } else { None }
}

/// The fault inside a JSON answer; `null` is none.
pub(crate) fn of_json(raw: &RawValue) -> Option<Fault> {
    let value: Value = serde_json::from_str(raw.get()).ok()?;
    let fault = value.as_object()?;
    let field = |names: [&str; 2]| names.iter().find_map(|name| fault.get(*name));
    let error = field(["Error", "error"]).map(|errors| errors.get(0).unwrap_or(errors));
    let of_error = |names: [&str; 2]| names.iter().find_map(|name| error?.get(*name)).map(plain).unwrap_or_default();
    let kind = field(["type", "Type"]).map(plain).unwrap_or_default();
    let text = [of_error(["Message", "message"]), of_error(["Detail", "detail"])].join(" ");
    Some(Fault::new(&kind, &of_error(["code", "Code"]), &text))
}

/// `<Fault type="SERVICE"><Error code="3001"><Message>…`, whatever prefix its names have.
fn of_xml(body: &str) -> Option<Fault> {
    let (_, fault) = body.split_once("Fault")?;
    let error = fault.split_once("Error").map(|(_, error)| error).unwrap_or_default();
    let kind = fault.split('>').next().and_then(|tag| attribute(tag, "type")).unwrap_or_default();
    let code = error.split('>').next().and_then(|tag| attribute(tag, "code")).unwrap_or_default();
    Some(Fault::new(kind, code, error))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = tag.split_once(&format!("{name}=\""))?;
    Some(value.split_once('"')?.0)
}

#[derive(Debug, Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "Fault", alias = "fault", borrow)]
    fault: Option<&'a RawValue>,
}

impl Fault {
    fn new(kind: &str, code: &str, text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        // Some gateways put the code into the message alone, `errorCode=003200;`.
        let named = || text.split_once("errorcode=").map(|(_, rest)| rest).unwrap_or_default();
        let digits: String = if code.is_empty() { named() } else { code }
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '-')
            .collect();
        Self { kind: kind.to_ascii_lowercase(), code: digits.trim_start_matches('0').to_owned(), text }
    }
}

/// A text or a number as text.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::samples;

    fn read(body: &str) -> Option<(String, String)> {
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
        of_answer(&answer).map(|fault| (fault.kind, fault.code))
    }

    #[test]
    fn every_shape_of_a_fault_gives_its_kind_and_its_code_without_zeros() {
        let message = r#""message":"message=AuthenticationFailed; errorCode=003200; statusCode=401""#;
        for (body, kind, code) in [
            (
                r#"{"Fault":{"Error":[{"Message":"m","code":"610"}],"type":"ValidationFault"}}"#,
                "validationfault",
                "610",
            ),
            (r#"{"fault":{"error":[{"code":"3200"}],"type":"AUTHENTICATION"},"time":1}"#, "authentication", "3200"),
            (&format!(r#"{{"fault":{{"error":[{{{message}}}]}}}}"#), "", "3200"),
            (r#"{"Fault":{"Error":[{"code":"003001"}],"type":"SERVICE"}}"#, "service", "3001"),
            (r#"{"Fault":{"Error":[{"code":120}]}}"#, "", "120"),
            (r#"{"Fault":{"Error":{"code":"-11014"}}}"#, "", "-11014"),
            (r#"{"Fault":{}}"#, "", ""),
            (r#"<r><Fault type="SERVICE"><Error code="3001"/></Fault></r>"#, "service", "3001"),
            (r#"<a:r><a:Fault><a:Error><a:Message>errorCode=003001;</a:Message></a:Error></a:Fault>"#, "", "3001"),
        ] {
            assert_eq!(read(body), Some((kind.to_owned(), code.to_owned())), "{body}");
        }
    }

    #[test]
    fn what_is_no_fault_is_none() {
        for body in ["", "{}", r#"{"fault":null}"#, r#"{"Fault":7}"#, "[]", "<html>busy</html>", "busy", "%PDF-1.7"] {
            assert_eq!(read(body), None, "{body}");
        }
    }

    #[test]
    fn the_recorded_throttle_is_read_from_xml() {
        let Some(body) = samples::text("quickbooks/quickbooks_ruby_too_many_requests_error.xml") else { return };
        assert_eq!(read(&body), Some((String::from("service"), String::from("3001"))));
    }
}
