//! What of ours may stand in a parameter of a text of the library.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{library::entry::ParameterKind, template::Purpose};

/// A value of a reminder about one invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LibraryValue {
    /// Who owes.
    CustomerName,
    /// Who is owed.
    BusinessName,
    /// The printed number of the invoice.
    InvoiceNumber,
    /// What is left to pay of it.
    Balance,
    /// When it is, or was, due.
    DueDate,
    /// For how many days it has been overdue.
    DaysOverdue,
}

impl LibraryValue {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::CustomerName, Self::BusinessName, Self::InvoiceNumber, Self::Balance, Self::DueDate, Self::DaysOverdue];

    /// The name in settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerName => "customer_name",
            Self::BusinessName => "business_name",
            Self::InvoiceNumber => "invoice_number",
            Self::Balance => "balance",
            Self::DueDate => "due_date",
            Self::DaysOverdue => "days_overdue",
        }
    }

    /// What may stand in a parameter of a kind, in a text for a purpose.
    ///
    /// Meta checks the kind with every message (Meta: template library, list of parameters): a number may have no letters,
    /// so that no invoice number is sure to be one.
    pub fn that_fit(kind: ParameterKind, purpose: Purpose) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |value| value.fits(kind) && (purpose.is_overdue() || !value.is_of_overdue()))
    }

    const fn fits(self, kind: ParameterKind) -> bool {
        match kind {
            ParameterKind::Text => true,
            ParameterKind::Amount => matches!(self, Self::Balance),
            ParameterKind::Date => matches!(self, Self::DueDate),
            ParameterKind::Number => matches!(self, Self::DaysOverdue),
            ParameterKind::Other => false,
        }
    }

    const fn is_of_overdue(self) -> bool {
        matches!(self, Self::DaysOverdue)
    }

    /// Whether it says which invoice a message is about, or how much of it is left.
    pub(super) const fn is_about_the_invoice(self) -> bool {
        matches!(self, Self::InvoiceNumber | Self::Balance)
    }
}

impl fmt::Display for LibraryValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_takes_what_its_kind_lets_through() {
        use LibraryValue::{Balance, BusinessName, CustomerName, DaysOverdue, DueDate, InvoiceNumber};
        let all = vec![CustomerName, BusinessName, InvoiceNumber, Balance, DueDate, DaysOverdue];
        let before = vec![CustomerName, BusinessName, InvoiceNumber, Balance, DueDate];
        for (kind, upcoming, overdue) in [
            (ParameterKind::Text, before, all),
            (ParameterKind::Amount, vec![Balance], vec![Balance]),
            (ParameterKind::Date, vec![DueDate], vec![DueDate]),
            (ParameterKind::Number, vec![], vec![DaysOverdue]),
            (ParameterKind::Other, vec![], vec![]),
        ] {
            let fit = |purpose| LibraryValue::that_fit(kind, purpose).collect::<Vec<_>>();
            assert_eq!((fit(Purpose::Upcoming), fit(Purpose::OverdueGentle)), (upcoming.clone(), overdue), "{kind:?}");
            assert_eq!(fit(Purpose::DueToday), upcoming, "{kind:?}");
        }
    }

    #[test]
    fn a_value_is_called_the_same_everywhere() {
        for value in LibraryValue::ALL {
            assert_eq!(serde_json::to_value(value).unwrap(), value.to_string());
        }
    }
}
