//! Reads a QuickBooks company: itself, and call by call what it holds.

use async_trait::async_trait;
use jiff::SignedDuration;
use numo_app::port::ledger::{
    LedgerAccess, LedgerError,
    reader::{Batch, LedgerReader, Place, Pull},
    record::LedgerOrganisation,
};
use numo_domain::id::ExternalId;

use crate::{
    http::call::Answer,
    quickbooks::{
        answer::{Block, ChangesAnswer, QueryAnswer, stamped, whole},
        client::QuickbooksClient,
        entity::Entity,
        organisation,
        plan::{self, Seen, Step, Told},
        query::{Filter, Query},
        records,
    },
};

/// Change data capture looks back thirty days; the last one is left to clocks and queues.
const REMEMBERS: SignedDuration = SignedDuration::from_hours(29 * 24);

/// Ids of one query; far fewer than a page has rows.
const IDS_PER_QUERY: usize = 200;

#[async_trait]
impl LedgerReader for QuickbooksClient {
    async fn organisation(&self, access: &LedgerAccess) -> Result<LedgerOrganisation, LedgerError> {
        let queries = organisation::QUERIES.map(str::to_owned);
        let read = organisation::organisation(&self.queries(access, "organisation", &queries).await?)?;
        Ok(LedgerOrganisation { is_demo_company: read.is_demo_company || self.is_sandbox(), ..read })
    }

    /// QuickBooks does not say.
    async fn own_reminders(&self, _access: &LedgerAccess) -> Result<Option<bool>, LedgerError> {
        Ok(None)
    }

    fn remembers_changes_for(&self) -> Option<SignedDuration> {
        Some(REMEMBERS)
    }

    fn begin(&self, pull: &Pull) -> Place {
        plan::begin(pull)
    }

    async fn batch(&self, access: &LedgerAccess, pull: &Pull, place: &Place) -> Result<Batch, LedgerError> {
        let step = plan::step(pull, place, self.paid_since())?;
        let (mut batch, seen) = match &step {
            Step::Rows(query) => page(&self.query(access, operation(query.entity()), query).await?)?,
            Step::Changes(entities, since) => changes(&self.changes(access, entities, *since).await?, &step)?,
        };
        match pull {
            // Money that is used up now closes what is kept of it; elsewhere only what is left counts.
            Pull::Changes { .. } => {}
            Pull::Everything { .. } => batch.credits.retain(|credit| credit.remaining.is_positive()),
            Pull::Open => {
                batch.credits.retain(|credit| credit.remaining.is_positive());
                batch.payments.clear();
            }
        }
        batch.next = plan::next(pull, place, &step, seen);
        Ok(batch)
    }

    async fn invoices_by_id(&self, access: &LedgerAccess, ids: &[ExternalId]) -> Result<Batch, LedgerError> {
        let mut whole: Option<Batch> = None;
        for some in ids.chunks(IDS_PER_QUERY) {
            let query = Query::all(Entity::Invoice).with(Filter::ids(some));
            let (batch, _) = page(&self.query(access, "invoices_by_id", &query).await?)?;
            whole = Some(match whole {
                None => batch,
                Some(mut whole) => {
                    whole.invoices.extend(batch.invoices);
                    whole.skipped.extend(batch.skipped);
                    whole
                }
            });
        }
        // There would be nothing to ask for, and no clock to date the answer by.
        whole.ok_or(LedgerError::Rejected(400))
    }
}

const fn operation(entity: Entity) -> &'static str {
    match entity {
        Entity::Customer => "customers",
        Entity::Invoice => "invoices",
        Entity::CreditMemo => "credit_memos",
        Entity::Payment => "payments",
    }
}

/// A page of rows.
fn page(answer: &Answer) -> Result<(Batch, Seen), LedgerError> {
    let read: QueryAnswer<'_> = whole(answer)?;
    let mut batch = stamped(answer, read.time.as_ref())?;
    records::add(&mut batch, &read.rows);
    Ok((batch, Seen { n_rows: read.rows.n_rows(), n_total: read.rows.n_total() }))
}

/// What changed; of an answer that was cut off among several entities nothing is kept.
///
/// It may hold records without their customers, and each entity is asked for alone after it.
fn changes(answer: &Answer, step: &Step) -> Result<(Batch, Seen), LedgerError> {
    let read: ChangesAnswer<'_> = whole(answer)?;
    let mut batch = stamped(answer, read.time.as_ref())?;
    let blocks = read.blocks(answer)?;
    let seen = Seen { n_rows: blocks.iter().map(Block::n_rows).sum(), n_total: None };
    let told = plan::told(step, seen);
    // The pages that follow do not show what was deleted.
    batch.may_miss_deletions = told == Told::CutAlone;
    if told != Told::CutAmongSeveral {
        blocks.iter().for_each(|block| records::add_changes(&mut batch, block));
    }
    Ok((batch, seen))
}
