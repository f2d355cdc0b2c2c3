//! A conversation: a STOP is confirmed, and an owner answers within the window.

use numo_e2e::journey::HARBOUR_SENDER;
use numo_e2e::wait::{Look, until};
use serde_json::{Value, json};

use crate::harbour::LONG;
use crate::world::World;

/// What the customer writes; no log may hold it.
pub(crate) const QUESTION: &str = "Xylophone crates arrived dented, whom do I call?";

/// What the owner answers; no log may hold it.
pub(crate) const ANSWER: &str = "Zither department, extension 4711.";

pub(crate) async fn a_stop_is_confirmed_and_an_owner_answers_a_customer(world: &mut World) {
    let owner = world.owner();
    let delivered = world.harbour.day.as_ref().unwrap().reminders.iter().find(|reminder| reminder.has_arrived());
    let contact = delivered.unwrap().unit.contact.clone();
    let mobiles = world.simulator.mobiles(numo_e2e::journey::HARBOUR_LEDGER).await.unwrap();
    let number = mobiles[&contact].clone();
    world.simulator.write(HARBOUR_SENDER.phone_number_id, &number, QUESTION).await.unwrap();
    let talks = async || -> Vec<Value> {
        let listed: Value = owner.get("/v1/conversations").await.unwrap().json().unwrap();
        listed["conversations"].as_array().unwrap().clone()
    };
    let talk = until("a conversation with the customer", LONG, async || {
        let found = talks().await.into_iter().find(|talk| talk["customers"][0]["contact"] == contact.as_str());
        Ok(found.map_or_else(|| Look::NotYet("no conversation".to_owned()), Look::Done))
    })
    .await
    .unwrap();
    assert_eq!((&talk["unread"], &talk["is_open"]), (&json!(1), &json!(true)));
    let path = format!("/v1/conversations/{}/{}", talk["number"].as_str().unwrap(), talk["sender"].as_str().unwrap());
    let form = json!({"id": "018f0000-0000-7000-8000-0000000000aa", "text": ANSWER});
    for _ in 0..2 {
        assert_eq!(owner.post(&format!("{path}/answers"), &form).await.unwrap().status, 202);
    }
    let lines = until("an answer that was delivered", LONG, async || {
        let shown: Value = owner.get(&path).await.unwrap().json().unwrap();
        let state = shown["lines"][1]["state"].as_str().unwrap_or_default().to_owned();
        Ok(if ["delivered", "read"].contains(&state.as_str()) {
            Look::Done(shown["lines"].clone())
        } else {
            Look::NotYet(state)
        })
    })
    .await
    .unwrap();
    let said = |line: &Value| (line["by"].clone(), line["text"].clone());
    let lines: Vec<_> = lines.as_array().unwrap().iter().map(said).collect();
    assert_eq!(lines, [(json!("customer"), json!(QUESTION)), (json!("member"), json!(ANSWER))]);
    // The STOP of the scenario before is confirmed by the next sweep.
    let farewells = until("the confirmation of a STOP", LONG, async || {
        let answers = world.simulator.answers().await?;
        let texts: Vec<(String, String)> =
            answers.into_iter().map(|answer| (answer.to, answer.text.unwrap_or_default())).collect();
        Ok(if texts.len() >= 2 { Look::Done(texts) } else { Look::NotYet(format!("{} answers", texts.len())) })
    })
    .await
    .unwrap();
    let to_customer: Vec<&str> =
        farewells.iter().filter(|(to, _)| *to == number).map(|(_, text)| text.as_str()).collect();
    assert_eq!(to_customer, [ANSWER]);
    let confirmed: Vec<&(String, String)> = farewells.iter().filter(|(to, _)| *to != number).collect();
    assert_eq!(confirmed.len(), 1);
    assert!(confirmed[0].1.starts_with("You will get no more payment reminders from "), "{}", confirmed[0].1);
}
