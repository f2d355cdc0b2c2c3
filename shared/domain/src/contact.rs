//! A contact of the ledger: the customer who owes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ConnectionId, ExternalId, NumberKey},
    phone::{CountryCode, PhoneError, PhoneNumber},
};

/// A customer, addressed within an organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactRef {
    /// The ledger it lives in.
    pub connection: ConnectionId,
    /// The ledger's id.
    pub contact: ExternalId,
}

/// A customer as the ledger shows it, with the one number reminders would use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Where it lives.
    pub at: ContactRef,
    /// The ledger's display name.
    pub name: String,
    /// Whether the ledger still uses it.
    pub status: ContactStatus,
    /// The number, or why there is none.
    pub number: ContactNumber,
    /// The first number that Numo saw for it: a relationship is a basis for this one alone.
    ///
    /// A number that changed later waits for the owner's word, an opt-in recorded for it.
    #[serde(default)]
    pub first_key: Option<NumberKey>,
    /// Who owes its invoices in its place: the contact it was merged into, or the parent that is billed for it.
    #[serde(default)]
    pub payer: Option<ExternalId>,
    /// The ledger's own groups that it is in, by name.
    #[serde(default)]
    pub groups: Vec<String>,
    /// When the ledger says it changed.
    pub updated_at: Timestamp,
}

impl Contact {
    /// Who owes its invoices in its place, if not itself.
    pub fn payer(&self) -> Option<ContactRef> {
        let payer = self.payer.clone().filter(|payer| *payer != self.at.contact)?;
        Some(ContactRef { connection: self.at.connection, contact: payer })
    }
}

/// Contacts whose invoices somebody else owes, by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payers(BTreeMap<ContactRef, ContactRef>);

/// Longest chain of payers that is followed; a longer one is a circle.
const PAYER_CHAIN: usize = 8;

impl Payers {
    /// Gathers who pays for whom.
    pub fn of<'a>(contacts: impl IntoIterator<Item = &'a Contact>) -> Self {
        contacts.into_iter().filter_map(|contact| Some((contact.at.clone(), contact.payer()?))).collect()
    }

    /// Who owes the invoices of a contact: itself, unless it was merged or its parent is billed.
    pub fn payer_of(&self, contact: &ContactRef) -> ContactRef {
        let mut payer = contact;
        for _ in 0..PAYER_CHAIN {
            match self.0.get(payer) {
                Some(next) => payer = next,
                None => return payer.clone(),
            }
        }
        contact.clone()
    }

    /// The contacts whose invoices these payers owe, themselves included.
    pub fn billed_to(&self, payers: &BTreeSet<ContactRef>) -> BTreeSet<ContactRef> {
        let others = self.0.keys().filter(|contact| payers.contains(&self.payer_of(contact))).cloned();
        payers.iter().cloned().chain(others).collect()
    }
}

impl FromIterator<(ContactRef, ContactRef)> for Payers {
    fn from_iter<I: IntoIterator<Item = (ContactRef, ContactRef)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// Whether the ledger still uses a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContactStatus {
    /// In use.
    Active,
    /// Put away; open invoices may remain.
    Archived,
    /// Asked to be forgotten: never written to.
    GdprRequest,
}

/// The number that reminders to a contact would use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ContactNumber {
    /// It can be written to.
    Usable {
        /// The number.
        number: PhoneNumber,
        /// Its keyed hash: consent, fuse and links are found by it.
        key: NumberKey,
        /// The country whose numbering plan has it: its clock, its holidays and a group by country go by that.
        ///
        /// Told when the number is read, since a plan asks for it again and again; none for worldwide networks.
        #[serde(default)]
        country: Option<CountryCode>,
    },
    /// There is something, but nothing that can be written to.
    Unusable {
        /// What is wrong with the best of what is there.
        why: PhoneError,
    },
    /// The ledger has no number.
    Missing,
}

impl ContactNumber {
    /// A number that can be written to, with the country that has it.
    pub fn usable(number: PhoneNumber, key: NumberKey) -> Self {
        Self::Usable { country: number.country(), number, key }
    }

    /// The country of a usable number.
    pub const fn country(&self) -> Option<CountryCode> {
        match self {
            Self::Usable { country, .. } => *country,
            Self::Unusable { .. } | Self::Missing => None,
        }
    }

