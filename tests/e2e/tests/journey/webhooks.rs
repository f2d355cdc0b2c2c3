//! The door that Meta knocks at.

use aws_lc_rs::hmac;
use numo_e2e::http::{Answer, send};
use numo_e2e::journey::{HARBOUR_SENDER, SenderAccount};
use numo_e2e::simulator::PostedMessage;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{SECRETS, World};

const PATH: &str = "/webhooks/meta";

pub(crate) async fn metas_handshake_is_answered_for_the_right_token_only(world: &mut World) {
    let asked = async |token: &str| {
        let url = format!("{}{PATH}", world.stack.state.loopback_url);
        let query = [("hub.mode", "subscribe"), ("hub.verify_token", token), ("hub.challenge", "1158201444")];
        send(Method::GET, PATH, world.http.get(url).query(&query)).await.unwrap()
    };
    let right = asked(secret("meta_verify_token")).await;
    assert_eq!((right.status.as_u16(), right.body.as_str()), (200, "1158201444"));
    let wrong = asked("guessed").await;
    assert_eq!((wrong.status.as_u16(), wrong.body.as_str()), (403, ""));
}

pub(crate) async fn a_webhook_without_the_right_signature_stores_nothing(world: &mut World) {
    let body = forged_stop().to_string();
    let before = world.table.count().await;
    let signatures = [
        None,
        Some(String::new()),
        Some("sha256=00".to_owned()),
        Some(signature("guessed", &body)),
        Some(signature(secret("meta_app_secret"), "another body")),
        Some(signature(secret("meta_app_secret"), &body).replace("sha256=", "sha1=")),
    ];
    for given in signatures {
        let answer = post(world, &body, given.as_deref()).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (401, ""), "{given:?}");
    }
    world.queues.idle().await;
    assert_eq!(world.table.count().await, before);
    let signed = post(world, &body, Some(&signature(secret("meta_app_secret"), &body))).await;
    assert_eq!((signed.status.as_u16(), signed.body.as_str()), (200, ""));
}

/// Tells that messages of a sender were delivered, as Meta does.
pub(crate) async fn tell_delivered(world: &World, sender: SenderAccount, messages: &[PostedMessage]) {
    let status = |message: &PostedMessage| {
        json!({
            "id": message.wamid, "status": "delivered", "timestamp": "1795413600",
            "recipient_id": message.to.trim_start_matches('+'), "biz_opaque_callback_data": message.attempt,
        })
    };
    let body = delivery(sender, "statuses", messages.iter().map(status).collect()).to_string();
    let answer = post(world, &body, Some(&signature(secret("meta_app_secret"), &body))).await;
    assert_eq!(answer.status, 200);
}

/// A customer of nobody says STOP: enough to be stored, if it were let in.
fn forged_stop() -> Value {
    let message = json!({
        "from": "971501234567", "id": "wamid.FORGED", "timestamp": "1795413600", "type": "text", "text": {"body": "STOP"},
    });
    delivery(HARBOUR_SENDER, "messages", json!([message]))
}

fn delivery(sender: SenderAccount, kind: &str, rows: Value) -> Value {
    let metadata = json!({"display_phone_number": "97145550100", "phone_number_id": sender.phone_number_id});
    let value = json!({"messaging_product": "whatsapp", "metadata": metadata, kind: rows});
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": sender.waba, "changes": [{"field": "messages", "value": value}]}],
    })
}

/// Tells changes of a sender's account, as Meta does: each a field with a list of its rows.
pub(crate) async fn tell(world: &World, sender: SenderAccount, changes: &[(&str, &str, Value)]) {
    let metadata = json!({"display_phone_number": "97145550100", "phone_number_id": sender.phone_number_id});
    let change = |(field, list, rows): &(&str, &str, Value)| {
        let mut value = json!({"messaging_product": "whatsapp", "metadata": metadata});
        value[*list] = rows.clone();
        json!({"field": field, "value": value})
    };
    let entry = json!([{"id": sender.waba, "changes": changes.iter().map(change).collect::<Vec<_>>()}]);
    let body = json!({"object": "whatsapp_business_account", "entry": entry}).to_string();
    let answer = post(world, &body, Some(&signature(secret("meta_app_secret"), &body))).await;
    assert_eq!(answer.status, 200);
}

async fn post(world: &World, body: &str, signature: Option<&str>) -> Answer {
    let mut request = world.http.post(format!("{}{PATH}", world.stack.state.loopback_url)).body(body.to_owned());
    request = request.header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header("x-hub-signature-256", signature);
    }
    send(Method::POST, PATH, request).await.unwrap()
}

fn signature(key: &str, body: &str) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body.as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

fn secret(name: &str) -> &'static str {
    SECRETS.iter().find(|(known, _)| *known == name).unwrap().1
}
