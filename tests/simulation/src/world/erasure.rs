//! Customers who ask to be forgotten.

use numo_app::{
    delivery::{Delivery, InboundMessage, Update},
    erase_customer::ask_for_erasure,
    error::AppError,
    port::clock::Clock,
    store::erasure::ErasedCustomer,
};
use numo_domain::{contact::ContactRef, conversation::Content, id::ExternalId, phone::PhoneNumber};

use crate::{
    meta::{user_of, waba_of},
    world::World,
};

impl World {
    /// A customer of a business, in its first books.
    pub async fn customer(&self, n: usize, contact: &ExternalId) -> ContactRef {
        let connections = self.store().connections(&self.businesses[n].org).await.unwrap();
        ContactRef { connection: connections[0].id, contact: contact.clone() }
    }

    /// The admin of a business has a customer erased, as far as the table can be reached.
    pub async fn erase(&self, n: usize, contact: &ContactRef) -> Result<ErasedCustomer, AppError> {
        let business = &self.businesses[n];
        let ports = (&self.waker, &self.number_keys);
        let (who, typed) = ((&business.org, &business.admin), contact.contact.as_str());
        ask_for_erasure(ports, who, contact, typed, self.clock.now()).await
    }

    /// A customer of a business writes to it.
    pub fn customer_writes(&self, n: usize, contact: &ExternalId, (id, text): (&str, &str)) {
        let business = &self.businesses[n];
        let from: PhoneNumber = business.numbers[contact].parse().unwrap();
        let message = InboundMessage {
            edits: None,
            phone_number_id: business.phone.clone(),
            message: id.parse().unwrap(),
            user: Some(user_of(&from)),
            becomes: None,
            from: Some(from),
            answers: None,
            content: Content::Text,
            text: Some(text.to_owned()),
            row: None,
            at: self.clock.now(),
        };
        let updates = vec![Update::Inbound(message)];
        self.meta.put_back(Delivery { waba: waba_of(&business.phone), updates, skipped: Vec::new() });
    }
}
