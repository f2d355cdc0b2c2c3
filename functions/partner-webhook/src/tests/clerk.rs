//! What Clerk's webhook is answered.

use numo_domain::id::OrgId;

use super::*;

/// The second is the one before it, while it is rotated.
pub(super) const SECRETS: [&str; 2] =
    ["whsec_cHJlc2VudC1zZWNyZXQtb2YtY2xlcms=", "whsec_cHJldmlvdXMtc2VjcmV0LW9mLWNsZXJr"];

const PATH: &str = "/webhooks/clerk";

const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";

fn deleted(org: &str) -> String {
    json!({"object": "event", "type": "organization.deleted", "data": {"object": "organization", "id": org, "deleted": true}})
        .to_string()
}

/// A call that was signed so many seconds ago.
fn signed(body: &str, secret: &str, ago: i64) -> Request {
    let timestamp = (now().as_second() - ago).to_string();
    let key = BASE64_STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let tag = sign(&Key::new(HMAC_SHA256, &key), format!("{ID}.{timestamp}.{body}").as_bytes());
    let signature = Some(format!("v1,{}", BASE64_STANDARD.encode(tag)));
    from_clerk(body, [Some(ID.to_owned()), Some(timestamp), signature])
}

fn from_clerk(body: &str, [id, timestamp, signature]: [Option<String>; 3]) -> Request {
    let headers = [("svix-id", id), ("svix-timestamp", timestamp), ("svix-signature", signature)];
    call(PATH, &json!(body), false, &headers)
}

async fn is_stopped(fixture: &Fixture) -> bool {
    let org: OrgId = "org_a".parse().unwrap();
    Store::new(fixture.memory.clone()).organisation(&org).await.unwrap().is_paused(now())
}

async fn known() -> Fixture {
    let fixture = fixture().await;
    let org: OrgId = "org_a".parse().unwrap();
    fixture.ports.store.change_organisation(&org, now(), |profile| profile.name = "Harbour".to_owned()).await.unwrap();
    fixture
}

#[tokio::test]
async fn what_clerk_signed_lately_under_either_secret_is_acted_upon() {
    for secret in SECRETS {
        let fixture = known().await;
        for _ in 0..2 {
            assert_eq!(fixture.answer(&signed(&deleted("org_a"), secret, 299)).await, (200, String::new()));
        }
        assert!(is_stopped(&fixture).await);
    }
}

#[tokio::test]
async fn what_clerk_did_not_sign_or_not_lately_changes_nothing() {
    let fixture = known().await;
    let other = "whsec_b3RoZXI=";
    let body = deleted("org_a");
    for request in [
        signed(&body, other, 0),
        signed(&body, SECRETS[0], 301),
        signed(&body, SECRETS[0], -301),
        from_clerk(&body, [None, None, None]),
        from_clerk(&body, [Some(ID.to_owned()), Some(now().as_second().to_string()), None]),
        from_clerk(&body, [Some("x".repeat(257)), Some(now().as_second().to_string()), Some("v1,AAAA".to_owned())]),
    ] {
        assert_eq!(fixture.answer(&request).await, (401, String::new()));
    }
    assert!(!is_stopped(&fixture).await);
}

#[tokio::test]
async fn what_is_not_read_or_not_known_is_answered_and_a_table_that_fails_asks_for_it_again() {
    for body in [r#"{"type":"user.created","data":{}}"#, "no json", &deleted("org_unknown")] {
        let fixture = known().await;
        assert_eq!(fixture.answer(&signed(body, SECRETS[0], 0)).await, (200, String::new()));
        assert!(!is_stopped(&fixture).await);
    }
    let fixture = known().await;
    fixture.table.reset(Plan::Once { call: 2, fault: Fault::Before });
    assert_eq!(fixture.answer(&signed(&deleted("org_a"), SECRETS[0], 0)).await, (503, String::new()));
    assert!(!is_stopped(&fixture).await);
    assert_eq!(fixture.answer(&signed(&deleted("org_a"), SECRETS[0], 5)).await, (200, String::new()));
    assert!(is_stopped(&fixture).await);
}
