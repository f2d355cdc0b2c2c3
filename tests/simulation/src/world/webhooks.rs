//! Webhooks that arrive, and what they say of being written to.

use futures_util::future::LocalBoxFuture;
use numo_app::{
    delivery::{Delivery, InboundMessage, Update},
    error::AppError,
    ingest_delivery::ingest_delivery,
    port::clock::Clock,
};
use numo_testkit::faulty_table::Plan;

use crate::{
    meta::number_of,
    world::{
        Weather, World,
        people::{START, STOP},
    },
};

impl World {
    /// All webhooks arrive, once.
    pub async fn all_webhooks_arrive(&mut self) {
        for delivery in self.meta.all_webhooks() {
            self.take_in(&delivery).await.unwrap();
        }
    }

    /// The webhooks that wait meet a fault; whether one of them was not taken in, and comes again.
    pub async fn webhook_dies(&mut self, plan: Plan) -> bool {
        let mut is_dead = false;
        for delivery in self.meta.all_webhooks() {
            self.faults.reset(plan.clone());
            if self.take_in(&delivery).await.is_err() {
                is_dead = true;
                self.meta.put_back(delivery);
            }
        }
        is_dead
    }

    /// Some webhooks arrive; one that is not taken in comes again.
    pub(super) async fn webhooks_arrive(&mut self, weather: Weather) {
        if !self.is_heard() {
            return;
        }
        for delivery in self.meta.webhooks() {
            self.weather_for_one(weather);
            if self.take_in(&delivery).await.is_err() {
                self.meta.put_back(delivery);
            }
        }
    }

    fn take_in<'a>(&'a mut self, delivery: &'a Delivery) -> LocalBoxFuture<'a, Result<(), AppError>> {
        Box::pin(async move {
            let taken_in = ingest_delivery(&self.ingest_ports(), delivery).await;
            self.faults.reset(Plan::Never);
            if taken_in.is_ok() {
                self.restores.hear(delivery, self.meta.n_taken());
            }
            self.remember_what_was_said(delivery, taken_in.is_ok()).await;
            taken_in.map(|_| ())
        })
    }

    /// Notes who wants to hear nothing more: the latest word counts, whenever it comes in.
    async fn remember_what_was_said(&mut self, delivery: &Delivery, is_taken_in: bool) {
        let now = self.clock.now();
        for update in &delivery.updates {
            let Update::Inbound(InboundMessage { from, user: Some(user), phone_number_id, text, at, .. }) = update
            else {
                continue;
            };
            let Some(place) = self.businesses.iter().position(|business| business.phone == *phone_number_id) else {
                continue;
            };
            // Whoever hides a number that was never seen with the user is known once it is.
            let key = self.number_keys.key_of_user(&self.businesses[place].org, user).unwrap();
            let is_seen = self.store().number_of_user(&self.businesses[place].org, &key).await.unwrap().is_some();
            let is_stop = text.as_deref() == Some(STOP);
            if (from.is_none() && !is_seen) || !(is_stop || text.as_deref() == Some(START)) {
                continue;
            }
            // What dies on the way may be stored or not: a STOP binds nobody yet, and a START may be answered already.
            if is_stop && !is_taken_in {
                continue;
            }
            let (business, number) = (&mut self.businesses[place], number_of(user).as_e164().to_owned());
            let last = business.said_at.get(&number).copied();
            if last.is_some_and(|last| *at <= last) {
                continue;
            }
            business.said_at.insert(number.clone(), *at);
            if is_stop {
                business.stopped.entry(number).or_insert(now);
            } else {
                business.stopped.remove(&number);
            }
        }
    }
}
