use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};

use super::*;
use crate::{quickbooks::fault, samples};

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn name(error: &LedgerError) -> String {
    match error {
        LedgerError::RateLimited { limit, retry_after } => {
            format!("{limit} {}", retry_after.map_or(-1, |pause| pause.as_secs()))
        }
        LedgerError::Unavailable(_) => String::from("unavailable"),
        LedgerError::TokenRefused => String::from("token"),
        LedgerError::ReauthRequired => String::from("reauth"),
        LedgerError::TenantRefused => String::from("tenant"),
        LedgerError::Suspended => String::from("suspended"),
        LedgerError::NotFound => String::from("not found"),
        LedgerError::Rejected(status) => format!("rejected {status}"),
        LedgerError::Malformed(reason) => reason.clone(),
    }
}

fn class(answer: &Answer) -> String {
    name(&refused(answer, fault::of_answer(answer).as_ref()))
}

/// A fault with a code in one of the four shapes.
fn shapes(kind: &str, code: &str) -> [String; 4] {
    [
        format!(r#"{{"Fault":{{"Error":[{{"Message":"m","Detail":"d","code":"{code}"}}],"type":"{kind}"}}}}"#),
        format!(r#"{{"fault":{{"error":[{{"message":"m","code":"00{code}"}}],"type":"{kind}"}}}}"#),
        format!(r#"{{"fault":{{"error":[{{"message":"message=m; errorCode=00{code}; statusCode=1"}}]}}}}"#),
        format!(r#"<IntuitResponse><Fault type="{kind}"><Error code="{code}"></Error></Fault></IntuitResponse>"#),
    ]
}

#[test]
fn every_documented_code_has_its_class_in_every_shape_and_with_a_success_too() {
    for (status, kind, code, expected) in [
        (401, "AUTHENTICATION", "3200", "token"),
        (403, "AuthorizationFault", "3100", "tenant"),
        (429, "SERVICE", "3001", "minute 60"),
        (403, "SERVICE", "3001", "minute 60"),
        (400, "ValidationFault", "120", "reauth"),
        (400, "ValidationFault", "610", "not found"),
        (403, "ValidationFault", "6190", "suspended"),
        (500, "SystemFault", "10000", "unavailable"),
        (400, "ValidationFault", "4001", "rejected 400"),
        (400, "ValidationFault", "2010", "rejected 400"),
        (400, "ValidationFault", "2020", "rejected 400"),
        (400, "ValidationFault", "5010", "rejected 400"),
        (400, "ValidationFault", "6000", "rejected 400"),
        (400, "ValidationFault", "6210", "rejected 400"),
        (400, "ValidationFault", "6240", "rejected 400"),
        (500, "ValidationFault", "500", "rejected 500"),
    ] {
        for body in shapes(kind, code) {
            assert_eq!(class(&answer(status, &body)), expected, "{status} {body}");
            let with_success = expected.replace(&status.to_string(), "200");
            assert_eq!(class(&answer(200, &body)), with_success, "200 {body}");
        }
    }
}

#[test]
fn without_a_known_code_the_type_decides_and_then_the_status() {
    for (status, body, expected) in [
        (200, r#"{"Fault":{"type":"AuthenticationFault"}}"#, "token"),
        (200, r#"{"Fault":{"type":"AUTHORIZATION"}}"#, "tenant"),
        (200, r#"{"Fault":{"type":"SystemFault","Error":[{"code":"7"}]}}"#, "unavailable"),
        (200, r#"{"Fault":{"type":"SERVICE"}}"#, "unavailable"),
        (500, r#"{"Fault":{"type":"ValidationFault","Error":[{"code":"7"}]}}"#, "rejected 500"),
        (200, r#"{"Fault":{"Error":[{"code":"-11014"}]}}"#, "reauth"),
        (403, r#"{"fault":{"error":[{"message":"insufficient_scope","code":"3100"}]}}"#, "reauth"),
        (401, "", "token"),
        (403, "", "tenant"),
        (404, "", "not found"),
        (404, "{}", "not found"),
        (408, "", "unavailable"),
        (500, "", "unavailable"),
        (503, "{}", "unavailable"),
        (302, "", "rejected 302"),
        (400, "{}", "rejected 400"),
        (200, r#"{"Fault":{}}"#, "rejected 200"),
    ] {
        assert_eq!(class(&answer(status, body)), expected, "{status} {body}");
    }
}

#[test]
fn a_page_of_something_on_the_way_says_nothing_of_the_ledger() {
    for status in [200, 400, 401, 403, 404, 502, 503] {
        for body in ["<html><body>blocked</body></html>", "upstream connect error"] {
            assert_eq!(class(&answer(status, body)), "unavailable", "{status} {body}");
        }
    }
    assert_eq!(class(&answer(429, "<html>slow down</html>")), "minute 60");
}

#[test]
fn a_throttle_says_how_long_and_which() {
    let with = |name: HeaderName, value: &'static str, body: &str| {
        let mut answer = answer(429, body);
        answer.headers.insert(name, HeaderValue::from_static(value));
        class(&answer)
    };
    let throttle = &shapes("SERVICE", "3001")[0];
    assert_eq!(with(RETRY_AFTER, "7", throttle), "minute 7");
    assert_eq!(with(HeaderName::from_static("x-quota-remaining"), "0", throttle), "month -1");
    assert_eq!(with(HeaderName::from_static("x-limit"), "Monthly", throttle), "month -1");
    let of_month = throttle.replace("\"d\"", "\"The monthly limit of CorePlus calls was reached\"");
    assert_eq!(with(RETRY_AFTER, "3600", &of_month), "month 3600");
}

#[test]
fn the_recorded_throttle_has_its_class() {
    let Some(body) = samples::text("quickbooks/quickbooks_ruby_too_many_requests_error.xml") else { return };
    assert_eq!(class(&answer(429, &body)), "minute 60");
}
