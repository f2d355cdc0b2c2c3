//! What becomes of templates: quality, pauses, pacing, the archive.

use serde_json::{Value, json};

use crate::client::{Bench, answer};
use crate::meta::message;
use crate::receiver::Receiver;
use crate::templates;

const NAME: &str = "invoice_overdue_v1";
const HOUR_S: i64 = 3600;
const DAY_S: i64 = 24 * HOUR_S;

async fn wired() -> (Bench, Receiver, String) {
    let bench = Bench::start().await;
    let receiver = Receiver::start(0).await;
    bench.control("meta/delivery", json!({ "template_updates": false, "delay_ms": 1, "read_percent": 0 })).await;
    let created = templates::create(&bench, &templates::overdue()).await.1;
    bench.control("meta/webhook", json!({ "url": receiver.url, "app_secret": "s" })).await;
    bench.control("meta/delivery", json!({ "template_updates": true })).await;
    (bench, receiver, created["id"].as_str().unwrap().to_owned())
}

/// Status and quality of the text.
async fn standing(bench: &Bench) -> (String, String) {
    let url = bench.url("/meta/v25.0/102290129340398/message_templates");
    let query = [("name", NAME), ("fields", "status,quality_score")];
    let row = answer(bench.http.get(url).bearer_auth("EAAsim-harbour").query(&query)).await.1["data"][0].clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&row["status"]), text(&row["quality_score"]["score"]))
}

async fn post(bench: &Bench, path: &str, body: Value) -> (u16, Value) {
    answer(bench.http.post(bench.url(&format!("/meta/v25.0/{path}"))).bearer_auth("EAAsim-harbour").json(&body)).await
}

/// Field, event or new quality, and title of every change told so far.
async fn told(bench: &Bench, receiver: &Receiver) -> Vec<[String; 3]> {
    bench.settled().await;
    let changes = receiver.got().into_iter().flat_map(|got| got.changes());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    changes
        .filter(|change| change["value"].get("statuses").is_none())
        .map(|change| {
            let value = &change["value"];
            let what = value.get("event").unwrap_or(&value["new_quality_score"]);
            [text(&change["field"]), text(what), text(&value["other_info"]["title"])]
        })
        .collect()
}

fn row(field: &str, what: &str, title: &str) -> [String; 3] {
    [format!("message_template_{field}_update"), what.to_owned(), title.to_owned()]
}

fn is(status: &str, quality: &str) -> (String, String) {
    (status.to_owned(), quality.to_owned())
}

#[tokio::test]
async fn the_lowest_quality_pauses_for_three_hours_then_for_six_and_then_for_good() {
    let (bench, receiver, _) = wired().await;
    let rate = async |quality: &str| {
        bench.control("meta/templates", json!({ "name": NAME, "quality": quality })).await;
    };
    rate("YELLOW").await;
    assert_eq!(standing(&bench).await, is("APPROVED", "YELLOW"));
    for hours in [3, 6] {
        rate("RED").await;
        assert_eq!(bench.message(&message("+971501234567", "att")).await.1["error"]["code"], 132_015);
        bench.sim.handle.advance_seconds(hours * HOUR_S - 60);
        assert_eq!(standing(&bench).await, is("PAUSED", "RED"));
        bench.sim.handle.advance_seconds(60);
        assert_eq!(standing(&bench).await, is("APPROVED", "RED"));
    }
    rate("RED").await;
    bench.sim.handle.advance_seconds(30 * DAY_S);
    assert_eq!(standing(&bench).await, is("DISABLED", "RED"));
    let quality = |what: &str| row("quality", what, "");
    let status = |what: &str, title: &str| row("status", what, title);
    let mut all = told(&bench, &receiver).await;
    all.sort();
    let mut expected = vec![
        quality("YELLOW"),
        quality("RED"),
        status("PAUSED", "FIRST_PAUSE"),
        status("APPROVED", "UNPAUSE"),
        quality("RED"),
        status("PAUSED", "SECOND_PAUSE"),
        status("APPROVED", "UNPAUSE"),
        quality("RED"),
        status("DISABLED", "DISABLED"),
    ];
    expected.sort();
    assert_eq!(all, expected);
}

