//! A contact of the ledger: the customer who owes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ConnectionId, ExternalId, NumberKey, UserId},
    phone::{CountryCode, PhoneError, PhoneNumber, typed::TypedPhone},
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
    /// The number that an admin typed in the place of the ledger's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<TypedNumber>,
    /// What stood there before the latest change of `typed`, if that was a typed number too: an undo puts it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed_before: Option<TypedNumber>,
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

    /// What the ledger says its number is, whatever was typed in its place.
    pub fn number_in_ledger(&self) -> &ContactNumber {
        self.typed.as_ref().map_or(&self.number, |typed| &typed.ledger)
    }

    /// Whether a number was typed for it and not read yet.
    pub fn is_unread(&self) -> bool {
        self.number == ContactNumber::Unread
    }

    /// The contact as its ledger tells it now, with what Numo knew of it before.
    ///
    /// A typed number stands while the ledger says what it said when it was typed: a correction there wins.
    #[must_use]
    pub fn told_anew(self, before: Option<&Self>) -> Self {
        let first_key = before.and_then(|before| before.first_key.clone()).or_else(|| self.number.key().cloned());
        let stands = |typed: &TypedNumber| typed.ledger.says_what(&self.number);
        match before.and_then(|before| Some((before, before.typed.clone().filter(stands)?))) {
            Some((before, typed)) => Self {
                number: before.number.clone(),
                typed: Some(typed),
                typed_before: before.typed_before.clone(),
                first_key,
                ..self
            },
            None => {
                let typed_before = before.and_then(|before| before.typed.clone().or(before.typed_before.clone()));
                Self { first_key, typed: None, typed_before, ..self }
            }
        }
    }

    /// Whether the number is the one for which a relationship is a basis: the first one that was ever seen, or one that an
    /// admin typed for a customer who had none.
    pub fn has_first_number(&self) -> bool {
        match (self.number.key(), &self.first_key) {
            (None, _) => true,
            (Some(key), Some(first)) => key == first,
            (Some(_), None) => self.typed.is_some(),
        }
    }
}

/// A number that an admin typed for a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedNumber {
    /// What was typed.
    pub text: TypedPhone,
    /// By whom.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// What the ledger said at that moment: the typed number stands while it says the same.
    pub ledger: ContactNumber,
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
    /// Somebody typed one, which is read with the numbering plans in a moment.
    Unread,
}

impl ContactNumber {
    /// A number that can be written to, with the country that has it.
    pub fn usable(number: PhoneNumber, key: NumberKey) -> Self {
        Self::Usable { country: number.country(), number, key }
    }

    /// Whether both are one number, or no number for the same reason.
    pub fn says_what(&self, other: &Self) -> bool {
        if let (Self::Usable { number, .. }, Self::Usable { number: other, .. }) = (self, other) {
            // The country was not always kept with it.
            return number == other;
        }
        self == other
    }

    /// The country of a usable number.
    pub const fn country(&self) -> Option<CountryCode> {
        match self {
            Self::Usable { country, .. } => *country,
            Self::Unusable { .. } | Self::Missing | Self::Unread => None,
        }
    }

    /// The keyed hash of a usable number.
    pub const fn key(&self) -> Option<&NumberKey> {
        match self {
            Self::Usable { key, .. } => Some(key),
            Self::Unusable { .. } | Self::Missing | Self::Unread => None,
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

    fn usable(number: &str) -> ContactNumber {
        ContactNumber::usable(number.parse().unwrap(), format!("key-{}", &number[1..]).parse().unwrap())
    }

    /// A customer as the ledger tells it.
    fn told(number: ContactNumber) -> Contact {
        Contact {
            at: at("c-1"),
            name: "Acme".to_owned(),
            status: ContactStatus::Active,
            number,
            first_key: None,
            typed: None,
            typed_before: None,
            payer: None,
            groups: Vec::new(),
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    /// The same with a number that was typed and read.
    fn typed(number: &str, ledger: ContactNumber) -> Contact {
        let (text, by) = (number.parse().unwrap(), "user_ann".parse().unwrap());
        let typed = TypedNumber { text, by, at: Timestamp::UNIX_EPOCH, ledger: ledger.clone() };
        let contact = Contact { number: usable(number), typed: Some(typed), ..told(ContactNumber::Missing) };
        Contact { first_key: ledger.key().cloned(), ..contact }
    }

    #[test]
    fn a_typed_number_stands_while_the_ledger_says_the_same_and_a_correction_there_wins() {
        let landline = ContactNumber::Unusable { why: PhoneError::NotMobile };
        let all = [ContactNumber::Missing, landline, usable("+971501234567"), usable("+971501234568")];
        for before in &all {
            let known = typed("+971509876543", before.clone());
            for now in &all {
                let renamed = Contact { name: "Acme Trading".to_owned(), ..told(now.clone()) };
                let kept = renamed.clone().told_anew(Some(&known));
                let first_key = known.first_key.clone().or_else(|| now.key().cloned());
                let expected = match now == before {
                    true => Contact { name: renamed.name.clone(), ..known.clone() },
                    false => Contact { first_key, typed_before: known.typed.clone(), ..renamed },
                };
                assert_eq!(kept, expected, "{before:?} {now:?}");
            }
        }
    }

    #[test]
    fn a_number_that_was_kept_without_its_country_is_the_same_one() {
        let ContactNumber::Usable { number, key, .. } = usable("+971501234567") else { unreachable!() };
        let of_old = ContactNumber::Usable { number, key, country: None };
        let known = typed("+971509876543", of_old);
        assert_eq!(told(usable("+971501234567")).told_anew(Some(&known)).typed, known.typed);
    }

    #[test]
    fn a_relationship_is_a_basis_for_the_first_number_and_for_one_typed_where_there_was_none() {
        let first = told(usable("+971501234567")).told_anew(None);
        let changed = told(usable("+971501234568")).told_anew(Some(&first));
        let has_first = |contact: &Contact| contact.has_first_number();
        assert!(has_first(&first) && !has_first(&changed));
        assert!(has_first(&typed("+971509876543", ContactNumber::Missing)));
        assert!(!has_first(&typed("+971509876543", usable("+971501234567"))));
        assert!(has_first(&typed("+971501234567", usable("+971501234567"))));
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
