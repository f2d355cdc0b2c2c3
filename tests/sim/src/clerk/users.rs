/// A person, with the organisation that is active for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    pub(crate) membership: Option<Membership>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Membership {
    pub(crate) org_id: &'static str,
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) role: &'static str,
}

/// Everyone who can sign in.
pub(crate) const ALL: &[User] = &[
    User {
        id: "user_owner",
        name: "Olivia Owner",
        email: "owner@harbour.example",
        membership: Some(Membership { role: "admin", ..HARBOUR }),
    },
    User {
        id: "user_member",
        name: "Max Member",
        email: "member@harbour.example",
        membership: Some(Membership { role: "member", ..HARBOUR }),
    },
    User { id: "user_joiner", name: "Jo Joiner", email: "other@joinery.example", membership: Some(JOINERY) },
    User { id: "user_gulf", name: "Gail Gulf", email: "owner@gulf.example", membership: Some(GULF) },
    User { id: "user_ledger", name: "Lee Ledger", email: "ledger@ledger.example", membership: Some(LEDGER) },
    User { id: "user_palm", name: "Petra Palm", email: "owner@palm.example", membership: Some(PALM) },
    User {
        id: "user_court",
        name: "Cora Court",
        email: "member@palm.example",
        membership: Some(Membership { role: "member", ..PALM }),
    },
    User { id: "user_nobody", name: "Nia Nobody", email: "nobody@nowhere.example", membership: None },
];

const HARBOUR: Membership =
    Membership { org_id: "org_harbour", slug: "harbour-lane-trading", name: "Harbour Lane Trading", role: "admin" };
const JOINERY: Membership =
    Membership { org_id: "org_joinery", slug: "edinburgh-joinery", name: "Edinburgh Joinery", role: "admin" };
const GULF: Membership =
    Membership { org_id: "org_gulf", slug: "gulf-marine-supplies", name: "Gulf Marine Supplies", role: "admin" };
const LEDGER: Membership =
    Membership { org_id: "org_ledger", slug: "anonymised-ledger", name: "Anonymised Ledger", role: "admin" };
const PALM: Membership =
    Membership { org_id: "org_palm", slug: "palm-court-interiors", name: "Palm Court Interiors", role: "admin" };

pub(crate) fn by_id(id: &str) -> Option<User> {
    ALL.iter().find(|user| user.id == id).copied()
}
