//! The activity log: who did what and when; nothing in it is ever changed.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ActivityId, OperatorId, OrgId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::AppError,
    port::table::{Item, Key, Order, Query, Range, Source},
    store::{Entity, Store, decode, keys, new_item},
};

/// One line of the log; no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What, as `noun.verb` in the past: `policy.changed`.
    pub action: String,
    /// Ids and counts.
    pub detail: Value,
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

impl Entity for Activity {
    const ENTITY: &'static str = "activity";
}

/// Activity is kept for 24 months.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 731);

/// The item of a line, for use inside a transaction.
pub(crate) fn activity_item(org: &OrgId, id: ActivityId, activity: &Activity) -> Result<Item, AppError> {
    item(keys::activity::line(org, id), activity)
}

fn item(key: Key, activity: &Activity) -> Result<Item, AppError> {
    let expires_at = activity.at.saturating_add(KEPT).ok();
    Ok(Item { expires_at, ..new_item(key, activity, activity.at)? })
}

impl Store {
    /// Adds a line.
    pub async fn record(&self, org: &OrgId, id: ActivityId, activity: &Activity) -> Result<(), AppError> {
        self.create_item(activity_item(org, id, activity)?).await.map(|_| ())
    }

    /// Adds a line about what operators did to everybody.
    pub(crate) async fn record_operation(&self, id: ActivityId, activity: &Activity) -> Result<(), AppError> {
        self.create_item(item(keys::activity::operation(id), activity)?).await.map(|_| ())
    }

    /// The latest lines, newest first.
    pub async fn activity(&self, org: &OrgId, limit: usize) -> Result<Vec<Activity>, AppError> {
        self.latest_activity(keys::activity::partition(org), limit).await
    }

    /// The latest lines about what operators did to everybody, newest first.
    pub async fn operations(&self, limit: usize) -> Result<Vec<Activity>, AppError> {
        self.latest_activity(keys::activity::OPERATIONS.to_owned(), limit).await
    }

    async fn latest_activity(&self, partition: String, limit: usize) -> Result<Vec<Activity>, AppError> {
        let query = Query {
            source: Source::Table(partition),
            range: Range::Prefix(String::new()),
            limit,
            after: None,
            order: Order::Descending,
        };
        let page = self.query(&query).await?;
        page.items.into_iter().map(|item| decode(item).map(|stored| stored.value)).collect()
    }
}
