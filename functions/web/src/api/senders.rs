//! WhatsApp numbers from which reminders go out.

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{delete, get},
};
use numo_app::{
    add_sender::{SenderEntry, add_sender},
    disconnect_whatsapp::{Ended, disconnect_sender},
};
use numo_domain::{
    id::{PhoneNumberId, WabaId},
    meta_code::advice::Advice,
    restriction::Restriction,
    sender::{Sender, SenderStatus},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, PresentAdmin, Signed},
    failure::Failure,
    json_body::JsonBody,
    path_of::PathOf,
    state::AppState,
    view::whatsapp::META_NOT_TOLD,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/senders", get(list).post(add)).route("/senders/{phone_number_id}", delete(disconnect))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SenderView {
    phone_number_id: PhoneNumberId,
    waba_id: WabaId,
    number: String,
    verified_name: String,
    status: SenderStatus,
    /// Why it cannot send and what to do, where it cannot.
    #[serde(flatten)]
    advice: Option<Advice>,
    /// What Meta does not let it do for a while, where that stops reminders.
    #[serde(skip_serializing_if = "Option::is_none")]
    restriction: Option<Restriction>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct SenderForm {
    waba_id: WabaId,
    phone_number_id: PhoneNumberId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    access_token: SecretString,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct SendersView {
    senders: Vec<SenderView>,
}

/// The numbers from which reminders go out.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/senders", responses((status = 200, body = SendersView))))]
async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<SendersView>, Failure> {
    let senders = state.store().senders(&session.org).await?;
    Ok(Json(SendersView { senders: senders.into_iter().map(SenderView::from).collect() }))
}

/// Adds a number with a token that was made by hand.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/senders",
        request_body = SenderForm,
        responses((status = 201, body = SenderView)),
        security(("session" = ["admin"])),
    )
)]
async fn add(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(form): JsonBody<SenderForm>,
) -> Result<(StatusCode, Json<SenderView>), Failure> {
    let entry = form.check()?;
    let sender = Box::pin(add_sender(&state.senders, &session.org, &session.user, entry, state.now())).await?;
    Ok((StatusCode::CREATED, Json(sender.into())))
}

/// Nothing goes out from the number from this answer on; with its last number the account goes too.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/senders/{phone_number_id}",
        params(("phone_number_id" = PhoneNumberId, Path)),
        responses((status = 200, body = EndedView)),
        security(("session" = ["admin"])),
    )
)]
async fn disconnect(
    PresentAdmin(session): PresentAdmin,
    State(state): State<AppState>,
    PathOf(phone): PathOf<PhoneNumberId>,
) -> Result<Json<EndedView>, Failure> {
    let ports = state.signup_ports();
    let ended = Box::pin(disconnect_sender(&ports, &session.org, &session.user, &phone, state.now())).await?;
    Ok(Json(ended.into()))
}

/// What came of ending a number or an account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(super) struct EndedView {
    /// `disconnected`.
    status: &'static str,
    /// `disconnected` where the account went with its last number, or `kept`.
    account: &'static str,
    /// What is left to do at Meta.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

impl From<Ended> for EndedView {
    fn from(ended: Ended) -> Self {
        let (account, message) = match ended {
            Ended::Number => ("kept", None),
            Ended::Account { is_meta_told: true } => ("disconnected", None),
            Ended::Account { is_meta_told: false } => ("disconnected", Some(META_NOT_TOLD)),
        };
        Self { status: "disconnected", account, message }
    }
}

impl SenderForm {
    /// Ids of Meta are digits; a token is one word of visible ASCII.
    fn check(self) -> Result<SenderEntry, Failure> {
        if !is_meta_id(self.waba_id.as_str()) {
            return Err(Failure::invalid("waba_id", "the id of a WhatsApp Business Account has digits only"));
        }
        if !is_meta_id(self.phone_number_id.as_str()) {
            return Err(Failure::invalid("phone_number_id", "the id of a WhatsApp number has digits only"));
        }
        let token = self.access_token.expose_secret().trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Failure::invalid("access_token", "paste the token as one word without spaces"));
        }
        Ok(SenderEntry {
            waba: self.waba_id,
            phone_number_id: self.phone_number_id,
            token: SecretString::from(token.to_owned()),
        })
    }
}

/// Ids of Meta are digits.
pub(super) fn is_meta_id(id: &str) -> bool {
    id.bytes().all(|byte| byte.is_ascii_digit())
}

impl From<Sender> for SenderView {
    fn from(sender: Sender) -> Self {
        Self {
            advice: Advice::of_sender(&sender),
            phone_number_id: sender.phone_number_id,
            waba_id: sender.waba,
            number: sender.number.as_e164().to_owned(),
            verified_name: sender.verified_name,
            status: sender.status,
            restriction: sender.restriction,
        }
    }
}
