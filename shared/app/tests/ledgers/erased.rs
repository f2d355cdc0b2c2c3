use numo_app::erase_customer::ask_for_erasure;
use numo_domain::{connection::LedgerProvider, credit::CreditKind};

use crate::world::{
    World, admin, bill, complete, connection_id, contact, contact_ref, credit, invoice, org, payment, start,
};

#[tokio::test]
async fn rows_of_an_erased_customer_are_counted_and_nothing_of_them_is_kept() {
    for provider in [LedgerProvider::Xero, LedgerProvider::Quickbooks] {
        let world = World::synced(provider).await;
        let (ports, org, by, whom) = ((&world.waker, &world.ports.number_keys), org(), admin(), contact_ref("c1"));
        ask_for_erasure(ports, (&org, &by), &whom, "Customer c1", start()).await.unwrap();
        let later = start().checked_add(jiff::SignedDuration::from_mins(5)).unwrap();
        {
            let mut held = world.ledger.held();
            held.invoices =
                vec![invoice("i1", "c1", "AED 700"), invoice("i9", "c1", "AED 5"), invoice("i2", "c2", "AED 80")];
            held.contacts = vec![contact("c1", "+971501234599"), contact("c2", "+971501234568")];
            held.credits = vec![credit("n1", CreditKind::CreditNote, "c1", "AED 3")];
            held.bills = vec![bill("b1", "c1", "AED 4")];
            held.payments = vec![payment("p1", "c1", 20)];
            held.invoices.iter_mut().for_each(|invoice| invoice.updated_at = later);
            held.contacts.iter_mut().for_each(|contact| contact.updated_at = later);
        }
        world.pass(jiff::SignedDuration::from_mins(10));
        let before: Vec<_> = world.table.items().into_iter().filter(|item| names(item, "c1")).collect();
        let run = complete(world.sync().await);
        assert_eq!((run.left_out, run.contacts_read, run.invoices_read, run.money_read), (6, 1, 1, 0));
        let after: Vec<_> = world.table.items().into_iter().filter(|item| names(item, "c1")).collect();
        assert!(before == after, "something of an erased customer was written");
        let i2 = world.store.invoices_by_id(&org, connection_id(), &["i2".parse().unwrap()]).await.unwrap();
        assert_eq!(i2[0].value.invoice.remaining.to_string(), invoice("i2", "c2", "AED 80").remaining.to_string());
    }
}

fn names(item: &numo_app::port::table::Item, contact: &str) -> bool {
    format!("{:?}", item.body).contains(&format!("String(\"{contact}\")"))
}
