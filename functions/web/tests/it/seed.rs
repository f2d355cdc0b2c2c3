use jiff::Timestamp;
use numo_app::{
    count_receivables::count_receivables,
    situation::situation,
    store::{
        plan::{Made, PlanApproval, PlanHeader},
        reminder::claim::SendClaim,
    },
};
use numo_domain::{
    attempt::{Attempt, Evidence},
    connection::{Connection, ConnectionStatus, LedgerProvider},
    contact::{Contact, ContactNumber, ContactRef, ContactStatus},
    credit::Payment,
    delivery_report::DeliveryReport,
    id::{AttemptId, ConnectionId, OrgId, PolicyId},
    invoice::{Invoice, InvoiceStatus, Marked},
    language::Language,
    money::Money,
    organisation::Attestation,
    phone::PhoneError,
    plan::{brakes::Brake, decision::Unit},
    policy::{
        Policy, PolicyState, StepId, Tone,
        audience::{Audience, Membership},
    },
    reminder::{
        DeliveryStatus, Occasion, Reminder, ReminderKey, ReminderState, TemplateRef, state_change::StateChange,
    },
    sender::{Sender, SenderStatus, Throughput},
    template::{AccountTemplate, texts_in},
};

use crate::world::{World, now};

/// The connection of organisation A.
pub(crate) const CONNECTION_A: &str = "018f0000-0000-7000-8000-0000000000a1";

/// The connection of organisation B.
pub(crate) const CONNECTION_B: &str = "018f0000-0000-7000-8000-0000000000b1";

/// A group's policy of organisation A.
pub(crate) const GROUP_A: &str = "018f0000-0000-7000-8000-0000000000f1";

/// The attempt of organisation A.
pub(crate) const ATTEMPT_A: &str = "018f0000-0000-7000-8000-0000000000a9";

