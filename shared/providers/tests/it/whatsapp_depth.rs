//! What Meta does beyond a plain yes or no: it holds, limits, pauses, archives, and shows no number.

use jiff::civil::Date;
use numo_app::port::whatsapp::{Messaging, SendAction, SendError, Taken, WhatsappAccount};
use numo_domain::{
    conversation::{
        Answer, AnswerState, AnsweredBy, Recipient,
        day_choice::{DayChoice, DayRow},
    },
    delivery_report::DeliveryReport,
    id::{AttemptId, WabaId},
    template::{TemplateStatus, WhyUnusable},
};
use serde_json::{Value, json};

use crate::bench::{Bench, first_text, harbour};
use crate::whatsapp_send::message;

const ATTEMPT: &str = "018f0000-0000-7000-8000-000000000001";

/// Codes after which a message may have been sent all the same.
const DOUBTFUL: [u32; 5] = [1, 2, 131_000, 131_016, 133_004];

fn waba() -> WabaId {
    "102290129340398".parse().unwrap()
}

fn attempt() -> AttemptId {
    ATTEMPT.parse().unwrap()
}

/// Words of the business, with days below them or without.
fn words(choice: Option<DayChoice>) -> Answer {
    Answer {
        attempt: attempt(),
        by: AnsweredBy::Numo,
        text: "Thank you".to_owned(),
        choice,
        state: AnswerState::Waiting,
        message: None,
        report: DeliveryReport::default(),
    }
}

/// A simulator whose account has the first text of the pack.
async fn with_text() -> Bench {
    let bench = Bench::start().await;
    bench.graph().create_template(&waba(), &harbour().token, &first_text()).await.unwrap();
    bench
}

async fn send(bench: &Bench, to: &str) -> Result<Taken, SendError> {
    Messaging::send(&bench.graph(), &harbour(), &to.parse().unwrap(), attempt(), &message()).await
}

async fn refused(bench: &Bench, to: &str) -> (u32, SendAction) {
    match send(bench, to).await {
        Err(SendError::NotSent { code, action }) => (code, action),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_that_is_held_is_taken_and_says_so() {
    let bench = with_text().await;
    bench.control("meta/pacing", json!({ "free": 1 })).await;
    let mut held = Vec::new();
    for to in ["+971501234561", "+971501234562"] {
        held.push(send(&bench, to).await.unwrap().held);
    }
    assert_eq!(held, [false, true]);
}

#[tokio::test]
async fn each_limit_has_its_own_consequence() {
    let bench = with_text().await;
    bench.sim.handle.stop_clock();
    let (slower, later) = (SendAction::SlowDown { retry_after: None }, SendAction::WaitForApp { retry_after: None });
    for (limits, first, second, expected) in [
        (json!({ "number_per_second": 1 }), "+971501234561", "+971501234562", (130_429, slower)),
        (json!({ "app_per_hour": 1 }), "+971501234561", "+971501234562", (4, later)),
        (
            json!({ "tier": "TIER_1", "portfolio": true, "portfolio_how": "at_once" }),
            "+971501234561",
            "+971501234562",
            (131_049, SendAction::SkipRecipient),
        ),
    ] {
        bench.control("meta/limits", limits).await;
        send(&bench, first).await.unwrap();
        assert_eq!(refused(&bench, second).await, expected);
    }
    bench.control("meta/limits", json!({ "pair": true })).await;
    for _ in 0..45 {
        send(&bench, "+971501234563").await.unwrap();
    }
    assert_eq!(refused(&bench, "+971501234563").await, (131_056, SendAction::WaitForRecipient));
}

#[tokio::test]
async fn every_documented_code_proves_that_nothing_was_sent_or_leaves_a_doubt() {
    let bench = with_text().await;
    let codes = bench.shown("meta/codes").await;
    let mut doubtful = Vec::new();
    for code in codes.as_array().unwrap().iter().map(|known| &known["code"]) {
        bench.control("meta/failures", json!([{ "code": code, "how": "at_once" }])).await;
        match send(&bench, "+971501234561").await {
            Err(SendError::NotSent { code: told, .. }) => assert_eq!(json!(told), *code),
            Err(SendError::Ambiguous(_)) => doubtful.push(code.as_u64().unwrap()),
            Ok(taken) => panic!("{code} {taken:?}"),
        }
    }
    assert_eq!(doubtful, DOUBTFUL.map(u64::from));
    assert_eq!(bench.sim.handle.meta_summary()["accepted"], 0);
}

#[tokio::test]
async fn an_answer_reaches_somebody_who_hides_the_number() {
    let bench = with_text().await;
    let (graph, user) = (bench.graph(), Recipient::User("AE.13491208655302741918".parse().unwrap()));
    let outside = graph.answer(&harbour(), &user, &words(None)).await;
    assert!(matches!(outside, Err(SendError::NotSent { code: 131_047, .. })), "{outside:?}");
    let inbound = json!({
        "phone_number_id": "106540352242922", "from": "+971501234561", "text": "Hello",
        "user_id": "AE.13491208655302741918", "hidden": true,
    });
    bench.control("meta/inbound", inbound).await;
    graph.answer(&harbour(), &user, &words(None)).await.unwrap();
    let last = bench.shown("meta/messages").await.as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["to"], &last["recipient"], &last["outcome"]),
        (&Value::Null, &json!("AE.13491208655302741918"), &json!("accepted"))
    );
}

