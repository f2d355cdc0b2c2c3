//! Consents that must not connect anything.

use aws_lc_rs::digest::{SHA256, digest};
use numo_e2e::browser::Browser;
use numo_e2e::http::Answer;
use numo_e2e::journey::{HARBOUR_LEDGER, Ledger, Provider, consent};

use crate::world::World;

/// Another organisation of the same Xero user, which nobody connects.
const UNWANTED: Ledger = Ledger { provider: Provider::Xero, user: "owner@harbour.example", tenant: "demo_company" };

pub(crate) async fn a_consent_of_an_unknown_expired_or_foreign_state_connects_nothing(world: &mut World) {
    let owner = world.owner();
    let signed_out = owner.foreign_browser().open("/oauth/xero/start").await.unwrap();
    assert_eq!(signed_out.status, 401, "nobody is signed in");
    let member = world.product("user_member").browser().await.unwrap().open("/oauth/xero/start").await.unwrap();
    assert!(matches!(member.status.as_u16(), 401 | 403), "a member may not connect: {}", member.status);

    let mut browser = owner.browser().await.unwrap();
    let authorise = browser.begin_consent("xero").await.unwrap();
    let back = browser.choose(authorise, UNWANTED.user, UNWANTED.tenant).await.unwrap();

    let without_cookie = owner.foreign_browser().open(&back).await.unwrap();
    assert_page(&without_cookie, "a browser without the cookie");
    let mut other = owner.browser().await.unwrap();
    other.begin_consent("xero").await.unwrap();
    assert_page(&other.open(&back).await.unwrap(), "a browser with the cookie of another consent");

    let unknown = with_state(&back, "bm9ib2R5LWV2ZXItYmVnYW4tdGhpcw");
    assert_page(&fresh(&browser).open(&unknown).await.unwrap(), "an unknown state");

    let state_key = format!("STATE#{}", sha256_hex(&state_of(&back)));
    world.table.set(&state_key, "STATE", "ends_at", "2020-01-01T00:00:00Z").await;
    assert_page(&fresh(&browser).open(&back).await.unwrap(), "an expired state");

    let mut declining = owner.browser().await.unwrap();
    let authorise = declining.begin_consent("xero").await.unwrap();
    let back = declining.choose(authorise, UNWANTED.user, "cancel").await.unwrap();
    assert_page(&declining.open(&back).await.unwrap(), "a declined consent");
    assert_eq!(owner.connections().await.unwrap().len(), 0);
}

pub(crate) async fn a_replayed_callback_connects_nothing(world: &mut World) {
    let owner = world.owner();
    let before = world.table.of_org::<serde_json::Value>("org_harbour", "CONN#").await;
    let mut browser = owner.browser().await.unwrap();
    browser.begin_consent("xero").await.unwrap();
    assert_page(&browser.open(&world.harbour.callback).await.unwrap(), "a callback that was used");
    assert_eq!(world.table.of_org::<serde_json::Value>("org_harbour", "CONN#").await, before);
}

pub(crate) async fn a_ledger_organisation_has_one_owner(world: &mut World) {
    let joiner = world.joiner();
    let answer = consent(&joiner, HARBOUR_LEDGER).await.unwrap();
    assert_eq!(answer.status, 409, "{}", answer.body);
    assert_eq!(joiner.connections().await.unwrap().len(), 0);
}

/// The error page: it says that nothing was stored, and ends the consent's cookie.
fn assert_page(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}");
    assert!(answer.body.to_lowercase().contains("nothing was"), "{what}: {}", answer.body);
    assert!(answer.cookies.iter().any(|cookie| cookie.starts_with("numo_oauth=;")), "{what}: {:?}", answer.cookies);
}

/// The same browser before it saw an answer.
fn fresh(browser: &Browser) -> Browser {
    browser.clone()
}

fn state_of(back: &str) -> String {
    back.split(['?', '&']).find_map(|pair| pair.strip_prefix("state=")).unwrap().to_owned()
}

fn with_state(back: &str, state: &str) -> String {
    back.replace(&state_of(back), state)
}

fn sha256_hex(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
