//! The activity log: who did what, when and from where; nothing in it is ever changed.

use std::{net::IpAddr, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{
    contact::ContactRef,
    id::{ActivityId, OperatorId, OrgId, UserId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::AppError,
    port::{
        caller::Caller,
        table::{Cursor, Item, Key, Order, Query, Range, Source},
    },
    store::{
        Entity, Store, decode, keys, new_item,
        part::{Part, Parted},
    },
};

/// What was done; no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as `noun.verb` in the past: `policy.changed`.
    pub action: String,
    /// Ids and counts; of a setting what it was `before` and is `after`.
    pub detail: Value,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ActivityLine))]
pub struct Line {
    /// What was done.
    #[serde(flatten)]
    pub activity: Activity,
    /// From where a person asked for it, if they did and the gateway told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub address: Option<IpAddr>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    User(UserId),
    /// Numo, on its own schedule.
    Numo,
    /// A customer, by a message.
    Customer,
    /// One of Numo's operators.
    Operator(OperatorId),
}

impl Activity {
    /// The customer whom it names, if it names one.
    pub fn customer(&self) -> Option<ContactRef> {
        let id = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let of = |value: &Value| {
            let (connection, contact) = (id(value, "connection")?, id(value, "contact")?);
            Some(ContactRef { connection: connection.parse().ok()?, contact: contact.parse().ok()? })
        };
        of(&self.detail).or_else(|| of(self.detail.get("contact")?))
    }
}

impl Entity for Line {
    const ENTITY: &'static str = "activity";
}

/// Activity is kept for 24 months.
pub(crate) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 731);

impl Store {
    /// The same store for whoever answers requests: lines say from where a person asked.
    #[must_use]
    pub fn asked_by(self, caller: Arc<dyn Caller>) -> Self {
        Self { caller, ..self }
    }

    /// Adds a line.
    pub async fn record(&self, org: &OrgId, id: ActivityId, activity: &Activity) -> Result<(), AppError> {
        self.create_item(self.activity_item(org, id, activity)?).await.map(|_| ())
    }

    /// Adds a line about what operators did to everybody.
    pub(crate) async fn record_operation(&self, id: ActivityId, activity: &Activity) -> Result<(), AppError> {
        self.create_item(self.line_item(keys::activity::operation(id), activity)?).await.map(|_| ())
    }

    /// The item of a line, for use inside a transaction.
    pub(crate) fn activity_item(&self, org: &OrgId, id: ActivityId, activity: &Activity) -> Result<Item, AppError> {
        let item = self.line_item(keys::activity::line(org, id), activity)?;
        let about = |customer| keys::activity::about_customer(org, &customer, activity.at, id);
        Ok(Item { open: activity.customer().map(about), ..item })
    }

    fn line_item(&self, key: Key, activity: &Activity) -> Result<Item, AppError> {
        let address = self.caller.address().filter(|_| matches!(activity.actor, Actor::User(_)));
        let line = Line { activity: activity.clone(), address };
        let expires_at = activity.at.saturating_add(KEPT).ok();
        Ok(Item { expires_at, ..new_item(key, &line, activity.at)? })
    }

    /// The latest lines, newest first.
    pub async fn activity(&self, org: &OrgId, limit: usize) -> Result<Vec<Line>, AppError> {
        Ok(self.activity_part(org, &Part::first(limit)).await?.values)
    }

    /// The lines, part by part, newest first.
    pub async fn activity_part(&self, org: &OrgId, part: &Part) -> Result<Parted<Line>, AppError> {
        self.list_part(keys::activity::partition(org), keys::activity::LINES.to_owned(), Order::Descending, part).await
    }

    /// What was done about one customer up to an instant, newest first, and whether there is more; the index may lag.
    pub async fn activity_about(
        &self,
        org: &OrgId,
        (contact, until): (&ContactRef, Option<Timestamp>),
        limit: usize,
    ) -> Result<(Vec<Line>, bool), AppError> {
        let pk = keys::activity::about_customers(org);
        let after = until.map(|until| Cursor {
            key: Key { pk: keys::activity::partition(org), sk: keys::activity::LINES.to_owned() },
            index: Some(Key { pk: pk.clone(), sk: keys::activity::until(contact, until) }),
        });
        let range = Range::Prefix(keys::open_of_contact(contact));
        let query = Query { source: Source::Open(pk), range, limit, after, order: Order::Descending };
        let page = self.query(&query).await?;
        let lines = page.items.into_iter().map(|item| decode(item).map(|stored| stored.value));
        Ok((lines.collect::<Result<_, _>>()?, page.next.is_some()))
    }

    /// The latest lines about what operators did to everybody, newest first.
    pub async fn operations(&self, limit: usize) -> Result<Vec<Line>, AppError> {
        let (partition, part) = (keys::activity::OPERATIONS.to_owned(), Part::first(limit));
        Ok(self.list_part(partition, keys::activity::LINES.to_owned(), Order::Descending, &part).await?.values)
    }

    /// Lines that were written from one instant on and before another, oldest first, with what each is called.
    pub(crate) async fn lines_between(
        &self,
        org: &OrgId,
        (from, before): (Timestamp, Timestamp),
    ) -> Result<Vec<(String, Line)>, AppError> {
        let pk = keys::activity::partition(org);
        let mut lines = Vec::new();
        let mut after = Some(Cursor { key: Key { pk: pk.clone(), sk: keys::activity::first_of(from) }, index: None });
        while let Some(last) = after {
            let query = Query {
                source: Source::Table(pk.clone()),
                range: Range::UpTo(keys::activity::first_of(before)),
                limit: PAGE,
                after: Some(last),
                order: Order::Ascending,
            };
            let page = self.query(&query).await?;
            for item in page.items {
                lines.push((item.key.sk.clone(), decode::<Line>(item)?.value));
            }
            after = page.next;
        }
        Ok(lines)
    }
}

/// Lines read at a time.
const PAGE: usize = 500;
