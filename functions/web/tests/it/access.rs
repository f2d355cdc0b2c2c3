//! Who may do what.

use axum::http::header;
use numo_app::{port::session::Role, store::reminder::outcome::SendOutcome};
use serde_json::{Value, json};

use crate::{
    client::{request, send, signed},
    exports::EXPORT_A,
    seed::{ATTEMPT_A, CONNECTION_A, GROUP_A, org},
    send_now::MANUAL_A,
    setup_links::SETUP_A,
    test_messages::{TEST_A, TEST_B},
    world::World,
};

#[tokio::test]
async fn what_cannot_be_undone_asks_clerk_whether_somebody_is_an_admin_at_this_moment() {
    let ann = "user_ann".parse().unwrap();
    for (method, path, body) in destructive() {
        let call = |token| signed(token, method, &path, body.as_ref());
        let world = World::with_two_organisations().await;
        let before = world.table.items();
        world.people.join(&org("org_a"), &ann, Role::Member);
        assert_eq!(send(&world.router, call("admin-a")).await.status.as_u16(), 403, "{path}");
        world.people.leave(&org("org_a"), &ann);
        assert_eq!(send(&world.router, call("admin-a")).await.status.as_u16(), 403, "{path}");
        world.people.join(&org("org_a"), &ann, Role::Admin);
        world.people.set_down(true);
        assert_eq!(send(&world.router, call("admin-a")).await.status.as_u16(), 503, "{path}");
        // Whoever is no admin by the token is not asked about.
        let asked = world.people.n_calls();
        assert_eq!(send(&world.router, call("member-a")).await.status.as_u16(), 403, "{path}");
        assert_eq!((world.people.n_calls(), world.table.items()), (asked, before), "{path}");
        world.people.set_down(false);
        assert!(send(&world.router, call("admin-a")).await.status.is_success(), "{path}");
    }
}