#[tokio::test]
async fn a_list_of_days_is_one_as_meta_describes_it() {
    let bench = with_text().await;
    let to = Recipient::Number("+971501234561".parse().unwrap());
    let inbound = json!({ "phone_number_id": "106540352242922", "from": "+971501234561", "text": "Hello" });
    bench.control("meta/inbound", inbound).await;
    let day = |n: i8| DayRow { date: Date::constant(2026, 12, n), title: format!("{n} Dec 2026") };
    let choice = |days: i8| DayChoice { button: "Choose a day".to_owned(), days: (1..=days).map(day).collect() };
    bench.graph().answer(&harbour(), &to, &words(Some(choice(10)))).await.unwrap();
    let last = bench.shown("meta/messages").await.as_array().unwrap().last().unwrap().clone();
    let row = &last["interactive"]["action"]["sections"][0]["rows"][2];
    assert_eq!(*row, json!({ "id": format!("pay_on:{ATTEMPT}:2026-12-03"), "title": "3 Dec 2026" }));
    assert_eq!(bench.shown("meta/undescribed").await, json!([]));
    let too_many = bench.graph().answer(&harbour(), &to, &words(Some(choice(11)))).await;
    assert!(matches!(too_many, Err(SendError::NotSent { code: 100, .. })), "{too_many:?}");
}

#[tokio::test]
async fn a_text_of_bad_quality_is_not_used_and_an_archived_one_comes_back() {
    let bench = with_text().await;
    let (graph, token) = (bench.graph(), harbour().token);
    let name = first_text().name();
    let standing = async || {
        let found = graph.templates(&waba(), &token).await.unwrap();
        found.into_iter().find(|found| found.text.template.name == name).unwrap()
    };
    bench.control("meta/templates", json!({ "name": name, "quality": "RED", "stays": true })).await;
    let text = standing().await.text;
    assert_eq!((text.status, text.why), (TemplateStatus::Unusable, Some(WhyUnusable::LowQuality)));
    bench.control("meta/templates", json!({ "name": name, "quality": "RED" })).await;
    assert_eq!(standing().await.text.why, Some(WhyUnusable::Paused));
    bench.sim.handle.advance_seconds(3 * 3600);
    bench.control("meta/templates", json!({ "name": name, "quality": "GREEN" })).await;
    assert_eq!(standing().await.text.status, TemplateStatus::Approved);
    bench.sim.handle.advance_seconds(365 * 24 * 3600);
    let archived = standing().await;
    assert_eq!(archived.text.why, Some(WhyUnusable::Archived));
    // An id that Meta does not know stays where it is, and takes no other along.
    graph.unarchive(&waba(), &token, &[archived.id, String::from("1")]).await.unwrap();
    assert_eq!(standing().await.text.status, TemplateStatus::Approved);
    assert_eq!(bench.shown("meta/undescribed").await, json!([]));
}
