//! Whom a policy is for, as a form says it.

use std::collections::BTreeSet;

use numo_domain::{
    contact::ContactRef,
    id::PolicyId,
    phone::CountryCode,
    policy::audience::{Audience, Membership},
};

use crate::console::{
    policy_form::read::{Reader, lines},
    sent::Fields,
};

/// The customers that are ticked in a form.
pub(in crate::console) fn chosen(fields: &Fields) -> BTreeSet<ContactRef> {
    let reference = |text: &str| {
        let (connection, contact) = text.split_once('/')?;
        Some(ContactRef { connection: connection.parse().ok()?, contact: contact.parse().ok()? })
    };
    fields.all("chosen").filter_map(reference).collect()
}

impl Reader<'_> {
    pub(super) fn audience(&mut self, id: &PolicyId) -> Audience {
        if id.is_organisation_default() {
            return Audience::Organisation;
        }
        let chosen = chosen(self.fields);
        match self.fields.optional("for") {
            Some("customer") => {
                let mut all = chosen.into_iter();
                match (all.next(), all.next()) {
                    (Some(only), None) => return Audience::Customer(only),
                    (Some(_) | None, _) => self.is_wrong("audience", "Choose one customer: find them by name below."),
                }
                Audience::Organisation
            }
            Some("group") => Audience::Group { priority: self.number("priority"), members: self.members(chosen) },
            Some(_) | None => {
                self.is_wrong("audience", "Say for whom it is.");
                Audience::Organisation
            }
        }
    }

    fn members(&mut self, chosen: BTreeSet<ContactRef>) -> Vec<Membership> {
        let chosen = (!chosen.is_empty()).then_some(Membership::Chosen(chosen));
        let groups = lines(self.fields, "ledger_groups").map(|name| Membership::LedgerGroup(name.to_owned()));
        let mut members: Vec<Membership> = chosen.into_iter().chain(groups).collect();
        let owes = self.amounts("owes_at_least").into_iter();
        members.extend(owes.map(|money| Membership::OwesAtLeast { currency: money.currency, minor: money.minor }));
        let codes = self.fields.optional("countries").unwrap_or_default();
        for code in codes.split(|c: char| c == ',' || c.is_whitespace()).filter(|code| !code.is_empty()) {
            match code.to_ascii_uppercase().parse::<CountryCode>() {
                Ok(country) => members.push(Membership::NumberOf(country)),
                Err(_letters) => {
                    self.is_wrong("countries", format!("{code}: write two letters a country, such as AE GB."))
                }
            }
        }
        members
    }
}
