mod customers;
mod open_items;
mod sales;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::random::Random;
use crate::xero::data::organisation::{self, Demo, Facts};
use crate::xero::state::{Books, Tenant};

/// "Harbour Lane Trading": the organisation that the demonstration runs on.
pub(crate) fn tenant(seed: u64, today: Date) -> Tenant {
    let mut random = Random::new(seed);
    let facts = Facts {
        id: random.id(),
        name: String::from("Harbour Lane Trading"),
        country: "AE",
        currency: "AED",
        zone: "ARABIANSTANDARDTIME",
        demo_company: Demo::No,
    };
    let mut mobiles = BTreeMap::new();
    let contacts = customers::all(&mut random, today, &mut mobiles);
    let invoices = sales::all(&mut random, today, &contacts);
    let books =
        Books { organisation: organisation::row(&facts), contacts: customers::rows(&contacts), invoices, mobiles };
    let mut tenant = Tenant::new("demo", books);
    open_items::add(&mut tenant, seed, today, &contacts);
    tenant
}
