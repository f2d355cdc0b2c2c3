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
    /// The policy that applies to a contact: the one that was chosen for it, else its own, else that of its first group,
    /// else the organisation's.
    ///
    /// A draft applies to nobody yet. One that was switched off still claims its audience, which stays silent:
    /// whoever switches a policy off does not expect another one to write in its place.
    ///
    /// What is open of the contact is asked for only where a group depends on it.
    pub fn for_contact(
        &self,
        contact: &Contact,
        chosen: Option<&PolicyId>,
        balances: impl Fn() -> Balances,
    ) -> &Policy {
        if let Some(chosen) = chosen.and_then(|id| self.get(id)).filter(|policy| policy.may_be_chosen_for(&contact.at))
        {
            return chosen;
        }
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

impl Policy {
    /// Whether it can be chosen for a customer by hand: no draft, and no other customer's own.
    pub fn may_be_chosen_for(&self, customer: &ContactRef) -> bool {
        match &self.audience {
            Audience::Organisation => true,
            Audience::Group { .. } => self.state != PolicyState::Draft,
            Audience::Customer(own) => own == customer && self.state != PolicyState::Draft,
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{
        contact::{ContactNumber, ContactStatus},
        id::ConnectionId,
    };

    fn at(contact: &str) -> ContactRef {
        ContactRef { connection: ConnectionId::new(Uuid::nil()), contact: contact.parse().unwrap() }
    }

    fn policy(id: &str, audience: Audience, state: PolicyState) -> Policy {
        Policy { id: id.parse().unwrap(), audience, state, ..Policy::standard(Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn a_chosen_policy_goes_before_all_others_unless_it_is_a_draft_or_gone_or_another_customers_own() {
        let contact = Contact {
            at: at("c1"),
            name: "Acme".to_owned(),
            status: ContactStatus::Active,
            number: ContactNumber::Missing,
            first_key: None,
            typed: None,
            typed_before: None,
            payer: None,
            groups: Vec::new(),
            updated_at: Timestamp::UNIX_EPOCH,
        };
        let group = |priority| Audience::Group { priority, members: vec![Membership::LedgerGroup("VIP".to_owned())] };
        let policies = Policies {
            organisation_default: Policy::standard(Timestamp::UNIX_EPOCH),
            others: vec![
                policy("own", Audience::Customer(at("c1")), PolicyState::Active),
                policy("theirs", Audience::Customer(at("c2")), PolicyState::Active),
                policy("on", group(1), PolicyState::Active),
                policy("off", group(2), PolicyState::Inactive),
                policy("draft", group(3), PolicyState::Draft),
            ],
        };
        for (chosen, expected) in [
            (None, "own"),
            (Some("own"), "own"),
            (Some("on"), "on"),
            (Some("off"), "off"),
            (Some("default"), "default"),
            (Some("draft"), "own"),
            (Some("theirs"), "own"),
            (Some("gone"), "own"),
        ] {
            let chosen = chosen.map(|id| id.parse().unwrap());
            let applies = policies.for_contact(&contact, chosen.as_ref(), Balances::new);
            assert_eq!(applies.id.to_string(), expected, "{chosen:?}");
        }
    }
}
