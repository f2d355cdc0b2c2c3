//! The other accounting system: from consent to messages, and to the end of the connection.

use std::collections::BTreeSet;
use std::time::Duration;

use numo_e2e::journey::{self, GULF_LEDGER, GULF_SENDER, Provider, SOON};
use numo_e2e::surprises::surprise;
use numo_e2e::wait::{Look, until};
use reqwest::Method;
use serde_json::Value;

use crate::world::World;

const LONG: Duration = Duration::from_secs(300);
const ORG: &str = "org_gulf";

pub(crate) async fn a_quickbooks_company_is_connected_and_read(world: &mut World) {
    let gulf = world.gulf();
    let connection = journey::connect(&gulf, GULF_LEDGER).await.unwrap();
    let run = journey::synced(&gulf, &connection.id, None, LONG, |_| {}).await.unwrap();
    assert_eq!((run.failure.as_deref(), run.kind.as_str()), (None, "first"));
    let invoices = world.simulator.sales_invoices(GULF_LEDGER).await.unwrap();
    let sound: BTreeSet<String> =
        invoices.iter().filter(|invoice| !invoice.is_broken).filter_map(|invoice| invoice.id.clone()).collect();
    let stored: Vec<Value> = world.table.of_org(ORG, "INV#").await;
    let stored: BTreeSet<String> = stored.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(stored, sound);
    assert_eq!(run.skipped, u64::try_from(invoices.iter().filter(|invoice| invoice.is_broken).count()).unwrap());
    let organisation: Value = gulf.get("/v1/organisation").await.unwrap().json().unwrap();
    assert_eq!(organisation["base_currency"], "AED");
}

pub(crate) async fn a_quickbooks_company_sends_reminders_like_any_other(world: &mut World) {
    let gulf = world.gulf();
    let connection = gulf.connections().await.unwrap().remove(0).id;
    gulf.attest().await.unwrap();
    let version = journey::allow_sending(&gulf, GULF_SENDER, &journey::policy()).await.unwrap();
    let plan = journey::planned(&gulf, version).await.unwrap();
    assert!(plan.header.sends >= 10, "{} sends", plan.header.sends);
    let before = world.simulator.messages().await.unwrap().len();
    let surprises = surprise(&gulf, &world.simulator, GULF_LEDGER, GULF_SENDER, &plan).await.unwrap();
    world.simulator.set_not_on_whatsapp(&[&surprises.unreachable.number]).await.unwrap();
    journey::approved(&gulf, &plan.header.date).await.unwrap();
    journey::dispatched(&gulf, &plan.header.date, LONG, |_| {}).await.unwrap();
    let day = journey::settled(&gulf, &world.simulator, &plan.header.date, LONG, |_| {}).await.unwrap();

    assert_eq!(day.why_silent(&surprises.paid.contact), Some("settled"));
    assert_eq!(day.why_silent(&surprises.opted_out.contact), Some("opted_out"));
    let failed: Vec<_> = day.reminders.iter().filter(|reminder| !reminder.has_arrived()).collect();
    assert_eq!((failed.len(), &failed[0].unit.contact), (1, &surprises.unreachable.contact));
    assert_eq!(day.reminders.len() + day.plan.cancelled.len(), day.plan.header.sends);
    let sent = world.simulator.messages().await.unwrap().len() - before;
    assert_eq!(sent, day.reminders.len());
    assert_eq!(world.simulator.summary().await.unwrap().duplicates, 0);

    journey::sync_again(&gulf, &connection).await.unwrap();
    world.simulator.reset_ledger_calls(Provider::Quickbooks).await.unwrap();
    let unchanged = journey::sync_again(&gulf, &connection).await.unwrap();
    assert_eq!((unchanged.failure, unchanged.invoices_written, unchanged.contacts_written), (None, 0, 0));
    let calls = world.simulator.ledger_calls(Provider::Quickbooks).await.unwrap();
    assert!(calls <= 2, "{calls} calls to QuickBooks");
}

pub(crate) async fn a_webhook_of_a_ledger_brings_its_sync_forward(world: &mut World) {
    let gulf = world.gulf();
    let connection = gulf.connections().await.unwrap().remove(0).id;
    let before = journey::last_run(&gulf, &connection).await.unwrap();
    let open = world.simulator.sales_invoices(GULF_LEDGER).await.unwrap();
    let invoice = open.into_iter().find(|invoice| invoice.is_open && !invoice.is_broken).unwrap().id.unwrap();
    // Paying posts a signed webhook; the minute's sweep does the rest.
    world.simulator.pay(GULF_LEDGER, &invoice).await.unwrap();
    journey::synced(&gulf, &connection, before.as_ref(), Duration::from_secs(240), |_| {}).await.unwrap();
    let stored: Vec<Value> = world.table.of_org(ORG, &format!("INV#{connection}#{invoice}")).await;
    assert_eq!(stored.iter().find(|item| item["id"] == invoice.as_str()).unwrap()["status"], "paid");
}

pub(crate) async fn a_disconnected_company_keeps_its_history_and_loses_its_tokens(world: &mut World) {
    let gulf = world.gulf();
    let connection = gulf.connections().await.unwrap().remove(0);
    let path = format!("/v1/connections/{}", connection.id);
    assert_eq!(gulf.call(Method::DELETE, &path, None).await.unwrap().status, 202);
    until("the end of the tokens", SOON, async || {
        let grants: Vec<Value> = world.table.of_partition(&format!("VAULT#{ORG}#"), "GRANT#quickbooks").await;
        Ok(if grants.is_empty() { Look::Done(()) } else { Look::NotYet("the grant is still there".to_owned()) })
    })
    .await
    .unwrap();
    let invoices: Vec<Value> = world.table.of_org(ORG, "INV#").await;
    assert!(!invoices.is_empty());
    let again = journey::connect(&gulf, GULF_LEDGER).await.unwrap();
    assert_eq!((again.id, again.status.as_str()), (connection.id, "active"));
}