#[tokio::test]
async fn held_messages_go_out_once_their_text_proved_good() {
    let (bench, receiver, _) = wired().await;
    bench.control("meta/pacing", json!({ "free": 1 })).await;
    let status = async |to: &str| {
        let sent = bench.message(&message(to, to)).await.1;
        sent["messages"][0]["message_status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status("+971501234561").await, "accepted");
    assert_eq!(status("+971501234562").await, "held_for_quality_assessment");
    assert_eq!(status("+971501234563").await, "held_for_quality_assessment");
    bench.settled().await;
    assert_eq!(receiver.statuses().len(), 2);
    assert_eq!(bench.control("meta/pacing", json!({ "decide": "release" })).await, json!({ "held": 2 }));
    assert_eq!(told(&bench, &receiver).await, [row("quality", "GREEN", "")]);
    assert_eq!((receiver.statuses().len(), standing(&bench).await), (6, is("APPROVED", "GREEN")));
    assert_eq!(status("+971501234564").await, "accepted");
}

#[tokio::test]
async fn held_messages_of_a_bad_text_are_dropped_and_it_is_paused_until_somebody_lets_it_go_on() {
    let (bench, receiver, id) = wired().await;
    bench.control("meta/pacing", json!({ "free": 0 })).await;
    let held = bench.message(&message("+971501234561", "att-1")).await.1;
    bench.control("meta/pacing", json!({ "decide": "drop" })).await;
    let mut all = told(&bench, &receiver).await;
    all.sort();
    assert_eq!(all, [row("quality", "RED", ""), row("status", "PAUSED", "RATE_LIMITING_PAUSE")]);
    let statuses = receiver.statuses();
    let [status] = statuses.as_slice() else { panic!("{statuses:?}") };
    assert_eq!(
        (&status["id"], &status["status"], &status["errors"][0]["code"], &status["biz_opaque_callback_data"]),
        (&held["messages"][0]["id"], &json!("failed"), &json!(132_015), &json!("att-1"))
    );
    assert_eq!(status.get("pricing"), None);
    bench.sim.handle.advance_seconds(30 * DAY_S);
    assert_eq!(standing(&bench).await, is("PAUSED", "RED"));
    assert_eq!(post(&bench, &format!("{id}/unpause"), json!({})).await, (200, json!({ "success": true })));
    assert_eq!(standing(&bench).await, is("APPROVED", "RED"));
    let (status, again) = post(&bench, &format!("{id}/unpause"), json!({})).await;
    assert_eq!((status, &again["success"]), (200, &json!(false)));
    assert_eq!(post(&bench, "1/unpause", json!({})).await.0, 400);
}

#[tokio::test]
async fn a_portfolio_is_paced_over_all_its_texts_and_pauses_none_of_them() {
    let (bench, receiver, _) = wired().await;
    bench.control("meta/pacing", json!({ "free": 1, "of": "portfolio" })).await;
    let mut other = message("+971501234561", "att-1");
    other["template"] = json!({ "name": "hello_world", "language": { "code": "en_US" } });
    assert_eq!(bench.message(&other).await.1["messages"][0]["message_status"], "accepted");
    let held = bench.message(&message("+971501234562", "att-2")).await.1;
    assert_eq!(held["messages"][0]["message_status"], "held_for_quality_assessment");
    bench.control("meta/pacing", json!({ "decide": "drop" })).await;
    assert_eq!(told(&bench, &receiver).await, Vec::<[String; 3]>::new());
    assert_eq!(standing(&bench).await, is("APPROVED", "UNKNOWN"));
    assert_eq!(receiver.statuses().iter().filter(|status| status["status"] == "failed").count(), 1);
}

#[tokio::test]
async fn a_text_that_rests_for_a_year_is_archived_and_deleted_unless_it_is_brought_back() {
    let (bench, receiver, id) = wired().await;
    bench.sim.handle.advance_seconds(364 * DAY_S);
    assert_eq!(bench.message(&message("+971501234561", "att-1")).await.0, 200);
    bench.sim.handle.advance_seconds(364 * DAY_S);
    assert_eq!(standing(&bench).await.0, "APPROVED");
    bench.sim.handle.advance_seconds(2 * DAY_S);
    assert_eq!(standing(&bench).await.0, "ARCHIVED");
    assert_eq!(bench.message(&message("+971501234561", "att-2")).await.1["error"]["code"], 132_001);
    let path = "102290129340398/message_templates";
    let asked = json!({ "hsm_ids": [id, "1"] });
    let (status, body) = post(&bench, &format!("{path}/unarchive"), asked.clone()).await;
    let failed = json!({ "1": "Template does not exist" });
    assert_eq!((status, body), (200, json!({ "unarchived_templates": [id], "failed_templates": failed })));
    assert_eq!(standing(&bench).await.0, "APPROVED");
    let (_, body) = post(&bench, &format!("{path}/archive"), asked).await;
    assert_eq!(body["archived_templates"], json!([id]));
    bench.sim.handle.advance_seconds(28 * DAY_S);
    assert_eq!(standing(&bench).await, is("", ""));
    let expected = ["ARCHIVED", "UNARCHIVED", "ARCHIVED", "DELETED"].map(|event| row("status", event, ""));
    assert_eq!(told(&bench, &receiver).await, expected);
}
