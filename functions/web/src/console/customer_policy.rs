//! Which policy applies to a customer, why, and which others may be chosen.

use numo_app::situation::Situation;
use numo_domain::{
    contact::ContactRef,
    id::PolicyId,
    policy::{Policy, PolicyState, audience::Audience},
};

/// The policy of one customer.
pub(super) struct PolicyText {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) why: String,
    /// Why nothing goes out by it, if nothing does.
    pub(super) silence: Option<&'static str>,
    pub(super) choices: Vec<ChoiceText>,
    pub(super) is_chosen: bool,
    /// The one that applies without a choice.
    pub(super) otherwise: String,
}

/// A policy that may be chosen.
pub(super) struct ChoiceText {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

impl PolicyText {
    /// Of a customer who is in the situation.
    pub(super) fn of(situation: &Situation, customer: &ContactRef) -> Option<Self> {
        let contact = situation.ledger.contacts.get(customer)?;
        let chosen = situation.history.files.get(customer).and_then(|file| file.policy.as_ref());
        let applies = |chosen: Option<&PolicyId>| {
            situation.policies.for_contact(contact, chosen, || situation.ledger.balances_of(customer))
        };
        let (policy, otherwise) = (applies(chosen), applies(None));
        let is_chosen = chosen == Some(&policy.id);
        let may_be = situation.policies.all().filter(|policy| policy.may_be_chosen_for(customer));
        Some(Self {
            address: format!("/policies/{}", policy.id),
            name: policy.name.clone(),
            why: why(policy, is_chosen),
            silence: match policy.state {
                PolicyState::Active => None,
                PolicyState::Draft => Some("It is a draft: nothing is planned by it."),
                PolicyState::Inactive => Some("It is off: nothing is sent by it."),
            },
            choices: may_be
                .map(|policy| ChoiceText {
                    id: policy.id.to_string(),
                    name: policy.name.clone(),
                    is_chosen: chosen == Some(&policy.id),
                })
                .collect(),
            is_chosen,
            otherwise: otherwise.name.clone(),
        })
    }
}

fn why(policy: &Policy, is_chosen: bool) -> String {
    match (&policy.audience, is_chosen) {
        (_, true) => "It was chosen for this customer.".to_owned(),
        (Audience::Customer(_), false) => "It is this customer's own.".to_owned(),
        (Audience::Group { priority, .. }, false) => {
            format!("It is for a group that the customer is in (number {priority} of the groups).")
        }
        (Audience::Organisation, false) => "No other policy is for this customer.".to_owned(),
    }
}
