//! What Meta's webhooks change: consent, templates, and nothing of anybody else.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod account;
mod days;
mod hidden;
mod later;
mod mismatch;
mod opt_ins;
mod proof;
mod recorded;
mod replies;
mod statuses;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    delivery::{AccountChange, Delivery, Echo, InboundMessage, Update},
    ingest_delivery::{IngestPorts, IngestReport, ingest_delivery},
    number_key::NumberKeys,
    port::table::Table,
    store::{
        Store,
        reminder::{claim::SendClaim, outcome::SendOutcome},
        route::Route,
    },
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    consent::{Consent, ConsentChange, ConsentSource, ConsentState},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    conversation::Content,
    customer_file::{CustomerFile, PaidClaim},
    id::{AttemptId, ConnectionId, NumberKey, OrgId, PolicyId, WabaId},
    language::Language,
    money::Money,
    phone::PhoneNumber,
    policy::{Caps, StepId, Tone},
    reminder::{Occasion, Reminder, ReminderKey, ReminderState, TemplateRef, state_change::StateChange},
    sender::{Sender, SenderStatus, Throughput},
    template::{AccountTemplate, Purpose, Variant, template_for},
};
use numo_testkit::{fixed_clock::FixedClock, memory_table::MemoryTable, recording_events::RecordingEvents};
use uuid::Uuid;

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn waba() -> WabaId {
    "waba".parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

fn customer() -> ContactRef {
    ContactRef { connection: ConnectionId::new(Uuid::from_u128(9)), contact: "c1".parse().unwrap() }
}

fn number(text: &str) -> PhoneNumber {
    text.parse().unwrap()
}

struct Scene {
    table: Arc<MemoryTable>,
    ports: IngestPorts,
}

/// An organisation with one sender and one customer, whose number is `+971501234567`.
async fn scene() -> Scene {
    let table = Arc::new(MemoryTable::new());
    scene_over(table.clone(), table).await
}

/// The same, with another way to the table.
async fn scene_over(table: Arc<MemoryTable>, way: Arc<dyn Table>) -> Scene {
    let store = Store::new(way);
    let ports = IngestPorts {
        store: store.clone(),
        events: Arc::new(RecordingEvents::new()),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
        clock: Arc::new(FixedClock::at(now())),
    };
    store.claim_waba(&waba(), &Route { org: org(), connection: None }, now()).await.unwrap();
    let sender = Sender {
        phone_number_id: "phone".parse().unwrap(),
        waba: waba(),
        number: number("+97145550100"),
        verified_name: "Harbour Lane".to_owned(),
        status: SenderStatus::Ready,
        daily_limit: None,
        is_on_biz_app: false,
        throughput: Throughput::Standard,
        stopped_at: None,
        restriction: None,
        stopped_for: None,
        looked_at: None,
        heard_up_to: None,
    };
    let route = Route { org: org(), connection: None };
    store.claim_phone(&sender.phone_number_id, &route, now()).await.unwrap();
    store.save_sender(&org(), &sender, now()).await.unwrap();
    let scene = Scene { table, ports };
    scene.give_number("+971501234567").await;
    scene
}

impl Scene {
    fn key(&self, text: &str) -> NumberKey {
        self.ports.number_keys.key(&org(), &number(text)).unwrap()
    }

    async fn give_number(&self, text: &str) {
        let seen = self.ports.store.contacts_by_ref(&org(), &[customer()]).await.unwrap();
        let contact = Contact {
            at: customer(),
            name: "Acme".to_owned(),
            status: ContactStatus::Active,
            number: ContactNumber::usable(number(text), self.key(text)),
            first_key: None,
            typed: None,
            typed_before: None,
            payer: None,
            groups: Vec::new(),
            updated_at: now(),
        };
        self.ports.store.upsert_contact(&org(), seen.first(), &contact, now()).await.unwrap();
    }

    /// A reminder to the customer's number, taken by Meta as `wamid.1`.
    async fn remind(&self, to: &str) {
        let amount = Money::new(40_000, "AED".parse().unwrap());
        let state = ReminderState::Sending;
        let reminder = Reminder {
            key: ReminderKey {
                contact: customer(),
                currency: amount.currency,
                anchor: "1".parse().unwrap(),
                cycle: 1,
                occasion: Occasion::Step(StepId(3)),
            },
            date: jiff::civil::date(2026, 11, 23),
            attempt: AttemptId::new(Uuid::from_u128(1)),
            attempt_number: 1,
            claimed_at: now(),
            state: state.clone(),
            history: vec![StateChange { state, at: now() }],
            message: None,
            recipient: self.key(to),
            sender: "phone".parse().unwrap(),
            tone: Tone::Firm,
            counted_from: None,
            listed: Vec::new(),
            asked_by: None,
            cost: None,
            report: numo_domain::delivery_report::DeliveryReport::default(),
            earlier: std::collections::BTreeMap::new(),
            expired_before: 0,
        };
        let said = Attempt {
            policy: PolicyId::organisation_default(),
            policy_version: 1,
            template: TemplateRef { name: "numo_overdue_firm_v1".to_owned(), language: "en".to_owned() },
            text: "Hello".to_owned(),
            lines: Vec::new(),
            total: amount,
            evidence: Evidence {
                read_at: now(),
                anchor_remaining: amount,
                anchor_updated_at: Some(now()),
                request_ids: Vec::new(),
            },
        };
        let basis = self.ports.store.claim_basis(&org(), &reminder.key, &reminder.recipient).await.unwrap();
        let claim = self
            .ports
            .store
            .claim_send(&org(), (reminder.clone(), said), &basis, Caps::default(), now())
            .await
            .unwrap();
        assert!(matches!(claim, SendClaim::Claimed(_)));
        let taken = SendOutcome::Taken { message: "wamid.1".parse().unwrap(), held: false };
        self.ports.store.record_outcome(&org(), &reminder.key, reminder.attempt, &taken, now()).await.unwrap();
    }

    async fn ingest(&self, update: Update) -> IngestReport {
        let delivery = Delivery { waba: waba(), updates: vec![update], skipped: Vec::new() };
        ingest_delivery(&self.ports, &delivery).await.unwrap()
    }
}

fn inbound(from: Option<&str>, answers: Option<&str>, text: &str) -> Update {
    Update::Inbound(InboundMessage {
        edits: None,
        phone_number_id: "phone".parse().unwrap(),
        message: "wamid.in".parse().unwrap(),
        from: from.map(number),
        user: None,
        becomes: None,
        answers: answers.map(|id| id.parse().unwrap()),
        content: Content::Text,
        text: Some(text.to_owned()),
        row: None,
        at: now(),
    })
}

#[tokio::test]
async fn case_51_and_52_a_stop_without_a_number_counts_for_who_got_the_message_it_answers() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    let report = scene.ingest(inbound(None, Some("wamid.1"), "stop")).await;
    assert_eq!(report, IngestReport { inbound: 1, ..IngestReport::default() });
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    assert!(consents.opted_out_contacts.contains(&customer()));
    assert!(consents.opted_out_numbers.contains(&scene.key("+971501234567")));
}

