//! The token vault: what is sealed where, who renews, and what a failure leaves behind.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    port::{
        ledger::LedgerError,
        table::{Key, Table, Write},
    },
    store::Store,
    vault::Vault,
};
use numo_domain::{
    connection::Provider,
    credential::{GrantRef, TokenSet},
    id::OrgId,
};
use numo_testkit::{memory_keys::MemoryKeys, memory_ledger::MemoryLedger, memory_table::MemoryTable};
use secrecy::ExposeSecret;

struct Scene {
    table: Arc<MemoryTable>,
    keys: Arc<MemoryKeys>,
    ledger: Arc<MemoryLedger>,
    vault: Vault,
}

fn org(id: &str) -> OrgId {
    id.parse().unwrap()
}

fn grant() -> GrantRef {
    GrantRef { provider: Provider::Xero, holder: "xero-user".parse().unwrap() }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + 60 * minute).unwrap()
}

fn tokens(access: &str, refresh: Option<&str>, ends_at_minute: i64) -> TokenSet {
    TokenSet {
        access: access.into(),
        access_expires_at: Some(at(ends_at_minute)),
        refresh: refresh.map(Into::into),
        scope: "accounting".to_owned(),
        consent_ends_at: None,
    }
}

/// A vault that keeps `first` (refresh `r1`, ends at minute 30) for `org_a`.
async fn scene(answers: Vec<Result<TokenSet, LedgerError>>) -> Scene {
    let table = Arc::new(MemoryTable::new());
    let ledger = MemoryLedger::new();
    ledger.held().refreshes = answers.into();
    let keys = Arc::new(MemoryKeys::new(1));
    let vault = Vault::new(Store::new(table.clone()), keys.clone(), ledger.auth());
    vault.keep(&org("org_a"), &grant(), &tokens("first", Some("r1"), 30), at(0)).await.unwrap();
    Scene { table, keys, ledger, vault }
}

impl Scene {
    async fn token(&self, minute: i64) -> Result<String, AppError> {
        let token = self.vault.fresh_access_token(&org("org_a"), &grant(), at(minute)).await?;
        Ok(token.expose_secret().to_owned())
    }

    fn asked(&self) -> Vec<String> {
        self.ledger.held().asked.clone()
    }
}

#[tokio::test]
async fn a_fresh_token_is_handed_out_without_asking_the_provider() {
    let scene = scene(vec![]).await;
    assert_eq!((scene.token(24).await.unwrap(), scene.asked()), ("first".to_owned(), vec![]));
}

#[tokio::test]
async fn a_token_about_to_end_is_renewed_once_and_the_new_one_is_kept() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 56))]).await;
    assert_eq!(scene.token(26).await.unwrap(), "second");
    assert_eq!(scene.token(27).await.unwrap(), "second");
    assert_eq!(scene.asked(), ["refresh r1"]);
}

#[tokio::test]
async fn an_answer_without_refresh_token_keeps_the_old_one() {
    let scene = scene(vec![Ok(tokens("second", None, 56)), Ok(tokens("third", None, 90))]).await;
    scene.token(26).await.unwrap();
    scene.token(55).await.unwrap();
    assert_eq!(scene.asked(), ["refresh r1", "refresh r1"]);
}

#[tokio::test]
async fn case_56_a_failing_provider_never_kills_a_connection_and_the_old_token_serves_while_it_lasts() {
    let down = || Err(LedgerError::Unavailable("timed out".into()));
    let scene = scene(vec![down(), down(), Ok(tokens("second", Some("r2"), 120))]).await;
    assert_eq!(scene.token(26).await.unwrap(), "first");
    assert!(matches!(scene.token(40).await, Err(AppError::Unavailable(_))));
    assert_eq!(scene.token(42).await.unwrap(), "second");
}

#[tokio::test]
async fn after_a_failed_refresh_nobody_asks_for_half_a_minute() {
    let scene = scene(vec![Err(LedgerError::Unavailable("timed out".into()))]).await;
    scene.token(26).await.unwrap();
    assert_eq!(scene.token(26).await.unwrap(), "first");
    assert_eq!(scene.asked().len(), 1);
}

#[tokio::test]
async fn a_dead_refresh_token_asks_the_owner_to_connect_again_and_changes_nothing() {
    let scene = scene(vec![Err(LedgerError::ReauthRequired)]).await;
    let before = scene.table.items();
    assert!(matches!(scene.token(26).await, Err(AppError::ReauthRequired)));
    assert_eq!(scene.table.items()[0].body["sealed"], before[0].body["sealed"]);
}

#[tokio::test]
async fn no_grant_means_connect_again() {
    let scene = scene(vec![]).await;
    let answer = scene.vault.fresh_access_token(&org("org_b"), &grant(), at(0)).await;
    assert!(matches!(answer, Err(AppError::ReauthRequired)));
}

