//! What the world does between plan and dispatch: one customer pays, one says STOP, one has left WhatsApp.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::error::JourneyError;
use crate::journey::{Ledger, SOON, SenderAccount};
use crate::product::Product;
use crate::product::answers::{Decision, Plan};
use crate::simulator::Simulator;
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

/// Chooses three planned customers and lets it happen to them.
pub async fn surprise(
    product: &Product,
    simulator: &Simulator,
    ledger: Ledger,
    sender: SenderAccount,
    plan: &Plan,
) -> Result<Surprises, JourneyError> {
    let documents = simulator.documents(ledger.tenant).await?;
    let mut mobiles = simulator.mobiles(ledger.tenant).await?;
    // Of a customer with a broken row nobody knows what is owed, so that other rules hold.
    mobiles.retain(|contact, _| !unreadable_contacts(&documents).contains(contact));
    let chosen = choose(plan, &mobiles)?;
    for invoice in open_invoices(&documents, &chosen.paid.contact) {
        simulator.pay(ledger.tenant, &invoice).await?;
    }
    simulator.set_not_on_whatsapp(&[&chosen.unreachable.number]).await?;
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
pub fn unreadable_contacts(documents: &[Value]) -> BTreeSet<String> {
    let broken = documents.iter().filter(|row| row.get("_sim_malformed").is_some());
    broken.filter_map(|row| text(row, "/Contact/ContactID")).collect()
}

/// Open sales invoices of a contact, as Xero holds them.
fn open_invoices(documents: &[Value], contact: &str) -> Vec<String> {
    documents
        .iter()
        .filter(|row| text(row, "/Contact/ContactID").as_deref() == Some(contact))
        .filter(|row| text(row, "/Type").as_deref() == Some("ACCREC"))
        .filter(|row| text(row, "/Status").as_deref() == Some("AUTHORISED"))
        .filter_map(|row| text(row, "/InvoiceID"))
        .collect()
}

fn text(row: &Value, pointer: &str) -> Option<String> {
    row.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}
