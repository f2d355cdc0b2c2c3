//! The main journey: from consent to the last status, on the large generated ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use numo_e2e::journey::{self, HARBOUR_LEDGER, HARBOUR_SENDER, Provider};
use numo_e2e::product::answers::{Decision, Plan};
use numo_e2e::simulator::PostedMessage;
use numo_e2e::surprises::{surprise, unreadable_contacts};
use serde_json::{Value, json};

use crate::world::World;

pub(crate) const LONG: Duration = Duration::from_secs(300);

pub(crate) async fn a_ledger_is_connected_and_read(world: &mut World) {
    let owner = world.owner();
    let mut browser = owner.browser().await.unwrap();
    let authorise = browser.begin_consent("xero").await.unwrap();
    world.harbour.callback = browser.choose(authorise, HARBOUR_LEDGER.user, HARBOUR_LEDGER.tenant).await.unwrap();
    let answer = browser.open(&world.harbour.callback).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.location.as_deref()), (303, Some("/")), "{}", answer.body);
    assert!(!browser.cookies.contains_key("numo_oauth"));

    let connections = owner.connections().await.unwrap();
    let connection = connections[0].id.clone();
    assert_eq!((connections.len(), connections[0].status.as_str()), (1, "active"));
    let run = journey::synced(&owner, &connection, None, LONG, |_| {}).await.unwrap();
    assert_eq!((run.failure.as_deref(), run.kind.as_str()), (None, "first"));
    let contacts = world.simulator.contacts(HARBOUR_LEDGER.tenant).await.unwrap().len();
    assert_eq!(run.contacts_written, u64::try_from(contacts).unwrap());
    assert_eq!(owner.customers().await.unwrap().len(), contacts);
    let organisation: Value = owner.get("/v1/organisation").await.unwrap().json().unwrap();
    assert_eq!((&organisation["country"], &organisation["base_currency"]), (&json!("AE"), &json!("AED")));
    assert_eq!(organisation["zone"], json!("Asia/Dubai"));
    world.harbour.connection = connection;
    world.harbour.first_run = Some(run);
}

pub(crate) async fn malformed_rows_are_skipped_and_counted_and_the_rest_is_kept(world: &mut World) {
    let run = world.harbour.first_run.clone().unwrap();
    let documents = world.simulator.documents(HARBOUR_LEDGER.tenant).await.unwrap();
    let (broken, sound): (Vec<&Value>, Vec<&Value>) =
        documents.iter().filter(|row| row["Type"] == "ACCREC").partition(|row| row.get("_sim_malformed").is_some());
    assert_eq!((run.skipped, broken.len()), (2, 2));
    assert!(run.skipped_rows.iter().all(|row| row.kind == "invoice" && !row.reason.is_empty()), "{run:?}");
    let ids = |rows: &[&Value]| -> BTreeSet<String> {
        rows.iter().filter_map(|row| Some(row["InvoiceID"].as_str()?.to_owned())).collect()
    };
    let told: BTreeSet<String> = run.skipped_rows.iter().filter_map(|row| row.id.clone()).collect();
    assert_eq!(told, ids(&broken), "the row without an id is told without one");
    assert_eq!((run.invoices_read, run.invoices_written), (count(&sound), count(&sound)));
    let stored: Vec<Value> = world.table.of_org("org_harbour", "INV#").await;
    let stored: BTreeSet<String> = stored.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(stored, ids(&sound));
}

pub(crate) async fn the_plan_names_everyone_who_owes_and_why_others_get_nothing(world: &mut World) {
    let owner = world.owner();
    let before = owner.preview().await.unwrap();
    assert!(before.iter().all(|decision| decision.send.is_none()), "nothing is planned before anything is allowed");
    owner.attest().await.unwrap();
    let version = journey::allow_sending(&owner, HARBOUR_SENDER, &journey::policy()).await.unwrap();
    let plan = journey::planned(&owner, version).await.unwrap();

    let sends = plan.decisions.iter().filter(|decision| decision.send.is_some()).count();
    assert_eq!((plan.header.sends, plan.header.skips), (sends, plan.decisions.len() - sends));
    assert_eq!(plan.header.approval, json!("awaited"));
    assert!(sends >= 90, "{sends} sends");
    let expected = owing_with_a_number(world).await;
    let planned: BTreeSet<String> = sent_contacts(&plan);
    let missing: Vec<&String> = expected.difference(&planned).collect();
    assert_eq!(missing, Vec::<&String>::new(), "overdue, with a number of their own, and not planned");
    assert_eq!(sends, planned.len(), "one message per customer");
    let unexplained = plan.decisions.iter().filter(|decision| decision.send.is_none() && decision.reasons.is_empty());
    assert_eq!(unexplained.count(), 0);
    for code in ["no_number", "number_unusable", "number_shared", "number_daily_cap", "no_step_today", "excluded"] {
        assert!(plan.decisions.iter().any(|decision| names(decision, code)), "nobody is skipped as {code}");
    }
    let preview = owner.preview().await.unwrap();
    // The stored plan has messages first.
    let in_order = |decisions| {
        let mut codes = codes(decisions);
        codes.sort();
        codes
    };
    assert_eq!(in_order(&preview), in_order(&plan.decisions), "the preview decides like the run");
}

