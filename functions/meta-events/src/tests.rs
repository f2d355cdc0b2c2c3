mod logged;
mod strangers;

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use jiff::Timestamp;
use numo_app::{
    number_key::NumberKeys,
    port::events::Event,
    store::{Store, route::Route},
};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::{OrgId, PhoneNumberId, WabaId},
    phone::PhoneNumber,
    sender::{Sender, SenderStatus, Throughput},
};
use numo_runtime::{env::Env, sqs::run_batch};
use numo_testkit::{
    faulty_table::{Fault, FaultyTable, Plan},
    fixed_clock::FixedClock,
    memory_table::MemoryTable,
    recording_events::{Published, RecordingEvents},
};

use super::*;
use crate::config::Config;

struct Fixture {
    table: Arc<FaultyTable>,
    memory: Arc<MemoryTable>,
    events: Arc<RecordingEvents>,
    ports: IngestPorts,
}

fn now() -> Timestamp {
    "2026-11-23T06:00:01Z".parse().unwrap()
}

fn org() -> OrgId {
    "org_a".parse().unwrap()
}

fn customer() -> ContactRef {
    ContactRef {
        connection: "018f0000-0000-7000-8000-0000000000c1".parse().unwrap(),
        contact: "contact-1".parse().unwrap(),
    }
}

/// An organisation that owns the account of the recorded deliveries, with one customer.
async fn fixture() -> Fixture {
    let memory = Arc::new(MemoryTable::new());
    let table = Arc::new(FaultyTable::new(memory.clone()));
    let (store, events) = (Store::new(table.clone()), Arc::new(RecordingEvents::new()));
    let ports = IngestPorts {
        store: store.clone(),
        events: events.clone(),
        number_keys: NumberKeys::new(vec![7; 32]).unwrap(),
        clock: Arc::new(FixedClock::at(now())),
    };
    let (waba, phone): (WabaId, PhoneNumberId) =
        ("102290129340398".parse().unwrap(), "106540352242922".parse().unwrap());
    store.claim_waba(&waba, &Route { org: org(), connection: None }, now()).await.unwrap();
    let sender = Sender {
        phone_number_id: phone,
        waba,
        number: "+971501234567".parse().unwrap(),
        verified_name: "Palm Trading".to_owned(),
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
    let number: PhoneNumber = "+971507654321".parse().unwrap();
    let key = ports.number_keys.key(&org(), &number).unwrap();
    let contact = Contact {
        at: customer(),
        name: "Layla".to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::usable(number, key),
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: now(),
    };
    store.upsert_contact(&org(), None, &contact, now()).await.unwrap();
    Fixture { table, memory, events, ports }
}

impl Fixture {
    /// The last character of the ids of records that come back.
    async fn work(&self) -> Vec<String> {
        let batch: SqsEvent = serde_json::from_str(include_str!("../tests/fixtures/sqs.json")).unwrap();
        let handle = |message: MetaDelivery, _| handle(&self.ports, message);
        let answer = run_batch(&FixedClock::at(now()), batch, Timestamp::MAX, &handle).await;
        answer.batch_item_failures.iter().map(|failure| failure.item_identifier[35..].to_owned()).collect()
    }

    async fn has_opted_out(&self) -> bool {
        let number = "+971507654321".parse().unwrap();
        let key = self.ports.number_keys.key(&org(), &number).unwrap();
        let consents = self.ports.store.consents(&org()).await.unwrap();
        consents.opted_out_numbers.contains(&key)
    }
}

#[tokio::test]
async fn a_stop_opts_out_and_the_broken_record_of_its_batch_comes_back_alone() {
    let fixture = fixture().await;
    assert_eq!(fixture.work().await, ["2"]);
    assert!(fixture.has_opted_out().await);
    let customer = customer();
    let event = Event::ContactOptedOut { connection: customer.connection, contact: customer.contact };
    assert_eq!(fixture.events.published(), [Published { org: org(), at: now(), event }]);
}

#[tokio::test]
async fn deliveries_that_come_again_change_nothing() {
    let fixture = fixture().await;
    fixture.work().await;
    let before = fixture.memory.items();
    assert_eq!(fixture.work().await, ["2"]);
    assert_eq!(fixture.memory.items(), before);
    assert_eq!(fixture.events.published().len(), 1);
}

#[tokio::test]
async fn a_table_that_is_down_leaves_a_delivery_to_the_queue() {
    let fixture = fixture().await;
    fixture.table.reset(Plan::Once { call: 1, fault: Fault::Before });
    assert_eq!(fixture.work().await, ["1", "2"]);
    assert!(!fixture.has_opted_out().await);
    fixture.work().await;
    assert!(fixture.has_opted_out().await);
}

#[test]
fn a_configuration_error_lists_every_key() {
    assert_eq!(
        Config::read(Env::given([])).unwrap_err().to_string(),
        "configuration: NUMO_TABLE is missing; NUMO_JOURNAL is missing; NUMO_SECRETS_ID is missing; NUMO_BUS is missing"
    );
}
