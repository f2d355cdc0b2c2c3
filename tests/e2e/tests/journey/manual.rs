//! A reminder that an owner asks for now, and what a customer finds behind a pay button.

use numo_e2e::journey::HARBOUR_LEDGER;
use numo_e2e::surprises::unreadable_contacts;
use numo_e2e::wait::{Look, until};
use serde_json::{Value, json};

use crate::harbour::LONG;
use crate::world::World;

const ID: &str = "018f0000-0000-7000-8000-0000000000ab";

pub(crate) async fn an_owner_reminds_one_customer_now_and_no_second_time(world: &mut World) {
    let owner = world.owner();
    // Who has paid since the last sync, opted out or cannot be read was taken back at the dispatch.
    let taken_back = &world.harbour.day.as_ref().unwrap().plan.cancelled;
    let unreadable = unreadable_contacts(&world.simulator.sales_invoices(HARBOUR_LEDGER).await.unwrap());
    let silent = owner.preview().await.unwrap().into_iter().filter(|decision| {
        let contact = &decision.unit.contact;
        let is_known = !unreadable.contains(contact) && taken_back.iter().all(|taken| taken.unit.contact != *contact);
        is_known && decision.send.is_none() && decision.reasons.iter().all(|reason| reason.code == "no_step_today")
    });
    let mut found = None;
    for unit in silent.map(|decision| decision.unit) {
        let path = format!("/v1/customers/{}/{}/send-now", unit.connection, unit.contact);
        let shown: Value = owner.get(&format!("{path}?currency={}", unit.currency)).await.unwrap().json().unwrap();
        if shown["is_allowed"] == json!(true) {
            found = Some((unit, path, shown));
            break;
        }
    }
    let Some((unit, path, shown)) = found else { panic!("nobody could be reminded now") };
    let send = &shown["decision"]["send"];
    let form = json!({"id": ID, "currency": unit.currency, "seen": shown["seen"]});
    for _ in 0..2 {
        assert_eq!(owner.post(&path, &form).await.unwrap().status, 202);
    }
    let sent = until("a reminder that was sent by hand", LONG, async || {
        let shown: Value = owner.get(&format!("/v1/manual-sends/{ID}")).await.unwrap().json().unwrap();
        let state = shown["reminder"]["state"].as_str().unwrap_or_default().to_owned();
        Ok(if ["delivered", "read"].contains(&state.as_str()) {
            Look::Done(shown["reminder"].clone())
        } else {
            Look::NotYet(format!("{} {state} {}", shown["state"], shown["reasons"]))
        })
    })
    .await
    .unwrap();
    assert_eq!((&sent["occasion"], &sent["text"]), (&send["occasion"], &send["text"]));
    assert!(sent["asked_by"].is_string());
    let posted = world.simulator.messages().await.unwrap();
    assert_eq!(posted.iter().filter(|message| message.attempt.as_deref() == sent["attempt"].as_str()).count(), 1);
    let again = json!({
        "id": "018f0000-0000-7000-8000-0000000000ac", "currency": unit.currency, "seen": shown["seen"],
    });
    let refused = owner.post(&path, &again).await.unwrap();
    assert_eq!((refused.status.as_u16(), refused.error_code()), (409, "not_now".to_owned()));
    assert!(refused.body.contains("The next allowed time is "), "{}", refused.body);
}

pub(crate) async fn a_pay_button_leads_to_the_page_of_the_ledger(world: &mut World) {
    let posted = world.simulator.messages().await.unwrap();
    let with_button = posted.iter().filter(|message| {
        message.outcome == "accepted" && message.template.as_deref().is_some_and(|name| name.ends_with("_pay_v1"))
    });
    let tokens: Vec<&str> =
        with_button.map(|message| message.components[1]["parameters"][0]["text"].as_str().unwrap()).collect();
    assert!(!tokens.is_empty(), "no message with a pay button went out");
    let mut customer = world.owner().foreign_browser();
    let answer = customer.open(&format!("/pay/{}", tokens[0])).await.unwrap();
    let location = answer.location.clone().unwrap_or_default();
    assert!(answer.status == 302 && location.starts_with("https://in.xero.com/"), "{} {location}", answer.status);
    let unknown = customer.open("/pay/0123456789abcdef0123456789abcdef").await.unwrap();
    assert_eq!((unknown.status.as_u16(), unknown.location), (404, None));
}
