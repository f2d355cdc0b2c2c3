pub(crate) mod customer;
pub(crate) mod demo;
pub(crate) mod document;
pub(crate) mod large;
pub(crate) mod payment;
pub(crate) mod small;
pub(crate) mod vendor;

mod book;
mod facts;
mod phones;

use crate::intuit::state::User;
use crate::random::Random;

/// The people who sign in to QuickBooks.
pub(crate) fn users() -> Vec<User> {
    let mut random = Random::new(0x0069_6e74_7569_7400);
    let mut user = |email, companies: &[&str]| User {
        id: random.id(),
        email,
        companies: companies.iter().map(|key| String::from(*key)).collect(),
    };
    vec![
        user("owner@harbour.example", &["demo", "sandbox"]),
        user("other@joinery.example", &["other"]),
        user("owner@gulf.example", &["demo"]),
    ]
}