#[tokio::test]
async fn a_change_of_consent_names_the_message_that_said_it_and_whether_it_was_typed_or_chosen() {
    for (content, by) in [
        (Content::Text, ConsentSource::Message),
        (Content::Image, ConsentSource::Message),
        (Content::Choice, ConsentSource::Button),
    ] {
        let scene = scene().await;
        let Update::Inbound(message) = inbound(Some("+971501234567"), None, "STOP") else { unreachable!() };
        scene.ingest(Update::Inbound(InboundMessage { content, ..message })).await;
        let key = scene.key("+971501234567");
        let whose = (Some(&key), &customer());
        let said = scene.ports.store.said_about_writing(&org(), whose).await.unwrap();
        let (of_number, of_contact) = (said.of_number().cloned(), said.of_contact().cloned());
        let stop = ConsentChange {
            state: ConsentState::OptedOut,
            at: now(),
            by,
            note: String::new(),
            message: "wamid.in".parse().ok(),
            recorded_by: None,
        };
        let expected = Consent { state: ConsentState::OptedOut, changed_at: now(), history: vec![stop] };
        assert_eq!((of_number.as_ref(), of_contact.as_ref()), (Some(&expected), Some(&expected)), "{content:?}");
    }
}

#[tokio::test]
async fn a_stop_from_a_former_number_stops_the_customer_at_the_new_one_too() {
    let scene = scene().await;
    scene.remind("+971501234567").await;
    scene.give_number("+971507654321").await;
    scene.ingest(inbound(Some("+971501234567"), Some("wamid.1"), "STOP")).await;
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    assert!(consents.opted_out_contacts.contains(&customer()));
}

#[tokio::test]
async fn a_stranger_may_stop_but_his_words_are_not_stored() {
    let scene = scene().await;
    let before = scene.table.items().len();
    assert_eq!(scene.ingest(inbound(Some("+971509999999"), None, "who is this?")).await.ignored, 1);
    assert_eq!(scene.table.items().len(), before);
    assert_eq!(scene.ingest(inbound(Some("+971509999999"), None, "STOP")).await.inbound, 1);
    let consents = scene.ports.store.consents(&org()).await.unwrap();
    assert!(consents.opted_out_numbers.contains(&scene.key("+971509999999")));
}

#[tokio::test]
async fn a_number_that_is_somebody_elses_is_never_used_for_the_customer_again_and_the_day_is_planned_anew() {
    let scene = scene().await;
    scene.ingest(inbound(Some("+971501234567"), None, "Wrong number!")).await;
    let file = scene.ports.store.customer_file(&org(), &customer()).await.unwrap();
    let unlinked = [scene.key("+971501234567")].into();
    let expected = CustomerFile { unlinked, replied_at: [now()].into(), ..CustomerFile::default() };
    assert_eq!(file, expected);
    assert!(scene.table.items().iter().any(|item| item.key.sk == "DUE#PLAN#DAY"));
}

