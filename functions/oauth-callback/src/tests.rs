mod callback;
mod choose;
mod disconnected;
mod fixture;
mod start;

use numo_runtime::env::Env;

use super::*;
use crate::{config::Config, tests::fixture::fixture};

/// The cookie of a consent that ended.
const FORGET: &str = "__Host-numo_oauth=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0; Secure";

/// The page of a consent that this browser cannot go on with.
const UNKNOWN: (u16, &str) = (400, "This consent cannot be used");

#[tokio::test]
async fn an_unknown_provider_step_or_method_is_not_found() {
    let fixture = fixture();
    let paths = [
        "/oauth/sage/start",
        "/oauth/XERO/start",
        "/oauth/xero",
        "/oauth/xero/",
        "/oauth/xero/callback/x",
        "/oauth/quickbooks/end",
        "/",
    ];
    for path in paths {
        let answer = fixture.get(path, "", &["__session=admin-a"]).await;
        assert_eq!(answer.page(), (404, "No such page"), "{path}");
    }
    for step in ["start", "callback", "launch", "reconnect", "disconnect"] {
        let answer = fixture.post(&format!("/oauth/xero/{step}"), "", "__session=admin-a", None).await;
        assert_eq!(answer.page(), (404, "No such page"), "{step}");
    }
    assert_eq!((fixture.table.items().len(), fixture.ledger.asked().len()), (0, 0));
}

#[test]
fn a_configuration_error_lists_every_key() {
    let env = Env::given([("NUMO_TABLE", "numo-test"), ("NUMO_CLERK_ISSUER", "clerk.example")]);
    let told = Config::read(env).unwrap_err().to_string();
    let missing = [
        "NUMO_VAULT_KEY",
        "NUMO_SECRETS_ID",
        "NUMO_QUEUE_SYNC",
        "NUMO_PUBLIC_URL",
        "NUMO_CLERK_AUTHORIZED_PARTIES",
        "NUMO_XERO_LOGIN_BASE",
        "NUMO_XERO_IDENTITY_BASE",
        "NUMO_XERO_API_BASE",
        "NUMO_INTUIT_AUTHORIZE_BASE",
        "NUMO_INTUIT_TOKEN_BASE",
        "NUMO_INTUIT_REVOKE_BASE",
        "NUMO_QUICKBOOKS_API_BASE",
    ];
    for key in missing {
        assert_eq!(told.matches(&format!("{key} is missing")).count(), 1, "{key} in {told}");
    }
    assert!(told.contains("NUMO_CLERK_ISSUER: a base address is https://"), "{told}");
}
