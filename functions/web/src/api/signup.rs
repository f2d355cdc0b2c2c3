//! The end of Meta's Embedded Signup: what the browser brings back becomes an account with numbers.

use std::collections::BTreeSet;

use axum::{Json, Router, extract::State, routing::post};
use jiff::Timestamp;
use numo_app::{
    configure::MAX_AUTHORISED_BY_CHARS,
    connect_whatsapp::{
        GivenAttestation, NumberOutcome, SignedUp, SignedUpNumber, SignupEnding, SignupEntry, connect_whatsapp,
    },
    port::signup::RegistrationTrouble,
};
use numo_domain::{
    id::{PhoneNumberId, WabaId},
    registration_pin::RegistrationPin,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::{api::senders::is_meta_id, auth::Admin, failure::Failure, json_body::JsonBody, state::AppState};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/senders/signup", post(complete))
}

/// What the browser heard from Meta's window, and what the admin entered beside it; the code is good for 30 seconds.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct SignupForm {
    event: WindowEvent,
    #[serde(default)]
    waba_id: Option<WabaId>,
    #[serde(default)]
    phone_number_id: Option<PhoneNumberId>,
    /// The portfolio, which nothing depends on: the token opens the account or it does not.
    #[serde(default, rename = "business_id")]
    _business_id: Option<String>,
    /// Numbers that the admin picks; none for what the window says.
    #[serde(default)]
    phone_number_ids: BTreeSet<PhoneNumberId>,
    /// None to go on with a sign-up whose token is kept.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    code: Option<SecretString>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pin: Option<SecretString>,
    #[serde(default)]
    attestation: Option<AttestationForm>,
    /// Where a person cancelled.
    #[serde(default)]
    current_step: Option<String>,
    /// Meta's words for what went wrong in its window.
    #[serde(default, rename = "error_message")]
    _error_message: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = SignupAttestationForm))]
#[serde(deny_unknown_fields)]
struct AttestationForm {
    version: u16,
    #[serde(default)]
    authorised_by: String,
}

/// How Meta's window ended (Meta: Embedded Signup, session logging).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum WindowEvent {
    Finish,
    FinishOnlyWaba,
    FinishWhatsappBusinessAppOnboarding,
    Cancel,
}

/// How a sign-up ended.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub(crate) enum EndingView {
    SignedUp(SignedUpView),
    /// Nothing was connected, and nothing is wrong with that.
    Cancelled {
        status: CancelledStatus,
        message: &'static str,
    },
}

/// The one that tells it from every other ending.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum CancelledStatus {
    Cancelled,
}

impl EndingView {
    pub(crate) const CANCELLED: Self = Self::Cancelled {
        status: CancelledStatus::Cancelled,
        message: "The window was closed before the sign-up was finished; nothing was connected. Begin again any time.",
    };
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct SignedUpView {
    /// `connected`, or `unfinished` while something is left to do.
    status: &'static str,
    waba_id: WabaId,
    access_ends_at: Option<Timestamp>,
    numbers: Vec<NumberView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct NumberView {
    phone_number_id: PhoneNumberId,
    number: String,
    verified_name: String,
    outcome: &'static str,
    /// The field that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again_at: Option<Timestamp>,
}

/// What Meta's window reported: connects an account and its numbers.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/senders/signup",
        request_body = SignupForm,
        responses((status = 200, body = EndingView)),
        security(("session" = ["admin"])),
    )
)]
async fn complete(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<SignupForm>,
) -> Result<Json<EndingView>, Failure> {
    let Some(entry) = form.check()? else { return Ok(Json(EndingView::CANCELLED)) };
    let ports = state.signup_ports();
    let signed_up = Box::pin(connect_whatsapp(&ports, &session.org, &session.user, entry, state.now())).await?;
    Ok(Json(EndingView::SignedUp(signed_up.into())))
}

impl SignupForm {
    /// What is to be done; nothing where the window was cancelled.
    pub(crate) fn check(self) -> Result<Option<SignupEntry>, Failure> {
        let ending = match self.event {
            WindowEvent::Cancel => {
                tracing::info!(step = step(self.current_step.as_deref()), "a sign-up was cancelled");
                return Ok(None);
            }
            WindowEvent::Finish => SignupEnding::Finished,
            WindowEvent::FinishOnlyWaba => SignupEnding::WithoutNumber,
            WindowEvent::FinishWhatsappBusinessAppOnboarding => SignupEnding::OnPhoneApp,
        };
        let waba = self.waba_id.ok_or_else(|| Failure::invalid("waba_id", "the window told no account"))?;
        if !is_meta_id(waba.as_str()) {
            return Err(Failure::invalid("waba_id", "the id of a WhatsApp Business Account has digits only"));
        }
        let is_number = |phone: &PhoneNumberId| is_meta_id(phone.as_str());
        if !self.phone_number_id.iter().all(is_number) {
            return Err(Failure::invalid("phone_number_id", "the id of a WhatsApp number has digits only"));
        }
        if self.phone_number_ids.len() > MAX_NUMBERS || !self.phone_number_ids.iter().all(is_number) {
            return Err(Failure::invalid("phone_number_ids", "at most 20 ids of WhatsApp numbers, with digits only"));
        }
        let pin = self.pin.as_ref().map(RegistrationPin::try_from).transpose();
        Ok(Some(SignupEntry {
            ending,
            waba,
            named: self.phone_number_id,
            picked: self.phone_number_ids,
            code: self.code.map(checked_code).transpose()?,
            pin: pin.map_err(|invalid| Failure::invalid("pin", invalid.to_string()))?,
            attestation: self.attestation.map(AttestationForm::check).transpose()?,
        }))
    }
}

