//! What people do meanwhile: owners approve, pause and edit, customers pay and write.

use numo_app::{
    answer_customer::{Reply, answer_customer},
    approve_plan::approve_plan,
    configure::{Sending, pause},
    delivery::{Delivery, InboundMessage, Update},
    edit_customer::{CustomerEdit, edit_customer},
    error::AppError,
    ledger_news::{LedgerNews, take_news},
    port::clock::Clock,
    send_now::{Wanted, look, send_now},
};
use numo_domain::{
    contact::ContactRef,
    conversation::Content,
    id::{AttemptId, ExternalId, ManualSendId},
    organisation::Organisation,
    phone::PhoneNumber,
    plan::decision::Unit,
};

use crate::{
    meta::{user_of, waba_of},
    world::World,
};

/// What customers write who want to hear nothing more.
pub(super) const STOP: &str = "Stop!";

/// What customers write who want reminders again; they show their number.
pub(super) const START: &str = "START";

impl World {
    /// Owners approve, pause and resume; customers pay and write.
    pub(super) async fn people_act(&mut self) {
        for n in 0..self.businesses.len() {
            if self.seed.happens(250) {
                self.approve(n).await;
            }
            if self.seed.happens(20) {
                self.toggle_pause(n).await;
            }
            if self.seed.happens(20) {
                self.the_pace_changes(n).await;
            }
            if self.seed.happens(150) {
                self.somebody_pays(n);
            }
            if self.seed.happens(100) {
                self.somebody_writes(n);
            }
            if self.seed.happens(100) {
                self.somebody_is_answered(n).await;
            }
            if self.seed.happens(60) {
                self.somebody_is_reminded_now(n).await;
            }
            if self.seed.happens(60) {
                self.somebody_tests(n).await;
            }
            if self.seed.happens(30) {
                self.the_owner_edits(n);
            }
            if self.seed.happens(30) {
                self.a_number_is_tried_again(n).await;
            }
            if self.seed.happens(100) {
                self.a_ledger_tells(n).await;
            }
        }
    }

    /// The admin of a business approves the present day's plan, if there is one.
    pub async fn approve(&self, n: usize) {
        let business = &self.businesses[n];
        let now = self.clock.now();
        let date = self.store().organisation(&business.org).await.unwrap().zone.date(now);
        if let Some(header) = self.store().plan_header(&business.org, date).await.unwrap() {
            let generation = header.value.generation;
            approve_plan(&self.waker, &business.org, &business.admin, date, generation, now).await.unwrap();
        }
    }

    /// The admin of a business has the number of some customer tried again.
    async fn a_number_is_tried_again(&mut self, n: usize) {
        let count = u64::try_from(self.businesses[n].numbers.len()).unwrap();
        let place = usize::try_from(self.seed.next() % count).unwrap();
        let customer = self.businesses[n].numbers.keys().nth(place).unwrap().clone();
        self.try_again(n, customer).await;
    }

    /// The admin of a business has a customer's number tried again, in all of its books.
    pub async fn try_again(&mut self, n: usize, customer: ExternalId) {
        let (now, business) = (self.clock.now(), &self.businesses[n]);
        for connection in self.store().connections(&business.org).await.unwrap() {
            let at = ContactRef { connection: connection.id, contact: customer.clone() };
            let edit = CustomerEdit::TryAgain {};
            match edit_customer(&self.waker, &business.org, &business.admin, &at, &edit, now).await {
                // Not synced yet.
                Ok(_) | Err(AppError::NotFound(_)) => {}
                Err(error) => panic!("seed {}: {error}", self.seed_number),
            }
        }
        *self.businesses[n].tried_again.entry(customer).or_default() += 1;
    }

    async fn toggle_pause(&mut self, n: usize) {
        let now = self.clock.now();
        let business = &mut self.businesses[n];
        business.paused = !business.paused;
        let sending = if business.paused { Sending::Pause { until: None } } else { Sending::Resume };
        pause(&self.waker, &business.org, &business.admin, sending, now).await.unwrap();
    }

    /// A few messages at a time, or as fast as the number sends.
    async fn the_pace_changes(&mut self, n: usize) {
        let wanted = self.seed.happens(700).then_some(2);
        let change = |profile: &mut Organisation| profile.per_ten_minutes = wanted;
        self.store().change_organisation(&self.businesses[n].org, self.clock.now(), change).await.unwrap();
    }

    fn somebody_pays(&mut self, n: usize) {
        let tenant = &self.businesses[n].tenant;
        let open = self.ledger.open_invoices(tenant);
        if open.is_empty() {
            return;
        }
        let place = self.seed.next() % u64::try_from(open.len()).unwrap();
        let invoice = &open[usize::try_from(place).unwrap()];
        if self.seed.happens(700) {
            self.ledger.pay(tenant, invoice);
        } else {
            self.ledger.pay_part(tenant, invoice, 40);
        }
        if self.seed.happens(100) {
            self.ledger.take_back(tenant, invoice);
        }
    }

