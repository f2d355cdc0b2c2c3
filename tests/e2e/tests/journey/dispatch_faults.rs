//! A dispatch meets a ledger that fails, and an answer of Meta that is lost.
//!
//! It happens to the organisation with the anonymised ledger where that is there, and to
//! Edinburgh Joinery otherwise.

use std::time::Duration;

use jiff::Timestamp;
use numo_e2e::journey::{self, SOON, SenderAccount};
use numo_e2e::product::Product;
use numo_e2e::simulator::PostedMessage;
use numo_e2e::wait::{Look, until};
use serde::Deserialize;
use serde_json::json;

use crate::world::World;
use crate::{ledger, webhooks};

/// A second number, unused by the main journey.
pub(crate) const SPARE_SENDER: SenderAccount =
    SenderAccount { waba: "203391230451409", phone_number_id: "207651463353033", token: "EAAsim-joinery" };

const LONG: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
struct DueItem {
    at: Timestamp,
    issues: u32,
}

pub(crate) async fn a_ledger_that_fails_at_the_dispatch_sends_nothing(world: &mut World) {
    let subject = subject(world);
    let admin = world.product(subject.user);
    admin.attest().await.unwrap();
    if world.reference.is_some() {
        ledger::opt_everyone_in(world).await;
    }
    let version = journey::allow_sending(&admin, SPARE_SENDER, &journey::policy()).await.unwrap();
    let plan = journey::planned(&admin, version).await.unwrap();
    assert!(plan.header.sends > 0);
    let fault = json!({"service": "xero", "path_contains": "/Invoices", "kind": "status", "status": 503, "times": 100});
    world.simulator.add_fault(&fault).await.unwrap();
    journey::approved(&admin, &plan.header.date).await.unwrap();

    let key = format!("DUE#DISPATCH#{}", plan.header.date);
    let due = until("the postponement of the dispatch", SOON, async || {
        let due: Vec<DueItem> = world.table.of_org(subject.org, &key).await;
        let tried = world.simulator.faults_left().await? < 100;
        Ok(match due.into_iter().next().filter(|due| tried && due.issues == 0) {
            Some(due) => Look::Done(due.at),
            None => Look::NotYet(format!("tried: {tried}")),
        })
    })
    .await
    .unwrap();
    world.queues.idle().await;
    assert!(due > Timestamp::from_second(seconds_now()).unwrap(), "the next try lies ahead");
    assert_eq!(messages(world).await.len(), 0);
    assert_eq!(admin.reminders().await.unwrap().len(), 0);
    let day = journey::day(&admin, &plan.header.date).await.unwrap();
    assert_eq!(day.plan.cancelled.len(), 0, "everybody is still to get their message");
    world.simulator.clear_faults().await.unwrap();
}

pub(crate) async fn a_lost_answer_is_settled_by_its_status_and_never_sent_again(world: &mut World) {
    let subject = subject(world);
    let admin = world.product(subject.user);
    let date = admin.date().await.unwrap();
    // The statuses are told below, after the doubt was seen.
    world.simulator.set_delivery(&json!({"drop": true})).await.unwrap();
    let fault = json!({
        "service": "meta", "path_contains": "/messages", "method": "POST", "kind": "timeout",
        "after_processing": true, "hold_ms": 500, "times": 1,
    });
    world.simulator.add_fault(&fault).await.unwrap();
    let plan = admin.plan(&date).await.unwrap().unwrap();
    // Saying it again wakes the dispatch before its next time.
    journey::approved(&admin, &date).await.unwrap();
    let sent = journey::dispatched(&admin, &date, LONG, |_| {}).await.unwrap();
    let in_state = |name: &str| sent.reminders.iter().filter(|reminder| reminder.state == name).count();
    assert_eq!((in_state("unknown"), in_state("accepted")), (1, plan.header.sends - 1));
    assert_eq!(open_tasks(&admin).await, ["outcome_unknown"]);

    world.simulator.settle(SOON).await.unwrap();
    world.simulator.set_delivery(&json!({"drop": false})).await.unwrap();
    webhooks::tell_delivered(world, SPARE_SENDER, &messages(world).await).await;
    let day = journey::settled(&admin, &world.simulator, &date, LONG, |_| {}).await.unwrap();
    assert!(day.reminders.iter().all(|reminder| reminder.has_arrived() && reminder.attempt_number == 1));
    assert_eq!(messages(world).await.len(), plan.header.sends, "no second message");
    world.queues.idle().await;
    assert_eq!(open_tasks(&admin).await, Vec::<String>::new(), "the doubt is settled without a person");
}

struct Subject {
    user: &'static str,
    org: &'static str,
}

fn subject(world: &World) -> Subject {
    match world.reference {
        Some(_) => Subject { user: "user_ledger", org: "org_ledger" },
        None => Subject { user: "user_joiner", org: "org_joinery" },
    }
}

/// Messages that Meta got from the spare number.
async fn messages(world: &World) -> Vec<PostedMessage> {
    let mut messages = world.simulator.messages().await.unwrap();
    messages.retain(|message| message.phone_number_id == SPARE_SENDER.phone_number_id);
    messages
}

async fn open_tasks(admin: &Product) -> Vec<String> {
    admin.tasks().await.unwrap().into_iter().map(|task| task.kind).collect()
}

#[expect(clippy::disallowed_methods, reason = "compares with what the deployed product stored")]
fn seconds_now() -> i64 {
    Timestamp::now().as_second()
}
