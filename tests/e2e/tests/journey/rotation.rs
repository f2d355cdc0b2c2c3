//! A signing key of Xero's webhook, rotated while functions run.

use std::time::Duration;

use aws_lc_rs::hmac;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use numo_e2e::http::send;
use numo_e2e::wait::{Look, until};
use reqwest::Method;
use serde_json::{Value, json};

use crate::operators::{SIGNED, lines_of_ann, ops, orders};
use crate::world::{SECRETS, World};

/// The new key; no log may hold it.
pub(crate) const NEXT: &str = "planted-xero-webhook-key-next-2b90e4";

pub(crate) const NAME: &str = "xero_webhook_keys";

/// Functions keep the secrets that they read for five minutes.
const KNOWN_EVERYWHERE: Duration = Duration::from_secs(330);

pub(crate) async fn a_new_signing_key_is_put_beside_the_former_one(world: &mut World) {
    let mut expected = current(world).await;
    assert_eq!(expected[NAME], json!([former()]));
    expected[NAME] = json!([NEXT, former()]);
    let to = [["rotate", "to", "--secret", NAME].as_slice(), &SIGNED].concat();
    let said = ops(world, &to, &format!("{NEXT}\n")).await.unwrap();
    assert!(said.starts_with("The new xero_webhook_keys counts, and the former one too.\n"), "{said}");
    assert!(!said.contains(NEXT) && !said.contains(former()), "{said}");
    assert_eq!(current(world).await, expected);
    let refused = ops(world, &to, &format!("{NEXT}\n")).await.unwrap_err();
    assert!(refused.ends_with("value: it is in use already; nothing was changed\n"), "{refused}");
    assert_eq!(current(world).await, expected);
    assert_eq!(lines_of_ann(world, "AUDIT##", "secret.").await, [line("rotated", NAME)]);
}

/// Mostly the five minutes are over by then.
pub(crate) async fn a_new_signing_key_counts_and_its_rotation_is_finished_and_taken_back(world: &mut World) {
    until("a function that knows the new key", KNOWN_EVERYWHERE, async || {
        let status = call(world, NEXT).await;
        Ok(if status == 200 { Look::Done(()) } else { Look::NotYet(format!("answered {status}")) })
    })
    .await
    .unwrap();
    assert_eq!((call(world, former()).await, call(world, "guessed").await), (200, 401));
    let both = current(world).await;
    let mut finished = both.clone();
    finished[NAME] = json!([NEXT]);
    let said = orders(world, &["rotate", "finish", "--secret", NAME]).await;
    assert!(said.starts_with("The former value of xero_webhook_keys counts no more.\n"), "{said}");
    assert_eq!(current(world).await, finished);
    let said = orders(world, &["rotate", "back"]).await;
    assert!(said.starts_with("The secret is what it was before its latest change.\n"), "{said}");
    assert_eq!(current(world).await, both);
    let lines = [line("rotated", NAME), line("former_removed", NAME), line("put_back", "all")];
    assert_eq!(lines_of_ann(world, "AUDIT##", "secret.").await, lines);
}

fn line(what: &str, secret: &str) -> (String, Value) {
    (format!("secret.{what}"), json!({"secret": secret, "reason": "a drill"}))
}

fn former() -> &'static str {
    SECRETS.iter().find(|(name, _)| *name == NAME).unwrap().1
}

async fn current(world: &World) -> Value {
    world.secret.current().await
}

/// The status that Xero gets whose call has no news and is signed with a key.
async fn call(world: &World, key: &str) -> u16 {
    const PATH: &str = "/webhooks/xero";
    let body = r#"{"events":[],"firstEventSequence": 0,"lastEventSequence": 0, "entropy": "DRILL"}"#;
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body.as_bytes());
    let request = world.http.post(format!("{}{PATH}", world.stack.state.loopback_url)).body(body);
    let request = request.header("content-type", "application/json");
    let request = request.header("x-xero-signature", BASE64_STANDARD.encode(tag));
    send(Method::POST, PATH, request).await.unwrap().status.as_u16()
}
