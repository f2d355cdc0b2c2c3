//! The policy that was chosen for a customer, and for contacts whose invoices the customer pays.

use numo_domain::{
    contact::{Contact, ContactRef},
    id::PolicyId,
    invoice::Invoice,
    policy::{Approval, Policy, PolicyState, audience::Audience},
};

use crate::{MONDAY, Planner, at, connection, customer, invoice, monday, org, planner};

impl Planner {
    /// A policy in force that is for nobody unless it is chosen.
    async fn choosable(&self, id: &str, priority: u16) -> PolicyId {
        let id: PolicyId = id.parse().unwrap();
        let audience = Audience::Group { priority, members: Vec::new() };
        let mut policy = Policy { id: id.clone(), audience, state: PolicyState::Active, ..Policy::standard(monday()) };
        // No two policies share the number of a step.
        policy.steps.iter_mut().for_each(|step| step.id.0 += 10 * priority);
        self.waker.store.save_policy(&org(), (&id, 0), policy, at("2026-10-01T08:00:00Z")).await.unwrap();
        id
    }

    async fn choose(&self, contact: &ContactRef, policy: Option<&PolicyId>) {
        let policy = policy.cloned();
        let store = &self.waker.store;
        store.change_customer_file(&org(), contact, monday(), |file| file.policy = policy.clone()).await.unwrap();
    }

    /// The policy of each decision of Monday.
    async fn applied(&self) -> Vec<(String, String)> {
        let header = self.plan(monday()).await.unwrap();
        assert_eq!(header.date, MONDAY);
        let decisions = self.waker.store.plan_decisions(&org(), &header).await.unwrap();
        let told = decisions.into_iter().map(|told| (told.unit.contact.contact.to_string(), told.policy.to_string()));
        told.collect()
    }
}

#[tokio::test]
async fn a_customer_goes_by_the_policy_chosen_for_it_before_that_of_a_contact_that_was_merged_into_it() {
    let planner = planner(Approval::Required).await;
    // It stands before the customer in every list.
    let merged = ContactRef { connection: connection(), contact: "a-0".parse().unwrap() };
    let contact = Contact { at: merged.clone(), payer: "c-1".parse().ok(), ..customer() };
    let owed = Invoice { id: "i-0".parse().unwrap(), contact: merged.clone(), ..invoice() };
    let (store, org) = (&planner.waker.store, org());
    store.upsert_contact(&org, None, &contact, monday()).await.unwrap();
    store.upsert_invoice(&org, None, &owed, monday(), at("2026-10-01T08:00:00Z")).await.unwrap();
    let (firm, gentle) = (planner.choosable("firm", 1).await, planner.choosable("gentle", 2).await);
    for (own, of_merged, applied) in [
        (None, None, "default"),
        (None, Some(&gentle), "gentle"),
        (Some(&firm), Some(&gentle), "firm"),
        (Some(&firm), None, "firm"),
    ] {
        planner.choose(&customer().at, own).await;
        planner.choose(&merged, of_merged).await;
        assert_eq!(planner.applied().await, [("c-1".to_owned(), applied.to_owned())], "{own:?}, {of_merged:?}");
    }
}
