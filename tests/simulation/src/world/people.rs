//! What people do meanwhile: owners approve, pause and edit, customers pay and write.

use numo_app::{
    approve_plan::approve_plan,
    configure::{Sending, pause},
    delivery::{Delivery, InboundMessage, Update},
    ledger_news::{LedgerNews, take_news},
    port::clock::Clock,
};

use numo_domain::{conversation::Content, phone::PhoneNumber};

use crate::{
    meta::{user_of, waba_of},
    world::World,
};

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
            if self.seed.happens(150) {
                self.somebody_pays(n);
            }
            if self.seed.happens(40) {
                self.somebody_says_stop(n);
            }
            if self.seed.happens(30) {
                self.the_owner_edits(n);
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

    async fn toggle_pause(&mut self, n: usize) {
        let now = self.clock.now();
        let business = &mut self.businesses[n];
        business.paused = !business.paused;
        let sending = if business.paused { Sending::Pause { until: None } } else { Sending::Resume };
        pause(&self.waker, &business.org, &business.admin, sending, now).await.unwrap();
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

    fn somebody_says_stop(&mut self, n: usize) {
        let business = &self.businesses[n];
        let count = u64::try_from(business.numbers.len()).unwrap();
        let place = usize::try_from(self.seed.next() % count).unwrap();
        let (_, number) = business.numbers.iter().nth(place).unwrap();
        self.inbound_count += 1;
        // One in three has a username and hides the number.
        let (number, is_hidden) = (number.parse::<PhoneNumber>().unwrap(), self.seed.happens(333));
        let message = InboundMessage {
            phone_number_id: business.phone.clone(),
            message: format!("wamid.in.{}", self.inbound_count).parse().unwrap(),
            from: Some(number.clone()).filter(|_| !is_hidden),
            user: Some(user_of(&number)),
            becomes: None,
            answers: None,
            content: Content::Text,
            text: Some("Stop!".to_owned()),
            at: self.clock.now(),
        };
        self.meta.put_back(Delivery {
            waba: waba_of(&business.phone),
            updates: vec![Update::Inbound(message)],
            skipped: Vec::new(),
        });
    }
}
