//! The answers of a span of time, which nothing but their number needs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_domain::{
    conversation::{Answer, Line, Said},
    id::{OrgId, PhoneNumberId},
};

use crate::{
    error::AppError,
    port::table::{Cursor, Key, Order, Query, Range, Source},
    store::{Store, conversation::AnswerLink, decode, keys},
};

/// Links of a page; each is small.
const PAGE: usize = 500;

impl Store {
    /// The answers of times that are wanted, each with the number that it goes out from.
    pub async fn answers_written(
        &self,
        org: &OrgId,
        is_wanted: impl Fn(Timestamp) -> bool + Send + Sync,
    ) -> Result<Vec<(PhoneNumberId, Answer)>, AppError> {
        let mut senders: BTreeMap<Key, PhoneNumberId> = BTreeMap::new();
        let mut after: Option<Cursor> = None;
        loop {
            let source = Source::Table(keys::org_partition(org));
            let range = Range::Prefix(keys::ANSWERS.to_owned());
            let page = self.query(&Query { source, range, limit: PAGE, after, order: Order::Ascending }).await?;
            for item in page.items {
                let attempt = item.key.sk.strip_prefix(keys::ANSWERS).unwrap_or_default().to_owned();
                let AnswerLink { number, sender, at, .. } = decode::<AnswerLink>(item)?.value;
                if is_wanted(at) {
                    senders.insert(keys::line(org, (&number, &sender), at, &attempt), sender);
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let lines = self.read_many::<Line>(&senders.keys().cloned().collect::<Vec<_>>()).await?;
        let answers = lines.into_iter().filter_map(|(key, line)| match line.value.said {
            Said::Business(answer) => Some((senders.get(&key)?.clone(), answer)),
            Said::Customer(_) => None,
        });
        Ok(answers.collect())
    }
}
