use std::cmp::Ordering;

use jiff::civil::Date;
use serde_json::Value;

use crate::answer::Refusal;
use crate::field::Field as _;
use crate::xero::money::Units;
use crate::xero::{dates, errors, money};

/// A parsed `where`: clauses joined by AND (Xero: requests and responses).
#[derive(Debug)]
pub(crate) struct Filter {
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    path: String,
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

#[derive(Debug)]
enum Operand {
    Text(String),
    Amount(Units),
    Instant(i64),
    Flag(bool),
    Null,
}

impl Filter {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let joined = text.replace("&&", " AND ").replace(" and ", " AND ");
        let clauses = joined.split(" AND ").map(|part| Clause::parse(part.trim())).collect::<Result<_, _>>()?;
        Ok(Self { clauses })
    }

    /// A row whose value has the wrong type passes, as broken rows do.
    pub(crate) fn accepts(&self, row: &Value) -> bool {
        self.clauses.iter().all(|clause| clause.accepts(row))
    }
}

impl Clause {
    fn parse(text: &str) -> Result<Self, Refusal> {
        let symbols = [
            (">=", Operator::AtLeast),
            ("<=", Operator::AtMost),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            (">", Operator::More),
            ("<", Operator::Less),
        ];
        let refused = || errors::query(&format!("cannot parse the where clause {text}"));
        let (path, operator, operand) = symbols
            .iter()
            .find_map(|(symbol, operator)| text.split_once(symbol).map(|(path, rest)| (path, *operator, rest)))
            .ok_or_else(refused)?;
        let operand = Operand::parse(operand.trim()).ok_or_else(refused)?;
        Ok(Self { path: path.trim().to_owned(), operator, operand })
    }

    fn accepts(&self, row: &Value) -> bool {
        let value = self.path.split('.').fold(row, |value, name| value.at(name));
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

impl Operand {
    fn parse(text: &str) -> Option<Self> {
        if let Some(quoted) = quoted(text) {
            return Some(Self::Text(quoted));
        }
        let lower = text.to_lowercase();
        if let Some(inner) = lower.strip_prefix("guid(").and_then(|rest| rest.strip_suffix(')')) {
            return quoted(inner).map(Self::Text);
        }
        if let Some(inner) = lower.strip_prefix("datetime(").and_then(|rest| rest.strip_suffix(')')) {
            return date(inner).map(|date| Self::Instant(dates::start_ms(date)));
        }
        match lower.as_str() {
            "true" => Some(Self::Flag(true)),
            "false" => Some(Self::Flag(false)),
            "null" => Some(Self::Null),
            number => money::parse(number).map(Self::Amount),
        }
    }
}

fn quoted(text: &str) -> Option<String> {
    Some(text.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split(',').map(str::trim);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
