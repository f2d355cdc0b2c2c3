//! What the world does between plan and dispatch: one customer pays, one says STOP, one has left WhatsApp.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::JourneyError;
use crate::journey::{Ledger, SOON, SenderAccount};
use crate::product::Product;
use crate::product::answers::{Decision, Plan};
use crate::simulator::{SalesInvoice, Simulator};
use crate::wait::{Look, until};

/// Three planned customers that something happens to.
#[derive(Debug, Clone)]
pub struct Surprises {
    /// Paid everything.
    pub paid: Person,
    /// Wrote STOP.
    pub opted_out: Person,
    /// Is not on WhatsApp.
    pub unreachable: Person,
}

/// A customer with a number of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The ledger's id.
    pub contact: String,
    /// `+` and digits.
    pub number: String,
}

/// Chooses three planned customers and lets it happen to them; the caller takes the third from WhatsApp.
pub async fn surprise(
    product: &Product,
    simulator: &Simulator,
    ledger: Ledger,
    sender: SenderAccount,
    plan: &Plan,
) -> Result<Surprises, JourneyError> {
    let invoices = simulator.sales_invoices(ledger).await?;
    let mut mobiles = simulator.mobiles(ledger).await?;
    // Of a customer with a broken row nobody knows what is owed, so that other rules hold.
    mobiles.retain(|contact, _| !unreadable_contacts(&invoices).contains(contact));
    let chosen = choose(plan, &mobiles)?;
    let is_paid = |invoice: &&SalesInvoice| invoice.contact.as_ref() == Some(&chosen.paid.contact) && invoice.is_open;
    for invoice in invoices.iter().filter(is_paid).filter_map(|invoice| invoice.id.as_ref()) {
        simulator.pay(ledger, invoice).await?;
    }
    simulator.write(sender.phone_number_id, &chosen.opted_out.number, "STOP").await?;
    until("the effect of a STOP", SOON, async || {
        let decisions = product.preview().await?;
        let of_person = decisions.iter().find(|decision| decision.unit.contact == chosen.opted_out.contact);
        let is_stopped = |decision: &Decision| decision.reasons.iter().any(|reason| reason.code == "opted_out");
        Ok(if of_person.is_some_and(is_stopped) {
            Look::Done(())
        } else {
            Look::NotYet("the customer may still be written to".to_owned())
        })
    })
    .await?;
    Ok(chosen)
}

/// The first, the middle and the last planned customer with one message and one number.
fn choose(plan: &Plan, mobiles: &BTreeMap<String, String>) -> Result<Surprises, JourneyError> {
    let mut seen = BTreeSet::new();
    let people: Vec<Person> = plan
        .decisions
        .iter()
        .filter(|decision| decision.send.is_some())
        .filter_map(|decision| {
            let contact = decision.unit.contact.clone();
            let number = mobiles.get(&contact)?.clone();
            seen.insert(contact.clone()).then_some(Person { contact, number })
        })
        .collect();
    match people.as_slice() {
        [first, .., last] if people.len() >= 3 => {
            let middle = people.get(people.len() / 2).unwrap_or(first);
            Ok(Surprises { paid: first.clone(), opted_out: middle.clone(), unreachable: last.clone() })
        }
        _ => Err(JourneyError::broken("fewer than three customers with a number are planned")),
    }
}

/// Contacts with a sales invoice that is broken on purpose.
pub fn unreadable_contacts(invoices: &[SalesInvoice]) -> BTreeSet<String> {
    invoices.iter().filter(|invoice| invoice.is_broken).filter_map(|invoice| invoice.contact.clone()).collect()
}
