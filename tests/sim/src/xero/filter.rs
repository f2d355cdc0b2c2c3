mod parse;

use std::cmp::Ordering;

use serde_json::Value;

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::xero::money::Units;
use crate::xero::{dates, money};

/// A parsed `where` (Xero: requests and responses).
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Clause(Clause),
}

/// A comparison of one field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Clause {
    path: Vec<String>,
    operator: Operator,
    operand: Operand,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    AtLeast,
    AtMost,
    More,
    Less,
}

#[derive(Debug, PartialEq, Eq)]
enum Operand {
    Text(String),
    Amount(Units),
    Instant(i64),
    Flag(bool),
    Null,
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        parse::filter(text)
    }

    /// A row whose value has the wrong type passes, as broken rows do.
    pub(crate) fn accepts(&self, row: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.accepts(row)),
            Self::Any(parts) => parts.iter().any(|part| part.accepts(row)),
            Self::Clause(clause) => clause.accepts(row),
        }
    }
}

impl Clause {
    fn accepts(&self, row: &Value) -> bool {
        let value = self.path.iter().fold(row, |value, name| value.at(name));
        let order = match &self.operand {
            Operand::Text(text) => value.as_str().map(|held| held.cmp(text.as_str())),
            Operand::Flag(flag) => value.as_bool().map(|held| held.cmp(flag)),
            Operand::Instant(at) => dates::parse(value).map(|held| held.cmp(at)),
            Operand::Amount(amount) => match money::units(value) {
                Some(held) => Some(held.cmp(amount)),
                None => return true,
            },
            Operand::Null => return (self.operator == Operator::Equal) == value.is_null(),
        };
        let Some(order) = order else { return self.operator == Operator::NotEqual };
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::NotEqual => order != Ordering::Equal,
            Operator::AtLeast => order != Ordering::Less,
            Operator::AtMost => order != Ordering::Greater,
            Operator::More => order == Ordering::Greater,
            Operator::Less => order == Ordering::Less,
        }
    }
}
