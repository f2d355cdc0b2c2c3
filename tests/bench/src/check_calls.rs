//! The fresh read before 400 messages of one organisation.

use std::{collections::BTreeSet, sync::Arc};

use numo_app::port::ledger::LedgerAccess;
use numo_domain::{connection::LedgerProvider, credential::GrantRef, id::ExternalId};

use crate::{
    Failure,
    counting_table::CountingTable,
    row::Row,
    simulator::Simulator,
    world::{Books, World, service},
};

/// Messages of the day.
const SENDS: usize = 400;

pub(crate) async fn measure(provider: LedgerProvider, simulator: &Simulator) -> Result<Vec<Row>, Failure> {
    simulator.next_minute().await?;
    let key = format!("large-{}", provider.as_str());
    let books = Books { provider, user: "owner@harbour.example".to_owned(), tenant: key };
    let world = World::over(Arc::new(CountingTable::new(false)), simulator)?;
    let org = "org_bench".parse()?;
    let connection = world.connect(&org, &books).await?;
    world.sync_to_the_end().await?;
    let open = world.store.open_invoices(&org).await?;
    let owing: BTreeSet<ExternalId> = open.into_iter().map(|invoice| invoice.contact.contact).collect();
    let customers: Vec<ExternalId> = owing.into_iter().take(SENDS).collect();
    if customers.len() < SENDS {
        return Err(format!("only {} customers owe something", customers.len()).into());
    }
    let token = world.vault.fresh_access_token(&org, &GrantRef::of(&connection), world.clock.now()).await?;
    let access = LedgerAccess { tenant: connection.tenant, token };
    simulator.next_minute().await?;
    simulator.count_anew(service(provider)).await?;
    let check = world.checks.of(provider);
    for page in customers.chunks(check.limits().contacts) {
        let checked = check.check(&access, page).await?;
        if checked.contacts.len() != page.len() || checked.invoices.is_empty() {
            return Err("a check does not know the customers it was asked for".into());
        }
    }
    let calls = simulator.calls(service(provider)).await?;
    Ok(vec![Row::new(format!("check_calls.{}", provider.as_str()), calls, "calls", 60)])
}
