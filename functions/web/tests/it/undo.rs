//! Taking back what was done a moment ago.

use axum::body::Body;
use numo_domain::customer_file::CustomerFile;
use serde_json::json;

use crate::{
    client::{Answer, request, send},
    seed::{CONNECTION_A, contact_ref, org},
    world::World,
};

fn place() -> String {
    format!("/customers/{CONNECTION_A}/c-1")
}

async fn file(world: &World) -> CustomerFile {
    world.store.customer_file(&org("org_a"), &contact_ref(CONNECTION_A, "c-1")).await.unwrap()
}

/// The page after a form, opened by a browser that keeps the cookie.
async fn after(world: &World, session: &str, sent: &Answer) -> Answer {
    let cookie = sent.headers.get("set-cookie").map_or("", |cookie| cookie.to_str().unwrap());
    let kept = cookie.split(';').next().unwrap();
    let mut asked = request("GET", sent.header("location"), None);
    asked.headers_mut().insert("cookie", format!("__session={session}; {kept}").parse().unwrap());
    send(&world.router, asked).await
}

fn offered(page: &Answer) -> Option<String> {
    let rest = page.text.split("name=\"undo\" value=\"").nth(1)?;
    Some(rest.split('"').next().unwrap().to_owned())
}

async fn edit(world: &World, session: &str, fields: &[(&str, &str)]) -> Option<String> {
    let sent = world.form(session, &format!("{}/edit", place()), fields).await;
    assert_eq!(sent.status, 303, "{fields:?}: {}", sent.text);
    offered(&after(world, session, &sent).await)
}

#[tokio::test]
async fn every_decision_that_can_be_undone_leaves_the_file_as_it_was() {
    let world = World::with_two_organisations().await;
    let cases: [&[(&str, &str)]; 8] = [
        &[("edit", "snooze"), ("until", "2026-12-01")],
        &[("edit", "snooze"), ("until", "")],
        &[("edit", "hold"), ("on", "2026-11-24")],
        &[("edit", "move"), ("to", "2026-11-26")],
        &[("edit", "exclude"), ("reason", "a friend; of \u{201c}ours\u{201d}")],
        &[("edit", "include")],
        &[("edit", "open_dispute"), ("invoice", "i-1"), ("reason", "wrong goods")],
        &[("edit", "close_dispute"), ("invoice", "i-1")],
    ];
    for fields in cases {
        let before = file(&world).await;
        let undo = edit(&world, "admin-a", fields).await;
        assert_ne!(file(&world).await, before, "{fields:?}");
        let undone = world.form("admin-a", "/undo", &[("undo", &undo.unwrap()), ("back", &place())]).await;
        assert_eq!(undone.status, 303, "{fields:?}: {}", undone.text);
        assert_eq!(undone.header("location"), format!("{}?done=undone", place()));
        assert_eq!(file(&world).await, before, "{fields:?}");
        let log = world.get("admin-a", "/v1/activity").await.json();
        assert_eq!(log["activity"][0]["action"], "customer.undone", "{log}");
        // For the next case, which takes back what this one did.
        edit(&world, "admin-a", fields).await;
    }
}

#[tokio::test]
async fn a_promise_is_taken_back_and_counts_again() {
    let world = World::with_two_organisations().await;
    let counts = async || file(&world).await.promises.iter().map(|promise| !promise.is_withdrawn).collect::<Vec<_>>();
    let noted = edit(&world, "member-a", &[("edit", "promise"), ("date", "2026-11-27")]).await.unwrap();
    assert_eq!(world.form("member-a", "/undo", &[("undo", &noted)]).await.status, 303);
    assert_eq!(counts().await, [false]);
    edit(&world, "member-a", &[("edit", "promise"), ("date", "2026-11-28")]).await;
    let withdrawn = edit(&world, "member-a", &[("edit", "withdraw_promise"), ("number", "2")]).await.unwrap();
    assert_eq!(world.form("member-a", "/undo", &[("undo", &withdrawn)]).await.status, 303);
    assert_eq!(counts().await, [false, true]);
}

#[tokio::test]
async fn what_somebody_else_changed_since_is_not_undone() {
    let world = World::with_two_organisations().await;
    let undo = edit(&world, "admin-a", &[("edit", "snooze"), ("until", "2026-12-01")]).await.unwrap();
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/file");
    world.post("member-a", &path, &json!({"edit": "snooze", "until": "2026-12-05"})).await;
    let changed = file(&world).await;
    let refused = world.form("admin-a", "/undo", &[("undo", &undo)]).await;
    assert_eq!(refused.status, 412, "{}", refused.text);
    assert!(refused.text.contains("Something changed in between"), "{}", refused.text);
    assert_eq!(file(&world).await, changed);
}

#[tokio::test]
async fn an_undo_is_done_once_and_by_whom_it_was_offered_to_alone() {
    let world = World::with_two_organisations().await;
    let undo = edit(&world, "admin-a", &[("edit", "exclude"), ("reason", "a friend")]).await.unwrap();
    let excluded = file(&world).await;
    let forged = format!("{}x", undo);
    for (who, sealed) in [("member-a", &undo), ("admin-b", &undo), ("admin-a", &forged)] {
        let refused = world.form(who, "/undo", &[("undo", sealed)]).await;
        assert_eq!(refused.status, 400, "{who}: {}", refused.text);
    }
    assert_eq!(file(&world).await, excluded);
    assert_eq!(world.form("admin-a", "/undo", &[("undo", &undo)]).await.status, 303);
    assert_eq!(world.form("admin-a", "/undo", &[("undo", &undo)]).await.status, 412);
}

#[tokio::test]
async fn an_undo_stands_beside_the_sentence_that_it_takes_back_and_nowhere_else() {
    let world = World::with_two_organisations().await;
    let sent =
        world.form("admin-a", &format!("{}/edit", place()), &[("edit", "snooze"), ("until", "2026-12-01")]).await;
    let cookie = sent.header("set-cookie").to_owned();
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=600; Secure"), "{cookie}");
    assert!(!sent.header("location").contains("undo"), "{}", sent.header("location"));
    let kept = cookie.split(';').next().unwrap();
    for (path, is_offered) in [("?done=put_off", true), ("?done=saved", false), ("", false)] {
        let mut asked = request("GET", &format!("{}{path}", place()), None);
        asked.headers_mut().insert("cookie", format!("__session=admin-a; {kept}").parse().unwrap());
        *asked.body_mut() = Body::empty();
        assert_eq!(offered(&send(&world.router, asked).await).is_some(), is_offered, "{path}");
    }
    // What cannot be taken back offers nothing.
    assert_eq!(edit(&world, "admin-a", &[("edit", "try_again")]).await, None);
}
