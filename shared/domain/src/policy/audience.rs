//! Whom a policy is for, and which one wins.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    contact::{Contact, ContactRef},
    id::PolicyId,
    invoice::Invoice,
    money::Currency,
    phone::CountryCode,
    policy::{
        Policy, PolicyState,
        validate::{InvalidPolicy, MAX_POLICIES},
    },
};

/// Whom a policy is for; the narrower audience wins.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// Everybody whom no other policy claims.
    #[default]
    Organisation,
    /// A group of customers.
    Group {
        /// Of two groups that a customer is in, the smaller number wins; no two groups share one.
        priority: u16,
        /// Who is in it: whoever meets any of these.
        members: Vec<Membership>,
    },
    /// One customer.
    Customer(ContactRef),
}

/// One way of being in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Membership {
    /// Chosen by hand.
    Chosen(BTreeSet<ContactRef>),
    /// In a group of the ledger with this name, whatever the case of its letters.
    LedgerGroup(String),
    /// Owes at least this much in a currency, in minor units.
    OwesAtLeast {
        /// The currency.
        currency: Currency,
        /// The amount.
        minor: i64,
    },
    /// Has a number of this country.
    NumberOf(CountryCode),
}

/// What is open of a customer, in minor units per currency.
pub type Balances = BTreeMap<Currency, i64>;

/// What is open of some invoices, in minor units by currency.
pub fn balances<'i>(invoices: impl IntoIterator<Item = &'i Invoice>) -> Balances {
    invoices.into_iter().fold(Balances::new(), |mut balances, invoice| {
        let owed = balances.entry(invoice.remaining.currency).or_default();
        *owed = owed.saturating_add(invoice.remaining.minor);
        balances
    })
}

impl Membership {
    fn includes(&self, contact: &Contact, balances: impl Fn() -> Balances) -> bool {
        match self {
            Self::Chosen(chosen) => chosen.contains(&contact.at),
            Self::LedgerGroup(name) => contact.groups.iter().any(|group| group.to_lowercase() == name.to_lowercase()),
            Self::OwesAtLeast { currency, minor } => balances().get(currency).is_some_and(|owed| owed >= minor),
            Self::NumberOf(country) => contact.number.country() == Some(*country),
        }
    }
}

/// All policies of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// Applies where nothing narrower does.
    pub organisation_default: Policy,
    /// Policies of groups and of single customers.
    pub others: Vec<Policy>,
}

impl Policies {
    /// The policy that applies to a contact: its own, else that of its first group, else the organisation's.
    ///
    /// A draft applies to nobody yet. One that was switched off still claims its audience, which stays silent:
    /// whoever switches a policy off does not expect another one to write in its place.
    ///
    /// What is open of the contact is asked for only where a group depends on it.
    pub fn for_contact(&self, contact: &Contact, balances: impl Fn() -> Balances) -> &Policy {
        let claiming = self.others.iter().filter(|policy| policy.state != PolicyState::Draft);
        let ranked = claiming.filter_map(|policy| Some((rank(&policy.audience, contact, &balances)?, policy)));
        ranked.min_by_key(|(rank, _)| *rank).map_or(&self.organisation_default, |(_, policy)| policy)
    }

    /// Every policy, the organisation's first.
    pub fn all(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.organisation_default).chain(&self.others)
    }

    /// One of the policies.
    pub fn get(&self, id: &PolicyId) -> Option<&Policy> {
        self.all().find(|policy| policy.id == *id)
    }

    /// Puts in a policy as it was read anew; one that was deleted meanwhile is left out.
    pub fn renew(&mut self, id: &PolicyId, latest: Option<Policy>) {
        if id.is_organisation_default() {
            latest.into_iter().for_each(|latest| self.organisation_default = latest);
            return;
        }
        self.others.retain(|policy| policy.id != *id);
        self.others.extend(latest);
    }

    /// Checks that a policy to be saved does not compete with another one.
    pub fn admit(&self, policy: &Policy) -> Result<(), InvalidPolicy> {
        let is_for_everybody = policy.audience == Audience::Organisation;
        if is_for_everybody != policy.id.is_organisation_default() {
            return Err(InvalidPolicy::WrongAudience);
        }
        let others: Vec<&Policy> = self.all().filter(|other| other.id != policy.id).collect();
        if others.len() >= MAX_POLICIES {
            return Err(InvalidPolicy::TooManyPolicies);
        }
        match &policy.audience {
            Audience::Organisation => Ok(()),
            Audience::Customer(_) if others.iter().any(|other| other.audience == policy.audience) => {
                Err(InvalidPolicy::SameCustomer)
            }
            Audience::Customer(_) => Ok(()),
            Audience::Group { priority, .. } => {
                let has_it = |other: &&Policy| matches!(&other.audience, Audience::Group { priority: taken, .. } if taken == priority);
                if others.iter().any(has_it) { Err(InvalidPolicy::SamePriority(*priority)) } else { Ok(()) }
            }
        }
    }
}

/// How narrow an audience is, the narrowest first; nothing if the contact is not in it.
fn rank(audience: &Audience, contact: &Contact, balances: impl Fn() -> Balances) -> Option<(u8, u16)> {
    match audience {
        Audience::Customer(at) => (*at == contact.at).then_some((0, 0)),
        Audience::Group { priority, members } => {
            members.iter().any(|member| member.includes(contact, &balances)).then_some((1, *priority))
        }
        Audience::Organisation => Some((2, 0)),
    }
}
