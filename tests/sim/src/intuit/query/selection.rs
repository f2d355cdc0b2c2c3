use std::cmp::Reverse;

use serde_json::{Value, json};

use crate::field::Field as _;
use crate::intuit::access::Reader;
use crate::intuit::company::{MALFORMED, served};
use crate::intuit::entity::Entity;
use crate::intuit::query::field::{Comparable, Field};

/// A query that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    pub(crate) what: What,
    pub(crate) entity: Entity,
    /// All of them hold: there is no OR.
    pub(crate) conditions: Vec<Condition>,
    /// Fields, with whether they descend.
    pub(crate) order: Vec<(Field, bool)>,
    /// The first row counts as 1.
    pub(crate) start: usize,
    pub(crate) size: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Rows,
    Count,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) field: Field,
    pub(crate) test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    Equal(Comparable),
    NotEqual(Comparable),
    Less(Comparable),
    LessOrEqual(Comparable),
    Greater(Comparable),
    GreaterOrEqual(Comparable),
    In(Vec<Comparable>),
    Like(String),
}

impl Selection {
    /// The content of `QueryResponse`; it is empty where nothing is found.
    pub(crate) fn run(&self, reader: &Reader<'_>) -> Value {
        let mut rows: Vec<&Value> =
            reader.company.rows(self.entity).iter().filter(|row| self.accepts(row, reader)).collect();
        if self.what == What::Count {
            return json!({ "totalCount": rows.len() });
        }
        // Without an order rows come as they are held, which for invoices is not by id.
        if !self.order.is_empty() {
            rows.sort_by_cached_key(|row| self.key(row));
        }
        let n_found = rows.len();
        let page: Vec<Value> = rows.into_iter().skip(self.start - 1).take(self.size).map(served).collect();
        if page.is_empty() {
            return json!({});
        }
        let mut content = json!({ "startPosition": self.start, "maxResults": page.len() });
        // Of the entities that are served here only invoices come with a total.
        if self.entity == Entity::Invoice {
            content.put("totalCount", json!(n_found));
        }
        content.put(self.entity.name(), Value::Array(page));
        content
    }

    fn accepts(&self, row: &Value, reader: &Reader<'_>) -> bool {
        let whole = reader.settings.malformed_rows || row.get(MALFORMED).is_none();
        let says_active = self.conditions.iter().any(|condition| condition.field.name == "Active");
        let listed = says_active || !self.entity.has_active() || row.get("Active") != Some(&Value::Bool(false));
        whole && listed && self.conditions.iter().all(|condition| condition.accepts(row))
    }

    fn key(&self, row: &Value) -> Vec<Key> {
        let key = |(field, descending): &(Field, bool)| match descending {
            true => Key::Down(Reverse(field.read(row))),
            false => Key::Up(field.read(row)),
        };
        self.order.iter().map(key).collect()
    }
}

/// One part of a row's place in the order; parts of one field go the same way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Up(Comparable),
    Down(Reverse<Comparable>),
}

impl Condition {
    fn accepts(&self, row: &Value) -> bool {
        let held = self.field.read(row);
        if held == Comparable::Missing {
            return false;
        }
        match &self.test {
            Test::Equal(value) => held == *value,
            Test::NotEqual(value) => held != *value,
            Test::Less(value) => held < *value,
            Test::LessOrEqual(value) => held <= *value,
            Test::Greater(value) => held > *value,
            Test::GreaterOrEqual(value) => held >= *value,
            Test::In(values) => values.contains(&held),
            Test::Like(pattern) => matches!(&held, Comparable::Text(text) if is_like(text, pattern)),
        }
    }
}

/// Whether a text fits a pattern in which `%` stands for anything.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('%') else { return text == pattern };
    let Some(text) = text.strip_prefix(head) else { return false };
    text.char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .any(|at| text.get(at..).is_some_and(|tail| is_like(tail, rest)))
}
