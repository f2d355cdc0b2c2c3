//! Taking back what was done a moment ago.

use axum::body::Body;
use jiff::SignedDuration;
use numo_domain::{
    contact::{Contact, ContactNumber},
    customer_file::CustomerFile,
    policy::Policy,
};
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
    let cases: [&[(&str, &str)]; 9] = [
        &[("edit", "snooze"), ("until", "2026-12-01")],
        &[("edit", "snooze"), ("until", "")],
        &[("edit", "hold"), ("on", "2026-11-24")],
        &[("edit", "move"), ("to", "2026-11-26")],
        &[("edit", "language"), ("language", "ar")],
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
    assert!(cookie.starts_with("__Host-numo_undo="), "{cookie}");
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

/// What a form offers to take back.
pub(crate) async fn offer(world: &World, path: &str, fields: &[(&str, &str)]) -> Option<String> {
    let sent = world.form("admin-a", path, fields).await;
    assert_eq!(sent.status, 303, "{path} {fields:?}: {}", sent.text);
    if sent.headers.contains_key("set-cookie") { offered(&after(world, "admin-a", &sent).await) } else { None }
}

pub(crate) async fn undo(world: &World, session: &str, undo: &str) -> Answer {
    world.form(session, "/undo", &[("undo", undo)]).await
}

async fn contact(world: &World) -> Contact {
    world.store.contact(&org("org_a"), &contact_ref(CONNECTION_A, "c-1")).await.unwrap().unwrap().value
}

#[tokio::test]
async fn a_typed_number_and_its_removal_are_taken_back_and_nothing_tells_the_number() {
    let world = World::with_two_organisations().await;
    let (before, path) = (contact(&world).await.number, format!("{}/number", place()));
    let typed = offer(&world, &path, &[("number", "+971509876543")]).await.unwrap();
    assert!(!typed.contains("9876543"), "{typed}");
    assert_eq!(undo(&world, "member-a", &typed).await.status, 400);
    assert_eq!(undo(&world, "admin-a", &typed).await.header("location"), format!("{}?done=number_taken_back", place()));
    assert_eq!((contact(&world).await.number, contact(&world).await.typed), (before, None));
    // The same number again, and then none.
    world.clock.advance(SignedDuration::from_secs(1));
    offer(&world, &path, &[("number", "+971509876543")]).await.unwrap();
    let given_up = offer(&world, &path, &[("take_back", "yes")]).await.unwrap();
    assert!(!given_up.contains("9876543"), "{given_up}");
    let place = format!("{}?done=number_put_back", place());
    assert_eq!(undo(&world, "admin-a", &given_up).await.header("location"), place);
    let known = contact(&world).await;
    let text = known.typed.map(|typed| String::from(typed.text));
    assert_eq!((known.number, text.as_deref()), (ContactNumber::Unread, Some("+971509876543")));
    assert_eq!(undo(&world, "admin-a", &given_up).await.status, 412);
    // What changes nothing offers nothing.
    assert_eq!(offer(&world, &path, &[("number", "+971509876543")]).await, None);
}

#[tokio::test]
async fn a_policy_that_was_switched_off_is_in_force_again_since_when_it_was() {
    let world = World::with_two_organisations().await;
    let policy = async || world.store.policies(&org("org_a")).await.unwrap().organisation_default;
    let before = policy().await;
    let switch = |state: &'static str, version: &'static str| [("state", state), ("version", version)];
    let off = offer(&world, "/policies/default/state", &switch("inactive", "2")).await.unwrap();
    assert_eq!(policy().await.active_since, None);
    let undone = undo(&world, "admin-a", &off).await;
    assert_eq!((undone.status.as_u16(), undone.header("location")), (303, "/policies?done=undone"), "{}", undone.text);
    let (version, edited_at) = (4, policy().await.edited_at);
    assert_eq!(policy().await, Policy { version, edited_at, ..before });
    assert_eq!(undo(&world, "admin-a", &off).await.status, 412);
    // Somebody else saved it since: theirs stays. Switching on is no undo, as old invoices are asked about first.
    let off = offer(&world, "/policies/default/state", &switch("inactive", "4")).await.unwrap();
    assert_eq!(offer(&world, "/policies/default/state", &switch("active", "5")).await, None);
    let saved = policy().await;
    assert_eq!(undo(&world, "admin-a", &off).await.status, 412);
    assert_eq!(policy().await, saved);
}

#[tokio::test]
async fn that_everything_goes_on_is_taken_back_until_the_same_day_and_a_pause_is_ended_by_its_own_button() {
    let world = World::with_two_organisations().await;
    let pause = async || world.store.organisation(&org("org_a")).await.unwrap().pause.map(|pause| pause.until);
    let paused = [("everything", "pause"), ("until", "2026-12-01")];
    assert_eq!(offer(&world, "/pause", &paused).await, None);
    let on = offer(&world, "/pause", &[("everything", "resume")]).await.unwrap();
    assert_eq!(pause().await, None);
    let undone = undo(&world, "admin-a", &on).await;
    assert_eq!((undone.status.as_u16(), undone.header("location")), (303, "/?done=paused"), "{}", undone.text);
    assert_eq!(pause().await, Some("2026-12-01".parse().ok()));
    // Somebody paused meanwhile, for longer.
    let on = offer(&world, "/pause", &[("everything", "resume")]).await.unwrap();
    assert_eq!(world.form("member-a", "/pause", &[("everything", "pause")]).await.status, 303);
    assert_eq!(undo(&world, "admin-a", &on).await.status, 412);
    assert_eq!(pause().await, Some(None));
    // Nothing was paused.
    world.form("member-a", "/pause", &[("everything", "resume")]).await;
    assert_eq!(offer(&world, "/pause", &[("everything", "resume")]).await, None);
}

#[tokio::test]
async fn what_was_offered_long_ago_is_not_taken_back() {
    let world = World::with_two_organisations().await;
    let put_off = edit(&world, "admin-a", &[("edit", "snooze"), ("until", "2026-12-01")]).await.unwrap();
    let changed = file(&world).await;
    world.clock.advance(SignedDuration::from_secs(3_601));
    let refused = undo(&world, "admin-a", &put_off).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("more than an hour ago"), "{}", refused.text);
    assert_eq!(file(&world).await, changed);
}
