//! Reminders that people asked for in the lost time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::date};
use numo_app::store::{
    reminder::{
        claim::{LostSend, SendClaim},
        outcome::SendOutcome,
    },
    task::TaskAbout,
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    connection::{Connection, ConnectionStatus, LedgerProvider},
    delivery_report::DeliveryReport,
    id::{AttemptId, ConnectionId, PolicyId},
    money::Money,
    plan::decision::InvoiceLine,
    policy::{Caps, StepId, Tone},
    reminder::{
        DeliveryStatus, Occasion, Reminder, ReminderKey, ReminderState, TemplateRef, state_change::StateChange,
    },
};
use uuid::Uuid;

use super::*;

fn connection() -> Connection {
    Connection {
        id: customer().connection,
        provider: LedgerProvider::Xero,
        tenant: "tenant-a".parse().unwrap(),
        provider_connection: "link-a".parse().unwrap(),
        holder: "holder-a".parse().unwrap(),
        name: "Harbour".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: at("18T06"),
        last_synced_at: None,
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: None,
    }
}

/// The gentle step for invoice 1 of a customer, ahead of its day.
fn asked_for(n: u128, contact: ContactRef, claimed: Timestamp) -> Reminder {
    let state = ReminderState::Sending;
    Reminder {
        key: ReminderKey {
            contact,
            currency: "AED".parse().unwrap(),
            anchor: "1".parse().unwrap(),
            cycle: 1,
            occasion: Occasion::Step(StepId(2)),
        },
        date: date(2026, 11, 21),
        attempt: AttemptId::new(Uuid::from_u128(n)),
        attempt_number: 1,
        claimed_at: claimed,
        state: state.clone(),
        history: vec![StateChange { state, at: claimed }],
        message: None,
        recipient: number(1),
        sender: "phone".parse().unwrap(),
        tone: Tone::Gentle,
        counted_from: None,
        listed: vec!["1".parse().unwrap()],
        asked_by: Some("user_a".parse().unwrap()),
        cost: None,
        report: DeliveryReport::default(),
        earlier: BTreeMap::new(),
        expired_before: 0,
    }
}

fn words() -> Attempt {
    let amount = Money::new(40_000, "AED".parse().unwrap());
    Attempt {
        policy: PolicyId::organisation_default(),
        policy_version: 1,
        template: TemplateRef { name: "numo_overdue_gentle_v1".to_owned(), language: "en".to_owned() },
        text: "Dear Fatima".to_owned(),
        lines: vec![InvoiceLine {
            invoice: "1".parse().unwrap(),
            number: "INV-1".to_owned(),
            remaining: amount,
            due: date(2026, 11, 20),
        }],
        total: amount,
        evidence: Evidence {
            read_at: at("21T08"),
            anchor_remaining: amount,
            anchor_updated_at: None,
            request_ids: Vec::new(),
        },
    }
}

async fn claim(store: &Store, reminder: Reminder) -> Result<SendClaim, AppError> {
    let basis = store.claim_basis(&org(), &reminder.key, &reminder.recipient).await.unwrap();
    let now = reminder.claimed_at;
    store.claim_send(&org(), (reminder, words()), &basis, Caps::default(), now).await
}

/// A table with a ledger, its backup of the 20th, and the journal of a reminder that somebody asked for on the 21st.
async fn restored_with_a_reminder(contact: ContactRef) -> (Arc<MemoryTable>, Arc<MemoryTable>) {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    closed_until(&store, at("18T06")).await.unwrap();
    store.save_connection(&org(), &connection(), at("18T06")).await.unwrap();
    let backup = Arc::new(table.restored("numo-restored"));
    let claimed = claim(&store, asked_for(1, contact, at("21T08"))).await.unwrap();
    assert!(matches!(claimed, SendClaim::Claimed(_)), "{claimed:?}");
    (backup, journal)
}

async fn taken_over(store: &Store) -> Result<TakenOver, AppError> {
    take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), at("24T06")).await
}

#[tokio::test]
async fn what_somebody_asked_for_in_the_lost_time_is_known_again_without_its_outcome_and_is_not_sent_again() {
    let (backup, journal) = restored_with_a_reminder(customer()).await;
    let store = Store::with_journal(backup, journal);
    let lost = LostSpan { from: at("20T07"), to: at("24T06") };
    let taken = taken_over(&store).await.unwrap();
    assert_eq!(taken, TakenOver { replayed: 0, reminders: 1, erased: 0, organisations: 0, lost });
    let mut known = asked_for(1, customer(), at("21T08"));
    known.state = ReminderState::Unknown;
    known.history.push(StateChange { state: ReminderState::Unknown, at: at("24T06") });
    assert_eq!(store.reminders(&org()).await.unwrap(), [known.clone()]);
    let said = store.said(&org(), &[known]).await.unwrap();
    let left = Attempt { text: String::new(), lines: Vec::new(), ..words() };
    assert_eq!(said.into_values().collect::<Vec<_>>(), [left], "the words are lost with the table");
    assert_eq!(asked_about(&store).await, [attempt(1)]);
    let again = claim(&store, asked_for(2, customer(), at("25T08"))).await.unwrap();
    assert_eq!(again, SendClaim::Lost(LostSend::Taken));
}

