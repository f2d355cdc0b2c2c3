//! Which invoices a query asks for.

use jiff::civil::Date;
use numo_domain::{
    contact::ContactRef,
    id::{ConnectionId, ExternalId},
    invoice::{Invoice, InvoiceStatus},
};

use crate::failure::Failure;

/// What is asked for; where nothing is said, all invoices are.
#[derive(Debug, Default)]
pub(crate) struct InvoiceQuery {
    pub(crate) state: Option<InvoiceState>,
    pub(crate) contact: Option<ContactRef>,
    /// A part of the number, in small letters.
    number: Option<String>,
}

/// The query as it is described.
#[cfg(feature = "openapi")]
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct DescribedQuery {
    /// Where the invoice stands; `open` and `overdue` are what can still be paid.
    state: Option<InvoiceState>,
    /// The ledger of one customer; goes with `contact`.
    connection: Option<ConnectionId>,
    /// The customer whose invoices are asked for; goes with `connection`.
    contact: Option<String>,
    /// A part of the invoice's number, in capitals or not.
    #[param(min_length = 1, max_length = 100)]
    number: Option<String>,
}

/// Where an invoice stands, as a query asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(serde::Deserialize, utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", serde(rename_all = "snake_case"))]
pub(crate) enum InvoiceState {
    /// Approved, with something left to pay.
    Open,
    /// Open, and past its due date.
    Overdue,
    /// Settled by money or credit.
    Paid,
    /// Not approved yet.
    Unapproved,
    /// Cancelled or removed.
    Void,
}

/// Longest part of a number that is looked for.
const LONGEST_CHARS: usize = 100;

impl InvoiceQuery {
    /// Reads the query beside its limit and cursor.
    pub(crate) fn read(query: &[(String, String)]) -> Result<Self, Failure> {
        let (mut wanted, mut connection, mut contact) = (Self::default(), None, None);
        for (name, value) in query {
            let wrong = |message: &'static str| Failure::invalid(name.as_str(), message);
            let is_new = match name.as_str() {
                "state" => wanted.state.replace(InvoiceState::read(value).ok_or_else(|| wrong(STATES))?).is_none(),
                "connection" => {
                    let id = value.parse::<ConnectionId>().map_err(|_unreadable| wrong("the id of a connection"))?;
                    connection.replace(id).is_none()
                }
                "contact" => {
                    let id =
                        value.parse::<ExternalId>().map_err(|_unreadable| wrong("the ledger's id of a customer"))?;
                    contact.replace(id).is_none()
                }
                "number" if value.trim().is_empty() || value.chars().count() > LONGEST_CHARS => {
                    return Err(wrong("a part of a number, of 1 to 100 characters, is needed"));
                }
                "number" => wanted.number.replace(value.trim().to_lowercase()).is_none(),
                _ => return Err(wrong("this query takes state, connection, contact, number, limit and cursor")),
            };
            if !is_new {
                return Err(wrong("it is given twice"));
            }
        }
        wanted.contact = match (connection, contact) {
            (Some(connection), Some(contact)) => Some(ContactRef { connection, contact }),
            (None, None) => None,
            (Some(_), None) => return Err(Failure::invalid("contact", "it goes with connection")),
            (None, Some(_)) => return Err(Failure::invalid("connection", "it goes with contact")),
        };
        Ok(wanted)
    }

    /// Whether an invoice is asked for, on the organisation's date.
    pub(crate) fn wants(&self, invoice: &Invoice, today: Date) -> bool {
        self.state.is_none_or(|state| state.has(invoice, today))
            && self.contact.as_ref().is_none_or(|contact| *contact == invoice.contact)
            && self.number.as_ref().is_none_or(|number| invoice.number.to_lowercase().contains(number))
    }
}

const STATES: &str = "one of open, overdue, paid, unapproved and void is needed";

impl InvoiceState {
    fn read(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "overdue" => Some(Self::Overdue),
            "paid" => Some(Self::Paid),
            "unapproved" => Some(Self::Unapproved),
            "void" => Some(Self::Void),
            _ => None,
        }
    }

    fn has(self, invoice: &Invoice, today: Date) -> bool {
        match self {
            Self::Open => invoice.is_open(),
            Self::Overdue => invoice.days_overdue(today).is_some(),
            Self::Paid => invoice.status == InvoiceStatus::Paid,
            Self::Unapproved => invoice.is_unapproved(),
            Self::Void => matches!(invoice.status, InvoiceStatus::Voided | InvoiceStatus::Deleted),
        }
    }
}
