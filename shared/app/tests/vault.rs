//! The token vault: what is sealed where, who renews, and what a failure leaves behind.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    port::{
        key_service::{Context, KeyService},
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
use serde_json::json;

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
async fn every_write_has_a_new_nonce_and_the_organisation_one_data_key() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 56))]).await;
    let sealed = |scene: &Scene| scene.table.items()[0].body["sealed"].clone();
    let before = sealed(&scene);
    scene.token(26).await.unwrap();
    let after = sealed(&scene);
    assert_ne!((&after["nonce"], &after["ciphertext"]), (&before["nonce"], &before["ciphertext"]));
    assert_eq!((&after["format"], &after["wrapped_key"]), (&before["format"], &before["wrapped_key"]));
    scene.vault.keep(&org("org_b"), &grant(), &tokens("other", None, 90), at(26)).await.unwrap();
    let of_b = scene.table.items().into_iter().find(|item| item.key.pk == "VAULT#org_b#").unwrap();
    assert_ne!(of_b.body["sealed"]["wrapped_key"], after["wrapped_key"]);
}

#[tokio::test]
async fn a_data_key_is_replaced_after_90_days_and_what_it_sealed_stays_readable() {
    let scene = scene(Vec::new()).await;
    let (day, other) = (24 * 60, GrantRef { holder: "other-user".parse().unwrap(), ..grant() });
    let wrapped = |scene: &Scene| {
        let key = scene.table.items().into_iter().find(|item| item.entity == "data_key").unwrap();
        key.body["wrapped_key"].clone()
    };
    let first = wrapped(&scene);
    scene.vault.keep(&org("org_a"), &other, &tokens("later", None, 89 * day + 60), at(89 * day)).await.unwrap();
    assert_eq!(wrapped(&scene), first);
    scene.vault.keep(&org("org_a"), &other, &tokens("latest", None, 91 * day), at(90 * day)).await.unwrap();
    assert_ne!(wrapped(&scene), first);
    assert_eq!(scene.token(0).await.unwrap(), "first");
    let latest = scene.vault.fresh_access_token(&org("org_a"), &other, at(90 * day)).await.unwrap();
    assert_eq!(latest.expose_secret(), "latest");
}

#[tokio::test]
async fn a_token_set_put_back_in_place_of_a_later_one_cannot_be_opened() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 56))]).await;
    let former = scene.table.items()[0].body["sealed"].clone();
    scene.token(26).await.unwrap();
    let mut item = scene.table.items()[0].clone();
    item.body.insert("sealed".to_owned(), former);
    item.rev += 1;
    scene.table.write(Write::Replace(item)).await.unwrap();
    assert!(matches!(scene.token(27).await, Err(AppError::Malformed(_))));
}

/// Puts a token set in the first format in place of the kept one: under a data key of its own, for its grant alone.
async fn sealed_as_before(scene: &Scene, access: &str) {
    let context =
        Context::from([("grant", grant().name()), ("org", "org_a".to_owned()), ("purpose", "token".to_owned())]);
    let key = scene.keys.generate(&context).await.unwrap();
    let parts = context.iter().flat_map(|(name, value)| [(*name).to_owned(), value.clone()]);
    let authenticated: Vec<u8> = parts.flat_map(|part| format!("{}:{part}", part.len()).into_bytes()).collect();
    let plain = json!({"access": access, "access_expires_at": at(30), "refresh": "r1", "scope": "accounting"});
    let mut sealed = plain.to_string().into_bytes();
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.plain.as_slice()).unwrap())
        .seal_in_place_append_tag(Nonce::assume_unique_for_key([7; 12]), Aad::from(authenticated), &mut sealed)
        .unwrap();
    let mut item = scene.table.items()[0].clone();
    let base64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    item.body.insert(
        "sealed".to_owned(),
        json!({"format": 1, "key_id": key.key_id, "wrapped_key": base64(&key.wrapped), "nonce": base64(&[7; 12]),
            "ciphertext": base64(&sealed)}),
    );
    item.rev += 1;
    scene.table.write(Write::Replace(item)).await.unwrap();
}

