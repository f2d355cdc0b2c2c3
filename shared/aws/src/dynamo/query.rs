//! One page of a partition or index partition.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use numo_app::port::table::{Cursor, Order, Page, Query, Range, Source, TableError};

use super::{
    item::{self, Attributes},
    unavailable,
};

const MOST_ITEMS: i32 = 1_000;

/// Reads one page.
pub(super) async fn run(client: &Client, table: &str, query: &Query) -> Result<Page, TableError> {
    let place = place(&query.source);
    let (range, bounds) = range(&query.range);
    let mut request = client
        .query()
        .table_name(table)
        .set_index_name(place.index.map(str::to_owned))
        .consistent_read(place.index.is_none())
        .key_condition_expression(
            range.map_or_else(|| "#pk = :pk".to_owned(), |range| format!("#pk = :pk AND {range}")),
        )
        .set_expression_attribute_names(Some(names(&place, range.is_some())))
        .expression_attribute_values(":pk", AttributeValue::S(place.partition.to_owned()))
        .limit(i32::try_from(query.limit).unwrap_or(MOST_ITEMS).clamp(1, MOST_ITEMS))
        .scan_index_forward(query.order == Order::Ascending)
        .set_exclusive_start_key(query.after.as_ref().map(|cursor| start(&place, cursor)));
    for (name, bound) in bounds {
        request = request.expression_attribute_values(name, AttributeValue::S(bound.to_owned()));
    }
    let answer = request.send().await.map_err(|error| unavailable("Query", &error))?;
    let read = if matches!(query.source, Source::Due(_)) { item::read_due } else { item::read };
    Ok(Page {
        items: answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?,
        next: answer.last_evaluated_key.map(|end| cursor(&place, end)).transpose()?,
    })
}

/// Which partition, under which attribute names.
struct Place<'a> {
    index: Option<&'static str>,
    pk: &'static str,
    sk: &'static str,
    partition: &'a str,
}

fn place(source: &Source) -> Place<'_> {
    match source {
        Source::Table(partition) => Place { index: None, pk: "pk", sk: "sk", partition },
        Source::Due(partition) => Place { index: Some("GSI1"), pk: "gsi1pk", sk: "gsi1sk", partition },
        Source::Open(partition) => Place { index: Some("GSI2"), pk: "gsi2pk", sk: "gsi2sk", partition },
    }
}

/// The condition on the sort key and its bounds; `begins_with` does not take an empty text.
fn range(range: &Range) -> (Option<&'static str>, Vec<(&'static str, &str)>) {
    match range {
        Range::Prefix(prefix) if prefix.is_empty() => (None, Vec::new()),
        Range::Prefix(prefix) => (Some("begins_with(#sk, :sk)"), vec![(":sk", prefix)]),
        Range::UpTo(last) => (Some("#sk <= :sk"), vec![(":sk", last)]),
        Range::Between(first, last) => (Some("#sk BETWEEN :first AND :last"), vec![(":first", first), (":last", last)]),
    }
}

fn names(place: &Place<'_>, with_range: bool) -> std::collections::HashMap<String, String> {
    let range = with_range.then_some(("#sk", place.sk));
    std::iter::once(("#pk", place.pk)).chain(range).map(|(short, name)| (short.to_owned(), name.to_owned())).collect()
}

fn start(place: &Place<'_>, cursor: &Cursor) -> Attributes {
    let mut attributes = item::key(&cursor.key);
    if let (Some(_), Some(index)) = (place.index, &cursor.index) {
        item::put_key(&mut attributes, place.pk, place.sk, index.clone());
    }
    attributes
}

fn cursor(place: &Place<'_>, mut end: Attributes) -> Result<Cursor, TableError> {
    let key =
        item::take_key(&mut end, "pk", "sk").ok_or_else(|| TableError::Corrupt("a page without an end".to_owned()))?;
    let index = place.index.and_then(|_| item::take_key(&mut end, place.pk, place.sk));
    Ok(Cursor { key, index })
}