#[tokio::test]
async fn a_token_set_moved_to_another_organisation_or_grant_cannot_be_opened() {
    let scene = scene(vec![]).await;
    let item = scene.table.items()[0].clone();
    for (pk, sk) in [("VAULT#org_b#", item.key.sk.as_str()), (item.key.pk.as_str(), "GRANT#xero#other-user")] {
        let moved = numo_app::port::table::Item { key: Key { pk: pk.to_owned(), sk: sk.to_owned() }, ..item.clone() };
        scene.table.write(Write::Create(moved)).await.unwrap();
    }
    let elsewhere = scene.vault.fresh_access_token(&org("org_b"), &grant(), at(0)).await;
    assert!(matches!(elsewhere, Err(AppError::Malformed(_))));
    let other = GrantRef { holder: "other-user".parse().unwrap(), ..grant() };
    let other_grant = scene.vault.fresh_access_token(&org("org_a"), &other, at(0)).await;
    assert!(matches!(other_grant, Err(AppError::Malformed(_))));
}

#[tokio::test]
async fn a_changed_byte_anywhere_in_the_envelope_is_refused() {
    for field in ["ciphertext", "nonce", "wrapped_key"] {
        let scene = scene(vec![]).await;
        let mut item = scene.table.items()[0].clone();
        let text = item.body["sealed"][field].as_str().unwrap().to_owned();
        let first = if text.starts_with('A') { "B" } else { "A" };
        item.body["sealed"][field] = format!("{first}{}", &text[1..]).into();
        item.rev += 1;
        scene.table.write(Write::Replace(item)).await.unwrap();
        assert!(matches!(scene.token(0).await, Err(AppError::Malformed(_))), "{field}");
    }
}

#[tokio::test]
async fn the_table_never_holds_a_token_in_plain_text() {
    let scene = scene(vec![]).await;
    let stored = format!("{:?}", scene.table.items());
    assert!(!stored.contains("first") && !stored.contains("r1\""), "{stored}");
}

#[tokio::test]
async fn every_write_uses_a_new_data_key() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 56))]).await;
    let wrapped = |scene: &Scene| scene.table.items()[0].body["sealed"]["wrapped_key"].clone();
    let before = wrapped(&scene);
    scene.token(26).await.unwrap();
    assert_ne!(wrapped(&scene), before);
    assert!(scene.keys.calls() >= 2);
}

#[tokio::test]
async fn case_55_while_another_renews_the_token_is_used_if_it_lasts_and_else_one_comes_back_in_seconds() {
    let scene = scene(vec![]).await;
    let mut leased = scene.table.items()[0].clone();
    leased.body.insert("lease_until".to_owned(), at(41).to_string().into());
    leased.rev += 1;
    scene.table.write(Write::Replace(leased)).await.unwrap();
    assert_eq!(scene.token(26).await.unwrap(), "first");
    let Err(AppError::RateLimited { retry_after }) = scene.token(40).await else { panic!("the token has ended") };
    assert_eq!(retry_after, Some(SignedDuration::from_secs(5)));
    assert_eq!(scene.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_lease_that_ran_out_is_taken_over() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 90))]).await;
    let mut leased = scene.table.items()[0].clone();
    leased.body.insert("lease_until".to_owned(), at(39).to_string().into());
    leased.rev += 1;
    scene.table.write(Write::Replace(leased)).await.unwrap();
    assert_eq!(scene.token(40).await.unwrap(), "second");
}

#[tokio::test]
async fn within_one_job_a_data_key_is_opened_once_and_the_next_job_asks_again() {
    let scene = scene(Vec::new()).await;
    let (before, job) = (scene.keys.calls(), scene.vault.for_one_job());
    for _ in 0..3 {
        assert_eq!(job.fresh_access_token(&org("org_a"), &grant(), at(0)).await.unwrap().expose_secret(), "first");
    }
    assert_eq!(scene.keys.calls() - before, 1);
    // Whoever loses the right to the key loses it with the next job.
    scene.keys.fail();
    assert!(job.fresh_access_token(&org("org_a"), &grant(), at(0)).await.is_ok());
    let next = scene.vault.for_one_job().fresh_access_token(&org("org_a"), &grant(), at(0)).await;
    assert!(matches!(next, Err(AppError::AwsUnavailable(_))));
}

#[tokio::test]
async fn within_one_job_a_renewed_token_is_opened_and_not_the_old_one() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 60))]).await;
    let job = scene.vault.for_one_job();
    job.fresh_access_token(&org("org_a"), &grant(), at(0)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(job.fresh_access_token(&org("org_a"), &grant(), at(29)).await.unwrap().expose_secret(), "second");
    }
}