#[tokio::test]
async fn tokens_of_the_first_format_are_read_and_sealed_anew_when_they_are_next_written() {
    let scene = scene(vec![Ok(tokens("second", Some("r2"), 56))]).await;
    sealed_as_before(&scene, "of before").await;
    assert_eq!(scene.token(0).await.unwrap(), "of before");
    assert_eq!(scene.token(26).await.unwrap(), "second");
    assert_eq!(scene.table.items()[0].body["sealed"]["format"], 2);
    assert_eq!(scene.token(27).await.unwrap(), "second");
}

#[tokio::test]
async fn a_token_set_of_the_first_format_does_not_become_one_of_the_second_by_its_number() {
    let scene = scene(Vec::new()).await;
    sealed_as_before(&scene, "of before").await;
    for format in [0, 2, 3] {
        let mut item = scene.table.items()[0].clone();
        item.body["sealed"]["format"] = format.into();
        item.rev += 1;
        scene.table.write(Write::Replace(item)).await.unwrap();
        assert!(matches!(scene.token(0).await, Err(AppError::Malformed(_))), "{format}");
    }
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
async fn the_grants_of_the_organisation_in_hand_are_opened_with_one_call_in_five_minutes() {
    let scene = scene(Vec::new()).await;
    let other = GrantRef { holder: "other-user".parse().unwrap(), ..grant() };
    scene.vault.keep(&org("org_a"), &other, &tokens("other", None, 30), at(0)).await.unwrap();
    let before = scene.keys.calls();
    // A process that opened nothing so far, and goes on with a second job.
    let (first, now) = (Vault::new(Store::new(scene.table.clone()), scene.keys.clone(), scene.ledger.auth()), at(1));
    let second = first.clone();
    for (vault, grant) in [(&first, grant()), (&first, other.clone()), (&second, grant()), (&second, other)] {
        assert!(vault.fresh_access_token(&org("org_a"), &grant, now).await.is_ok());
    }
    assert_eq!(scene.keys.calls() - before, 1);
    // Whoever loses the right to the key loses it within five minutes.
    scene.keys.fail();
    let just_before = at(6).checked_sub(SignedDuration::from_millis(1)).unwrap();
    assert!(second.fresh_access_token(&org("org_a"), &grant(), just_before).await.is_ok());
    let later = second.fresh_access_token(&org("org_a"), &grant(), at(6)).await;
    assert!(matches!(later, Err(AppError::AwsUnavailable(_))));
}

#[tokio::test]
async fn the_key_of_an_organisation_is_dropped_when_another_one_comes() {
    let scene = scene(Vec::new()).await;
    scene.vault.keep(&org("org_b"), &grant(), &tokens("other", None, 30), at(0)).await.unwrap();
    scene.keys.fail();
    assert!(scene.vault.fresh_access_token(&org("org_b"), &grant(), at(1)).await.is_ok());
    let of_the_first = scene.vault.fresh_access_token(&org("org_a"), &grant(), at(1)).await;
    assert!(matches!(of_the_first, Err(AppError::AwsUnavailable(_))));
    let of_the_other = scene.vault.fresh_access_token(&org("org_b"), &grant(), at(1)).await;
    assert!(matches!(of_the_other, Err(AppError::AwsUnavailable(_))));
}

#[tokio::test]
async fn of_twenty_who_seal_first_all_seal_under_one_key() {
    let scene = scene(Vec::new()).await;
    let holder = |n: usize| GrantRef { holder: format!("user-{n}").parse().unwrap(), ..grant() };
    let kept = (0..20).map(|n| {
        let (vault, grant) = (scene.vault.clone(), holder(n));
        async move { vault.keep(&org("org_c"), &grant, &tokens("token", None, 30), at(0)).await.unwrap() }
    });
    join_all(kept).await;
    for n in 0..20 {
        assert!(scene.vault.fresh_access_token(&org("org_c"), &holder(n), at(0)).await.is_ok());
    }
    let items = scene.table.items().into_iter().filter(|item| item.key.pk == "VAULT#org_c#");
    let mut wrapped: Vec<String> = items
        .filter(|item| item.entity == "grant")
        .map(|item| item.body["sealed"]["wrapped_key"].as_str().unwrap().to_owned())
        .collect();
    wrapped.dedup();
    assert_eq!(wrapped.len(), 1);
}
