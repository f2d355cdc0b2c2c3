//! Reading the lines of a file, page by page: nothing of an organisation is ever in memory as a whole.

use numo_domain::{
    contact::{ContactNumber, ContactRef},
    conversation::Conversation,
    id::{NumberKey, OrgId},
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    error::AppError,
    export::kinds::{Kind, Rows, Whose},
    port::table::{Cursor, Item, Key, Order, Query, Range, Source},
    store::{
        Store,
        erasure::fields_name,
        keys,
        plan::{PlanHeader, decisions::PlanChunk},
    },
};

/// Items read at a time.
const PAGE: usize = 500;

/// A line of a file before anything is left out.
pub(super) type Row = Map<String, Value>;

/// Reads what an export is of.
pub(super) struct Reader<'a> {
    store: &'a Store,
    org: &'a OrgId,
    of: Option<&'a ContactRef>,
    /// The numbers of the customer, of whom it is.
    numbers: Vec<NumberKey>,
    /// What the latest lines led to, which the next ones mostly lead to as well.
    last_plan: Option<(String, Vec<Uuid>)>,
    last_talk: Option<(String, Value)>,
}

impl<'a> Reader<'a> {
    /// Of everything, or of one customer with their numbers.
    pub(super) async fn new(store: &'a Store, org: &'a OrgId, of: Option<&'a ContactRef>) -> Result<Self, AppError> {
        let numbers = match of {
            Some(contact) => store.numbers_of(org, contact).await?,
            None => Vec::new(),
        };
        Ok(Self { store, org, of, numbers, last_plan: None, last_talk: None })
    }

    /// With what the keys of a kind begin that are wanted.
    pub(super) fn prefixes(&self, kind: &Kind) -> Vec<String> {
        let wanted = kind.keys.iter().flat_map(|(prefix, whose)| match (self.of, whose) {
            (Some(_), Whose::Business) => Vec::new(),
            (Some(_), Whose::Number) => self.numbers.iter().map(|number| format!("{prefix}{number}")).collect(),
            (Some(_), Whose::Named) | (None, _) => vec![(*prefix).to_owned()],
        });
        wanted.collect()
    }

