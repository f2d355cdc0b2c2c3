//! A table that was restored from a backup.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod by_hand;

use std::sync::Arc;

use jiff::{Timestamp, civil::date};
use numo_app::{
    erase_customer::{Erasing, ask_for_erasure, erase_customer},
    error::AppError,
    messaging_gate::closed_until,
    number_key::NumberKeys,
    operator::OperatorPorts,
    restored_table::{TakenOver, take_over},
    situation::frame,
    store::{
        Store,
        consent::ConsentOf,
        due::erase_work,
        messaging_gate::{LostSpan, MessagingGate},
    },
    sweep_due::sweep_due,
    wake::Waker,
};
use numo_domain::{
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::{NumberKey, OperatorId, OrgId},
    phone::PhoneNumber,
};
use numo_testkit::{
    counting_ids::CountingIds,
    faulty_table::{Fault, FaultyTable, Plan},
    memory_table::MemoryTable,
    recording_queue::RecordingQueue,
};

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn ann() -> OperatorId {
    "ann".parse().unwrap()
}

fn number(n: u8) -> NumberKey {
    format!("number-{n}").parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00:00Z").parse().unwrap()
}

fn ports(store: Store) -> OperatorPorts {
    OperatorPorts { store, ids: Arc::new(CountingIds::new(1)) }
}

fn said_to_us(state: ConsentState, at: Timestamp) -> ConsentChange {
    ConsentChange { state, at, by: ConsentSource::Message, note: String::new(), message: None, recorded_by: None }
}

fn faulty(table: &Arc<MemoryTable>, plan: Plan) -> Arc<FaultyTable> {
    let faulty = FaultyTable::new(table.clone());
    faulty.reset(plan);
    Arc::new(faulty)
}

async fn says(store: &Store, n: u8, state: ConsentState, said: Timestamp) {
    store.change_consent(&org(), ConsentOf::Number(number(n)), &said_to_us(state, said), said).await.unwrap();
}

/// A table and its journal, in use; a backup of it of the 20th; and what customers said afterwards.
async fn restored() -> (Arc<MemoryTable>, Arc<MemoryTable>) {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    assert_eq!(closed_until(&store, at("18T06")).await.unwrap(), None);
    says(&store, 1, ConsentState::OptedOut, at("19T06")).await;
    let backup = Arc::new(table.restored("numo-restored"));
    says(&store, 1, ConsentState::OptedIn, at("20T08")).await;
    says(&store, 2, ConsentState::OptedOut, at("21T08")).await;
    says(&store, 3, ConsentState::OptedOut, at("22T08")).await;
    says(&store, 3, ConsentState::OptedIn, at("22T09")).await;
    says(&store, 3, ConsentState::OptedOut, at("23T09")).await;
    (backup, journal)
}

#[tokio::test]
async fn nothing_goes_out_of_a_restored_table_before_it_is_taken_over_and_then_every_answer_counts_again() {
    let (backup, journal) = restored().await;
    let store = Store::with_journal(backup.clone(), journal.clone());
    let now = at("24T06");
    assert_eq!(closed_until(&store, now).await.unwrap(), Some("2026-11-24T06:05:00Z".parse().unwrap()));
    // It does not become usable by being looked at.
    assert!(store.is_restored(&store.messaging_gate().await.unwrap()));
    let lost = LostSpan { from: at("20T07"), to: now };
    journal.take_counts();
    let taken = take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), now).await.unwrap();
    assert_eq!(journal.counts().writes, 0, "operators may read the journal and nothing else");
    assert_eq!(taken, TakenOver { replayed: 6, reminders: 0, erased: 0, organisations: 0, lost });
    let gate = MessagingGate { table: Some("numo-restored".to_owned()), lost: Some(lost), ..MessagingGate::default() };
    assert_eq!(store.messaging_gate().await.unwrap(), gate);
    assert_eq!(closed_until(&store, now).await.unwrap(), None);
    let consents = store.consents(&org()).await.unwrap();
    assert_eq!(consents.opted_out_numbers.into_iter().collect::<Vec<_>>(), [number(2), number(3)]);
    assert_eq!(consents.opted_in_numbers.into_iter().collect::<Vec<_>>(), [number(1)]);
    // What the planner and every dispatch are told.
    let situation = frame(&store, &org(), now).await.unwrap();
    assert_eq!(situation.history.lost_until, Some(date(2026, 11, 24)));
}

