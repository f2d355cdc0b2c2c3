pub(crate) mod demo;
pub(crate) mod document;
pub(crate) mod ledger;
pub(crate) mod small;

mod contact;
pub(crate) mod names;
mod organisation;
pub(crate) mod phones;

use crate::random::Random;
use crate::xero::state::User;

/// The two people who sign in to Xero.
pub(crate) fn users(with_ledger: bool) -> Vec<User> {
    let mut random = Random::new(0x7573_6572);
    let mut owned = vec!["demo", "demo_company"];
    if with_ledger {
        owned.push("ledger");
    }
    vec![
        User { id: random.id(), email: "owner@harbour.example", tenants: owned },
        User { id: random.id(), email: "other@joinery.example", tenants: vec!["other"] },
    ]
}
