mod fixture;

use jiff::SignedDuration;
use numo_app::{job::Work, port::ledger::LedgerError};
use numo_runtime::env::Env;

use super::*;
use crate::{config::Config, tests::fixture::fixture};

const FORGET: &str = "numo_oauth=; HttpOnly; SameSite=Lax; Path=/oauth; Max-Age=0; Secure";
const UNKNOWN: (u16, &str) = (400, "This consent cannot be used");

#[tokio::test]
async fn an_admin_is_sent_to_xero_with_a_cookie_that_binds_the_consent() {
    let answer = fixture().get("/oauth/xero/start", "", &["other=1", "__session=admin-a"]).await;
    let location = answer.location.unwrap();
    assert!(location.starts_with("https://login.xero.example/?redirect_uri=https://numo.example/oauth/xero/callback&"));
    let cookie = answer.set_cookie.unwrap();
    let (binding, attributes) = cookie.split_once("; ").unwrap();
    assert_eq!((answer.status, attributes), (302, "HttpOnly; SameSite=Lax; Path=/oauth; Max-Age=600; Secure"));
    assert_eq!(binding.strip_prefix("numo_oauth=").unwrap().len(), 43);
    assert!(!location.contains(&binding["numo_oauth=".len()..]));
}

#[tokio::test]
async fn whoever_is_no_admin_gets_a_page_and_begins_nothing() {
    let fixture = fixture();
    let cases = [
        ("other=1", (401, "Sign in first")),
        ("__session=expired", (401, "Sign in first")),
        ("__session=no-organisation", (403, "Choose an organisation first")),
        ("__session=member-a", (403, "Only admins connect ledgers")),
        ("__session=down", (503, "Not now")),
    ];
    for (cookie, page) in cases {
        let answer = fixture.get("/oauth/xero/start", "", &[cookie]).await;
        assert_eq!((answer.page(), answer.set_cookie.as_deref()), (page, None), "{cookie}");
    }
    assert_eq!(fixture.table.items(), []);
}

#[tokio::test]
async fn a_finished_consent_connects_the_ledger_and_begins_its_first_sync() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("admin-a").await;
    let answer = fixture.come_back(&format!("code=c&state={state}"), &cookie).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/")));
    assert_eq!(answer.set_cookie.as_deref(), Some(FORGET));
    let connections = fixture.ports.connect.waker.store.connections(&"org_a".parse().unwrap()).await.unwrap();
    let jobs: Vec<Work> = fixture.queue.take().into_iter().map(|job| job.work).collect();
    assert_eq!(jobs, [Work::SyncConnection { connection: connections[0].id }]);
    assert_eq!(connections.len(), 1);
}

#[tokio::test]
async fn a_replayed_callback_gets_its_page_and_changes_nothing() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("admin-a").await;
    let query = format!("code=c&state={state}");
    assert_eq!(fixture.come_back(&query, &cookie).await.status, 303);
    let before = fixture.table.items();
    let answer = fixture.come_back(&query, &cookie).await;
    assert_eq!((answer.page(), answer.set_cookie.as_deref()), (UNKNOWN, Some(FORGET)));
    assert!(answer.body.contains("Nothing was stored."));
    assert_eq!((fixture.table.items(), *fixture.xero.exchanges.lock().unwrap()), (before, 1));
}

#[tokio::test]
async fn a_foreign_browser_stores_nothing_and_does_not_use_the_consent_up() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("admin-a").await;
    let (_, of_another) = fixture.begin("admin-b").await;
    let query = format!("code=c&state={state}");
    for foreign in ["", "numo_oauth=", "numo_oauth=guessed", &of_another] {
        assert_eq!(fixture.come_back(&query, foreign).await.page(), UNKNOWN, "{foreign}");
    }
    assert_eq!((fixture.stored(), *fixture.xero.exchanges.lock().unwrap()), (Vec::new(), 0));
    assert_eq!(fixture.come_back(&query, &cookie).await.status, 303);
}

