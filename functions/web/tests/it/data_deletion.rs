//! What Facebook users ask for through Meta.

use axum::{
    body::Body,
    http::{Request, header},
};
use numo_app::{forget_meta_user::remember_signup, store::task::TaskAbout};
use numo_domain::{
    connection::Provider,
    credential::{GrantRef, TokenSet},
    id::OrgId,
    sender::SenderStatus,
};
use serde_json::{Value, json};

use crate::{
    client::{Answer, request, send},
    seed::org,
    world::{World, now, number_keys},
};

/// User 218471 a minute ago, two hours ago, under the secret before and under a stranger's; and user 999.
const ASKED: &str = "dLRqiMQo_LgaFlkbqQJEJDASffU_VI8dggck7vXD0Ps.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQ5OTk0MCwidXNlcl9pZCI6IjIxODQ3MSJ9";
const ASKED_BEFORE: &str = "LVXH9QOP8tANA-aM19hnOSUN1YCYDl1KumNihHQD0m8.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQ5OTk0MCwidXNlcl9pZCI6IjIxODQ3MSJ9";
const FORGED: &str = "02ecxBvbEMzsAALcngUYSraNmqc0C2BnRuup5YqMBWU.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQ5OTk0MCwidXNlcl9pZCI6IjIxODQ3MSJ9";
const ASKED_LONG_AGO: &str = "3M3r9eR8ay-5s_T1YFkLrVA52TWZ4XtMtlB_J9377Jw.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQ5MjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
const OF_NOBODY: &str = "8hgRWEVDwfPbndgSxkq3Wk1_o9J8uqHGh9Fblp1nAu0.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc5NTQ5OTk0MCwidXNlcl9pZCI6Ijk5OSJ9";

async fn post(world: &World, path: &str, body: String) -> Answer {
    let request = Request::builder().method("POST").uri(path);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    send(&world.router, request.body(Body::from(body)).unwrap()).await
}

async fn ask(world: &World, path: &str, signed_request: &str) -> Answer {
    post(world, path, format!("signed_request={signed_request}")).await
}

fn grant() -> GrantRef {
    GrantRef { provider: Provider::Whatsapp, holder: "100".parse().unwrap() }
}

/// Two organisations, of which a Facebook user connected the account of the first an hour ago.
async fn connected() -> World {
    let world = World::with_two_organisations().await;
    let an_hour_ago = now() - jiff::SignedDuration::from_hours(1);
    world.vault.keep(&org("org_a"), &grant(), &TokenSet::lasting("token".into()), an_hour_ago).await.unwrap();
    let (user, waba) = ("218471".parse().unwrap(), "100".parse().unwrap());
    let whose = (&org("org_a"), &waba);
    remember_signup(&world.store, &number_keys(), whose, &user, an_hour_ago).await.unwrap();
    world
}

/// Whether the token is there, how the number stands, and whether the owner has a task about it.
async fn access(world: &World, org: &OrgId) -> (bool, SenderStatus, bool) {
    let token = world.vault.fresh_access_token(org, &grant(), now()).await.is_ok();
    let sender = world.store.senders(org).await.unwrap().remove(0);
    let task = TaskAbout::SenderBlocked(sender.phone_number_id.clone());
    let is_told = world.store.tasks(org).await.unwrap().iter().any(|open| open.about == task);
    (token, sender.status, is_told)
}

const INTACT: (bool, SenderStatus, bool) = (true, SenderStatus::Ready, false);
const ENDED: (bool, SenderStatus, bool) = (false, SenderStatus::ReauthRequired, true);