    /// The keyed hash of a usable number.
    pub const fn key(&self) -> Option<&NumberKey> {
        match self {
            Self::Usable { key, .. } => Some(key),
            Self::Unusable { .. } | Self::Missing => None,
        }
    }
}

/// A phone field of a ledger, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerPhone {
    /// What the field is for.
    pub kind: LedgerPhoneKind,
    /// Country, area and number joined with spaces.
    pub text: String,
}

/// Phone fields in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedgerPhoneKind {
    /// Marked as a mobile.
    Mobile,
    /// The main number.
    Default,
    /// A direct line.
    Direct,
    /// A fax: never used.
    Fax,
}

/// The first field that holds a mobile, or what is wrong with the best one.
pub fn choose_number(phones: &[LedgerPhone], home: Option<CountryCode>) -> Result<PhoneNumber, Option<PhoneError>> {
    let mut candidates: Vec<&LedgerPhone> = phones.iter().filter(|p| p.kind != LedgerPhoneKind::Fax).collect();
    candidates.sort_by_key(|phone| phone.kind);
    let mut best_refusal = None;
    for phone in candidates {
        match PhoneNumber::parse(&phone.text, home) {
            Ok(number) => return Ok(number),
            Err(PhoneError::NoDigits) if phone.text.trim().is_empty() => {}
            Err(why) => best_refusal = best_refusal.or(Some(why)),
        }
    }
    Err(best_refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(kind: LedgerPhoneKind, text: &str) -> LedgerPhone {
        LedgerPhone { kind, text: text.to_owned() }
    }

    fn at(contact: &str) -> ContactRef {
        let connection = ConnectionId::new(uuid::Uuid::nil());
        ContactRef { connection, contact: contact.parse().unwrap() }
    }

    #[test]
    fn invoices_are_owed_by_the_end_of_the_chain_and_a_circle_changes_nothing() {
        let payers: Payers = [("job", "branch"), ("branch", "head"), ("a", "b"), ("b", "a")]
            .map(|(contact, payer)| (at(contact), at(payer)))
            .into_iter()
            .collect();
        let paid_by = ["job", "branch", "head", "a", "other"].map(|contact| payers.payer_of(&at(contact)));
        assert_eq!(paid_by, ["head", "head", "head", "a", "other"].map(at));
        let billed = payers.billed_to(&BTreeSet::from([at("head")]));
        assert_eq!(billed, BTreeSet::from(["job", "branch", "head"].map(at)));
    }

    #[test]
    fn the_mobile_field_wins_over_the_main_number() {
        let phones = [phone(LedgerPhoneKind::Default, "050 765 4321"), phone(LedgerPhoneKind::Mobile, "050 123 4567")];
        let chosen = choose_number(&phones, "AE".parse().ok()).unwrap();
        assert_eq!(chosen.as_e164(), "+971501234567");
    }

    #[test]
    fn a_landline_is_passed_over_for_a_mobile_in_another_field() {
        let phones = [phone(LedgerPhoneKind::Default, "04 331 1111"), phone(LedgerPhoneKind::Direct, "050 123 4567")];
        assert_eq!(choose_number(&phones, "AE".parse().ok()).unwrap().as_e164(), "+971501234567");
    }

    #[test]
    fn a_fax_is_never_written_to() {
        let phones = [phone(LedgerPhoneKind::Fax, "050 123 4567")];
        assert_eq!(choose_number(&phones, "AE".parse().ok()), Err(None));
    }

    #[test]
    fn empty_fields_are_no_number_and_others_say_what_is_wrong() {
        let home = "AE".parse().ok();
        assert_eq!(choose_number(&[phone(LedgerPhoneKind::Mobile, " ")], home), Err(None));
        assert_eq!(choose_number(&[phone(LedgerPhoneKind::Mobile, "n/a")], home), Err(Some(PhoneError::NoDigits)));
        let landline = [phone(LedgerPhoneKind::Mobile, ""), phone(LedgerPhoneKind::Default, "04 331 1111")];
        assert_eq!(choose_number(&landline, home), Err(Some(PhoneError::NotMobile)));
    }
}
