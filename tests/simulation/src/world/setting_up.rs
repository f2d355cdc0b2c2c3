//! Setting a business up by the product's own use cases.

use futures_util::future::LocalBoxFuture;
use jiff::{SignedDuration, ToSpan, civil::Date};
use numo_app::{
    add_sender::{SenderEntry, add_sender},
    backlog::{Chosen, choose_start},
    configure::{attest_consent, save_policy, set_ramp, set_sender},
    connect_ledger::{Callback, ConnectPorts, begin_consent, finish_consent},
    job::{Cause, Work},
    port::{clock::Clock, ledger::record::LedgerContact},
    sweep_due::sweep_due,
};
use numo_domain::{
    calendar::{SendCalendar, Window},
    contact::{ContactStatus, LedgerPhone, LedgerPhoneKind},
    customer_file::Start,
    id::{LedgerTenantId, PhoneNumberId, PolicyId},
    organisation::{ATTESTATION_VERSION, Organisation},
    policy::{Approval, Policy, PolicyState},
};

use crate::{
    business::Business,
    ledger::{Books, open_invoice},
    meta::waba_of,
    world::{Weather, World},
};

impl World {
    /// Opens books for a business and connects, attests and switches on its policy.
    pub fn set_up(&mut self, n: u32, customers: u32) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            if self.businesses.is_empty() {
                // A stage has swept before anybody connects: its table has a name from then on.
                sweep_due(&self.waker, self.clock.now()).await.unwrap();
            }
            let business = Business::numbered(n, customers);
            let books = self.books(&business);
            self.ledger.open(business.tenant.clone(), books);
            self.connect(&business, &business.tenant).await;
            self.add_number(&business, &business.phone).await;
            let now = self.clock.now();
            attest_consent(&self.waker, &business.org, &business.admin, ATTESTATION_VERSION, String::new(), now)
                .await
                .unwrap();
            let mut policy = Policy::standard(now);
            policy.state = PolicyState::Active;
            policy.thank_you = true;
            policy.approval = if n.is_multiple_of(2) { Approval::Automatic } else { Approval::Required };
            policy.calendar = SendCalendar { week: [Some(Window::whole_day()); 7], ..SendCalendar::office_hours() };
            save_policy(
                &self.waker,
                &business.org,
                &business.admin,
                (&PolicyId::organisation_default(), 1),
                policy,
                now,
            )
            .await
            .unwrap();
            // Tests of a spread ask for one.
            let at_once = |profile: &mut Organisation| profile.per_ten_minutes = None;
            self.store().change_organisation(&business.org, now, at_once).await.unwrap();
            self.post.introduce(&business);
            self.businesses.push(business);
        })
    }

    /// Gives a business a second legal entity with books of its own, whose only customer is the first one's too, and
    /// lets each entity write from its own number.
    pub fn add_entity(&mut self, n: usize) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            let (tenant, phone) = ("tenant-second".parse().unwrap(), "phone-second".parse().unwrap());
            let (first, number) = self.businesses[n].numbers.first_key_value().unwrap();
            assert_eq!(first.as_str(), "c0");
            let customers = [("second-c0".parse().unwrap(), number.clone())].into();
            let entity = Business { numbers: customers, ..self.businesses[n].clone() };
            let books = self.books(&entity);
            self.ledger.open(tenant, books);
            let business = &mut self.businesses[n];
            business.second = Some(("tenant-second".parse().unwrap(), phone));
            let business = business.clone();
            if let Some((tenant, phone)) = &business.second {
                self.connect(&business, tenant).await;
                self.add_number(&business, phone).await;
            }
            let now = self.clock.now();
            for connection in self.store().connections(&business.org).await.unwrap() {
                let second = business.second.iter().find(|(tenant, _)| *tenant == connection.tenant);
                let phone = second.map_or(&business.phone, |(_, phone)| phone);
                let of = (connection.id, Some(phone.clone()));
                set_sender(&self.waker, &business.org, &business.admin, of, now).await.unwrap();
            }
        })
    }

    /// Makes the first invoice of every customer of a business one of AED 500 that fell due on a day.
    pub fn owed_since(&self, n: usize, due: Date) {
        let business = &self.businesses[n];
        for customer in business.numbers.keys() {
            let invoice = format!("{customer}-0").parse().unwrap();
            self.ledger.change(&business.tenant, &invoice, |invoice| {
                invoice.due = Some(due);
                (invoice.total.minor, invoice.remaining.minor) = (50_000, 50_000);
            });
        }
    }

    pub(super) async fn connect(&self, business: &Business, tenant: &LedgerTenantId) {
        let now = self.clock.now();
        let connect = ConnectPorts {
            waker: self.waker.clone(),
            vault: self.vault.clone(),
            auth: self.ledger.auth(),
            number_keys: self.number_keys.clone(),
        };
        let redirect = "https://numo.example/oauth/xero/callback";
        let provider = business.provider;
        let begun = begin_consent(&connect, provider, &business.org, &business.admin, redirect, now).await.unwrap();
        let callback = Callback {
            provider,
            state: begun.authorise_url,
            code: Ok(tenant.as_str().into()),
            realm: None,
            binding: Some(begun.binding),
        };
        finish_consent(&connect, callback, redirect, now).await.unwrap();
    }

    /// Adds a number to a business.
    pub async fn add_number(&self, business: &Business, phone: &PhoneNumberId) {
        let now = self.clock.now();
        let sender = self.sender_ports();
        let entry = SenderEntry { waba: waba_of(phone), phone_number_id: phone.clone(), token: "token".into() };
        add_sender(&sender, &business.org, &business.admin, entry, now).await.unwrap();
    }

    /// Syncs and plans in calm weather, so that there is something to send.
    pub fn first_day(&mut self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async move {
            self.work(Weather::CALM).await;
            let now = self.clock.now();
            for business in self.businesses.clone() {
                let (org, admin) = (&business.org, &business.admin);
                choose_start(&self.waker, org, admin, (Start::Gently, &Chosen::All), now).await.unwrap();
                set_ramp(&self.waker, org, admin, 500, now).await.unwrap();
                self.waker.wake(&business.org, &Work::PlanDay {}, Cause::Person, now).await.unwrap();
            }
            self.work(Weather::CALM).await;
            self.check_promises().await;
        })
    }

    /// Every customer owes something; one in seven has a landline, one in nine shares a number.
    fn books(&mut self, business: &Business) -> Books {
        let clock = self.clock.clone();
        let today = Date::new(2026, 11, 23).unwrap();
        let mut books = Books::default();
        for (place, (contact, number)) in business.numbers.iter().enumerate() {
            let text = match place {
                3 => "+971 4 331 1111".to_owned(),
                5 => business.numbers.values().next().unwrap().clone(),
                _ => number.clone(),
            };
            books.contacts.push(LedgerContact {
                id: contact.clone(),
                name: format!("Customer {contact}"),
                status: ContactStatus::Active,
                phones: vec![LedgerPhone { kind: LedgerPhoneKind::Mobile, text }],
                payer: None,
                groups: Vec::new(),
                updated_at: clock.now(),
            });
            for n in 0..1 + self.seed.next() % 4 {
                let days = i64::try_from(self.seed.next() % 60).unwrap() - 35;
                let minor = i64::try_from(5_000 + self.seed.next() % 900_000).unwrap();
                books.invoices.push(open_invoice(
                    &format!("{contact}-{n}"),
                    contact.as_str(),
                    today.saturating_add(days.days()),
                    minor,
                    &*clock,
                ));
            }
        }
        books
    }

    /// Changes the organisation's own policy of a business.
    pub async fn change_policy(&self, n: usize, change: impl FnOnce(&mut Policy)) {
        let (business, now) = (&self.businesses[n], self.clock.now());
        let mut policy = self.store().policies(&business.org).await.unwrap().organisation_default;
        let id = (&PolicyId::organisation_default(), policy.version);
        change(&mut policy);
        save_policy(&self.waker, &business.org, &business.admin, id, policy, now).await.unwrap();
    }

    /// Lets time pass without anything happening.
    pub fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }
}