#[tokio::test]
async fn an_expired_or_invented_state_stores_nothing() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("admin-a").await;
    for query in ["", "code=c", "code=c&state=", "code=c&state=invented"] {
        assert_eq!(fixture.come_back(query, &cookie).await.page(), UNKNOWN, "{query}");
    }
    fixture.clock.advance(SignedDuration::from_mins(10));
    assert_eq!(fixture.come_back(&format!("code=c&state={state}"), &cookie).await.page(), UNKNOWN);
    assert_eq!((fixture.stored(), *fixture.xero.exchanges.lock().unwrap()), (Vec::new(), 0));
}

#[tokio::test]
async fn a_declined_or_empty_consent_gets_its_page_and_stores_nothing() {
    let fixture = fixture();
    for answer in ["error=access_denied", "error=access_denied&code=c", "code=no-tenant", ""] {
        let (state, cookie) = fixture.begin("admin-a").await;
        let answer = fixture.come_back(&format!("state={state}&{answer}"), &cookie).await;
        assert_eq!(answer.page(), (400, "Xero was not connected"));
    }
    assert_eq!(fixture.stored(), [""; 0]);
}

#[tokio::test]
async fn what_xero_says_about_the_code_has_its_page_and_stores_nothing() {
    let fixture = fixture();
    let cases = [
        (LedgerError::ReauthRequired, (400, "Xero did not accept the consent")),
        (LedgerError::Rejected(400), (400, "Xero did not accept the consent")),
        (LedgerError::Unavailable("down".into()), (503, "Not finished")),
        (LedgerError::RateLimited { retry_after: None }, (503, "Not finished")),
    ];
    for (refusal, page) in cases {
        let (state, cookie) = fixture.begin("admin-a").await;
        *fixture.xero.refusal.lock().unwrap() = Some(refusal);
        assert_eq!(fixture.come_back(&format!("code=c&state={state}"), &cookie).await.page(), page);
    }
    assert_eq!(fixture.stored(), [""; 0]);
}

#[tokio::test]
async fn a_ledger_of_another_organisation_is_not_taken_over() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("admin-a").await;
    fixture.come_back(&format!("code=c&state={state}"), &cookie).await;
    let before = fixture.stored();
    let (state, cookie) = fixture.begin("admin-b").await;
    let answer = fixture.come_back(&format!("code=c&state={state}"), &cookie).await;
    assert_eq!(answer.page(), (409, "Already connected elsewhere"));
    assert_eq!(fixture.stored(), before);
}

#[tokio::test]
async fn a_key_service_that_is_down_connects_nothing() {
    let fixture = fixture();
    let (state, cookie) = fixture.begin("admin-a").await;
    fixture.keys.fail();
    let answer = fixture.come_back(&format!("code=c&state={state}"), &cookie).await;
    assert_eq!(answer.page(), (503, "Not finished"));
    assert_eq!(fixture.ports.connect.waker.store.connections(&"org_a".parse().unwrap()).await.unwrap(), []);
    assert_eq!(fixture.queue.take(), []);
}

#[tokio::test]
async fn an_unknown_provider_or_path_is_not_found() {
    let fixture = fixture();
    for path in ["/oauth/sage/start", "/oauth/xero", "/oauth/xero/callback/x", "/"] {
        let answer = fixture.get(path, "", &["__session=admin-a"]).await;
        assert_eq!(answer.page(), (404, "No such page"), "{path}");
    }
}

#[test]
fn a_configuration_error_lists_every_key() {
    let env = Env::given([("NUMO_TABLE", "numo-test"), ("NUMO_CLERK_ISSUER", "clerk.example")]);
    assert_eq!(
        Config::read(env).unwrap_err().to_string(),
        "configuration: NUMO_VAULT_KEY is missing; NUMO_SECRETS_ID is missing; NUMO_QUEUE_SYNC is missing; \
         NUMO_PUBLIC_URL is missing; NUMO_CLERK_ISSUER: a base address is https://…, or http://… on the loopback, \
         without query, fragment or user; NUMO_CLERK_AUTHORIZED_PARTIES is missing; NUMO_XERO_LOGIN_BASE is missing; \
         NUMO_XERO_IDENTITY_BASE is missing; NUMO_XERO_API_BASE is missing"
    );
}
