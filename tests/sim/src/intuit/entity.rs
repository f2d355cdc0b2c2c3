use serde::{Deserialize, Serialize};

/// A kind of object in QuickBooks, by the name it has in queries and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Entity {
    CompanyInfo,
    Preferences,
    Customer,
    Vendor,
    Invoice,
    CreditMemo,
    Payment,
    Bill,
}

const ALL: &[Entity] = &[
    Entity::CompanyInfo,
    Entity::Preferences,
    Entity::Customer,
    Entity::Vendor,
    Entity::Invoice,
    Entity::CreditMemo,
    Entity::Payment,
    Entity::Bill,
];

impl Entity {
    /// The entity of a name; queries do not care about its case.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.iter().copied().find(|entity| entity.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CompanyInfo => "CompanyInfo",
            Self::Preferences => "Preferences",
            Self::Customer => "Customer",
            Self::Vendor => "Vendor",
            Self::Invoice => "Invoice",
            Self::CreditMemo => "CreditMemo",
            Self::Payment => "Payment",
            Self::Bill => "Bill",
        }
    }

    /// Names in lists are made inactive; transactions are not.
    pub(crate) fn has_active(self) -> bool {
        matches!(self, Self::Customer | Self::Vendor)
    }
}

/// What happened to an object, as webhooks name it (Intuit: webhooks).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Void,
    Emailed,
    Merge,
}

impl Operation {
    /// The name in the older body.
    pub(crate) fn legacy(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::Void => "Void",
            Self::Emailed => "Emailed",
            Self::Merge => "Merge",
        }
    }

    /// The word in the type of a cloud event.
    pub(crate) fn past(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Update => "updated",
            Self::Delete => "deleted",
            Self::Void => "voided",
            Self::Emailed => "emailed",
            Self::Merge => "merged",
        }
    }
}

/// One object that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) entity: Entity,
    pub(crate) operation: Operation,
    pub(crate) id: String,
    /// The customer that a merge took away.
    pub(crate) deleted_id: Option<String>,
}

impl Change {
    pub(crate) fn new(entity: Entity, operation: Operation, id: &str) -> Self {
        Self { entity, operation, id: id.to_owned(), deleted_id: None }
    }
}