pub(crate) async fn a_payment_an_opt_out_and_a_dead_number_change_what_goes_out(world: &mut World) {
    let owner = world.owner();
    let date = owner.date().await.unwrap();
    // The end of the first sync had the day planned too.
    world.queues.idle().await;
    let plan = owner.plan(&date).await.unwrap().unwrap();
    world.simulator.set_delivery(&journey::disorder()).await.unwrap();
    let surprises = surprise(&owner, &world.simulator, HARBOUR_LEDGER, HARBOUR_SENDER, &plan).await.unwrap();
    world.simulator.set_not_on_whatsapp(&[&surprises.unreachable.number]).await.unwrap();

    let outdated = owner.approve(&date, plan.header.generation + 1).await.unwrap();
    assert_eq!((outdated.status.as_u16(), outdated.error_code()), (409, "conflict".to_owned()));
    assert_eq!(owner.approve(&date, plan.header.generation).await.unwrap().status, 200);
    journey::dispatched(&owner, &date, LONG, |_| {}).await.unwrap();
    let day = journey::settled(&owner, &world.simulator, &date, LONG, |_| {}).await.unwrap();

    let cancelled: BTreeMap<&str, &str> = day
        .plan
        .cancelled
        .iter()
        .map(|cancelled| (cancelled.unit.contact.as_str(), cancelled.reasons[0].code.as_str()))
        .collect();
    let mut expected = BTreeMap::from([
        (surprises.paid.contact.as_str(), "settled"),
        (surprises.opted_out.contact.as_str(), "opted_out"),
    ]);
    let invoices = world.simulator.sales_invoices(HARBOUR_LEDGER).await.unwrap();
    let (planned, unreadable) = (sent_contacts(&plan), unreadable_contacts(&invoices));
    expected.extend(planned.intersection(&unreadable).map(|contact| (contact.as_str(), "ledger_unreadable")));
    assert_eq!(cancelled, expected);
    assert_eq!(day.reminders.len(), plan.header.sends - expected.len());
    let failed: Vec<_> = day.reminders.iter().filter(|reminder| reminder.state == "failed").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0].unit.contact, failed[0].code), (&surprises.unreachable.contact, Some(131_026)));
    assert_eq!(day.reminders.iter().filter(|reminder| reminder.has_arrived()).count(), day.reminders.len() - 1);

    let messages = world.simulator.messages().await.unwrap();
    let recipients: BTreeSet<&str> = messages.iter().map(|message| message.to.as_str()).collect();
    assert_eq!((messages.len(), recipients.len()), (day.reminders.len(), day.reminders.len()));
    assert!(!recipients.contains(surprises.paid.number.as_str()));
    assert!(!recipients.contains(surprises.opted_out.number.as_str()));
    assert_eq!(attempts(&messages), day.reminders.iter().map(|reminder| reminder.attempt.clone()).collect());
    let meta = world.simulator.summary().await.unwrap();
    assert_eq!((meta.duplicates, meta.rejected, meta.webhooks_failed), (0, 0, 0));
    world.harbour.day = Some(day);
}

pub(crate) async fn a_sync_of_the_unchanged_ledger_writes_nothing(world: &mut World) {
    let owner = world.owner();
    let changed = journey::sync_again(&owner, &world.harbour.connection).await.unwrap();
    assert_eq!((changed.failure.as_deref(), changed.kind.as_str()), (None, "changes"));
    assert!(changed.invoices_written >= 1, "the payment is learnt");
    world.simulator.reset_ledger_calls(Provider::Xero).await.unwrap();
    let unchanged = journey::sync_again(&owner, &world.harbour.connection).await.unwrap();
    assert_eq!((unchanged.failure, unchanged.invoices_written, unchanged.contacts_written), (None, 0, 0));
    let calls = world.simulator.ledger_calls(Provider::Xero).await.unwrap();
    assert!(calls <= 7, "{calls} calls to Xero");
}

/// Contacts with a number of their own and an approved sales invoice past its due date.
async fn owing_with_a_number(world: &World) -> BTreeSet<String> {
    let today = world.owner().date().await.unwrap();
    let mobiles = world.simulator.mobiles(HARBOUR_LEDGER).await.unwrap();
    let documents = world.simulator.documents(HARBOUR_LEDGER.tenant).await.unwrap();
    documents
        .iter()
        .filter(|row| row["Type"] == "ACCREC" && row["Status"] == "AUTHORISED" && row.get("_sim_malformed").is_none())
        .filter(|row| row["DueDateString"].as_str().is_some_and(|due| due[..10] < today[..]))
        .filter_map(|row| row["Contact"]["ContactID"].as_str().map(str::to_owned))
        .filter(|contact| mobiles.contains_key(contact))
        .collect()
}

fn sent_contacts(plan: &Plan) -> BTreeSet<String> {
    let sends = plan.decisions.iter().filter(|decision| decision.send.is_some());
    sends.map(|decision| decision.unit.contact.clone()).collect()
}

fn names(decision: &Decision, code: &str) -> bool {
    decision.reasons.iter().any(|reason| reason.code == code)
}

/// What is decided, without the times that differ between two looks.
fn codes(decisions: &[Decision]) -> Vec<(&str, &str, Vec<&str>)> {
    decisions
        .iter()
        .map(|decision| {
            let reasons = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
            (decision.unit.contact.as_str(), decision.unit.currency.as_str(), reasons)
        })
        .collect()
}

fn attempts(messages: &[PostedMessage]) -> BTreeSet<String> {
    messages.iter().filter_map(|message| message.attempt.clone()).collect()
}

fn count(rows: &[&Value]) -> u64 {
    u64::try_from(rows.len()).unwrap()
}
