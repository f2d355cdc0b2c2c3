//! Secrets in the hands of operators.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::sync::Arc;

use jiff::Timestamp;
use numo_app::{
    error::AppError,
    operator::{
        OperatorPorts,
        rotate::{Rotatable, Rotation, rotate},
    },
    store::{Store, activity::Actor},
};
use numo_domain::id::OperatorId;
use numo_testkit::{counting_ids::CountingIds, memory_stage_secret::MemoryStageSecret, memory_table::MemoryTable};
use serde_json::{Value, json};

struct World {
    ports: OperatorPorts,
    secret: MemoryStageSecret,
}

fn ann() -> OperatorId {
    "ann".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

impl World {
    fn new(secret: &Value) -> Self {
        let (store, ids) = (Store::new(Arc::new(MemoryTable::new())), Arc::new(CountingIds::new(1)));
        Self { ports: OperatorPorts { store, ids }, secret: MemoryStageSecret::new(&secret.to_string()) }
    }

    async fn rotate(&self, rotation: Rotation) -> Result<(), AppError> {
        rotate((&self.ports, &self.secret), (&ann(), "yearly"), &rotation, now()).await
    }

    async fn to(&self, which: Rotatable, value: &str) -> Result<(), AppError> {
        self.rotate(Rotation::To(which, value.to_owned().into())).await
    }

    /// The present value of the whole secret.
    fn current(&self) -> Value {
        serde_json::from_str(&self.secret.versions().pop().unwrap()).unwrap()
    }

    /// What the log of all organisations has, oldest first.
    async fn log(&self) -> Vec<(String, Value)> {
        let lines = self.ports.store.operations(20).await.unwrap().into_iter().rev().map(|line| line.activity);
        lines
            .inspect(|line| assert_eq!(line.actor, Actor::Operator(ann())))
            .map(|line| (line.action, line.detail))
            .collect()
    }
}

#[tokio::test]
async fn of_secrets_with_two_values_the_former_one_counts_until_its_end_is_said() {
    let world = World::new(&json!({"pepper": "p", "meta_app_secret": "m1", "xero_webhook_keys": ["x1", "x0"]}));
    world.to(Rotatable::XeroWebhookKeys, "x2").await.unwrap();
    world.to(Rotatable::MetaAppSecret, "m2").await.unwrap();
    world.to(Rotatable::ClerkWebhookSecrets, "c1").await.unwrap();
    let both = json!({
        "pepper": "p", "meta_app_secret": "m2", "meta_app_secret_previous": "m1",
        "xero_webhook_keys": ["x2", "x1"], "clerk_webhook_secrets": ["c1"],
    });
    assert_eq!(world.current(), both);
    world.rotate(Rotation::Finished(Rotatable::XeroWebhookKeys)).await.unwrap();
    world.rotate(Rotation::Finished(Rotatable::MetaAppSecret)).await.unwrap();
    let one = json!({
        "pepper": "p", "meta_app_secret": "m2", "xero_webhook_keys": ["x2"], "clerk_webhook_secrets": ["c1"],
    });
    assert_eq!(world.current(), one);
    let line = |action: &str, secret: &str| (action.to_owned(), json!({"secret": secret, "reason": "yearly"}));
    let expected = [
        line("secret.rotated", "xero_webhook_keys"),
        line("secret.rotated", "meta_app_secret"),
        line("secret.rotated", "clerk_webhook_secrets"),
        line("secret.former_removed", "xero_webhook_keys"),
        line("secret.former_removed", "meta_app_secret"),
    ];
    assert_eq!(world.log().await, expected);
}

#[tokio::test]
async fn a_rotation_is_taken_back_by_the_version_before_and_never_with_another_pepper() {
    let first = json!({"pepper": "p", "xero_client_secret": "s1"});
    let world = World::new(&first);
    let nothing = world.rotate(Rotation::Back).await.unwrap_err();
    assert_eq!(nothing.to_string(), "version before not found");
    world.to(Rotatable::XeroClientSecret, "s2").await.unwrap();
    assert_eq!(world.current(), json!({"pepper": "p", "xero_client_secret": "s2"}));
    world.rotate(Rotation::Back).await.unwrap();
    assert_eq!(world.current(), first);
    assert_eq!(world.log().await.pop().unwrap().0, "secret.put_back");
    let mixed = World::new(&first);
    numo_app::port::stage_secret::StageSecret::put(&mixed.secret, r#"{"pepper":"q"}"#).await.unwrap();
    let refused = mixed.rotate(Rotation::Back).await.unwrap_err();
    assert_eq!(refused.to_string(), "secret: the version before has another pepper; nothing was changed");
    assert_eq!((mixed.secret.versions().len(), mixed.log().await), (2, vec![]));
}

#[tokio::test]
async fn what_is_wrong_with_a_value_is_told_without_it_and_nothing_is_put() {
    let world = World::new(&json!({"pepper": "p", "meta_app_secret": "m1", "xero_webhook_keys": ["x1"]}));
    for (which, value, message) in [
        (Rotatable::MetaAppSecret, "", "value: a text without spaces is needed; nothing was changed"),
        (Rotatable::MetaAppSecret, "two words", "value: a text without spaces is needed; nothing was changed"),
        (Rotatable::MetaAppSecret, "m1", "value: it is in use already; nothing was changed"),
        (Rotatable::XeroWebhookKeys, "x1", "value: it is in use already; nothing was changed"),
        (Rotatable::ClerkSecretKey, "broken", "secret: the secrets lack something; nothing was changed"),
    ] {
        assert_eq!(world.to(which, value).await.unwrap_err().to_string(), message);
    }
    for which in [Rotatable::XeroWebhookKeys, Rotatable::MetaAppSecret, Rotatable::XeroClientSecret] {
        let nothing = world.rotate(Rotation::Finished(which)).await.unwrap_err();
        assert_eq!(nothing.to_string(), "secret: there is no former value of it; nothing was changed", "{which:?}");
    }
    let silent = Rotation::To(Rotatable::MetaAppSecret, "m2".to_owned().into());
    let silent = rotate((&world.ports, &world.secret), (&ann(), ""), &silent, now()).await.unwrap_err();
    assert_eq!(silent.to_string(), "reason: 1 to 200 characters in one line");
    assert_eq!((world.secret.versions().len(), world.log().await), (1, vec![]));
    let odd = World::new(&json!(["no", "object"]));
    let refused = odd.to(Rotatable::MetaAppSecret, "m2").await.unwrap_err();
    assert_eq!(refused.to_string(), "secret: it is no JSON object; nothing was changed");
}

#[test]
fn every_secret_that_can_be_rotated_is_found_by_its_name_and_the_pepper_is_none() {
    for secret in Rotatable::ALL {
        assert_eq!(Rotatable::named(secret.name()), Some(secret));
    }
    assert_eq!(Rotatable::named("pepper"), None);
    let two: Vec<&str> = Rotatable::ALL.into_iter().filter(|secret| secret.has_two()).map(Rotatable::name).collect();
    assert_eq!(two, ["meta_app_secret", "xero_webhook_keys", "intuit_webhook_tokens", "clerk_webhook_secrets"]);
}
