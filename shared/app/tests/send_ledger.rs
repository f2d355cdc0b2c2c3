//! The send ledger: what a claim needs, what an outcome does, what a status settles.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_app::port::table::{Table, Write};
use numo_app::store::{
    Store,
    consent::ConsentOf,
    reminder::{
        claim::{LostSend, SendClaim},
        outcome::SendOutcome,
    },
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    consent::{ConsentChange, ConsentSource, ConsentState},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    cost::Cost,
    customer_file::CustomerFile,
    delivery_report::{
        DeliveryReport,
        pricing::{Billed, PriceCategory, Pricing},
    },
    fuse::FuseRefusal,
    id::{AttemptId, ConnectionId, MessageId, OrgId, PolicyId},
    money::Money,
    plan::decision::InvoiceLine,
    policy::{Caps, StepId, Tone},
    reminder::{
        DeliveryStatus, EarlierMessage, Occasion, Reminder, ReminderKey, ReminderState, TemplateRef,
        state_change::StateChange,
    },
};
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    meddled_table::MeddledTable,
    memory_table::MemoryTable,
};
use serde_json::json;
use uuid::Uuid;

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

/// A status with nothing but its word.
fn none() -> DeliveryReport {
    DeliveryReport::default()
}

const UTILITY: Pricing = Pricing { billed: Billed::Regular, category: PriceCategory::Utility };

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn attempt(n: u128) -> AttemptId {
    AttemptId::new(Uuid::from_u128(n))
}

fn message() -> MessageId {
    "wamid.1".parse().unwrap()
}

fn day(n: i8) -> Date {
    Date::constant(2027, 1, n)
}

fn contact() -> ContactRef {
    ContactRef { connection: ConnectionId::new(Uuid::from_u128(9)), contact: "c1".parse().unwrap() }
}

/// The firm step for invoice 1 of customer c1, claimed on 1 January 2027.
fn reminder(n: u128) -> Reminder {
    let state = ReminderState::Sending;
    Reminder {
        key: ReminderKey {
            contact: contact(),
            currency: "AED".parse().unwrap(),
            anchor: "1".parse().unwrap(),
            cycle: 1,
            occasion: Occasion::Step(StepId(3)),
        },
        date: day(1),
        attempt: attempt(n),
        attempt_number: 1,
        claimed_at: at(0),
        state: state.clone(),
        history: vec![StateChange { state, at: at(0) }],
        message: None,
        recipient: "numberkey".parse().unwrap(),
        sender: "phone".parse().unwrap(),
        tone: Tone::Firm,
        counted_from: None,
        listed: vec!["1".parse().unwrap()],
        asked_by: None,
        cost: None,
        report: DeliveryReport::default(),
        earlier: BTreeMap::new(),
        expired_before: 0,
    }
}

/// What its attempt says.
fn words() -> Attempt {
    let amount = Money::new(40_000, "AED".parse().unwrap());
    Attempt {
        policy: PolicyId::organisation_default(),
        policy_version: 1,
        template: TemplateRef { name: "numo_overdue_firm_v1".to_owned(), language: "en".to_owned() },
        text: "Hello".to_owned(),
        lines: vec![InvoiceLine {
            invoice: "1".parse().unwrap(),
            number: "INV-1".to_owned(),
            remaining: amount,
            due: day(1),
        }],
        total: amount,
        evidence: Evidence {
            read_at: at(0),
            anchor_remaining: amount,
            anchor_updated_at: Some(at(0)),
            request_ids: Vec::new(),
        },
    }
}

fn store() -> Store {
    Store::new(Arc::new(MemoryTable::new()))
}

async fn claim(store: &Store, reminder: Reminder) -> Result<AttemptId, LostSend> {
    let basis = store.claim_basis(&org(), &reminder.key, &reminder.recipient).await.unwrap();
    match store.claim_send(&org(), (reminder, words()), &basis, Caps::default(), at(0)).await.unwrap() {
        SendClaim::Claimed(claimed) => Ok(claimed.value.attempt),
        SendClaim::Lost(why) => Err(why),
    }
}

async fn state(store: &Store, n: u128) -> ReminderState {
    store.reminder_of_attempt(&org(), attempt(n)).await.unwrap().unwrap().state
}

