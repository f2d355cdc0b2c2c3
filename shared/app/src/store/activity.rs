//! The activity log: who did what and when; nothing in it is ever changed.

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{ActivityId, OrgId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::AppError,
    port::table::{Item, Order, Query, Range, Source},
    store::{Entity, Store, decode, keys, new_item},
};

/// One line of the log; no personal data of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A signed-in person.
    User(UserId),
    /// Numo, on its own schedule.
    Numo,
    /// A customer, by a message.
    Customer,
}

impl Entity for Activity {
    const ENTITY: &'static str = "activity";
}

/// Activity is kept for 24 months.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 731);

/// The item of a line, for use inside a transaction.
pub(crate) fn activity_item(org: &OrgId, id: ActivityId, activity: &Activity) -> Result<Item, AppError> {
    let expires_at = activity.at.saturating_add(KEPT).ok();
    Ok(Item { expires_at, ..new_item(keys::activity(org, id), activity, activity.at)? })
}

impl Store {
    /// Adds a line.
    pub async fn record(&self, org: &OrgId, id: ActivityId, activity: &Activity) -> Result<(), AppError> {
        self.create_item(activity_item(org, id, activity)?).await.map(|_| ())
    }

    /// The latest lines, newest first.
    pub async fn activity(&self, org: &OrgId, limit: usize) -> Result<Vec<Activity>, AppError> {
        let query = Query {
            source: Source::Table(keys::activity_partition(org)),
            range: Range::Prefix(String::new()),
            limit,
            after: None,
            order: Order::Descending,
        };
        let page = self.query(&query).await?;
        page.items.into_iter().map(|item| decode(item).map(|stored| stored.value)).collect()
    }
}
