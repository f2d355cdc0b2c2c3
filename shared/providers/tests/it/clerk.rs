//! Session tokens, sound and spoiled.

use jiff::{SignedDuration, Timestamp};
use numo_app::port::session::{Role, Session, SessionError, Sessions};
use numo_providers::clerk::sessions::ClerkSessions;
use serde_json::{Value, json};

use crate::bench::{Bench, SHORT};

/// A token as asked for, for the page that is allowed unless said otherwise.
async fn token(bench: &Bench, asked: Value) -> String {
    let mut body = json!({ "user": "user_owner", "azp": "https://numo.example" });
    body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
    bench.control("clerk/token", body).await["token"].as_str().unwrap().to_owned()
}

/// The simulator's own time.
async fn now(bench: &Bench) -> Timestamp {
    let payload = token(bench, json!({})).await;
    let claims = base64_json(payload.split('.').nth(1).unwrap());
    Timestamp::from_second(claims["iat"].as_i64().unwrap()).unwrap()
}

fn base64_json(part: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

async fn verified(bench: &Bench, clerk: &ClerkSessions, asked: Value) -> Result<Session, String> {
    let token = token(bench, asked).await;
    clerk.verify(&token, now(bench).await).await.map_err(|error| error.to_string())
}

fn harbour(user: &str, role: Role) -> Result<Session, String> {
    Ok(Session { org: "org_harbour".parse().unwrap(), user: user.parse().unwrap(), role })
}

fn refused(reason: &str) -> Result<Session, String> {
    Err(format!("session token refused: {reason}"))
}

#[tokio::test]
async fn tokens_of_both_versions_are_sessions_of_their_organisation() {
    let bench = Bench::start().await;
    let clerk = bench.clerk();
    assert_eq!(verified(&bench, &clerk, json!({})).await, harbour("user_owner", Role::Admin));
    assert_eq!(verified(&bench, &clerk, json!({ "user": "user_member" })).await, harbour("user_member", Role::Member));
    assert_eq!(verified(&bench, &clerk, json!({ "v1": true })).await, harbour("user_owner", Role::Admin));
    assert_eq!(verified(&bench, &clerk, json!({ "role": "billing" })).await, harbour("user_owner", Role::Member));
}

#[tokio::test]
async fn a_spoiled_token_is_refused_by_the_rule_it_breaks() {
    let bench = Bench::start().await;
    let clerk = bench.clerk();
    for (asked, expected) in [
        (json!({ "azp": "https://evil.example" }), refused("azp")),
        (json!({ "omit": ["azp"] }), refused("azp")),
        (json!({ "iss": "https://clerk.evil.example" }), refused("iss")),
        (json!({ "alg": "HS256" }), refused("alg")),
        (json!({ "alg": "none" }), refused("alg")),
        (json!({ "sts": "pending" }), refused("pending")),
        (json!({ "exp_in_s": -6 }), refused("expired")),
        (json!({ "omit": ["exp"] }), refused("exp")),
        (json!({ "omit": ["sub"] }), refused("sub")),
        (json!({ "user": "user_nobody" }), refused("pending")),
        (json!({ "omit": ["o"] }), Err(String::from("no organisation is active"))),
    ] {
        assert_eq!(verified(&bench, &clerk, asked.clone()).await, expected, "{asked}");
    }
}

#[tokio::test]
async fn changed_claims_or_a_foreign_signature_are_refused() {
    let bench = Bench::start().await;
    let clerk = bench.clerk();
    let (mine, other) = (token(&bench, json!({})).await, token(&bench, json!({ "org": "org_other" })).await);
    let part = |token: &str, at: usize| token.split('.').nth(at).unwrap().to_owned();
    let swapped = format!("{}.{}.{}", part(&mine, 0), part(&other, 1), part(&mine, 2));
    let unsigned = format!("{}.{}.", part(&mine, 0), part(&mine, 1));
    let now = now(&bench).await;
    for forged in [swapped, unsigned, format!("{mine}x"), mine.replace('.', "..")] {
        assert!(matches!(clerk.verify(&forged, now).await, Err(SessionError::Refused(_))), "{forged}");
    }
    assert!(clerk.verify(&mine, now).await.is_ok());
}

#[tokio::test]
async fn time_is_judged_by_the_callers_clock() {
    let bench = Bench::start().await;
    let clerk = bench.clerk();
    let (token, now) = (token(&bench, json!({})).await, now(&bench).await);
    let at = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    assert!(clerk.verify(&token, at(60)).await.is_ok());
    assert!(clerk.verify(&token, at(70)).await.is_err());
    assert!(clerk.verify(&token, at(-60)).await.is_err());
}

#[tokio::test]
async fn keys_are_read_once_and_for_unknown_ones_at_most_once_a_minute() {
    let bench = Bench::start().await;
    let clerk = bench.clerk();
    let now = now(&bench).await;
    let at = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let (good, strange) =
        (token(&bench, json!({ "exp_in_s": 600 })).await, token(&bench, json!({ "kid": "ins_x" })).await);
    for second in 0..3 {
        assert!(clerk.verify(&good, at(second)).await.is_ok());
        assert!(matches!(clerk.verify(&strange, at(second)).await, Err(SessionError::Refused("unknown key"))));
    }
    assert_eq!(n_reads(&bench), 1);
    assert!(clerk.verify(&strange, at(61)).await.is_err());
    assert_eq!(n_reads(&bench), 2);
    assert!(clerk.verify(&good, at(62)).await.is_ok());
    assert_eq!(n_reads(&bench), 2);
}

/// How often the keys were read.
fn n_reads(bench: &Bench) -> u64 {
    bench.sim.handle.calls("clerk")["GET /.well-known/jwks.json"].as_u64().unwrap_or_default()
}

#[tokio::test]
async fn without_keys_nobody_is_refused_but_nobody_comes_in() {
    let bench = Bench::start().await;
    let clerk = bench.clerk().with_timeout(SHORT);
    let (token, now) = (token(&bench, json!({ "exp_in_s": 600 })).await, now(&bench).await);
    let mut second = 0;
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "slow", "hold_ms": 5_000 }),
    ] {
        let mut rule = fault.clone();
        rule["path_contains"] = json!("jwks.json");
        bench.fault("clerk", rule).await;
        let at = now.checked_add(SignedDuration::from_secs(second)).unwrap();
        assert!(matches!(clerk.verify(&token, at).await, Err(SessionError::Unavailable(_))), "{fault}");
        // Asked again at once, the issuer is left alone.
        assert!(matches!(clerk.verify(&token, at).await, Err(SessionError::Unavailable(_))), "{fault}");
        second += 6;
    }
    let later = now.checked_add(SignedDuration::from_secs(second)).unwrap();
    assert!(clerk.verify(&token, later).await.is_ok());
}
