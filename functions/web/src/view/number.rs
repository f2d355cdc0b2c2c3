//! The number of a customer, where it comes from, and why it cannot be written to.

use jiff::Timestamp;
use numo_domain::{
    contact::{Contact, ContactNumber, TypedNumber},
    id::UserId,
};
use serde::Serialize;

/// The number that reminders go to.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub(crate) struct RecipientNumberView {
    number: NumberState,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_masked: Option<String>,
    /// Why it cannot be written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    number_problem: Option<String>,
    /// `ledger`, or `typed` by an admin in its place.
    number_source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_typed: Option<TypedView>,
}

/// Who typed a number, and in the place of which.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TypedNumber))]
struct TypedView {
    by: UserId,
    at: Timestamp,
    /// The number in the ledger, if it has one that can be written to: it counts again once the ledger says another.
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_masked: Option<String>,
}

impl RecipientNumberView {
    pub(crate) fn new(contact: &Contact) -> Self {
        Self {
            number: NumberState::of(&contact.number),
            number_masked: masked(&contact.number),
            number_problem: problem(&contact.number).filter(|_| contact.number != ContactNumber::Missing),
            number_source: source(contact),
            number_typed: contact.typed.as_ref().map(TypedView::new),
        }
    }
}

/// Whether there is a number that can be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(serde::Deserialize, utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberState {
    /// It can be written to.
    Usable,
    /// There is something, but nothing that can be written to.
    Unusable,
    /// There is none.
    Missing,
    /// It was typed a moment ago.
    BeingRead,
}

impl NumberState {
    /// Of a customer.
    pub(crate) const fn of(number: &ContactNumber) -> Self {
        match number {
            ContactNumber::Usable { .. } => Self::Usable,
            ContactNumber::Unusable { .. } => Self::Unusable,
            ContactNumber::Missing => Self::Missing,
            ContactNumber::Unread => Self::BeingRead,
        }
    }

    /// As a query names it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text {
            "usable" => Some(Self::Usable),
            "unusable" => Some(Self::Unusable),
            "missing" => Some(Self::Missing),
            "being_read" => Some(Self::BeingRead),
            _ => None,
        }
    }
}

impl TypedView {
    fn new(TypedNumber { by, at, ledger, .. }: &TypedNumber) -> Self {
        Self { by: by.clone(), at: *at, ledger_masked: masked(ledger) }
    }
}

/// Where the number of a customer comes from.
pub(crate) const fn source(contact: &Contact) -> &'static str {
    if contact.typed.is_some() { "typed" } else { "ledger" }
}

/// Why a number cannot be written to.
pub(crate) fn problem(number: &ContactNumber) -> Option<String> {
    match number {
        ContactNumber::Usable { .. } => None,
        ContactNumber::Unusable { why } => Some(why.to_string()),
        ContactNumber::Missing => Some("there is none".to_owned()),
        ContactNumber::Unread => Some("it was typed a moment ago and is read with the next sync".to_owned()),
    }
}

fn masked(number: &ContactNumber) -> Option<String> {
    match number {
        ContactNumber::Usable { number, .. } => Some(number.masked()),
        ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => None,
    }
}