#[tokio::test]
async fn of_twenty_who_claim_one_reminder_one_wins() {
    let store = store();
    let claims = join_all((1..=20).map(|n| claim(&store, reminder(n)))).await;
    assert_eq!(claims.iter().filter(|claim| claim.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_claimed_reminder_is_not_claimed_again_whatever_became_of_it() {
    for outcome in [
        SendOutcome::Taken { message: "wamid.1".parse().unwrap(), held: false },
        SendOutcome::Taken { message: "wamid.1".parse().unwrap(), held: true },
        SendOutcome::Unknown,
    ] {
        let store = store();
        claim(&store, reminder(1)).await.unwrap();
        store.record_outcome(&org(), &reminder(1).key, attempt(1), &outcome, at(1)).await.unwrap();
        assert_eq!(claim(&store, reminder(2)).await, Err(LostSend::Taken), "{outcome:?}");
    }
}

#[tokio::test]
async fn what_meta_certainly_did_not_take_may_be_tried_again_a_few_times_and_frees_the_number() {
    let store = store();
    // What a limit kept from going out is no try.
    for n in 1..=11 {
        claim(&store, reminder(n)).await.unwrap();
        let refused = SendOutcome::NotSent { code: if n % 4 == 0 { 131_056 } else { 131_042 } };
        store.record_outcome(&org(), &reminder(n).key, attempt(n), &refused, at(1)).await.unwrap();
    }
    let known = store.reminder_of_attempt(&org(), attempt(11)).await.unwrap().unwrap();
    assert_eq!((known.attempt_number, known.history.len()), (11, 22));
    assert_eq!(claim(&store, reminder(12)).await, Err(LostSend::TriedTooOften));
}

#[tokio::test]
async fn what_meta_never_delivers_is_claimed_once_and_what_it_held_back_once_more_after_a_day() {
    let refused = |code| SendOutcome::NotSent { code };
    for code in [130_472, 130_497, 131_050] {
        let store = store();
        claim(&store, reminder(1)).await.unwrap();
        store.record_outcome(&org(), &reminder(1).key, attempt(1), &refused(code), at(1)).await.unwrap();
        assert_eq!(claim(&store, reminder(2)).await, Err(LostSend::Taken), "{code}");
    }
    let (store, told_at) = (store(), at(0).checked_sub(SignedDuration::from_hours(24)).unwrap());
    claim(&store, reminder(1)).await.unwrap();
    let late = told_at.checked_add(SignedDuration::from_millis(1)).unwrap();
    store.record_outcome(&org(), &reminder(1).key, attempt(1), &refused(131_049), late).await.unwrap();
    assert_eq!(claim(&store, reminder(2)).await, Err(LostSend::Taken));
    let store = self::store();
    claim(&store, reminder(1)).await.unwrap();
    store.record_outcome(&org(), &reminder(1).key, attempt(1), &refused(131_049), told_at).await.unwrap();
    claim(&store, reminder(2)).await.unwrap();
    store.record_outcome(&org(), &reminder(2).key, attempt(2), &refused(131_049), told_at).await.unwrap();
    assert_eq!(claim(&store, reminder(3)).await, Err(LostSend::Taken));
}

#[tokio::test]
async fn a_message_that_was_dropped_twice_is_not_tried_a_third_time() {
    let store = store();
    for n in 1..=2 {
        let mut next = reminder(n);
        next.date = day(i8::try_from(n).unwrap() * 4);
        claim(&store, next).await.unwrap();
        let sent = store.reminder_of_attempt(&org(), attempt(n)).await.unwrap().unwrap();
        assert!(store.move_reminder(&org(), &sent, ReminderState::Expired, at(9)).await.unwrap());
    }
    let mut third = reminder(3);
    third.date = day(20);
    assert_eq!(claim(&store, third).await, Err(LostSend::GivenUp));
    // The owner corrected the number: nothing was lost there yet.
    let mut elsewhere = reminder(4);
    (elsewhere.date, elsewhere.recipient) = (day(24), "another-number".parse().unwrap());
    assert!(claim(&store, elsewhere).await.is_ok());
}

#[tokio::test]
async fn what_did_not_reach_a_number_may_be_claimed_for_another_one_or_once_more_when_it_is_tried_again() {
    let lost = async |state: ReminderState| {
        let store = store();
        claim(&store, reminder(1)).await.unwrap();
        let sent = store.reminder_of_attempt(&org(), attempt(1)).await.unwrap().unwrap();
        assert!(store.move_reminder(&org(), &sent, state, at(9)).await.unwrap());
        store
    };
    let failed = || ReminderState::Failed { code: 131_026 };
    let later = |n: u128, date: Date| Reminder { date, ..reminder(n) };
    let store = lost(failed()).await;
    assert_eq!(claim(&store, later(2, day(20))).await, Err(LostSend::Taken));
    let elsewhere = Reminder { recipient: "another-number".parse().unwrap(), ..later(3, day(20)) };
    assert_eq!(claim(&store, elsewhere).await, Ok(attempt(3)));

    // Two that were dropped are counted no more once the number is tried again: it has two tries, like a new one.
    let store = lost(ReminderState::Expired).await;
    assert_eq!(claim(&store, later(2, day(8))).await, Ok(attempt(2)));
    let drop = async |store: &Store, n: u128| {
        let sent = store.reminder_of_attempt(&org(), attempt(n)).await.unwrap().unwrap();
        assert!(store.move_reminder(&org(), &sent, ReminderState::Expired, at(9)).await.unwrap());
    };
    drop(&store, 2).await;
    assert_eq!(claim(&store, later(3, day(12))).await, Err(LostSend::GivenUp));
    let tried_again = CustomerFile { tried_again_on: Some(day(10)), ..CustomerFile::default() };
    store
        .change_customer_file(&org(), &reminder(1).key.contact, at(10), |file| *file = tried_again.clone())
        .await
        .unwrap();
    for n in [4_u128, 5] {
        assert_eq!(claim(&store, later(n, day(i8::try_from(n).unwrap() * 4))).await, Ok(attempt(n)));
        drop(&store, n).await;
    }
    assert_eq!(claim(&store, later(6, day(28))).await, Err(LostSend::GivenUp));

    let store = lost(failed()).await;
    let tried_again = CustomerFile { tried_again_on: Some(day(10)), ..CustomerFile::default() };
    store
        .change_customer_file(&org(), &reminder(1).key.contact, at(10), |file| *file = tried_again.clone())
        .await
        .unwrap();
    assert_eq!(claim(&store, later(2, day(20))).await, Ok(attempt(2)));
    let again = store.reminder_of_attempt(&org(), attempt(2)).await.unwrap().unwrap();
    assert!(store.move_reminder(&org(), &again, failed(), at(11)).await.unwrap());
    assert_eq!(claim(&store, later(4, day(28))).await, Err(LostSend::Taken), "tried again once");

    // What arrived did so, whatever people say later.
    let store = lost(ReminderState::Delivered).await;
    store
        .change_customer_file(&org(), &reminder(1).key.contact, at(10), |file| *file = tried_again.clone())
        .await
        .unwrap();
    assert_eq!(claim(&store, later(2, day(20))).await, Err(LostSend::Taken));
}

#[tokio::test]
async fn another_message_to_the_same_number_on_the_same_day_is_refused() {
    let store = store();
    claim(&store, reminder(1)).await.unwrap();
    let mut other = reminder(2);
    other.key.anchor = "2".parse().unwrap();
    assert_eq!(claim(&store, other.clone()).await, Err(LostSend::Fuse(FuseRefusal::Daily)));
    other.date = day(2);
    assert_eq!(claim(&store, other.clone()).await, Err(LostSend::Fuse(FuseRefusal::Gap { until: day(3) })));
    other.date = day(3);
    assert_eq!(claim(&store, other).await, Ok(attempt(2)));
}

#[tokio::test]
async fn an_opt_out_of_the_number_or_of_the_contact_refuses_the_claim() {
    for of in [ConsentOf::Number("numberkey".parse().unwrap()), ConsentOf::Contact(contact())] {
        let store = store();
        let stop = ConsentChange {
            state: ConsentState::OptedOut,
            at: at(0),
            by: ConsentSource::Message,
            note: String::new(),
            message: None,
            recorded_by: None,
        };
        store.change_consent(&org(), of, &stop, at(0)).await.unwrap();
        assert_eq!(claim(&store, reminder(1)).await, Err(LostSend::OptedOut));
    }
}

/// What somebody may say at any moment, and what stops a send.
async fn said(store: &Store, what: usize) {
    let stop = ConsentChange {
        state: ConsentState::OptedOut,
        at: at(0),
        by: ConsentSource::Message,
        note: String::new(),
        message: None,
        recorded_by: None,
    };
    let unread = |file: &mut CustomerFile| file.unread_since = Some(at(0));
    let of = [ConsentOf::Number("numberkey".parse().unwrap()), ConsentOf::Contact(contact())].into_iter().nth(what);
    match of {
        Some(of) => store.change_consent(&org(), of, &stop, at(0)).await.unwrap(),
        None => drop(store.change_customer_file(&org(), &contact(), at(0), unread).await.unwrap()),
    }
}

/// An earlier reminder to the customer that Meta did not take, so that number and key are free again.
async fn tried_before(store: &Store) {
    claim(store, reminder(1)).await.unwrap();
    let refused = SendOutcome::NotSent { code: 131_056 };
    store.record_outcome(&org(), &reminder(1).key, attempt(1), &refused, at(1)).await.unwrap();
}

#[tokio::test]
async fn case_52_whoever_says_stop_or_that_it_is_paid_until_right_before_the_call_gets_nothing() {
    // Before and after the attempt is written down, and between the claim and the last look.
    for (call, what) in (1..=3).flat_map(|call| (0..3).map(move |what| (call, what))) {
        for again in [false, true] {
            let table = Arc::new(MemoryTable::new());
            let meddled = Arc::new(MeddledTable::new(table.clone()));
            let (store, other) = (Store::new(meddled.clone()), Store::new(table));
            if again {
                tried_before(&store).await;
            }
            let (asked, before) = (reminder(2), other.reminders(&org()).await.unwrap());
            let basis = store.claim_basis(&org(), &asked.key, &asked.recipient).await.unwrap();
            let meddler = other.clone();
            meddled.meddle(call, async move { said(&meddler, what).await });
            let claimed = store.claim_send(&org(), (asked, words()), &basis, Caps::default(), at(2)).await.unwrap();
            assert_eq!(claimed, SendClaim::Lost(LostSend::Raced), "{what} before call {call}");
            assert!(meddled.is_meddled());
            assert_eq!(other.reminders(&org()).await.unwrap(), before);
            assert!(other.fuses(&org()).await.unwrap().iter().all(|(_, fuse)| fuse.sends.is_empty()));
            assert_eq!(other.reminder_of_attempt(&org(), attempt(2)).await.unwrap(), None, "its words are left");
        }
    }
}

#[tokio::test]
async fn a_customer_who_has_another_number_right_before_the_call_gets_nothing_at_the_one_before() {
    let number = |key: &str| ContactNumber::usable("+971501234567".parse().unwrap(), key.parse().unwrap());
    for (after, is_sent) in [(number("numberkey"), true), (number("another"), false), (ContactNumber::Unread, false)] {
        let table = Arc::new(MemoryTable::new());
        let meddled = Arc::new(MeddledTable::new(table.clone()));
        let (store, other) = (Store::new(meddled.clone()), Store::new(table));
        let (asked, known) = (reminder(1), contact_with(number("numberkey")));
        other.upsert_contact(&org(), None, &known, at(0)).await.unwrap();
        let basis = store.claim_basis(&org(), &asked.key, &asked.recipient).await.unwrap();
        meddled.meddle(3, async move {
            let seen = other.contact(&org(), &contact()).await.unwrap();
            other.upsert_contact(&org(), seen.as_ref(), &contact_with(after), at(1)).await.unwrap();
        });
        let claimed = store.claim_send(&org(), (asked, words()), &basis, Caps::default(), at(2)).await.unwrap();
        assert_eq!(matches!(claimed, SendClaim::Claimed(_)), is_sent);
        assert!(is_sent || claimed == SendClaim::Lost(LostSend::Raced));
    }
}

fn contact_with(number: ContactNumber) -> Contact {
    Contact {
        at: contact(),
        name: "Acme".to_owned(),
        status: ContactStatus::Active,
        number,
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: at(0),
    }
}

#[tokio::test]
async fn a_claim_whose_last_look_fails_is_taken_back_and_one_that_cannot_be_stays_for_a_look() {
    for (plan, left) in [
        (Plan::Once { call: 3, fault: Fault::Before }, None),
        (Plan::Crash { call: 3, fault: Fault::Before }, Some(ReminderState::Sending)),
        (Plan::Crash { call: 5, fault: Fault::Before }, Some(ReminderState::Sending)),
        (Plan::Crash { call: 5, fault: Fault::After }, None),
    ] {
        let table = Arc::new(MemoryTable::new());
        let faulty = Arc::new(FaultyTable::new(table.clone()));
        let (store, asked) = (Store::new(faulty.clone()), reminder(1));
        let basis = store.claim_basis(&org(), &asked.key, &asked.recipient).await.unwrap();
        said(&Store::new(table.clone()), 0).await;
        faulty.reset(plan.clone());
        let claimed = store.claim_send(&org(), (asked, words()), &basis, Caps::default(), at(2)).await;
        assert!(claimed.is_err(), "{plan:?}");
        let known = Store::new(table).reminders(&org()).await.unwrap();
        assert_eq!(known.into_iter().next().map(|reminder| reminder.state), left, "{plan:?}");
    }
}

/// A table with the first attempt claimed, and how large its reminder has become after everything that may happen.
async fn size_when_read(listed: usize) -> (u64, u64) {
    let table = Arc::new(MemoryTable::new());
    let (store, mut asked) = (Store::new(table.clone()), reminder(1));
    let uuid = |n: usize| Uuid::from_u128(u128::MAX - u128::try_from(n).unwrap()).to_string();
    // As long as they are in production: ids of Clerk, Xero and Meta.
    let org: OrgId = format!("org_{}", "2".repeat(27)).parse().unwrap();
    (asked.key.contact.contact, asked.key.anchor) = (uuid(1).parse().unwrap(), uuid(2).parse().unwrap());
    asked.key.contact.connection = ConnectionId::new(Uuid::from_u128(u128::MAX));
    (asked.recipient, asked.sender) = ("0".repeat(32).parse().unwrap(), "1".repeat(16).parse().unwrap());
    (asked.counted_from, asked.cost) =
        (Some(day(1)), Some(Cost { millionths: 1_057_600, currency: asked.key.currency }));
    asked.listed = (0..listed).map(|n| uuid(n).parse().unwrap()).collect();
    let basis = store.claim_basis(&org, &asked.key, &asked.recipient).await.unwrap();
    let claimed = match store.claim_send(&org, (asked, words()), &basis, Caps::default(), at(0)).await.unwrap() {
        SendClaim::Claimed(claimed) => Ok(claimed),
        SendClaim::Lost(why) => Err(why),
    };
    let claimed = claimed.unwrap();
    let message: MessageId = format!("wamid.{}", "x".repeat(58)).parse().unwrap();
    table.take_counts();
    store.record_taken(&org, &claimed, (&message, false), at(1)).await.unwrap();
    for status in [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read] {
        let report = DeliveryReport::new(BTreeSet::new(), Some(UTILITY));
        store.apply_status(&org, (attempt(1), &message), (status, &report), at(2), at(2)).await.unwrap();
    }
    let counts = table.take_counts();
    (counts.writes, counts.all_write_units())
}

#[tokio::test]
async fn what_meta_answers_and_tells_costs_one_write_unit_each_however_many_invoices_are_listed() {
    for listed in [1, 5] {
        // The link from the message, accepted, sent, delivered and read.
        assert_eq!(size_when_read(listed).await, (5, 5), "{listed} invoices");
    }
}

/// Makes the items of the first attempt what they were when a reminder had in itself what it says.
async fn as_before(table: &MemoryTable) {
    let said = serde_json::to_value(words()).unwrap();
    for mut item in table.items() {
        match item.entity.as_str() {
            "reminder" => {
                item.body.extend(said.as_object().unwrap().clone());
                item.body.remove("listed");
                item.body.insert("history".to_owned(), json!([{"state": {"is": "sending"}, "at": at(0)}]));
            }
            "reminder_link" => drop(item.body.remove("said")),
            _ => continue,
        }
        item.rev += 1;
        table.write(Write::Replace(item)).await.unwrap();
    }
}

#[tokio::test]
async fn a_reminder_that_has_in_itself_what_it_says_keeps_it_through_every_status() {
    let table = Arc::new(MemoryTable::new());
    let store = Store::new(table.clone());
    claim(&store, reminder(1)).await.unwrap();
    as_before(&table).await;
    assert_eq!(store.reminders(&org()).await.unwrap(), [reminder(1)]);
    let read = store
        .apply_status(&org(), (attempt(1), &message()), (DeliveryStatus::Read, &none()), at(5), at(5))
        .await
        .unwrap();
    let known = store.reminders(&org()).await.unwrap();
    assert_eq!((known.first(), known.iter().map(|one| one.listed.len()).sum::<usize>()), (read.as_ref(), 1));
    assert_eq!(store.reminder_of_message(&org(), &message()).await.unwrap(), read);
    assert_eq!(store.said(&org(), &known).await.unwrap(), BTreeMap::from([(attempt(1), words())]));
}

#[tokio::test]
async fn case_47_statuses_in_any_order_twice_and_before_the_answer_lead_to_one_state() {
    let statuses = [DeliveryStatus::Sent, DeliveryStatus::Delivered, DeliveryStatus::Read, DeliveryStatus::Sent];
    for rotation in 0..statuses.len() {
        let store = store();
        claim(&store, reminder(1)).await.unwrap();
        let mut order = statuses;
        order.rotate_left(rotation);
        for (n, status) in order.into_iter().enumerate() {
            store.apply_status(&org(), (attempt(1), &message()), (status, &none()), at(5), at(6)).await.unwrap();
            if n == 1 {
                let taken = SendOutcome::Taken { message: "wamid.1".parse().unwrap(), held: false };
                store.record_outcome(&org(), &reminder(1).key, attempt(1), &taken, at(7)).await.unwrap();
            }
        }
        let settled = store.reminder_of_attempt(&org(), attempt(1)).await.unwrap().unwrap();
        assert_eq!((settled.state, settled.message), (ReminderState::Read, "wamid.1".parse().ok()));
    }
}

#[tokio::test]
async fn a_late_failure_of_the_first_attempt_says_nothing_about_the_second() {
    let store = store();
    claim(&store, reminder(1)).await.unwrap();
    store
        .record_outcome(&org(), &reminder(1).key, attempt(1), &SendOutcome::NotSent { code: 131_056 }, at(1))
        .await
        .unwrap();
    claim(&store, reminder(2)).await.unwrap();
    store
        .apply_status(
            &org(),
            (attempt(1), &message()),
            (DeliveryStatus::Failed { code: 131_026 }, &none()),
            at(2),
            at(2),
        )
        .await
        .unwrap();
    assert_eq!(state(&store, 2).await, ReminderState::Sending);
    store
        .apply_status(&org(), (attempt(1), &message()), (DeliveryStatus::Delivered, &none()), at(3), at(3))
        .await
        .unwrap();
    assert_eq!(state(&store, 2).await, ReminderState::Delivered);
}

#[tokio::test]
async fn what_is_told_of_an_earlier_message_stays_apart_from_what_is_told_of_the_latest() {
    let store = store();
    let told = DeliveryReport::new(BTreeSet::new(), Some(UTILITY));
    claim(&store, reminder(1)).await.unwrap();
    store.apply_status(&org(), (attempt(1), &message()), (DeliveryStatus::Sent, &told), at(2), at(2)).await.unwrap();
    let sent = store.reminder_of_attempt(&org(), attempt(1)).await.unwrap().unwrap();
    assert_eq!((&sent.report, sent.earlier.len()), (&told, 0));
    assert!(store.move_reminder(&org(), &sent, ReminderState::Expired, at(9)).await.unwrap());
    claim(&store, Reminder { date: day(5), ..reminder(2) }).await.unwrap();
    let read = (DeliveryStatus::Read, &none());
    store.apply_status(&org(), (attempt(1), &message()), read, at(10), at(10)).await.unwrap();
    let again = store.reminder_of_attempt(&org(), attempt(2)).await.unwrap().unwrap();
    let earlier = EarlierMessage { report: told, is_delivered: true };
    assert_eq!((again.report, again.earlier), (none(), BTreeMap::from([(attempt(1), earlier)])));
}

#[tokio::test]
async fn another_organisation_sees_neither_attempt_nor_reminder_nor_fuse() {
    let (store, other): (_, OrgId) = (store(), "org_b".parse().unwrap());
    claim(&store, reminder(1)).await.unwrap();
    assert_eq!(store.reminder_of_attempt(&other, attempt(1)).await.unwrap(), None);
    assert_eq!(store.reminders(&other).await.unwrap(), []);
    assert_eq!(store.fuses(&other).await.unwrap(), []);
    assert_eq!(
        store
            .apply_status(&other, (attempt(1), &message()), (DeliveryStatus::Read, &none()), at(1), at(1))
            .await
            .unwrap(),
        None
    );
    assert_eq!(state(&store, 1).await, ReminderState::Sending);
}
