use jiff::civil::date;

use super::*;

const EVERYTHING: Pull = Pull::Everything { dated_since: date(2025, 11, 26) };
const PAID_SINCE: Date = date(2024, 11, 26);

const fn changes() -> Pull {
    Pull::Changes { since: Timestamp::UNIX_EPOCH }
}

const fn at(list: LedgerList, page: u32) -> Place {
    Place { list, page, n_rows: None }
}

const fn rows(n_rows: usize) -> Seen {
    Seen { n_rows, n_total: None }
}

/// The calls of a pull whose lists have so many rows each.
fn walk(pull: &Pull, n_rows_of: impl Fn(&Step) -> usize) -> Vec<String> {
    let (mut place, mut calls) = (Some(begin(pull)), Vec::new());
    while let Some(here) = place {
        let step = step(pull, &here, PAID_SINCE).unwrap();
        calls.push(match &step {
            Step::Rows(query) => query.to_string().trim_start_matches("SELECT * FROM ").to_owned(),
            Step::Changes(entities, _) => format!("changes of {}", entities.len()),
        });
        let n_rows = match &step {
            Step::Rows(query) => n_rows_of(&step).saturating_sub(query.start() - 1).min(PAGE_SIZE),
            Step::Changes(..) => n_rows_of(&step),
        };
        place = next(pull, &here, &step, rows(n_rows));
    }
    calls
}

fn n_rows_of_large(step: &Step) -> usize {
    let Step::Rows(query) = step else { return 0 };
    let text = query.to_string();
    [("Customer", 2_000), ("Invoice WHERE TxnDate >=", 10_000), ("Payment", 300), ("CreditMemo", 100)]
        .iter()
        .find_map(|(name, n_rows)| text.contains(name).then_some(*n_rows))
        .unwrap_or(40)
}

#[test]
fn everything_is_customers_invoices_old_open_ones_credit_memos_and_payments() {
    let page = "ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000";
    let expected = [
        format!("Customer WHERE Active IN (true, false) {page}"),
        format!("Invoice WHERE TxnDate >= '2025-11-26' {page}"),
        format!("Invoice WHERE TxnDate < '2025-11-26' AND Balance > '0' {page}"),
        format!("CreditMemo WHERE Balance > '0' {page}"),
        format!("Payment WHERE TxnDate >= '2025-11-26' {page}"),
    ];
    assert_eq!(walk(&EVERYTHING, |_| 999), expected);
}

#[test]
fn a_large_company_takes_seventeen_calls() {
    assert_eq!(walk(&EVERYTHING, n_rows_of_large).len(), 17);
}

#[test]
fn pages_share_rows() {
    let starts: Vec<usize> = walk(&Pull::Open, |_| 1_990)
        .iter()
        .filter_map(|call| call.split_once("STARTPOSITION ")?.1.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(starts, [1, 991, 1_981, 1, 991, 1_981, 1, 991, 1_981]);
}

#[test]
fn what_is_open_includes_payments_of_two_years() {
    let page = "ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000";
    let expected = [
        format!("Invoice WHERE Balance > '0' {page}"),
        format!("CreditMemo WHERE Balance > '0' {page}"),
        format!("Payment WHERE TxnDate >= '2024-11-26' {page}"),
    ];
    assert_eq!(walk(&Pull::Open, |_| 0), expected);
}

#[test]
fn changes_take_one_call_unless_they_are_cut_off() {
    assert_eq!(walk(&changes(), |_| 999), ["changes of 4"]);
    let whole_alone = |step: &Step| match step {
        Step::Changes(entities, _) if entities.len() > 1 => 1_000,
        Step::Changes(..) | Step::Rows(_) => 400,
    };
    assert_eq!(walk(&changes(), whole_alone), [["changes of 4"; 1].as_slice(), &["changes of 1"; 4]].concat());
}

#[test]
fn an_entity_that_is_cut_off_alone_is_read_by_pages() {
    let many_invoices = |step: &Step| match step {
        Step::Changes(entities, _) if entities.contains(&Entity::Invoice) => 1_000,
        Step::Changes(..) => 3,
        Step::Rows(_) => 1_200,
    };
    let query = "Invoice WHERE MetaData.LastUpdatedTime >= '1970-01-01T00:00:00Z' ORDERBY Id STARTPOSITION";
    let expected = [
        String::from("changes of 4"),
        String::from("changes of 1"),
        String::from("changes of 1"),
        format!("{query} 1 MAXRESULTS 1000"),
        format!("{query} 991 MAXRESULTS 1000"),
        String::from("changes of 1"),
        String::from("changes of 1"),
    ];
    assert_eq!(walk(&changes(), many_invoices), expected);
}

#[test]
fn a_list_that_became_much_shorter_is_read_again_from_the_page_before() {
    let after = |n_before: Option<u64>, n_rows: usize, n_total: Option<u64>| {
        let place = Place { n_rows: n_before, ..at(LedgerList::Invoices, 3) };
        let step = step(&Pull::Open, &place, PAID_SINCE).unwrap();
        next(&Pull::Open, &place, &step, Seen { n_rows, n_total })
    };
    let page = |page, n_rows| Some(Place { n_rows, ..at(LedgerList::Invoices, page) });
    let next_list = Some(at(LedgerList::CreditNotes, 1));
    assert_eq!(after(Some(4_000), 1_000, Some(4_000)), page(4, Some(4_000)));
    assert_eq!(after(Some(4_000), 1_000, Some(3_990)), page(4, Some(3_990)));
    assert_eq!(after(Some(4_000), 1_000, Some(3_989)), page(2, Some(3_989)));
    assert_eq!(after(Some(2_100), 20, Some(2_000)), page(2, Some(2_000)));
    assert_eq!(after(Some(2_000), 20, Some(2_000)), next_list);
    // A count of the page alone says nothing of the list.
    assert_eq!(after(Some(1_000), 1_000, Some(1_000)), page(4, None));
    assert_eq!(after(Some(1_000), 20, Some(20)), next_list);
    assert_eq!(after(None, 1_000, None), page(4, None));
}

#[test]
fn lists_that_quickbooks_does_not_have_are_refused() {
    for list in [LedgerList::Bills, LedgerList::Prepayments, LedgerList::Overpayments, LedgerList::AllChanges] {
        assert!(matches!(step(&EVERYTHING, &at(list, 1), PAID_SINCE), Err(LedgerError::Malformed(_))), "{list:?}");
    }
}
