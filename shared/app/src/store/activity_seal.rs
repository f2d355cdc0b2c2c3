//! Seals of the activity log: one per day on which something was done, each with the hash of the one before it.
//!
//! Whoever changes or removes a line would have to make all seals since then anew, and the role of no function may
//! replace what is there.

use aws_lc_rs::digest::{Context, SHA256};
use jiff::{SignedDuration, civil::Date};
use numo_domain::{calendar::Zone, id::OrgId};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    number_key::hex,
    port::table::{Item, Order, Query, Range, Source},
    store::{
        Entity, Store,
        activity::{KEPT, Line},
        decode, keys, new_item,
    },
};

/// What a day of the log was when it was over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The day, by UTC.
    pub day: Date,
    /// How many lines it has.
    pub lines: usize,
    /// SHA-256 over the hash before and every line with its id, in hexadecimal digits.
    pub hash: String,
    /// The hash of the day before on which something was done; none on the first one.
    pub previous: Option<String>,
}

impl Entity for Seal {
    const ENTITY: &'static str = "activity_seal";
}

impl Seal {
    /// The seal of a day's lines, in their order, each with what it is called.
    pub(crate) fn of(day: Date, previous: Option<String>, lines: &[(String, Line)]) -> Result<Self, AppError> {
        let mut context = Context::new(&SHA256);
        context.update(previous.as_deref().unwrap_or_default().as_bytes());
        for (id, line) in lines {
            let text = serde_json::to_vec(line).map_err(|error| AppError::Internal(error.to_string()))?;
            context.update(format!("\n{id} ").as_bytes());
            context.update(&text);
        }
        Ok(Self { day, lines: lines.len(), hash: hex(context.finish().as_ref()), previous })
    }
}

impl Store {
    /// All seals, the oldest first.
    pub async fn seals(&self, org: &OrgId) -> Result<Vec<Seal>, AppError> {
        let source = Source::Table(keys::activity::partition(org));
        let seals = self.list(source, keys::activity::SEALS.to_owned()).await?;
        Ok(seals.into_iter().map(|stored| stored.value).collect())
    }

    /// The latest seal.
    pub(crate) async fn last_seal(&self, org: &OrgId) -> Result<Option<Seal>, AppError> {
        let query = Query {
            source: Source::Table(keys::activity::partition(org)),
            range: Range::Prefix(keys::activity::SEALS.to_owned()),
            limit: 1,
            after: None,
            order: Order::Descending,
        };
        let page = self.query(&query).await?;
        page.items.into_iter().next().map(|item| decode(item).map(|stored| stored.value)).transpose()
    }

    /// Seals a day; one that is sealed stays as it is.
    ///
    /// A seal is gone a month before the first line of its day, so that no line goes from under one.
    pub(crate) async fn seal(&self, org: &OrgId, seal: &Seal) -> Result<(), AppError> {
        let over = Zone::UTC.end_of(seal.day).unwrap_or_default();
        let item = new_item(keys::activity::seal(org, seal.day), seal, over)?;
        let item = Item { expires_at: over.checked_add(KEPT - MONTH).ok(), ..item };
        self.create_item(item).await.map(|_| ())
    }
}

const MONTH: SignedDuration = SignedDuration::from_hours(24 * 30);
