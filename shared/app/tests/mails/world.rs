//! An organisation in Dubai with an admin and a member, and everything that mails need.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use numo_app::{
    error::AppError,
    job::Work,
    mail_owner::{MailPorts, Mailed, Mailer, mail_owner},
    number_key::NumberKeys,
    port::{clock::Clock, mail::Letter, session::Role},
    store::{
        Store,
        due::Claimed,
        inbound::{Inbound, InboundEffect, Reply},
        task::TaskAbout,
    },
    wake::Waker,
};
use numo_domain::{
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    id::{ConnectionId, OrgId, UserId},
    invoice::{Invoice, InvoiceStatus, Marked},
    money::Money,
    reply::Intent,
};
use numo_testkit::{
    counting_ids::CountingIds, faulty_table::FaultyTable, fixed_clock::FixedClock, memory_people::MemoryPeople,
    memory_table::MemoryTable, recording_mail::RecordingMail, recording_queue::RecordingQueue,
};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) faults: Arc<FaultyTable>,
    pub(crate) store: Store,
    pub(crate) mail: Arc<RecordingMail>,
    pub(crate) people: Arc<MemoryPeople>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) ports: MailPorts,
}

pub(crate) fn org() -> OrgId {
    "org_a".parse().unwrap()
}

pub(crate) fn user(name: &str) -> UserId {
    format!("user_{name}").parse().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    ConnectionId::new(Uuid::from_u128(0xc1))
}

pub(crate) fn reconnect() -> TaskAbout {
    TaskAbout::ReconnectLedger(connection())
}

pub(crate) fn customer(id: &str) -> ContactRef {
    ContactRef { connection: connection(), contact: id.parse().unwrap() }
}

/// Noon of a Monday in Dubai.
pub(crate) const NOON: &str = "2026-11-23T08:00:00Z";

impl World {
    pub(crate) async fn new() -> Self {
        let memory = Arc::new(MemoryTable::new());
        let faults = Arc::new(FaultyTable::new(memory.clone()));
        let (mail, people) = (Arc::new(RecordingMail::new()), Arc::new(MemoryPeople::new()));
        let clock = Arc::new(FixedClock::at(at(NOON)));
        let waker = Waker {
            store: Store::new(faults.clone()),
            queue: Arc::new(RecordingQueue::new()),
            ids: Arc::new(CountingIds::new(1)),
        };
        let mailer = Mailer {
            mail: mail.clone(),
            people: people.clone(),
            keys: NumberKeys::new(vec![7; 32]).unwrap(),
            public_url: "https://numo.example".to_owned(),
        };
        let ports = MailPorts { waker, clock: clock.clone(), mailer: Some(mailer) };
        let world = Self { faults, store: Store::new(memory), mail, people, clock, ports };
        let profile = |profile: &mut numo_domain::organisation::Organisation| {
            profile.name = "Harbour Lane".to_owned();
            profile.zone = "Asia/Dubai".parse().unwrap();
        };
        world.store.change_organisation(&org(), world.now(), profile).await.unwrap();
        world.people.join(&org(), &user("ann"), Role::Admin);
        world.people.join(&org(), &user("max"), Role::Member);
        world
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn pass(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub(crate) async fn open(&self, about: TaskAbout) {
        self.store.open_task(&org(), about, self.now()).await.unwrap();
    }

    /// One round of the work, woken by hand.
    pub(crate) async fn try_round(&self) -> Result<Mailed, AppError> {
        let (store, now) = (&self.ports.waker.store, self.now());
        store.mark_due(&org(), &Work::MailOwner {}, now, now).await?;
        let Claimed::Claimed { claim, .. } = store.claim_work(&org(), &Work::MailOwner {}, now).await? else {
            return Ok(Mailed::Stale);
        };
        mail_owner(&self.ports, &org(), claim, now + SignedDuration::from_mins(2)).await
    }

    /// A round that has to work, and what went out in it.
    pub(crate) async fn round(&self) -> Vec<Letter> {
        self.try_round().await.unwrap();
        self.mail.take()
    }

    /// Subjects of what went out, with who got it.
    pub(crate) async fn subjects(&self) -> Vec<(String, String)> {
        self.round().await.into_iter().map(|letter| (letter.to.as_str().to_owned(), letter.subject)).collect()
    }

    /// Whether the sweep would wake the work now.
    pub(crate) async fn is_due(&self) -> bool {
        let claimed = self.store.claim_work(&org(), &Work::MailOwner {}, self.now()).await.unwrap();
        matches!(claimed, Claimed::Claimed { .. })
    }

    /// A customer who owes.
    pub(crate) async fn owes(&self, id: &str, name: &str) {
        let number: numo_domain::phone::PhoneNumber = "+971501234567".parse().unwrap();
        let contact = Contact {
            at: customer(id),
            name: name.to_owned(),
            status: ContactStatus::Active,
            number: ContactNumber::usable(number, format!("key-{id}").parse().unwrap()),
            first_key: None,
            typed: None,
            typed_before: None,
            payer: None,
            groups: Vec::new(),
            updated_at: self.now(),
        };
        self.store.upsert_contact(&org(), None, &contact, self.now()).await.unwrap();
        self.store.upsert_invoice(&org(), None, &invoice(id), self.now(), self.now()).await.unwrap();
    }

    /// A customer writes.
    pub(crate) async fn writes(&self, id: &str, message: &str, intent: Intent) {
        let open = self.store.open_invoices_of(&org(), &customer(id)).await.unwrap();
        let today = "2026-11-23".parse().unwrap();
        let reply = Reply { intent, at: self.now(), language: None, today, open };
        let inbound = Inbound { message: message.parse().unwrap(), at: self.now(), intent: "unread".to_owned() };
        let (contacts, replies) = ([customer(id)], [(customer(id), reply)]);
        let effect = InboundEffect { contacts: &contacts, change: None, replies: &replies, talk: None };
        let key = format!("key-{id}").parse().unwrap();
        self.store.ingest_inbound(&org(), &key, &inbound, effect, self.now()).await.unwrap();
    }
}

pub(crate) fn invoice(id: &str) -> Invoice {
    let owed = Money::new(4_217_399, "AED".parse().unwrap());
    Invoice {
        id: format!("i-{id}").parse().unwrap(),
        contact: customer(id),
        number: "INV-7731".to_owned(),
        status: InvoiceStatus::Open,
        issued: "2026-10-21".parse().ok(),
        due: "2026-11-21".parse().ok(),
        total: owed,
        remaining: owed,
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}