#[tokio::test]
async fn a_copy_of_a_table_from_which_nothing_ever_went_out_is_known_as_one() {
    let table = Arc::new(MemoryTable::new());
    let waker = |table: Arc<MemoryTable>| {
        let (queue, ids) = (Arc::new(RecordingQueue::new()), Arc::new(CountingIds::new(1)));
        Waker { store: Store::new(table), queue, ids }
    };
    sweep_due(&waker(table.clone()), at("18T06")).await.unwrap();
    let copy = waker(Arc::new(table.restored("numo-restored")));
    // No sweep makes it usable.
    sweep_due(&copy, at("24T06")).await.unwrap();
    assert!(copy.store.is_restored(&copy.store.messaging_gate().await.unwrap()));
    assert_eq!(closed_until(&copy.store, at("24T06")).await.unwrap(), Some("2026-11-24T06:05:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_take_over_that_dies_at_any_call_lets_nothing_out_and_is_given_again() {
    for call in 1.. {
        let (backup, journal) = restored().await;
        let dying = Store::with_journal(faulty(&backup, Plan::Crash { call, fault: Fault::Before }), journal.clone());
        let died = take_over(&ports(dying), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.is_err();
        let store = Store::with_journal(backup, journal);
        let is_shut = store.is_restored(&store.messaging_gate().await.unwrap());
        if !died {
            assert!(!is_shut && call > 3);
            return;
        }
        if is_shut {
            take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.unwrap();
        }
        let out = store.consents(&org()).await.unwrap().opted_out_numbers;
        assert_eq!(out.into_iter().collect::<Vec<_>>(), [number(2), number(3)], "call {call}");
    }
}

#[tokio::test]
async fn an_imported_opt_in_of_the_journal_never_stands_against_what_somebody_said() {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    closed_until(&store, at("18T06")).await.unwrap();
    let backup = Arc::new(table.restored("numo-restored"));
    let by = ConsentSource::Import { given_on: date(2026, 11, 1) };
    let import = ConsentChange { by, ..said_to_us(ConsentState::OptedIn, at("21T08")) };
    for n in [1, 2] {
        store.change_consent(&org(), ConsentOf::Number(number(n)), &import, at("21T08")).await.unwrap();
    }
    // It was said before the import, and came late.
    let stop = said_to_us(ConsentState::OptedOut, at("21T07"));
    store.change_consent(&org(), ConsentOf::Number(number(1)), &stop, at("21T09")).await.unwrap();
    let store = Store::with_journal(backup, journal);
    take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.unwrap();
    let consents = store.consents(&org()).await.unwrap();
    assert_eq!(consents.opted_out_numbers.into_iter().collect::<Vec<_>>(), [number(1)]);
    assert_eq!(consents.imported_numbers.into_iter().collect::<Vec<_>>(), [number(2)]);
}

#[tokio::test]
async fn a_stop_that_was_heard_since_the_restore_stands_against_an_opt_in_that_an_admin_recorded_in_the_lost_time() {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    closed_until(&store, at("18T06")).await.unwrap();
    let backup = Arc::new(table.restored("numo-restored"));
    let recorded = ConsentChange { by: ConsentSource::Admin, ..said_to_us(ConsentState::OptedIn, at("22T08")) };
    for n in [1, 2] {
        store.change_consent(&org(), ConsentOf::Number(number(n)), &recorded, at("22T08")).await.unwrap();
    }
    let store = Store::with_journal(backup, journal);
    // It was said before the opt-in was recorded, by somebody of whom whoever recorded it had not heard yet.
    let stop = said_to_us(ConsentState::OptedOut, at("22T07"));
    store.change_consent(&org(), ConsentOf::Number(number(1)), &stop, at("24T05")).await.unwrap();
    take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.unwrap();
    let consents = store.consents(&org()).await.unwrap();
    assert_eq!(consents.opted_out_numbers.into_iter().collect::<Vec<_>>(), [number(1)]);
    assert_eq!(consents.opted_in_numbers.into_iter().collect::<Vec<_>>(), [number(2)]);
}

/// A table with a customer who was erased after its backup of the 20th, and the journal.
async fn restored_with_an_erased_customer() -> (Arc<MemoryTable>, Arc<MemoryTable>, NumberKeys) {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(table.clone(), journal.clone());
    let number_keys = NumberKeys::new(vec![7; 32]).unwrap();
    closed_until(&store, at("18T06")).await.unwrap();
    let number: PhoneNumber = "+971501234567".parse().unwrap();
    let key = number_keys.key(&org(), &number).unwrap();
    let contact = Contact {
        at: customer(),
        name: "Acme".to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::usable(number, key),
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: at("18T06"),
    };
    store.upsert_contact(&org(), None, &contact, at("18T06")).await.unwrap();
    let backup = Arc::new(table.restored("numo-restored"));
    let waker = Waker { store, queue: Arc::new(RecordingQueue::new()), ids: Arc::new(CountingIds::new(9)) };
    let by = "user_a".parse().unwrap();
    ask_for_erasure((&waker, &number_keys), (&org(), &by), &customer(), "Acme", at("22T08")).await.unwrap();
    (backup, journal, number_keys)
}

fn customer() -> ContactRef {
    let connection = "018f0000-0000-7000-8000-0000000000c1".parse().unwrap();
    ContactRef { connection, contact: "c1".parse().unwrap() }
}

#[tokio::test]
async fn whoever_was_erased_since_the_backup_is_erased_again_before_anything_goes_out() {
    let (backup, journal, number_keys) = restored_with_an_erased_customer().await;
    let store = Store::with_journal(backup.clone(), journal);
    assert_eq!(store.contacts(&org()).await.unwrap().len(), 1);
    let lost = LostSpan { from: at("20T07"), to: at("24T06") };
    let taken = take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.unwrap();
    // The gate opens with what keeps them out in force: what is left of them, the number's opt-out, and the work.
    assert_eq!(taken, TakenOver { replayed: 1, reminders: 0, erased: 1, organisations: 0, lost });
    let erased = store.erased_customer(&org(), &number_keys.customer(&org(), &customer()).unwrap()).await.unwrap();
    assert_eq!(erased.unwrap().erased_at, at("22T08"));
    assert_eq!(store.consents(&org()).await.unwrap().opted_out_numbers.len(), 1);
    let queue = Arc::new(RecordingQueue::new());
    let waker = Waker { store: store.clone(), queue: queue.clone(), ids: Arc::new(CountingIds::new(3)) };
    sweep_due(&waker, at("24T06")).await.unwrap();
    let job = queue.take().pop().unwrap();
    assert_eq!(job.work, erase_work(&customer()));
    let (ContactRef { connection, contact }, claim) = (customer(), job.claim.unwrap());
    let ended = erase_customer(&store, &number_keys, &org(), (connection, contact), claim, at("24T06")).await;
    assert_eq!(ended.unwrap(), Erasing::Done);
    assert_eq!(store.contacts(&org()).await.unwrap(), []);
    let naming: Vec<String> = backup.items().into_iter().map(|item| item.entity).collect();
    assert_eq!(naming.iter().filter(|entity| *entity == "contact" || *entity == "phone_link").count(), 0);
}

#[tokio::test]
async fn a_take_over_that_dies_at_any_call_forgets_no_erasure() {
    for call in 1.. {
        let (backup, journal, number_keys) = restored_with_an_erased_customer().await;
        let dying = Store::with_journal(faulty(&backup, Plan::Crash { call, fault: Fault::After }), journal.clone());
        let died = take_over(&ports(dying), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.is_err();
        let store = Store::with_journal(backup, journal);
        let is_shut = store.is_restored(&store.messaging_gate().await.unwrap());
        if is_shut {
            take_over(&ports(store.clone()), (&ann(), "a lost table"), at("20T07"), at("24T06")).await.unwrap();
        }
        let key = number_keys.customer(&org(), &customer()).unwrap();
        assert!(store.erased_customer(&org(), &key).await.unwrap().is_some(), "call {call}");
        if !died {
            assert!(call > 5);
            return;
        }
    }
}

#[tokio::test]
async fn an_erasure_is_in_the_journal_before_anything_is_in_the_table() {
    let (backup, journal, number_keys) = restored_with_an_erased_customer().await;
    let count = journal.items().len();
    let dead = faulty(&journal, Plan::Crash { call: 1, fault: Fault::Before });
    let waker = Waker {
        store: Store::with_journal(backup.clone(), dead),
        queue: Arc::new(RecordingQueue::new()),
        ids: Arc::new(CountingIds::new(9)),
    };
    let (before, by) = (backup.items(), "user_a".parse().unwrap());
    let asked = ask_for_erasure((&waker, &number_keys), (&org(), &by), &customer(), "c1", at("24T08")).await;
    assert!(asked.is_err());
    assert!(backup.items() == before && journal.items().len() == count);
}

#[tokio::test]
async fn a_table_that_is_in_use_and_a_moment_that_no_backup_can_have_are_refused() {
    let (backup, journal) = restored().await;
    let refused = async |store: &Store, to: Timestamp, reason: &str| match take_over(
        &ports(store.clone()),
        (&ann(), reason),
        to,
        at("24T06"),
    )
    .await
    {
        Err(AppError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    let store = Store::with_journal(backup, journal);
    assert_eq!(refused(&store, at("24T07"), "why").await, "restored_to");
    assert_eq!(refused(&store, "2026-10-01T00:00:00Z".parse().unwrap(), "why").await, "restored_to");
    assert_eq!(refused(&store, at("20T07"), "  ").await, "reason");
    take_over(&ports(store.clone()), (&ann(), "why"), at("20T07"), at("24T06")).await.unwrap();
    assert_eq!(refused(&store, at("20T07"), "why").await, "table");
}

#[tokio::test]
async fn what_customers_say_is_in_the_journal_before_it_is_in_the_table() {
    let (table, journal) = (Arc::new(MemoryTable::new()), Arc::new(MemoryTable::new()));
    let store = Store::with_journal(faulty(&table, Plan::Crash { call: 2, fault: Fault::Before }), journal.clone());
    let change = said_to_us(ConsentState::OptedOut, at("20T08"));
    let stopped = store.change_consent(&org(), ConsentOf::Number(number(1)), &change, at("20T08")).await;
    assert!(stopped.is_err());
    assert_eq!((table.items().len(), journal.items().len()), (0, 1));
    // And without the journal nothing is said to be stored.
    let store = Store::with_journal(table.clone(), faulty(&journal, Plan::Crash { call: 1, fault: Fault::Before }));
    let change = said_to_us(ConsentState::OptedOut, at("20T09"));
    assert!(store.change_consent(&org(), ConsentOf::Number(number(1)), &change, at("20T09")).await.is_err());
    assert_eq!(table.items().len(), 0);
}
