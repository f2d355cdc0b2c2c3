//! WhatsApp accounts that were connected through Meta's sign-up.

use axum::{
    Json, Router,
    extract::State,
    routing::{delete, get},
};
use jiff::Timestamp;
use numo_app::disconnect_whatsapp::disconnect_account;
use numo_domain::{credential::GrantRef, id::WabaId, whatsapp_account::AccountStatus};
use serde::Serialize;

use crate::{
    api::senders::EndedView,
    auth::{PresentAdmin, Signed},
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/whatsapp-accounts", get(list)).route("/whatsapp-accounts/{waba_id}", delete(disconnect))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AccountView {
    waba_id: WabaId,
    status: AccountStatus,
    connected_at: Timestamp,
    /// From when on it has to be connected again.
    access_ends_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct AccountsView {
    accounts: Vec<AccountView>,
}

/// The connected WhatsApp accounts.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/whatsapp-accounts", responses((status = 200, body = AccountsView)))
)]
async fn list(Signed(session): Signed, State(state): State<AppState>) -> Result<Json<AccountsView>, Failure> {
    let mut accounts = Vec::new();
    for account in state.store().whatsapp_accounts(&session.org).await? {
        let grant = GrantRef::of_account(&account.waba);
        accounts.push(AccountView {
            access_ends_at: state.senders.vault.consent_ends_at(&session.org, &grant).await?,
            waba_id: account.waba,
            status: account.status,
            connected_at: account.connected_at,
        });
    }
    Ok(Json(AccountsView { accounts }))
}

/// Ends an account with all of its numbers.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        delete, path = "/whatsapp-accounts/{waba_id}",
        params(("waba_id" = WabaId, Path)),
        responses((status = 200, body = EndedView)),
        security(("session" = ["admin"])),
    )
)]
async fn disconnect(
    PresentAdmin(session): PresentAdmin,
    State(state): State<AppState>,
    PathOf(waba): PathOf<WabaId>,
) -> Result<Json<EndedView>, Failure> {
    let ports = state.signup_ports();
    let ended = Box::pin(disconnect_account(&ports, &session.org, &session.user, &waba, state.now())).await?;
    Ok(Json(ended.into()))
}