    /// The lines of one page, and the sort key after which the next one begins.
    pub(super) async fn page(
        &mut self,
        kind: &Kind,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<(Vec<Row>, Option<String>), AppError> {
        let pk = kind.partition(self.org);
        let query = Query {
            source: Source::Table(pk.clone()),
            range: Range::Prefix(prefix.to_owned()),
            limit: PAGE,
            after: after.map(|sk| Cursor { key: Key { pk, sk: sk.to_owned() }, index: None }),
            order: Order::Ascending,
        };
        let page = self.store.query(&query).await?;
        let mut rows = Vec::with_capacity(page.items.len());
        for item in page.items.into_iter().filter(|item| item.entity == kind.entity) {
            rows.extend(self.rows(kind.rows, item).await?);
        }
        if let Some(contact) = self.of {
            let is_named = kind.keys.iter().any(|(named, whose)| prefix == *named && *whose == Whose::Named);
            rows.retain(|row| !is_named || fields_name(row, &contact.connection.to_string(), contact.contact.as_str()));
            rows.iter_mut().for_each(|row| leave_others_out(row, contact));
        }
        Ok((rows, page.next.map(|next| next.key.sk)))
    }

    async fn rows(&mut self, rows: Rows, item: Item) -> Result<Vec<Row>, AppError> {
        let Item { key, mut body, .. } = item;
        let parts: Vec<&str> = key.sk.split('#').collect();
        let part = |place: usize| parts.get(place).copied().unwrap_or_default();
        match rows {
            Rows::Item => {}
            Rows::Dated => add(&mut body, "date", json!(part(1))),
            Rows::Attempt => add(&mut body, "attempt", json!(part(1))),
            Rows::Message => {
                add(&mut body, "sender", json!(part(2)));
                let with = self.talk_of(part(1), part(2)).await?;
                add(&mut body, "with", with);
            }
            Rows::Consent => self.add_number(&mut body).await?,
            Rows::Decisions => {
                if !self.makings_of(part(1)).await?.iter().any(|making| making.to_string() == part(2)) {
                    return Ok(Vec::new());
                }
                let chunk = serde_json::from_value::<PlanChunk>(Value::Object(body));
                let decisions = chunk.and_then(|chunk| chunk.decisions.iter().map(serde_json::to_value).collect());
                let decisions: Vec<Value> = decisions
                    .map_err(|error| AppError::Malformed(format!("plan_chunk item: {:?} error", error.classify())))?;
                return Ok(decisions.into_iter().filter_map(|decision| dated(decision, part(1))).collect());
            }
        }
        Ok(vec![body])
    }

    /// Under which ids the decisions stand that count for a date; those of earlier plannings are not taken up.
    async fn makings_of(&mut self, date: &str) -> Result<Vec<Uuid>, AppError> {
        if let Some((_, makings)) = self.last_plan.as_ref().filter(|(known, _)| known == date) {
            return Ok(makings.clone());
        }
        let header = match date.parse() {
            Ok(date) => self.store.read::<PlanHeader>(&keys::plan(self.org, date)).await?,
            Err(_no_date) => None,
        };
        let makings: Vec<Uuid> = header.map_or_else(Vec::new, |header| {
            let newcomers = header.value.newcomers.map(|newcomers| newcomers.making);
            std::iter::once(header.value.making).chain(newcomers).collect()
        });
        self.last_plan = Some((date.to_owned(), makings.clone()));
        Ok(makings)
    }

    /// Whom a conversation is with.
    async fn talk_of(&mut self, number: &str, sender: &str) -> Result<Value, AppError> {
        let sk = format!("{}{number}#{sender}", keys::CONVERSATIONS);
        if let Some((_, with)) = self.last_talk.as_ref().filter(|(known, _)| *known == sk) {
            return Ok(with.clone());
        }
        let key = Key { pk: keys::org_partition(self.org), sk };
        let talk = self.store.read::<Conversation>(&key).await?;
        let with = talk.map_or(Value::Null, |talk| json!(talk.value.to));
        self.last_talk = Some((key.sk, with.clone()));
        Ok(with)
    }

    /// A consent of a number names it, and the customers that have it, as far as it is known.
    async fn add_number(&self, body: &mut Row) -> Result<(), AppError> {
        let hash = body.get("of").and_then(|of| of.get("number")).and_then(Value::as_str);
        let Some(number) = hash.and_then(|hash| hash.parse::<NumberKey>().ok()) else { return Ok(()) };
        let contacts = self.store.contacts_of_number(self.org, &number).await?;
        let known = self.store.contacts_by_ref(self.org, &contacts).await?;
        let mut of = known.iter().find_map(|known| match &known.value.number {
            ContactNumber::Usable { number: text, key, .. } => (*key == number).then(|| json!({"number": text})),
            ContactNumber::Unusable { .. } | ContactNumber::Missing | ContactNumber::Unread => None,
        });
        if of.is_none() {
            let source = Source::Table(keys::org_partition(self.org));
            let talks = self.store.list::<Conversation>(source, format!("{}{number}#", keys::CONVERSATIONS)).await?;
            of = talks.first().map(|talk| json!(talk.value.to));
        }
        add(body, "of", of.unwrap_or(Value::Null));
        add(body, "contacts", json!(contacts));
        Ok(())
    }
}

fn dated(decision: Value, date: &str) -> Option<Row> {
    let Value::Object(mut row) = decision else { return None };
    add(&mut row, "date", json!(date));
    Some(row)
}

fn add(row: &mut Row, name: &str, value: Value) {
    row.insert(name.to_owned(), value);
}

/// Whom a line names beside the customer whose export it is stays out: a number may be of several.
fn leave_others_out(row: &mut Row, contact: &ContactRef) {
    let is_other = |value: &Value| {
        let part = |name: &str| value.get(name).and_then(Value::as_str);
        part("connection").zip(part("contact")).is_some_and(|(connection, id)| {
            id != contact.contact.as_str() || connection != contact.connection.to_string()
        })
    };
    for value in row.values_mut() {
        match value {
            Value::Array(values) => {
                values.retain(|value| !is_other(value));
                values.iter_mut().filter_map(Value::as_object_mut).for_each(|row| leave_others_out(row, contact));
            }
            Value::Object(fields) => leave_others_out(fields, contact),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
