use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answer::{self, Refusal};
use crate::app::App;
use crate::intuit::instants;
use crate::intuit::settings::Form;

/// Why a call of the accounting API is refused (Intuit: error codes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: u16,
    kind: &'static str,
    code: String,
    message: String,
    detail: String,
    /// The form in which it usually comes.
    form: Form,
}

impl Problem {
    fn new(status: u16, kind: &'static str, code: &str, message: &str, detail: &str) -> Self {
        Self {
            status,
            kind,
            code: code.to_owned(),
            message: message.to_owned(),
            detail: detail.to_owned(),
            form: Form::Upper,
        }
    }

    /// `{"Error":[..],"type":..}`, as it stands inside an answer.
    pub(crate) fn fault(&self) -> Value {
        json!({
            "Error": [{ "Message": self.message, "Detail": self.detail, "code": self.code, "element": "" }],
            "type": self.kind,
        })
    }

    /// The answer in its usual form, which settings may change for failed authentication.
    pub(crate) fn answer(&self, app: &App) -> Response {
        let chosen = app.intuit().settings.auth_errors.filter(|_| self.status == 401 || self.status == 403);
        let time = instants::pacific_ms(app.clock.now_ms());
        match chosen.unwrap_or(self.form) {
            Form::Upper => answer::json(self.status, json!({ "Fault": self.fault(), "time": time })),
            Form::Lower => answer::json(
                self.status,
                json!({
                    "warnings": null, "intuitObject": null, "report": null, "queryResponse": null,
                    "batchItemResponse": [], "attachableResponse": [], "syncErrorResponse": null, "requestId": null,
                    "time": app.clock.now_ms(), "status": null, "cdcresponse": [],
                    "fault": {
                        "error": [{ "message": self.message, "detail": self.detail, "code": self.code, "element": null }],
                        "type": self.kind,
                    },
                }),
            ),
            Form::Xml => self.xml(&time),
        }
    }

    fn xml(&self, time: &str) -> Response {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <IntuitResponse time=\"{time}\" xmlns=\"http://schema.intuit.com/finance/v3\">\n  <Fault type=\"{}\">\n    \
             <Error code=\"{}\">\n      <Message>{}</Message>\n      <Detail>{}</Detail>\n    \
             </Error>\n  </Fault>\n</IntuitResponse>\n",
            self.kind,
            self.code,
            answer::escaped(&self.message),
            answer::escaped(&self.detail)
        );
        let mut response = answer::empty(self.status);
        *response.body_mut() = text.into();
        response.headers_mut().insert(header::CONTENT_TYPE, XML);
        response
    }
}

pub(crate) const XML: axum::http::HeaderValue = axum::http::HeaderValue::from_static("application/xml");

/// 401, code 3200: the access token is unknown, too old or of a connection that is over.
pub(crate) fn authentication(detail: &str) -> Problem {
    let message = "message=AuthenticationFailed; errorCode=003200; statusCode=401";
    Problem { form: Form::Lower, ..Problem::new(401, "AUTHENTICATION", "3200", message, detail) }
}

/// 403, code 3100: the token is good, but not for this company.
pub(crate) fn authorization() -> Problem {
    let message = "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403";
    Problem::new(403, "AuthorizationFault", "3100", message, "The application is not authorized for this company")
}

/// 429, code 3001, in XML whatever was asked for; the real answer names no time either.
pub(crate) fn throttled() -> Problem {
    let message = "message=ThrottleExceeded; errorCode=003001; statusCode=429";
    let detail = "The request limit was reached.  Try again later";
    Problem { form: Form::Xml, ..Problem::new(429, "SERVICE", "3001", message, detail) }
}

/// Code 610: there is no such object, or it was merged or deleted.
pub(crate) fn not_found(what: &str) -> Problem {
    let detail = format!("Object Not Found : {what}. Something you're trying to use has been made inactive.");
    Problem::new(400, "ValidationFault", "610", "Object Not Found", &detail)
}

/// Code 4001: the query or a parameter is not understood.
pub(crate) fn query(detail: &str) -> Problem {
    let detail = format!("QueryValidationError: {detail}");
    Problem::new(400, "ValidationFault", "4001", "Error parsing query", &detail)
}

/// Code 6190: the company does not pay for QuickBooks any more.
pub(crate) fn subscription_ended() -> Problem {
    let detail = "Subscription period has ended or canceled or there was a billing problem : \
                  You can't add data to QuickBooks Online because your trial or subscription period ended.";
    Problem::new(403, "ValidationFault", "6190", "Invalid Company Status", detail)
}

/// Code 500: what the API cannot do at all.
pub(crate) fn unsupported(what: &str) -> Problem {
    Problem::new(400, "ValidationFault", "500", "Unsupported Operation", &format!("Operation {what} is not supported."))
}

/// A fault with any code, as a rule asks for it.
pub(crate) fn with_code(status: u16, code: i64) -> Problem {
    let named = match code {
        3200 => authentication("Token expired"),
        3100 => authorization(),
        3001 => throttled(),
        610 => not_found("injected"),
        6190 => subscription_ended(),
        10_000 | 500 => Problem::new(500, "SystemFault", "10000", "An application error has occurred", "injected"),
        _ => Problem::new(400, "ValidationFault", "2010", "injected", "injected"),
    };
    Problem { status, code: code.to_string(), ..named }
}

/// An OAuth error (RFC 6749, 5.2); only `invalid_grant` comes with a description.
pub(crate) fn oauth(status: u16, code: &str) -> Refusal {
    let body = match code {
        "invalid_grant" => json!({ "error": code, "error_description": "Incorrect or invalid refresh token" }),
        _ => json!({ "error": code }),
    };
    Refusal { status, body }
}

/// The answer of a `status` fault.
pub(crate) fn injected(app: &App, path: &str, status: u16, code: Option<i64>) -> Response {
    if !path.starts_with("/quickbooks-api") {
        return oauth(status, if status == 400 { "invalid_grant" } else { "server_error" }).into_response();
    }
    let usual = match status {
        401 => 3200,
        403 => 3100,
        429 => 3001,
        400 => 2010,
        _ => 10_000,
    };
    with_code(status, code.unwrap_or(usual)).answer(app)
}

/// The answer of an `expired_token` fault: dead at the token endpoint, expired elsewhere.
pub(crate) fn expired(app: &App, path: &str) -> Response {
    if path.starts_with("/quickbooks-api") {
        return authentication("Token expired").answer(app);
    }
    oauth(400, "invalid_grant").into_response()
}

/// The answer of a `fault_200` fault: 200, and yet a fault in the body.
pub(crate) fn fault_with_200(app: &App, code: Option<i64>) -> Response {
    Problem { form: Form::Upper, ..with_code(200, code.unwrap_or(10_000)) }.answer(app)
}