/// A portfolio has at most 20 numbers (Meta: business phone numbers).
const MAX_NUMBERS: usize = 20;

/// Longer than any code of Meta.
const MAX_CODE_BYTES: usize = 2_048;

fn checked_code(code: SecretString) -> Result<SecretString, Failure> {
    let text = code.expose_secret();
    let is_word = !text.is_empty() && text.len() <= MAX_CODE_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_word { Ok(code) } else { Err(Failure::invalid("code", "a code is one word without spaces")) }
}

impl AttestationForm {
    fn check(self) -> Result<GivenAttestation, Failure> {
        if self.authorised_by.chars().count() > MAX_AUTHORISED_BY_CHARS {
            return Err(Failure::invalid("attestation.authorised_by", "at most 200 characters are kept"));
        }
        Ok(GivenAttestation { version: self.version, authorised_by: self.authorised_by })
    }
}

/// A step as Meta names it, for the log; anything else a browser says stays out of it.
fn step(told: Option<&str>) -> &str {
    let told = told.unwrap_or("unknown");
    let is_name = told.len() <= 40 && told.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if is_name { told } else { "unknown" }
}

impl From<SignedUp> for SignedUpView {
    fn from(signed_up: SignedUp) -> Self {
        let SignedUp { waba, access_ends_at, numbers } = signed_up;
        let has_number = !numbers.is_empty();
        let is_left = |outcome: NumberOutcome| match outcome {
            NumberOutcome::Refused { .. } | NumberOutcome::Underway { .. } => true,
            NumberOutcome::Connected | NumberOutcome::Blocked | NumberOutcome::NotChosen => false,
        };
        let is_unfinished = numbers.iter().any(|number| is_left(number.outcome));
        let (status, message) = match (has_number, is_unfinished) {
            (false, _) => ("unfinished", Some(NO_NUMBER)),
            (true, true) => ("unfinished", Some(KEPT)),
            (true, false) => ("connected", None),
        };
        let numbers = numbers.into_iter().map(NumberView::from).collect();
        Self { status, waba_id: waba, access_ends_at, numbers, message }
    }
}

const KEPT: &str = "The account is connected and its access is kept: send the same again without a code to finish.";

const NO_NUMBER: &str = "The account is connected and has no number yet: add one in Meta's WhatsApp manager. It is \
looked for every hour, and a task tells when it is there.";

impl From<SignedUpNumber> for NumberView {
    fn from(number: SignedUpNumber) -> Self {
        let (outcome, trouble, again_at) = match number.outcome {
            NumberOutcome::Connected => ("connected", None, None),
            NumberOutcome::Blocked => ("blocked", None, None),
            NumberOutcome::NotChosen => ("not_chosen", None, None),
            NumberOutcome::Refused { trouble, again_at } => ("refused", Some(trouble), again_at),
            NumberOutcome::Underway { again_at } => ("underway", None, Some(again_at)),
        };
        let (field, message) = match (trouble, outcome) {
            (Some(trouble), _) => told(trouble),
            (None, "blocked") => (None, Some("WhatsApp does not let the number send yet; a task says what to do.")),
            (None, "underway") => (None, Some("WhatsApp has not answered yet; ask again in a minute.")),
            (None, _) => (None, None),
        };
        Self {
            phone_number_id: number.phone_number_id,
            number: number.number.as_e164().to_owned(),
            verified_name: number.verified_name,
            outcome,
            field,
            message,
            again_at,
        }
    }
}

/// The field that a trouble is about, and what to do (Meta: error codes, 133xxx).
const fn told(trouble: RegistrationTrouble) -> (Option<&'static str>, Option<&'static str>) {
    let (field, message) = match trouble {
        RegistrationTrouble::WrongPin => (
            "pin",
            "The number has a PIN for two-step verification, and it is another one: enter it, or reset it in WhatsApp manager.",
        ),
        RegistrationTrouble::TooManyPins => (
            "pin",
            "Too many wrong PINs were tried; WhatsApp takes none for some hours. Reset the PIN in WhatsApp manager, or wait.",
        ),
        RegistrationTrouble::PinsTooFast => ("pin", "PINs were tried too fast; wait a few minutes."),
        RegistrationTrouble::Unverified => (
            "phone_number_id",
            "The number has to be verified first: in WhatsApp manager, or by going through the window again.",
        ),
        RegistrationTrouble::GivenUpLately => (
            "phone_number_id",
            "The number was taken out of WhatsApp a moment ago; it can be registered in five minutes.",
        ),
        RegistrationTrouble::TooOften => {
            ("phone_number_id", "The number was registered too often; WhatsApp takes it again after 72 hours.")
        }
    };
    (Some(field), Some(message))
}
