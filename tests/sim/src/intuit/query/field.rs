use serde_json::Value;

use crate::field::Field as _;
use crate::intuit::entity::Entity;
use crate::intuit::instants;
use crate::xero::money;

/// A field that may be asked for; the real list per entity is not longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Id,
    Instant,
    Flag,
    Amount,
    Text,
    Reference,
}

/// A value in the order of its kind; a missing one is before all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Comparable {
    Missing,
    Number(i64),
    Text(String),
}

const FIELDS: &[Field] = &[
    Field { name: "Id", kind: Kind::Id },
    Field { name: "MetaData.CreateTime", kind: Kind::Instant },
    Field { name: "MetaData.LastUpdatedTime", kind: Kind::Instant },
    Field { name: "Active", kind: Kind::Flag },
    Field { name: "Balance", kind: Kind::Amount },
    Field { name: "TotalAmt", kind: Kind::Amount },
    Field { name: "TxnDate", kind: Kind::Text },
    Field { name: "DueDate", kind: Kind::Text },
    Field { name: "DocNumber", kind: Kind::Text },
    Field { name: "DisplayName", kind: Kind::Text },
    Field { name: "CustomerRef", kind: Kind::Reference },
];

impl Field {
    /// The field of a name, if the entity can be asked by it.
    pub(crate) fn of(entity: Entity, name: &str) -> Option<Self> {
        let field = FIELDS.iter().copied().find(|field| field.name.eq_ignore_ascii_case(name))?;
        let also = match entity {
            Entity::CompanyInfo | Entity::Preferences => &[][..],
            Entity::Customer | Entity::Vendor => &["Active", "Balance", "DisplayName"],
            Entity::Invoice => &["Balance", "TotalAmt", "TxnDate", "DueDate", "DocNumber", "CustomerRef"],
            Entity::Bill => &["Balance", "TotalAmt", "TxnDate", "DueDate", "DocNumber"],
            Entity::CreditMemo => &["Balance", "TotalAmt", "TxnDate", "DocNumber", "CustomerRef"],
            Entity::Payment => &["TotalAmt", "TxnDate", "CustomerRef"],
        };
        let always = matches!(field.kind, Kind::Id | Kind::Instant);
        (always || also.contains(&field.name)).then_some(field)
    }

    pub(crate) fn is_text(self) -> bool {
        self.kind == Kind::Text
    }

    /// What a row holds under this field.
    pub(crate) fn read(self, row: &Value) -> Comparable {
        let value = self.name.split('.').fold(row, |value, name| value.at(name));
        let found = match self.kind {
            Kind::Amount => money::units(value).map(Comparable::Number),
            Kind::Flag => value.as_bool().map(|flag| Comparable::Number(i64::from(flag))),
            Kind::Reference => self.parse(value.at("value").as_str().unwrap_or_default()),
            Kind::Id | Kind::Instant | Kind::Text => value.as_str().and_then(|text| self.parse(text)),
        };
        found.unwrap_or(Comparable::Missing)
    }

    /// A value as a query writes it.
    pub(crate) fn parse(self, text: &str) -> Option<Comparable> {
        match self.kind {
            Kind::Id | Kind::Reference => text.parse().ok().map(Comparable::Number),
            Kind::Instant => instants::parse(text).map(Comparable::Number),
            Kind::Amount => money::parse(text).map(Comparable::Number),
            Kind::Flag => text.to_ascii_lowercase().parse().ok().map(|flag: bool| Comparable::Number(i64::from(flag))),
            Kind::Text => Some(Comparable::Text(text.to_lowercase())),
        }
    }
}
