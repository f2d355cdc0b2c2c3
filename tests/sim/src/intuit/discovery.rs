use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::intuit::{APPCENTER, DEVELOPER_API, OAUTH};

/// The key id of Intuit's tokens.
pub(crate) const KID: &str = "intuit-sim-1";

pub(crate) fn issuer(app: &App) -> String {
    format!("{}{OAUTH}/op/v1", app.base_url)
}

/// The discovery document, which names the simulator's own endpoints.
pub(crate) async fn configuration(State(app): State<App>) -> Json<Value> {
    let base = &app.base_url;
    Json(json!({
        "issuer": issuer(&app),
        "authorization_endpoint": format!("{base}{APPCENTER}/connect/oauth2"),
        "token_endpoint": format!("{base}{OAUTH}/oauth2/v1/tokens/bearer"),
        "userinfo_endpoint": format!("{base}/intuit-accounts/v1/openid_connect/userinfo"),
        "revocation_endpoint": format!("{base}{DEVELOPER_API}/v2/oauth2/tokens/revoke"),
        "jwks_uri": format!("{base}{OAUTH}/op/v1/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }))
}

pub(crate) async fn jwks(State(app): State<App>) -> Json<Value> {
    Json(json!({ "keys": [app.key.jwk(KID)] }))
}
