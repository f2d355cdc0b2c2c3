//! Rule 18: days that are over, and what becomes known after an approval.

use std::sync::Arc;

use jiff::Timestamp;
use numo_app::{
    error::AppError,
    port::table::{Table, Write},
    store::{
        due::{Claimed, dispatch_work},
        plan::{Cancelled, PlanApproval},
        task::TaskAbout,
    },
};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef},
    invoice::Invoice,
    plan::{
        decision::{Decision, Unit},
        reason::{Reason, SkipCode},
    },
    policy::Approval,
};
use numo_testkit::memory_table::MemoryTable;

use crate::{MONDAY, Planner, TUESDAY, at, connection, customer, invoice, org, planner};

impl Planner {
    /// Ends the run of Tuesday without a trace of its message.
    async fn end_run(&self, now: Timestamp) {
        let (store, work) = (&self.waker.store, dispatch_work(TUESDAY));
        let Claimed::Claimed { claim, .. } = store.claim_work(&org(), &work, now).await.unwrap() else {
            unreachable!("the run is due")
        };
        store.finish_due(&org(), &work, claim, None, now).await.unwrap();
    }

    /// Another customer who owes as the first one does.
    async fn another(&self, n: u32) {
        let at = ContactRef { connection: connection(), contact: format!("c-{n}").parse().unwrap() };
        let key = format!("key-{n}").parse().unwrap();
        let number = ContactNumber::usable(format!("+97150123456{n}").parse().unwrap(), key);
        let first_key = number.key().cloned();
        let contact = Contact { at: at.clone(), number, first_key, ..customer() };
        let owed = Invoice { id: format!("i-{n}").parse().unwrap(), contact: at, ..invoice() };
        let (store, org) = (&self.waker.store, org());
        store.upsert_contact(&org, None, &contact, crate::monday()).await.unwrap();
        store.upsert_invoice(&org, None, &owed, crate::monday(), crate::at("2026-10-01T08:00:00Z")).await.unwrap();
    }

    /// What is stored of Tuesday: `send`, or the reasons, by customer.
    async fn decided(&self) -> Vec<(String, String)> {
        let header = self.header(TUESDAY).await.unwrap();
        let decisions = self.waker.store.plan_decisions(&org(), &header).await.unwrap();
        assert_eq!((header.sends, header.sends + header.skips), (1, decisions.len()));
        let told = |decision: &Decision| {
            let codes = decision.reasons().iter().map(|reason| reason.code.code()).collect::<Vec<_>>().join(" ");
            if decision.send().is_some() { "send".to_owned() } else { codes }
        };
        decisions.iter().map(|decision| (decision.unit.contact.contact.to_string(), told(decision))).collect()
    }
}

#[tokio::test]
async fn a_planned_message_of_which_nobody_knows_is_found_on_the_next_day_and_closed_once_it_is_accounted_for() {
    let planner = planner(Approval::Automatic).await;
    let tuesday = planner.plan(at("2026-11-24T06:00:00Z")).await.unwrap();
    assert_eq!((tuesday.sends, &tuesday.approval), (1, &PlanApproval::Automatic));
    planner.plan(at("2026-11-25T00:05:00Z")).await;
    assert_eq!(planner.tasks().await, [], "its run is still to come");
    // On Thursday it is not forgotten.
    let thursday = at("2026-11-26T00:05:00Z");
    planner.end_run(thursday).await;
    planner.plan(thursday).await;
    let task = TaskAbout::DayNotAccounted(TUESDAY);
    assert_eq!(planner.tasks().await, std::slice::from_ref(&task));
    assert!(!planner.header(TUESDAY).await.unwrap().accounted);
    let unit = Unit { contact: customer().at, currency: "AED".parse().unwrap() };
    let reasons = vec![Reason::of(SkipCode::Settled)];
    let cancelled = Cancelled { unit, at: thursday, reasons, evidence: None };
    planner.waker.store.cancel_planned(&org(), TUESDAY, &cancelled).await.unwrap();
    planner.plan(at("2026-11-27T00:05:00Z")).await;
    assert_eq!(planner.tasks().await, []);
    assert!(planner.header(TUESDAY).await.unwrap().accounted);
}

#[tokio::test]
async fn a_day_that_never_adds_up_is_looked_at_for_a_week_and_stays_a_task() {
    let planner = planner(Approval::Automatic).await;
    planner.plan(at("2026-11-24T06:00:00Z")).await.unwrap();
    planner.end_run(at("2026-11-25T00:05:00Z")).await;
    for day in ["2026-11-25", "2026-11-30", "2026-12-03"] {
        planner.plan(at(&format!("{day}T00:05:00Z"))).await;
        let tasks = planner.tasks().await;
        assert!(tasks.contains(&TaskAbout::DayNotAccounted(TUESDAY)), "{day} {tasks:?}");
    }
}

#[tokio::test]
async fn a_day_whose_decisions_cannot_be_read_counts_as_lost_and_today_is_planned_all_the_same() {
    let table = Arc::new(MemoryTable::new());
    let planner = Planner::new(table.clone(), 1);
    planner.seed().await;
    planner.save_policy(1, Approval::Automatic).await;
    let header = planner.plan(at("2026-11-24T06:00:00Z")).await.unwrap();
    for item in table.items().into_iter().filter(|item| item.entity == "plan_chunk") {
        table.write(Write::Delete { key: item.key, rev: item.rev }).await.unwrap();
    }
    let unread = planner.waker.store.plan_decisions(&org(), &header).await.unwrap_err();
    assert!(matches!(unread, AppError::Malformed(_)), "{unread}");
    let wednesday = at("2026-11-25T00:05:00Z");
    planner.end_run(wednesday).await;
    let today = planner.plan(wednesday).await.unwrap();
    assert_eq!((planner.tasks().await, today.sends), (vec![TaskAbout::DayNotAccounted(TUESDAY)], 1));
    assert!(!planner.header(TUESDAY).await.unwrap().accounted);
}

#[tokio::test]
async fn whoever_becomes_known_after_the_approval_has_a_decision_of_the_day_too_and_hears_nothing() {
    let planner = planner(Approval::Automatic).await;
    planner.plan(at("2026-11-24T06:00:00Z")).await.unwrap();
    let told = |rows: &[(&str, &str)]| -> Vec<(String, String)> {
        rows.iter().map(|(who, what)| ((*who).to_owned(), (*what).to_owned())).collect()
    };
    assert_eq!(planner.decided().await, told(&[("c-1", "send")]));
    planner.another(3).await;
    assert_eq!(planner.plan(at("2026-11-24T08:00:00Z")).await, None, "what was approved stands");
    let first = planner.header(TUESDAY).await.unwrap();
    assert_eq!(planner.decided().await, told(&[("c-1", "send"), ("c-3", "plan_not_approved")]));
    // Nothing new, and nothing is written.
    planner.plan(at("2026-11-24T09:00:00Z")).await;
    assert_eq!(planner.header(TUESDAY).await.unwrap(), first);
    planner.another(2).await;
    planner.plan(at("2026-11-24T10:00:00Z")).await;
    let all = [("c-1", "send"), ("c-2", "plan_not_approved"), ("c-3", "plan_not_approved")];
    assert_eq!(planner.decided().await, told(&all));
    // On the next day it is their turn.
    assert_ne!(planner.header(MONDAY).await.map(|header| header.sends), Some(1));
    let wednesday = planner.plan(at("2026-11-25T06:00:00Z")).await.unwrap();
    assert_eq!(wednesday.sends, 3);
}
