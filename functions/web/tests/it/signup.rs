//! What the browser brings back from Meta's window, and the end of what came of it.

use serde_json::{Value, json};

use crate::world::World;

/// What a browser posts after a finished window.
pub(crate) fn form(code: &str) -> Value {
    json!({
        "event": "FINISH", "waba_id": "100", "phone_number_id": "200", "business_id": "300", "code": code,
        "attestation": {"version": 2, "authorised_by": ""},
    })
}

fn number(outcome: &str) -> Value {
    json!({
        "phone_number_id": "200", "number": "+971509990000", "verified_name": "Harbour Lane", "outcome": outcome,
    })
}

#[tokio::test]
async fn a_finished_window_becomes_a_connected_number_whose_secrets_show_nowhere() {
    let world = World::empty();
    let answer = world.post("admin-a", "/v1/senders/signup", &form("good-pin")).await;
    let mut refused = number("refused");
    refused["field"] = json!("pin");
    refused["message"] = json!(
        "The number has a PIN for two-step verification, and it is another one: enter it, or reset it in WhatsApp manager."
    );
    let kept = "The account is connected and its access is kept: send the same again without a code to finish.";
    let expected = json!({
        "status": "unfinished", "waba_id": "100", "access_ends_at": "2027-01-23T06:00:00Z", "numbers": [refused],
        "message": kept,
    });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
    let again = json!({"event": "FINISH", "waba_id": "100", "phone_number_id": "200", "pin": "246810"});
    let answer = world.post("admin-a", "/v1/senders/signup", &again).await;
    let connected = json!({
        "status": "connected", "waba_id": "100", "access_ends_at": "2027-01-23T06:00:00Z",
        "numbers": [number("connected")],
    });
    assert_eq!((answer.status.as_u16(), answer.json()), (200, connected));
    let account = json!({
        "waba_id": "100", "status": "connected", "connected_at": "2026-11-24T06:00:00Z",
        "access_ends_at": "2027-01-23T06:00:00Z",
    });
    assert_eq!(world.get("member-a", "/v1/whatsapp-accounts").await.json(), json!({"accounts": [account]}));
    let stored = format!("{:?}", world.table.items());
    assert!(!stored.contains("good-pin") && !stored.contains("246810"));
    let jobs: Vec<&'static str> = world.queue.jobs().iter().map(|job| job.work.name()).collect();
    assert_eq!(jobs, ["check_account.v1"]);
}

#[tokio::test]
async fn an_account_without_a_number_says_what_to_do() {
    let world = World::empty();
    let mut form = form("good-none");
    form["event"] = json!("FINISH_ONLY_WABA");
    form.as_object_mut().unwrap().remove("phone_number_id");
    let told = world.post("admin-a", "/v1/senders/signup", &form).await.json();
    assert_eq!((&told["status"], &told["numbers"]), (&json!("unfinished"), &json!([])));
    assert!(told["message"].as_str().unwrap().contains("has no number yet"));
}

#[tokio::test]
async fn a_cancelled_window_is_told_and_is_no_error() {
    let world = World::empty();
    for form in [
        json!({"event": "CANCEL", "current_step": "PHONE_NUMBER_SETUP"}),
        json!({"event": "CANCEL", "error_message": "Something went wrong"}),
    ] {
        let answer = world.post("admin-a", "/v1/senders/signup", &form).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (200, &json!("cancelled")));
    }
    assert_eq!(world.table.counts().calls(), 0);
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named_before_meta_is_asked() {
    let world = World::empty();
    let with = |field: &str, value: Value| {
        let mut form = form("good");
        form[field] = value;
        form
    };
    let without = |field: &str| {
        let mut form = form("good");
        form.as_object_mut().unwrap().remove(field);
        form
    };
    let many: Vec<String> = (0..21).map(|id| id.to_string()).collect();
    let cases = [
        ("event", with("event", json!("DONE"))),
        ("event", without("event")),
        ("waba_id", without("waba_id")),
        ("waba_id", with("waba_id", json!("../me"))),
        ("waba_id", with("waba_id", json!(""))),
        ("phone_number_id", with("phone_number_id", json!("2?0"))),
        ("phone_number_ids", with("phone_number_ids", json!(["2?0"]))),
        ("phone_number_ids", with("phone_number_ids", json!(many))),
        ("code", with("code", json!(""))),
        ("code", with("code", json!("two words"))),
        ("code", with("code", json!("x".repeat(2_049)))),
        ("pin", with("pin", json!("12345"))),
        ("pin", with("pin", json!("12345x"))),
        ("attestation.version", with("attestation", json!({}))),
        ("attestation.authorised_by", with("attestation", json!({"version": 2, "authorised_by": "x".repeat(201)}))),
        ("token", with("token", json!("x"))),
    ];
    for (field, form) in cases {
        let (status, error) = world.post("admin-a", "/v1/senders/signup", &form).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error} for {form}");
    }
    assert_eq!(world.table.counts().calls(), 0);
    for (field, form) in [
        ("attestation", without("attestation")),
        ("attestation.version", with("attestation", json!({"version": 1}))),
        ("code", form("bad")),
        ("code", without("code")),
        ("phone_number_id", with("phone_number_id", json!("999"))),
        ("phone_number_ids", with("phone_number_ids", json!(["200", "999"]))),
    ] {
        let (status, error) = World::empty().post("admin-a", "/v1/senders/signup", &form).await.error();
        assert_eq!((status, &error["field"]), (400, &json!(field)), "{error} for {form}");
    }
}

#[tokio::test]
async fn an_account_of_another_organisation_can_be_neither_connected_nor_ended() {
    let world = World::empty();
    world.post("admin-a", "/v1/senders/signup", &form("good")).await;
    let before = world.table.items();
    let answer = world.post("admin-b", "/v1/senders/signup", &form("good")).await;
    let message = "this WhatsApp account is connected to another organisation";
    assert_eq!(answer.error(), (409, json!({"code": "conflict", "message": message})));
    for (path, what) in [("senders/200", "sender"), ("whatsapp-accounts/100", "WhatsApp account")] {
        let answer = world.delete("admin-b", &format!("/v1/{path}")).await;
        assert_eq!(answer.error(), (404, json!({"code": "not_found", "message": format!("{what} not found")})));
    }
    assert_eq!(world.get("admin-b", "/v1/whatsapp-accounts").await.json(), json!({"accounts": []}));
    assert_eq!(world.table.items(), before);
}

#[tokio::test]
async fn a_number_that_is_ended_takes_its_account_along_and_both_are_gone() {
    let world = World::empty();
    world.post("admin-a", "/v1/senders/signup", &form("good")).await;
    let answer = world.delete("admin-a", "/v1/senders/200").await;
    assert_eq!(answer.json(), json!({"status": "disconnected", "account": "disconnected"}));
    assert_eq!(world.get("admin-a", "/v1/senders").await.json(), json!({"senders": []}));
    assert_eq!(world.get("admin-a", "/v1/whatsapp-accounts").await.json(), json!({"accounts": []}));
    assert_eq!(world.delete("admin-a", "/v1/senders/200").await.status, 404);
    // The data key stays, and opens nothing.
    assert!(!world.table.items().iter().any(|item| item.key.pk.starts_with("VAULT#") && item.key.sk != "KEY"));
    world.post("admin-a", "/v1/senders/signup", &form("good")).await;
    let answer = world.delete("admin-a", "/v1/whatsapp-accounts/100").await;
    assert_eq!(answer.json(), json!({"status": "disconnected", "account": "disconnected"}));
}