#[tokio::test]
async fn a_take_over_that_dies_at_any_call_knows_what_somebody_asked_for_once() {
    for fault in [Fault::Before, Fault::After] {
        for call in 1.. {
            let (backup, journal) = restored_with_a_reminder(customer()).await;
            let dying = Store::with_journal(faulty(&backup, Plan::Crash { call, fault }), journal.clone());
            let died = taken_over(&dying).await.is_err();
            let store = Store::with_journal(backup, journal);
            if store.is_restored(&store.messaging_gate().await.unwrap()) {
                taken_over(&store).await.unwrap();
            }
            let states: Vec<_> = store.reminders(&org()).await.unwrap().into_iter().map(|known| known.state).collect();
            assert_eq!((states, store.tasks(&org()).await.unwrap().len()), (vec![ReminderState::Unknown], 1), "{call}");
            if !died {
                assert!(call > 5);
                break;
            }
        }
    }
}

/// The tasks about messages of which nobody knows whether they went out.
async fn asked_about(store: &Store) -> Vec<AttemptId> {
    let tasks = store.tasks(&org()).await.unwrap().into_iter();
    tasks
        .filter_map(|task| if let TaskAbout::OutcomeUnknown(attempt) = task.about { Some(attempt) } else { None })
        .collect()
}

/// The state and the attempt of the one reminder there is, and what its business is asked about.
async fn known(store: &Store) -> (ReminderState, AttemptId, Vec<AttemptId>) {
    let reminder = store.reminders(&org()).await.unwrap().remove(0);
    (reminder.state, reminder.attempt, asked_about(store).await)
}

fn attempt(n: u128) -> AttemptId {
    AttemptId::new(Uuid::from_u128(n))
}

/// A table with a ledger and a first try of a reminder that came into a state, and its journal.
async fn tried(state: ReminderState) -> (Arc<MemoryTable>, Arc<MemoryTable>) {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    closed_until(&store, at("18T06")).await.unwrap();
    store.save_connection(&org(), &connection(), at("18T06")).await.unwrap();
    claim(&store, asked_for(1, customer(), at("20T07"))).await.unwrap();
    let first = store.reminders(&org()).await.unwrap().remove(0);
    store.move_reminder(&org(), &first, state, at("20T07")).await.unwrap();
    (table, journal)
}

fn next_try(n: u128) -> Reminder {
    Reminder { date: date(2026, 11, 23), ..asked_for(n, customer(), at("23T08")) }
}

#[tokio::test]
async fn the_latest_try_takes_the_place_of_all_others_and_is_the_one_that_is_asked_about() {
    let (table, journal) = tried(ReminderState::NotSent { code: 131_056 }).await;
    let backup = Arc::new(table.restored("numo-restored"));
    let store = Store::with_journal(table.clone(), journal.clone());
    for n in 2..=3 {
        let claimed = claim(&store, next_try(n)).await.unwrap();
        let SendClaim::Claimed(claimed) = claimed else { panic!("{claimed:?}") };
        let outcome = SendOutcome::NotSent { code: 131_056 };
        store.record_outcome(&org(), &claimed.value.key, claimed.value.attempt, &outcome, at("23T08")).await.unwrap();
    }
    let copy = Store::with_journal(backup, journal);
    assert_eq!(taken_over(&copy).await.unwrap().reminders, 1);
    assert_eq!(known(&copy).await, (ReminderState::Unknown, attempt(3), vec![attempt(3)]));
}

#[tokio::test]
async fn what_the_backup_has_is_not_overwritten_by_what_the_journal_has_of_it() {
    let (table, journal) = tried(ReminderState::NotSent { code: 131_056 }).await;
    let store = Store::with_journal(table.clone(), journal.clone());
    claim(&store, next_try(2)).await.unwrap();
    let copy = Store::with_journal(Arc::new(table.restored("numo-restored")), journal);
    assert_eq!(taken_over(&copy).await.unwrap().reminders, 0);
    assert_eq!(known(&copy).await, (ReminderState::Sending, attempt(2), vec![]));
}

#[tokio::test]
async fn what_arrived_before_the_backup_stays_so_though_somebody_asked_for_it_once_more() {
    let (table, journal) = tried(ReminderState::Delivered).await;
    let backup = Arc::new(table.restored("numo-restored"));
    // A claim that never came about: of the same step, journalled by whoever saw it still waiting.
    let blind = Store::with_journal(Arc::new(MemoryTable::new()), journal.clone());
    claim(&blind, next_try(2)).await.unwrap();
    let copy = Store::with_journal(backup, journal);
    assert_eq!(taken_over(&copy).await.unwrap().reminders, 0);
    assert_eq!(known(&copy).await, (ReminderState::Delivered, attempt(1), vec![]));
}

