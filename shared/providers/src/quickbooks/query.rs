//! Texts of the query language.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use numo_domain::id::ExternalId;

use crate::quickbooks::{date, entity::Entity};

/// Rows of a page, the most that QuickBooks gives.
pub(crate) const PAGE_SIZE: usize = 1000;

/// One page of an entity (QuickBooks: data queries).
///
/// There is no OR. Pages follow the id, the one order in which a row that changes stays where it
/// is; without it QuickBooks promises none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    entity: Entity,
    filters: Vec<Filter>,
    /// Of the first row, from 1.
    start: usize,
}

impl Query {
    /// The first page of all rows of an entity; customers include those that are put away.
    pub(crate) fn all(entity: Entity) -> Self {
        let filters = match entity {
            // Lists leave out what is inactive unless both are asked for.
            Entity::Customer => vec![Filter(String::from("Active IN (true, false)"))],
            Entity::Invoice | Entity::CreditMemo | Entity::Payment => Vec::new(),
        };
        Self { entity, filters, start: 1 }
    }

    /// Narrowed by one more filter.
    pub(crate) fn with(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// The page that begins at a row, counted from 1.
    pub(crate) fn starting_at(self, start: usize) -> Self {
        Self { start, ..self }
    }

    /// What it asks for.
    pub(crate) const fn entity(&self) -> Entity {
        self.entity
    }

    /// The first row of the page, counted from 1.
    pub(crate) const fn start(&self) -> usize {
        self.start
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SELECT * FROM {}", self.entity.as_str())?;
        for (at, Filter(text)) in self.filters.iter().enumerate() {
            write!(f, " {} {text}", if at == 0 { "WHERE" } else { "AND" })?;
        }
        write!(f, " ORDERBY Id STARTPOSITION {} MAXRESULTS {PAGE_SIZE}", self.start)
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter(String);

impl Filter {
    /// Something is left of it.
    pub(crate) fn open() -> Self {
        Self(String::from("Balance > '0'"))
    }

    /// Dated on a day or later.
    pub(crate) fn dated_since(day: Date) -> Self {
        Self(format!("TxnDate >= '{day}'"))
    }

    /// Dated before a day.
    pub(crate) fn dated_before(day: Date) -> Self {
        Self(format!("TxnDate < '{day}'"))
    }

    /// Changed at an instant or later.
    pub(crate) fn changed_since(at: Timestamp) -> Self {
        Self(format!("MetaData.LastUpdatedTime >= '{}'", date::to_query(at)))
    }

    /// The very records.
    pub(crate) fn ids(ids: &[ExternalId]) -> Self {
        Self(format!("Id IN ({})", quoted(ids)))
    }

    /// Of some customers.
    pub(crate) fn of_customers(customers: &[ExternalId]) -> Self {
        Self(format!("CustomerRef IN ({})", quoted(customers)))
    }
}

/// Ids as a list of texts that end nowhere but at their ends.
fn quoted(ids: &[ExternalId]) -> String {
    let quote = |id: &ExternalId| format!("'{}'", id.as_str().replace('\\', r"\\").replace('\'', r"\'"));
    ids.iter().map(quote).collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_query_names_its_filters_its_order_and_its_page() {
        let query = Query::all(Entity::Invoice).with(Filter::dated_before(date(2025, 11, 26))).with(Filter::open());
        assert_eq!(
            query.starting_at(991).to_string(),
            "SELECT * FROM Invoice WHERE TxnDate < '2025-11-26' AND Balance > '0' \
             ORDERBY Id STARTPOSITION 991 MAXRESULTS 1000"
        );
        let bare = Query::all(Entity::Payment);
        assert_eq!(bare.to_string(), "SELECT * FROM Payment ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000");
    }

    #[test]
    fn customers_are_asked_for_with_those_that_are_put_away() {
        let since = "2026-11-23T06:00:00.5Z".parse().unwrap();
        assert_eq!(
            Query::all(Entity::Customer).with(Filter::changed_since(since)).to_string(),
            "SELECT * FROM Customer WHERE Active IN (true, false) \
             AND MetaData.LastUpdatedTime >= '2026-11-23T06:00:00Z' ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"
        );
    }

    #[test]
    fn a_quote_in_an_id_does_not_end_its_text() {
        let ids = ["1", r"2' OR \Id"].map(|id| id.replace(' ', "_").parse().unwrap());
        assert_eq!(Filter::ids(&ids), Filter(String::from(r"Id IN ('1', '2\'_OR_\\Id')")));
    }
}