#[tokio::test]
async fn whoever_asks_for_deletion_or_removes_the_app_ends_the_access_that_they_gave_and_gets_a_code() {
    for (path, signed_request, action, wish) in [
        ("/meta/data-deletion", ASKED, "whatsapp.deletion_asked", "that your data be deleted"),
        ("/meta/deauthorise", ASKED_BEFORE, "whatsapp.deauthorised", "that Numo have no access"),
    ] {
        let world = connected().await;
        assert_eq!(access(&world, &org("org_a")).await, INTACT);
        let answer = ask(&world, path, signed_request).await;
        let told = answer.json();
        let code = told["confirmation_code"].as_str().unwrap().to_owned();
        let expected = json!({"url": format!("https://numo.example/data-deletion/{code}"), "confirmation_code": code});
        assert_eq!((answer.status.as_u16(), told, code.len()), (200, expected, 32));
        assert_eq!(access(&world, &org("org_a")).await, ENDED);
        let activity = world.get("member-a", "/v1/activity").await.json();
        let line = (&activity["activity"][0]["action"], &activity["activity"][0]["detail"]);
        assert_eq!(line, (&json!(action), &json!({"waba": "100"})));
        let page = send(&world.router, request("GET", &format!("/data-deletion/{code}"), None)).await;
        assert_eq!(page.status, 200);
        for said in [wish, "2026-11-24T05:59:00Z", "2026-11-24T06:00:00Z", "that you connected (1)", "the business"] {
            assert!(page.text.contains(said), "{said} in {}", page.text);
        }
        for private in ["218471", "org_a", "Harbour Lane", ">100<"] {
            assert!(!page.text.contains(private), "{private}");
        }
        // Once more: nothing changes.
        let before = world.table.items();
        assert_eq!(ask(&world, path, signed_request).await.json()["confirmation_code"], json!(code));
        assert_eq!(world.table.items(), before);
    }
}

#[tokio::test]
async fn what_was_connected_after_a_request_was_signed_is_left_alone() {
    let world = connected().await;
    assert_eq!(ask(&world, "/meta/data-deletion", ASKED_LONG_AGO).await.status, 200);
    assert_eq!(access(&world, &org("org_a")).await, INTACT);
}

#[tokio::test]
async fn a_user_of_whom_nothing_is_stored_is_told_so() {
    let world = connected().await;
    let code = ask(&world, "/meta/data-deletion", OF_NOBODY).await.json()["confirmation_code"].clone();
    assert_eq!(access(&world, &org("org_a")).await, INTACT);
    let path = format!("/data-deletion/{}", code.as_str().unwrap());
    let page = send(&world.router, request("GET", &path, None)).await;
    assert!(page.text.contains("Nothing is stored under the id that Facebook gave us"), "{}", page.text);
}

#[tokio::test]
async fn what_meta_did_not_sign_changes_nothing() {
    let world = connected().await;
    let before = world.table.items();
    let message = "this was not signed by Meta for this app";
    let refused = json!({"code": "invalid", "field": "signed_request", "message": message});
    for path in ["/meta/data-deletion", "/meta/deauthorise"] {
        for signed_request in [FORGED, &ASKED[..80], &ASKED[1..], "", ".", "a.b"] {
            assert_eq!(ask(&world, path, signed_request).await.error(), (400, refused.clone()), "{signed_request}");
        }
        let long = format!("signed_request={}", "A".repeat(20_000));
        for body in [String::new(), format!("signed={ASKED}"), long] {
            assert_eq!(post(&world, path, body).await.error(), (400, refused.clone()));
        }
        let json: Value = json!({"signed_request": ASKED});
        assert_eq!(send(&world.router, request("POST", path, Some(&json))).await.error(), (400, refused.clone()));
        assert_eq!(send(&world.router, request("GET", path, None)).await.status, 405);
    }
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn anybody_may_read_how_to_ask_and_a_code_that_nobody_got_shows_nothing() {
    let world = World::empty();
    let page = send(&world.router, request("GET", "/data-deletion", None)).await;
    assert!(page.status == 200 && page.text.contains("How to have your data deleted"), "{}", page.text);
    let page = send(&world.router, request("GET", "/data-deletion/0123", None)).await;
    assert!(page.status == 404 && page.text.contains("There is no request with this code"), "{}", page.text);
}
