pub(crate) mod contact;
pub(crate) mod credit;
pub(crate) mod demo;
pub(crate) mod document;
pub(crate) mod large;
pub(crate) mod ledger;
pub(crate) mod names;
pub(crate) mod payment;
pub(crate) mod phones;
pub(crate) mod small;

mod organisation;

use crate::random::Random;
use crate::xero::state::User;

/// The Xero user behind the demonstration.
pub(crate) const OWNER: &str = "owner@harbour.example";

/// The two people who sign in to Xero.
pub(crate) fn users(with_ledger: bool) -> Vec<User> {
    let mut random = Random::new(0x7573_6572);
    let mut user = |email: &str, keys: &[&str]| User {
        id: random.id(),
        email: email.to_owned(),
        tenants: keys.iter().map(|key| String::from(*key)).collect(),
    };
    let owned: &[&str] = if with_ledger { &["demo", "demo_company", "ledger"] } else { &["demo", "demo_company"] };
    vec![user(OWNER, owned), user("other@joinery.example", &["other"])]
}