/// What cannot be undone.
fn destructive() -> [(&'static str, String, Option<Value>); 5] {
    let erasure = format!("/v1/customers/{CONNECTION_A}/c-1/erasure");
    [
        ("DELETE", format!("/v1/connections/{CONNECTION_A}"), None),
        ("DELETE", "/v1/senders/200".to_owned(), None),
        ("DELETE", "/v1/whatsapp-accounts/100".to_owned(), None),
        ("POST", erasure, Some(json!({"confirm": "Acme Trading"}))),
        ("POST", "/v1/organisation/erasure".to_owned(), Some(json!({"confirm": "org_a"}))),
    ]
}

/// Every route of the API, with a body that would be accepted.
pub(crate) fn routes() -> Vec<(&'static str, String, Option<Value>)> {
    let get = |path: &str| ("GET", format!("/v1/{path}"), None);
    let post = |path: &str, body: Value| ("POST", format!("/v1/{path}"), Some(body));
    vec![
        get("organisation"),
        ("PUT", "/v1/organisation/pause".to_owned(), Some(json!({"paused": true}))),
        ("PUT", "/v1/organisation/ramp".to_owned(), Some(json!({"per_day": 50}))),
        ("PUT", "/v1/organisation/pace".to_owned(), Some(json!({"per_ten_minutes": 50}))),
        ("PUT", "/v1/organisation/explicit-opt-in-only".to_owned(), Some(json!({"explicit_opt_in_only": true}))),
        ("PUT", "/v1/organisation/language".to_owned(), Some(json!({"language": "fr"}))),
        get("organisation/erasure"),
        post("organisation/erasure", json!({"confirm": "org_a"})),
        ("DELETE", "/v1/organisation/erasure".to_owned(), None),
        get("connections"),
        get(&format!("connections/{CONNECTION_A}")),
        ("DELETE", format!("/v1/connections/{CONNECTION_A}"), None),
        ("PUT", format!("/v1/connections/{CONNECTION_A}/sender"), Some(json!({"phone_number_id": null}))),
        ("POST", format!("/v1/connections/{CONNECTION_A}/sync"), None),
        get(&format!("connections/{CONNECTION_A}/syncs")),
        get(&format!("connections/{CONNECTION_A}/unreadable")),
        get("senders"),
        post("senders/signup", crate::signup::form("good")),
        ("DELETE", "/v1/senders/200".to_owned(), None),
        get("setup-links"),
        ("POST", "/v1/setup-links".to_owned(), None),
        ("DELETE", format!("/v1/setup-links/{SETUP_A}"), None),
        get("whatsapp-accounts"),
        ("DELETE", "/v1/whatsapp-accounts/100".to_owned(), None),
        post("senders", json!({"waba_id": "100", "phone_number_id": "200", "access_token": "good"})),
        get("templates"),
        get("library-texts"),
        ("GET", crate::library::PLACE.to_owned(), None),
        ("PUT", crate::library::PLACE.to_owned(), Some(crate::library::choice())),
        ("DELETE", crate::library::PLACE.to_owned(), None),
        get("consent/attestation"),
        post("consent/attestation", json!({"version": 2, "authorised_by": ""})),
        post("consent/opt-ins", json!({"opt_ins": [crate::opt_ins::opt_in()]})),
        get("clients"),
        post("policies/copies", crate::clients::onto_the_default("org_a")),
        get("customers"),
        get("customers.csv"),
        get("invoices"),
        get(&format!("invoices/{CONNECTION_A}/i-1")),
        post("customers/numbers", json!({"numbers": [crate::numbers::row("c-1", "050 765 4321")]})),
        get(&format!("customers/{CONNECTION_A}/c-1/number")),
        ("PUT", format!("/v1/customers/{CONNECTION_A}/c-1/number"), Some(json!({"number": "050 765 4321"}))),
        ("DELETE", format!("/v1/customers/{CONNECTION_A}/c-1/number"), None),
        get(&format!("customers/{CONNECTION_A}/c-1/consent")),
        post(&format!("customers/{CONNECTION_A}/c-1/consent"), json!({"state": "opted_out", "reason": "by phone"})),
        get(&format!("customers/{CONNECTION_A}/c-1/erasure")),
        post(&format!("customers/{CONNECTION_A}/c-1/erasure"), json!({"confirm": "Acme Trading"})),
        get(&format!("customers/{CONNECTION_A}/c-1/file")),
        post(&format!("customers/{CONNECTION_A}/c-1/file"), json!({"edit": "handled"})),
        get(&format!("customers/{CONNECTION_A}/c-1/send-now?currency=AED")),
        post(&format!("customers/{CONNECTION_A}/c-1/send-now"), crate::send_now::wanted(MANUAL_A, "x")),
        get(&format!("manual-sends/{MANUAL_A}")),
        get("me/number"),
        ("POST", "/v1/me/number".to_owned(), None),
        ("DELETE", "/v1/me/number".to_owned(), None),
        post("test-messages", crate::test_messages::wanted(TEST_B)),
        get(&format!("test-messages/{TEST_A}")),
        get("conversations"),
        get("conversations/key-c-1/200"),
        post("conversations/key-c-1/200/answers", json!({"id": ATTEMPT_A, "text": "Hello"})),
        get("cost"),
        get("figures"),
        ("PUT", "/v1/cost/rates".to_owned(), Some(crate::cost::card())),
        ("PUT", "/v1/cost/cap".to_owned(), Some(crate::cost::dollars(2_500))),
        ("DELETE", "/v1/cost/cap".to_owned(), None),
        get("exports"),
        ("POST", "/v1/exports".to_owned(), None),
        get(&format!("exports/{EXPORT_A}")),
        ("POST", format!("/v1/customers/{CONNECTION_A}/c-1/export"), None),
        get("backlog"),
        post("backlog", json!({"start": "gently", "all": true})),
        get("policies"),
        get("policies/presets"),
        get("policies/default"),
        get(&format!("policies/{GROUP_A}/versions")),
        post("policies", crate::policies::new_group(2)),
        ("PUT", "/v1/policies/default".to_owned(), Some(crate::policies::edit())),
        ("DELETE", format!("/v1/policies/{GROUP_A}"), Some(json!({"based_on": 1}))),
        get("plan"),
        ("POST", "/v1/plan".to_owned(), None),
        get("plans/2026-11-24"),
        post("plans/2026-11-24/approve", json!({"generation": 1})),
        get("reminders"),
        get(&format!("reminders/{ATTEMPT_A}")),
        post(&format!("reminders/{ATTEMPT_A}/resolve"), json!({"went_out": true})),
        get("tasks"),
        post("tasks/seen", crate::notices::seen("100")),
        get("activity"),
        get("activity.csv"),
        get("mails"),
        ("PUT", "/v1/mails".to_owned(), Some(json!({"recipients": {"chosen": ["user_member_a"]}, "names": true}))),
        ("PUT", "/v1/me/digest".to_owned(), Some(json!({"digest": false}))),
    ]
}

/// Members see everything but whole numbers and exports, and change the pause, what is their own, and of a customer's file
/// what [`of_the_file`] says.
pub(crate) fn is_open_to_members(method: &str, path: &str) -> bool {
    let is_own = ["/v1/me/number", "/v1/me/digest", "/v1/test-messages"].contains(&path);
    let is_whole = path == "/v1/customers.csv" || path.starts_with("/v1/exports");
    (method == "GET" && !is_whole) || is_own || path.ends_with("/pause")
}

pub(crate) async fn full_world() -> World {
    let world = World::with_two_organisations().await;
    world.save_plan("org_a").await;
    world.save_group("org_a", GROUP_A).await;
    world.ask_for_a_reminder(MANUAL_A).await;
    world.ask_for_a_test(TEST_A).await;
    world.prove_number("member-a").await;
    world.tell("org_a").await;
    world.says("wamid.1", "2026-11-24T05:00:00Z", "hello?").await;
    world.choose_library_text().await;
    world.make_setup_link().await;
    world.export().await;
    let claimed = world.claim(ATTEMPT_A, 2, "2026-11-24T05:00:00Z").await;
    let now = crate::world::now();
    world.store.record_outcome(&org("org_a"), &claimed.key, claimed.attempt, &SendOutcome::Unknown, now).await.unwrap();
    world.table.take_counts();
    world
}

#[tokio::test]
async fn every_route_wants_a_valid_token_and_does_nothing_without_one() {
    let world = full_world().await;
    let refused = json!({"code": "unauthenticated", "message": "not signed in"});
    for (method, path, body) in routes() {
        let mut basic = request(method, &path, body.as_ref());
        basic.headers_mut().insert(header::AUTHORIZATION, "Basic YTpi".parse().unwrap());
        let attempts = [
            request(method, &path, body.as_ref()),
            signed("expired", method, &path, body.as_ref()),
            signed("made-up", method, &path, body.as_ref()),
            basic,
        ];
        for attempt in attempts {
            let answer = send(&world.router, attempt).await;
            assert_eq!(answer.error(), (401, refused.clone()), "{method} {path}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn a_session_cookie_never_opens_the_api() {
    let world = full_world().await;
    for (method, path, body) in routes() {
        let mut request = request(method, &path, body.as_ref());
        request.headers_mut().insert(header::COOKIE, "__session=admin-a".parse().unwrap());
        assert_eq!(send(&world.router, request).await.status, 401, "{method} {path}");
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn a_bearer_token_never_opens_the_page() {
    let world = full_world().await;
    let answer = world.get("admin-a", "/").await;
    assert!(answer.text.contains("Sign in") && !answer.text.contains("Harbour Lane"));
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn a_member_sees_everything_and_may_change_nothing_but_the_pause_and_what_is_their_own() {
    let world = full_world().await;
    let refused = json!({"code": "forbidden", "message": "the role does not allow this"});
    let (mut own, others): (Vec<_>, Vec<_>) =
        routes().into_iter().partition(|(method, path, _)| is_open_to_members(method, path));
    for (method, path, body) in others {
        let answer = send(&world.router, signed("member-a", method, &path, body.as_ref())).await;
        assert_eq!(answer.error(), (403, refused.clone()), "{method} {path}");
    }
    assert!(world.queue.jobs().is_empty());
    // A number is forgotten and everything paused once the rest is done.
    own.sort_by_key(|(method, path, _)| *method == "DELETE" || path.ends_with("/pause"));
    for (method, path, body) in own {
        let answer = send(&world.router, signed("member-a", method, &path, body.as_ref())).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
    }
    let jobs: Vec<&'static str> = world.queue.jobs().iter().map(|job| job.work.name()).collect();
    assert_eq!(jobs, ["test_message.v1"]);
}

/// Every decision about a customer that changes something, and whether every member may take it.
fn of_the_file() -> Vec<(bool, Value)> {
    vec![
        (true, json!({"edit": "snooze", "until": "2026-12-01"})),
        (true, json!({"edit": "snooze", "until": null})),
        (true, json!({"edit": "promise", "date": "2026-11-27"})),
        (true, json!({"edit": "withdraw_promise", "number": 1})),
        (true, json!({"edit": "open_dispute", "invoice": "i-1", "reason": "wrong goods"})),
        (true, json!({"edit": "close_dispute", "invoice": "i-1"})),
        (false, json!({"edit": "exclude", "reason": "friend"})),
        (false, json!({"edit": "include"})),
        (false, json!({"edit": "hold", "on": "2026-11-24"})),
        (false, json!({"edit": "move", "to": "2026-11-26"})),
        (false, json!({"edit": "write_in", "language": "fr"})),
        (false, json!({"edit": "handled"})),
        (false, json!({"edit": "confirm_number"})),
        (false, json!({"edit": "try_again"})),
        (false, json!({"edit": "release_credit", "kind": "payment", "id": "p-1"})),
    ]
}

#[tokio::test]
async fn a_member_snoozes_and_notes_promises_and_disputes_and_decides_nothing_else_about_a_customer() {
    let world = full_world().await;
    let path = format!("/v1/customers/{CONNECTION_A}/c-1/file");
    let mut n_lines = 0;
    for (is_open, edit) in of_the_file() {
        let before = world.table.items();
        let answer = world.post("member-a", &path, &edit).await;
        assert_eq!(answer.status.as_u16(), if is_open { 200 } else { 403 }, "{edit}: {}", answer.text);
        assert_eq!(world.table.items() != before, is_open, "{edit}");
        if is_open {
            n_lines += 1;
            let log = world.get("member-a", "/v1/activity").await.json();
            let lines = log["activity"].as_array().unwrap().iter();
            let own = lines.filter(|line| {
                let action = line["action"].as_str().unwrap();
                line["actor"]["user"] == "user_max" && !action.starts_with("member.")
            });
            assert_eq!(own.count(), n_lines, "{edit}: {log}");
        }
    }
}

#[tokio::test]
async fn an_admin_may_do_everything() {
    for (method, path, body) in routes() {
        let world = full_world().await;
        let answer = send(&world.router, signed("admin-a", method, &path, body.as_ref())).await;
        assert!(answer.status.is_success(), "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn without_an_active_organisation_there_is_nothing_to_see() {
    let world = full_world().await;
    let answer = world.get("nobody", "/v1/organisation").await;
    assert_eq!(answer.error(), (403, json!({"code": "forbidden", "message": "choose an organisation first"})));
}

#[tokio::test]
async fn when_sessions_cannot_be_checked_nobody_gets_in_and_is_told_to_come_back() {
    let world = full_world().await;
    let answer = world.get("down", "/v1/organisation").await;
    assert_eq!(answer.error(), (503, json!({"code": "unavailable", "message": "a provider is unavailable"})));
    assert_eq!(answer.header("retry-after"), "30");
}