#[tokio::test]
async fn a_claim_that_was_taken_back_long_before_the_backup_is_not_brought_back() {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    closed_until(&store, at("18T06")).await.unwrap();
    store.save_connection(&org(), &connection(), at("18T06")).await.unwrap();
    let blind = Store::with_journal(Arc::new(MemoryTable::new()), journal.clone());
    claim(&blind, asked_for(1, customer(), at("20T06"))).await.unwrap();
    let copy = Store::with_journal(Arc::new(table.restored("numo-restored")), journal);
    assert_eq!(taken_over(&copy).await.unwrap().reminders, 0);
    assert_eq!(store.reminders(&org()).await.unwrap(), []);
}

#[tokio::test]
async fn a_backup_of_the_moment_between_the_writes_of_a_claim_is_taken_over_as_well() {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    closed_until(&store, at("18T06")).await.unwrap();
    store.save_connection(&org(), &connection(), at("18T06")).await.unwrap();
    let reminder = asked_for(1, customer(), at("20T07"));
    let basis = store.claim_basis(&org(), &reminder.key, &reminder.recipient).await.unwrap();
    let dying = Store::with_journal(faulty(&table, Plan::Crash { call: 2, fault: Fault::Before }), journal.clone());
    let died = dying.claim_send(&org(), (reminder, words()), &basis, Caps::default(), at("20T07")).await;
    assert!(died.is_err() && store.reminders(&org()).await.unwrap().is_empty());
    let copy = Store::with_journal(Arc::new(table.restored("numo-restored")), journal);
    assert_eq!(taken_over(&copy).await.unwrap().reminders, 1);
    assert_eq!(known(&copy).await, (ReminderState::Unknown, attempt(1), vec![attempt(1)]));
    let said = store.reminder_of_attempt(&org(), attempt(1)).await.unwrap();
    assert_eq!(said, None, "the table that was lost never knew it");
}

#[tokio::test]
async fn a_status_that_comes_after_the_take_over_settles_what_was_not_known() {
    let (backup, journal) = restored_with_a_reminder(customer()).await;
    let store = Store::with_journal(backup, journal);
    taken_over(&store).await.unwrap();
    let (message, report) = ("wamid.1".parse().unwrap(), DeliveryReport::default());
    let status = (DeliveryStatus::Delivered, &report);
    let told = store.apply_status(&org(), (attempt(1), &message), status, at("24T07"), at("24T07")).await.unwrap();
    assert_eq!(told.map(|reminder| reminder.state), Some(ReminderState::Delivered));
}

#[tokio::test]
async fn what_a_customer_got_who_was_erased_since_is_not_brought_back() {
    let (backup, journal, number_keys) = restored_with_an_erased_customer().await;
    let store = Store::with_journal(backup, journal.clone());
    store.save_connection(&org(), &connection(), at("18T06")).await.unwrap();
    let elsewhere = Store::with_journal(Arc::new(MemoryTable::new()), journal);
    claim(&elsewhere, asked_for(1, customer(), at("21T08"))).await.unwrap();
    assert_eq!(taken_over(&store).await.unwrap().reminders, 0);
    assert_eq!(store.reminders(&org()).await.unwrap(), []);
    let key = number_keys.customer(&org(), &customer()).unwrap();
    assert!(store.erased_customer(&org(), &key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_reminder_of_a_ledger_that_the_backup_does_not_know_is_left_out() {
    let elsewhere = ContactRef { connection: ConnectionId::new(Uuid::from_u128(9)), ..customer() };
    let (backup, journal) = restored_with_a_reminder(elsewhere).await;
    let store = Store::with_journal(backup, journal);
    assert_eq!(taken_over(&store).await.unwrap().reminders, 0);
    assert_eq!(store.reminders(&org()).await.unwrap(), []);
}

#[tokio::test]
async fn what_somebody_asks_for_is_in_the_journal_before_it_is_claimed_and_what_a_plan_sends_is_not() {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let dead = Store::with_journal(table.clone(), faulty(&journal, Plan::Crash { call: 1, fault: Fault::Before }));
    assert!(claim(&dead, asked_for(1, customer(), at("21T08"))).await.is_err());
    assert_eq!((table.items().len(), journal.items().len()), (0, 0));
    let store = Store::with_journal(table, journal.clone());
    let planned = Reminder { asked_by: None, ..asked_for(1, customer(), at("21T08")) };
    claim(&store, planned).await.unwrap();
    assert_eq!(journal.items().len(), 0);
    let mut by_hand = asked_for(2, customer(), at("22T08"));
    by_hand.key.anchor = "2".parse().unwrap();
    by_hand.recipient = number(2);
    claim(&store, by_hand).await.unwrap();
    let entry = journal.items().remove(0);
    assert_eq!(
        (entry.entity.as_str(), entry.expires_at),
        ("journalled_reminder", at("22T08").checked_add(SignedDuration::from_hours(35 * 24)).ok())
    );
    assert!(!format!("{:?}", entry.body).contains("Fatima"), "the journal has no words");
}
