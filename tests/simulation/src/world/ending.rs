//! A business that deletes its organisation at Clerk, and what is left of it.

use numo_app::{
    clerk_news::{ClerkNews, ClerkPorts, take_clerk_news},
    erase_organisation::by_operator::order_erasure,
    port::{clock::Clock, table::Item},
    store::erasure::organisation::OrganisationErasure,
};
use numo_domain::id::{OperatorId, OrgId};
use numo_testkit::faulty_table::Plan;

use crate::{
    business::Business,
    world::{Weather, World},
};

/// What names an organisation that is gone, each for as long as its own document says: what keeps it out, what Clerk
/// said in a night, and what webhooks said of numbers that nobody has.
const OUTLIVES_IT: [&str; 3] = ["organisation_erasure", "clerk_night", "webhook_mismatch"];

impl World {
    /// A business deletes its organisation at Clerk, which may never tell.
    pub fn leaves_clerk(&self, n: usize) {
        self.post.clerk().delete(&self.businesses[n].org);
    }

    /// From now on a message from its number is a promise that is broken.
    pub fn is_gone(&mut self, n: usize) -> Business {
        let business = self.businesses.remove(n);
        self.gone.push(business.phone.clone());
        business
    }

    /// Clerk's webhook about it comes until it is taken in.
    pub async fn clerk_tells(&mut self, org: &OrgId, weather: Weather) {
        let news = ClerkNews::OrganisationDeleted { org: org.clone() };
        let ports = ClerkPorts { store: self.waker.store.clone(), ids: self.waker.ids.clone() };
        loop {
            self.weather_for_one(weather);
            let taken = take_clerk_news(&ports, "msg-gone", &news, self.clock.now()).await;
            self.faults.reset(Plan::Never);
            if taken.is_ok() {
                return;
            }
        }
    }

    /// An operator has looked at what the nightly check held up, and ends it.
    pub async fn operator_ends(&self, org: &OrgId) -> OrganisationErasure {
        let by: OperatorId = "ann".parse().unwrap();
        let signed = (&by, "deleted at Clerk");
        order_erasure(&self.operator_ports(), org, signed, org.as_str(), self.clock.now()).await.unwrap()
    }

    /// What the table holds of an organisation that should be gone.
    pub fn left_of(&self, org: &OrgId) -> Vec<Item> {
        let (named, own) = (format!("\"{org}\""), format!("#{org}#"));
        let mut items = self.table.items();
        items.retain(|item| {
            let is_named = format!("{:?}", item.body).contains(&named);
            (is_named || item.key.pk.contains(&own)) && !OUTLIVES_IT.contains(&item.entity.as_str())
        });
        items
    }

    /// What the table holds of an organisation that is there.
    pub fn held_of(&self, org: &OrgId) -> usize {
        let own = format!("#{org}#");
        self.table.items().iter().filter(|item| item.key.pk.contains(&own)).count()
    }
}