#[tokio::test]
async fn case_48_the_same_message_twice_is_one_effect() {
    let scene = scene().await;
    scene.ingest(inbound(Some("+971501234567"), None, "STOP")).await;
    let before = scene.table.items();
    assert_eq!(scene.ingest(inbound(Some("+971501234567"), None, "STOP")).await.ignored, 1);
    assert_eq!(scene.table.items(), before);
}

#[tokio::test]
async fn an_account_that_nobody_owns_changes_nothing() {
    let scene = scene().await;
    let before = scene.table.items();
    let update = inbound(Some("+971501234567"), None, "STOP");
    let delivery = Delivery { waba: "somebody-elses".parse().unwrap(), updates: vec![update], skipped: Vec::new() };
    assert_eq!(ingest_delivery(&scene.ports, &delivery).await.unwrap().ignored, 1);
    assert_eq!(scene.table.items(), before);
}

#[tokio::test]
async fn metas_decision_about_a_text_of_the_pack_is_kept_and_the_day_is_planned_anew() {
    let scene = scene().await;
    let text = template_for(Purpose::Upcoming, Language::English, Variant::Plain).reference();
    let pending = AccountTemplate::pending(text.clone());
    scene.ports.store.save_template(&org(), &waba(), &pending, now()).await.unwrap();
    let approved = AccountTemplate::approved(text);
    assert_eq!(scene.ingest(Update::Template(approved.clone())).await.templates, 1);
    assert_eq!(scene.ports.store.templates(&org()).await.unwrap(), std::slice::from_ref(&approved));
    assert!(scene.table.items().iter().any(|item| item.key.sk == "DUE#PLAN#DAY"));
    let others = TemplateRef { name: "their_own_offer".to_owned(), language: "en".to_owned() };
    let theirs = AccountTemplate::approved(others);
    assert_eq!(scene.ingest(Update::Template(theirs)).await.ignored, 1);
    assert_eq!(scene.ports.store.templates(&org()).await.unwrap(), [approved]);
}

#[tokio::test]
async fn whatever_changed_about_an_account_of_ours_is_asked_about_and_about_others_nothing_is() {
    let scene = scene().await;
    let before = scene.table.items();
    let of_entry = |entry: WabaId, about: &[&str]| {
        let updates = about.iter().map(|waba| Update::Account(AccountChange::of(waba.parse().unwrap()))).collect();
        Delivery { waba: entry, updates, skipped: Vec::new() }
    };
    // Somebody else's account, in somebody else's entry and in ours.
    for entry in [waba(), "partner".parse().unwrap()] {
        let report = ingest_delivery(&scene.ports, &of_entry(entry, &["somebody-elses"])).await.unwrap();
        assert_eq!(report, IngestReport::default());
    }
    assert_eq!(scene.table.items(), before);
    let ours = waba();
    let report =
        ingest_delivery(&scene.ports, &of_entry("partner".parse().unwrap(), &[ours.as_str(); 3])).await.unwrap();
    assert_eq!(report, IngestReport { accounts: 1, ..IngestReport::default() });
    let due: Vec<String> =
        scene.table.items().into_iter().map(|item| item.key.sk).filter(|sk| sk.starts_with("DUE")).collect();
    assert_eq!(due, [format!("DUE#ACCOUNT#{}", ours.as_str())]);
}

#[tokio::test]
async fn case_65_whoever_writes_from_the_phone_has_read_what_came_before_and_a_claim_stays() {
    let scene = scene().await;
    let file = async || scene.ports.store.customer_file(&org(), &customer()).await.unwrap();
    scene.ingest(inbound(Some("+971501234567"), None, "when can you come by?")).await;
    let unread = file().await;
    assert_eq!((unread.unread_since, unread.owner_wrote_at), (Some(now()), None));
    let echo = |to: &str, at: Timestamp| {
        Update::Echo(Echo { phone_number_id: "phone".parse().unwrap(), to: to.parse().ok(), user: None, at })
    };
    // To somebody else, and before the question was asked.
    let before = now().checked_sub(SignedDuration::from_mins(1)).unwrap();
    assert_eq!(scene.ingest(echo("+971509999999", now())).await.ignored, 1);
    assert_eq!(file().await, unread);
    assert_eq!(scene.ingest(echo("+971501234567", before)).await.echoes, 1);
    assert_eq!((file().await.unread_since, file().await.owner_wrote_at), (Some(now()), Some(before)));
    for _ in 0..2 {
        assert_eq!(scene.ingest(echo("+971501234567", now())).await.echoes, 1);
        assert_eq!((file().await.unread_since, file().await.owner_wrote_at), (None, Some(now())));
    }
    // An older echo that comes late takes nothing back.
    scene.ingest(echo("+971501234567", before)).await;
    assert_eq!(file().await.owner_wrote_at, Some(now()));
    let claim = PaidClaim { at: before, invoices: std::collections::BTreeSet::new() };
    let note = |file: &mut CustomerFile| file.paid_claim = Some(claim.clone());
    scene.ports.store.change_customer_file(&org(), &customer(), now(), note).await.unwrap();
    scene.ingest(echo("+971501234567", now())).await;
    assert_eq!(file().await.paid_claim, Some(claim));
}