    /// An invoice is deleted, or postponed in a way that the ledger does not tell.
    fn the_owner_edits(&mut self, n: usize) {
        let (provider, tenant) = (self.businesses[n].provider, self.businesses[n].tenant.clone());
        let open = self.ledger.open_invoices(&tenant);
        if open.is_empty() {
            return;
        }
        let place = self.seed.next() % u64::try_from(open.len()).unwrap();
        let invoice = &open[usize::try_from(place).unwrap()];
        if self.seed.happens(500) {
            self.ledger.delete(provider, &tenant, invoice);
        } else {
            self.ledger.postpone_silently(&tenant, invoice, 10);
        }
    }

    /// A webhook of the ledger says that something changed; it is not even true.
    async fn a_ledger_tells(&mut self, n: usize) {
        let business = &self.businesses[n];
        let tenants = [business.tenant.clone(), "tenant-of-nobody".parse().unwrap()].into();
        let news = LedgerNews { provider: business.provider, tenants, n_ignored: 0 };
        let report = take_news(&self.store(), &news, self.clock.now()).await.unwrap();
        assert_eq!((report.marked, report.unknown), (1, 1), "seed {}", self.seed_number);
    }

    /// A customer writes; two of five want to hear nothing more.
    fn somebody_writes(&mut self, n: usize) {
        let said = usize::try_from(self.seed.next() % 5).unwrap();
        let text = [STOP, STOP, "we will pay soon", "whom do I call about the crates", START][said];
        let business = &self.businesses[n];
        let count = u64::try_from(business.numbers.len()).unwrap();
        let place = usize::try_from(self.seed.next() % count).unwrap();
        let (_, number) = business.numbers.iter().nth(place).unwrap();
        self.inbound_count += 1;
        // One in three has a username and hides the number.
        let is_hidden = self.seed.happens(333) && text != START;
        let number = number.parse::<PhoneNumber>().unwrap();
        let message = InboundMessage {
            edits: None,
            row: None,
            phone_number_id: business.phone.clone(),
            message: format!("wamid.in.{}", self.inbound_count).parse().unwrap(),
            from: Some(number.clone()).filter(|_| !is_hidden),
            user: Some(user_of(&number)),
            becomes: None,
            answers: None,
            content: Content::Text,
            text: Some(text.to_owned()),
            at: self.clock.now(),
        };
        self.meta.put_back(Delivery {
            waba: waba_of(&business.phone),
            updates: vec![Update::Inbound(message)],
            skipped: Vec::new(),
        });
    }

    /// The admin of a business answers a customer, if that is allowed.
    async fn somebody_is_answered(&mut self, n: usize) {
        let (business, now) = (self.businesses[n].clone(), self.clock.now());
        let talks = self.store().conversations(&business.org).await.unwrap();
        if talks.is_empty() {
            return;
        }
        let place = self.seed.next() % u64::try_from(talks.len()).unwrap();
        let talk = &talks[usize::try_from(place).unwrap()];
        let id = AttemptId::new(self.waker.ids.uuid());
        let (of, reply) = ((&talk.number, &talk.sender), Reply { id, text: "A word of the owner.".to_owned() });
        let answered = answer_customer(&self.waker, &business.org, &business.admin, of, reply, now).await;
        assert!(matches!(answered, Ok(()) | Err(AppError::Conflict(_))), "seed {}: {answered:?}", self.seed_number);
    }

    /// The admin of a business asks for a reminder to a customer now, if that is allowed.
    async fn somebody_is_reminded_now(&mut self, n: usize) {
        let (business, now) = (self.businesses[n].clone(), self.clock.now());
        let connections = self.store().connections(&business.org).await.unwrap();
        let place = self.seed.next() % u64::try_from(business.numbers.len()).unwrap();
        let (contact, _) = business.numbers.iter().nth(usize::try_from(place).unwrap()).unwrap();
        let Some(connection) = connections.first().map(|connection| connection.id) else { return };
        let contact = ContactRef { connection, contact: contact.clone() };
        let unit = Unit { contact, currency: "AED".parse().unwrap() };
        let id = ManualSendId::new(self.waker.ids.uuid());
        let seen = match look(&self.store(), &business.org, &unit, now).await {
            Ok(looked) => looked.digest().unwrap_or_default(),
            Err(_) => String::new(),
        };
        let wanted = Wanted { id, unit, seen };
        let asked = send_now(&self.waker, &business.org, &business.admin, &wanted, now).await;
        let is_refused =
            matches!(asked, Err(AppError::NotNow { .. } | AppError::NotFound("customer") | AppError::Conflict(_)));
        assert!(asked.is_ok() || is_refused, "seed {}: {asked:?}", self.seed_number);
    }
}