pub(crate) fn org(name: &str) -> OrgId {
    name.parse().unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A place for a customer of a connection.
pub(crate) fn contact_ref(connection: &str, contact: &str) -> ContactRef {
    ContactRef { connection: connection.parse().unwrap(), contact: contact.parse().unwrap() }
}

/// A customer with a usable number.
pub(crate) fn contact(connection: &str, id: &str, name: &str) -> Contact {
    Contact {
        at: contact_ref(connection, id),
        name: name.to_owned(),
        status: ContactStatus::Active,
        number: ContactNumber::usable("+971501234567".parse().unwrap(), format!("key-{id}").parse().unwrap()),
        first_key: None,
        typed: None,
        typed_before: None,
        payer: None,
        groups: Vec::new(),
        updated_at: at("2026-11-20T00:00:00Z"),
    }
}

impl World {
    /// Two organisations that could send, each with one overdue customer; A has two more without a number.
    pub(crate) async fn with_two_organisations() -> Self {
        let world = Self::with_signup();
        world.seed("org_a", CONNECTION_A, "Acme Trading").await;
        world.seed("org_b", CONNECTION_B, "Borealis").await;
        let missing = Contact { number: ContactNumber::Missing, ..contact(CONNECTION_A, "c-2", "No Number Ltd") };
        let why = PhoneError::NotMobile;
        let landline =
            Contact { number: ContactNumber::Unusable { why }, ..contact(CONNECTION_A, "c-3", "Landline LLC") };
        for contact in [missing, landline] {
            world.store.upsert_contact(&org("org_a"), None, &contact, now()).await.unwrap();
        }
        world
    }

    /// An organisation that is ready to send, with one customer `c-1` three days overdue.
    pub(crate) async fn seed(&self, name: &str, connection: &str, customer: &str) {
        let org = org(name);
        self.store
            .change_organisation(&org, now(), |profile| {
                profile.name = "Harbour Lane".to_owned();
                profile.zone = "Asia/Dubai".parse().unwrap();
                profile.country = "AE".parse().ok();
                profile.base_currency = "AED".parse().ok();
                let by = "user_ann".parse().unwrap();
                let at = at("2026-11-01T08:00:00Z");
                profile.attestation = Some(Attestation { version: 1, by, at, authorised_by: String::new() });
            })
            .await
            .unwrap();
        self.store.save_connection(&org, &ledger(connection), now()).await.unwrap();
        let contact = contact(connection, "c-1", customer);
        self.store.upsert_contact(&org, None, &contact, now()).await.unwrap();
        // Known long before it was due.
        let known_since = at("2026-10-01T08:00:00Z");
        self.store.upsert_invoice(&org, None, &invoice(&contact), now(), known_since).await.unwrap();
        self.store.save_sender(&org, &sender(), now()).await.unwrap();
        for text in texts_in(Language::English) {
            let template = AccountTemplate::approved(text.reference());
            self.store.save_template(&org, &"100".parse().unwrap(), &template, now()).await.unwrap();
        }
        let policy = Policy { state: PolicyState::Active, ..Policy::standard(now()) };
        let default = PolicyId::organisation_default();
        self.store.save_policy(&org, (&default, 1), policy, at("2026-11-02T08:00:00Z")).await.unwrap();
        self.count_owed(name).await;
    }

    /// Counts what customers owe, as a sync does at its end.
    pub(crate) async fn count_owed(&self, name: &str) {
        count_receivables(&self.store, &org(name), now()).await.unwrap();
    }

    /// Saves a draft for a group with the priority 1, under an id.
    pub(crate) async fn save_group(&self, name: &str, id: &str) {
        let members = vec![Membership::NumberOf("AE".parse().unwrap())];
        let mut policy = Policy { audience: Audience::Group { priority: 1, members }, ..Policy::standard(now()) };
        policy.steps.iter_mut().for_each(|step| step.id = StepId::NEW);
        self.store.save_policy(&org(name), (&id.parse().unwrap(), 0), policy, now()).await.unwrap();
    }

    /// Saves today's plan of an organisation.
    pub(crate) async fn save_plan(&self, name: &str) -> PlanHeader {
        self.save_plan_with(name, Vec::new()).await
    }

    /// The same, with what a person has to answer first.
    pub(crate) async fn save_plan_with(&self, name: &str, brakes: Vec<Brake>) -> PlanHeader {
        let org = org(name);
        let situation = situation(&self.store, &org, now()).await.unwrap();
        let made = Made {
            making: uuid::Uuid::nil(),
            plan: &situation.plan(now()),
            old_invoices: situation.undecided(now()).len(),
            ledgers_read_at: &situation.ledgers_read_at,
            brakes,
            approval: PlanApproval::Awaited,
        };
        self.store.save_plan(&org, None, made, now()).await.unwrap().unwrap()
    }

    /// Claims a reminder to `c-1` of organisation A; it stands at `Sending`.
    pub(crate) async fn claim(&self, attempt: &str, step: u16, claimed_at: &str) -> Reminder {
        self.claim_saying(attempt, step, claimed_at, said(at(claimed_at))).await
    }

    /// The same, with what it says.
    pub(crate) async fn claim_saying(&self, attempt: &str, step: u16, claimed_at: &str, said: Attempt) -> Reminder {
        let reminder = reminder(attempt, step, at(claimed_at));
        let caps = numo_domain::policy::Caps { gap_days: 0, per_seven_days: 9 };
        let basis = self.store.claim_basis(&org("org_a"), &reminder.key, &reminder.recipient).await.unwrap();
        match self.store.claim_send(&org("org_a"), (reminder, said), &basis, caps, at(claimed_at)).await.unwrap() {
            SendClaim::Claimed(reminder) => reminder.value,
            SendClaim::Lost(why) => panic!("{why:?}"),
        }
    }
}

impl World {
    /// Meta tells what became of an attempt of organisation A.
    pub(crate) async fn status(&self, attempt: AttemptId, status: DeliveryStatus, at: Timestamp) {
        self.told(attempt, status, &DeliveryReport::default(), at).await;
    }

    /// The same, with what it tells besides.
    pub(crate) async fn told(
        &self,
        attempt: AttemptId,
        status: DeliveryStatus,
        report: &DeliveryReport,
        at: Timestamp,
    ) {
        let message = "wamid.sent".parse().unwrap();
        self.store.apply_status(&org("org_a"), (attempt, &message), (status, report), at, at).await.unwrap();
    }

    /// `c-1` of organisation A, whose policy thanks, was reminded on the 22nd and pays something on a day.
    pub(crate) async fn thank_and_pay(&self, minor: i64, on: &str) {
        let org = org("org_a");
        let (default, now) = (PolicyId::organisation_default(), at("2026-11-22T08:00:00Z"));
        let policy = self.store.policies(&org).await.unwrap().organisation_default;
        self.store.save_policy(&org, (&default, 2), Policy { thank_you: true, ..policy }, now).await.unwrap();
        let asked = self.claim(ATTEMPT_A, 2, "2026-11-22T08:00:00Z").await;
        self.status(asked.attempt, DeliveryStatus::Read, now).await;
        let anchor = std::slice::from_ref(&asked.key.anchor);
        let known = self.store.invoices_by_id(&org, asked.key.contact.connection, anchor).await;
        let known = known.unwrap().remove(0);
        let (mut left, paid_at) = (known.value.invoice.clone(), at(&format!("{on}T12:00:00Z")));
        (left.remaining, left.updated_at) = (aed(left.remaining.minor - minor), paid_at);
        self.store.upsert_invoice(&org, Some(&known), &left, paid_at, paid_at).await.unwrap();
        let payment = Payment {
            id: "p-1".parse().unwrap(),
            contact: asked.key.contact.clone(),
            date: on.parse().ok(),
            amount: aed(minor),
            invoices: vec![asked.key.anchor.clone()],
            is_reversed: false,
            updated_at: paid_at,
        };
        let unit = Unit { contact: asked.key.contact, currency: payment.amount.currency };
        self.store.note_payments(&org, &unit, &[&payment], paid_at).await.unwrap();
    }
}

fn ledger(connection: &str) -> Connection {
    Connection {
        id: connection.parse::<ConnectionId>().unwrap(),
        provider: LedgerProvider::Xero,
        tenant: "tenant-1".parse().unwrap(),
        provider_connection: "link-1".parse().unwrap(),
        holder: "user-1".parse().unwrap(),
        name: "Harbour Lane Books".to_owned(),
        status: ConnectionStatus::Active,
        is_demo_company: false,
        connected_at: at("2026-11-01T08:00:00Z"),
        last_synced_at: Some(at("2026-11-24T05:00:00Z")),
        consent_ends_at: None,
        own_reminders: None,
        sender: None,
        last_payment_on: None,
    }
}

pub(crate) fn invoice(contact: &Contact) -> Invoice {
    Invoice {
        id: "i-1".parse().unwrap(),
        contact: contact.at.clone(),
        number: "INV-1".to_owned(),
        status: InvoiceStatus::Open,
        issued: "2026-10-21".parse().ok(),
        due: "2026-11-21".parse().ok(),
        total: aed(137_622),
        remaining: aed(137_622),
        marked: Marked::Sent,
        expected_payment: None,
        paid: None,
        updated_at: at("2026-11-20T00:00:00Z"),
    }
}

pub(crate) fn sender() -> Sender {
    Sender {
        phone_number_id: "200".parse().unwrap(),
        waba: "100".parse().unwrap(),
        number: "+971509990000".parse().unwrap(),
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
    }
}

pub(crate) fn reminder(attempt: &str, step: u16, claimed_at: Timestamp) -> Reminder {
    Reminder {
        key: ReminderKey {
            contact: contact_ref(CONNECTION_A, "c-1"),
            currency: "AED".parse().unwrap(),
            anchor: "i-1".parse().unwrap(),
            cycle: 1,
            occasion: Occasion::Step(StepId(step)),
        },
        date: claimed_at.strftime("%F").to_string().parse().unwrap(),
        attempt: attempt.parse().unwrap(),
        attempt_number: 1,
        claimed_at,
        state: ReminderState::Sending,
        history: vec![StateChange { state: ReminderState::Sending, at: claimed_at }],
        message: None,
        recipient: "key-c-1".parse().unwrap(),
        sender: "200".parse().unwrap(),
        tone: Tone::Gentle,
        counted_from: None,
        listed: Vec::new(),
        asked_by: None,
        cost: None,
        report: DeliveryReport::default(),
        earlier: std::collections::BTreeMap::new(),
        expired_before: 0,
    }
}

pub(crate) fn said(claimed_at: Timestamp) -> Attempt {
    Attempt {
        policy: PolicyId::organisation_default(),
        policy_version: 2,
        template: TemplateRef { name: "numo_overdue_gentle_v1".to_owned(), language: "en".to_owned() },
        text: "Hello Acme Trading, please pay.".to_owned(),
        lines: Vec::new(),
        total: aed(137_622),
        evidence: Evidence {
            read_at: claimed_at,
            anchor_remaining: aed(137_622),
            anchor_updated_at: Some(at("2026-11-20T00:00:00Z")),
            request_ids: Vec::new(),
        },
    }
}

pub(crate) fn aed(minor: i64) -> Money {
    Money::new(minor, "AED".parse().unwrap())
}
