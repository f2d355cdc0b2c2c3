use reqwest::header::{DATE, HeaderMap, HeaderValue};

use super::*;
use crate::samples;

fn answer(body: &str) -> Answer {
    Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn texts<'a>(block: &Block<'a>, entity: Entity) -> Vec<&'a str> {
    block.rows(entity).iter().map(|row| row.get()).collect()
}

#[test]
fn rows_are_found_by_the_key_of_their_entity_and_an_empty_result_has_none() {
    let body = r#"{"QueryResponse":{"Invoice":[{"Id":"1"}, 7],"startPosition":1,"totalCount":2,"new":{}},"time":"t"}"#;
    let whole_answer = answer(body);
    let read: QueryAnswer<'_> = whole(&whole_answer).unwrap();
    assert_eq!(texts(&read.rows, Entity::Invoice), [r#"{"Id":"1"}"#, "7"]);
    assert_eq!((read.rows.n_rows(), read.rows.n_total()), (2, Some(2)));
    let empty = answer(r#"{"QueryResponse":{},"time":"2026-11-23T00:00:00-08:00"}"#);
    let read: QueryAnswer<'_> = whole(&empty).unwrap();
    assert_eq!((read.rows.n_rows(), read.rows.n_total()), (0, None));
}

#[test]
fn what_is_cut_off_may_be_whole_next_time_and_another_shape_never_will() {
    for body in
        ["", "<html>busy</html>", "busy", r#"{"QueryResponse":{"Invoice":[{"Id":"1"}"#, r#"{"QueryResponse":7,"#]
    {
        let answer = answer(body);
        assert!(matches!(whole::<QueryAnswer<'_>>(&answer), Err(LedgerError::Unavailable(_))), "{body}");
    }
    for body in ["[]", "{}", r#"{"QueryResponse":7}"#, r#"{"QueryResponse":{"Invoice":{}}}"#] {
        let answer = answer(body);
        assert!(matches!(whole::<QueryAnswer<'_>>(&answer), Err(LedgerError::Malformed(_))), "{body}");
    }
}

#[test]
fn queries_of_a_batch_keep_their_order_and_one_fault_fails_them_all() {
    let body = r#"{"BatchItemResponse":[{"bId":"q1","QueryResponse":{}},
        {"bId":"q0","QueryResponse":{"Customer":[1]}}],"time":"t"}"#;
    let whole_answer = answer(body);
    let read: BatchAnswer<'_> = whole(&whole_answer).unwrap();
    let n_rows: Vec<usize> = read.blocks(&whole_answer, 2).unwrap().iter().map(Block::n_rows).collect();
    assert_eq!(n_rows, [1, 0]);
    let refusal = |body: &str| {
        let answer = answer(body);
        whole::<BatchAnswer<'_>>(&answer).unwrap().blocks(&answer, 2).unwrap_err()
    };
    let fault = r#"{"BatchItemResponse":[{"bId":"q0","QueryResponse":{}},
        {"bId":"q1","Fault":{"Error":[{"code":"003001"}]}}]}"#;
    assert!(matches!(refusal(fault), LedgerError::RateLimited { .. }));
    for body in
        [r#"{"BatchItemResponse":[{"bId":"q0","QueryResponse":{}}]}"#, r#"{"BatchItemResponse":[{"bId":"q0"}]}"#]
    {
        assert!(matches!(refusal(body), LedgerError::Malformed(_)), "{body}");
    }
}

#[test]
fn changes_are_gathered_from_every_block_and_a_fault_among_them_fails_the_call() {
    let body = r#"{"CDCResponse":[{"QueryResponse":[{"Customer":[1]},{},{"Payment":[2,3]}]},{"QueryResponse":[{"Invoice":[4]}]}]}"#;
    let whole_answer = answer(body);
    let blocks = whole::<ChangesAnswer<'_>>(&whole_answer).unwrap().blocks(&whole_answer).unwrap();
    assert_eq!(blocks.iter().map(Block::n_rows).collect::<Vec<_>>(), [1, 0, 2, 1]);
    let faulty = answer(r#"{"CDCResponse":[{"Fault":{"Error":[{"code":"6190"}]}}]}"#);
    let refusal = whole::<ChangesAnswer<'_>>(&faulty).unwrap().blocks(&faulty).unwrap_err();
    assert!(matches!(refusal, LedgerError::Suspended));
}

#[test]
fn the_time_of_an_answer_comes_from_intuit_or_the_answer_is_refused() {
    let mut dated = answer("{}");
    assert!(matches!(stamped(&dated, None), Err(LedgerError::Malformed(_))));
    dated.headers.insert(DATE, HeaderValue::from_static("Mon, 23 Nov 2026 06:00:00 GMT"));
    dated.headers.insert("intuit_tid", HeaderValue::from_static("1-abc"));
    let batch = stamped(&dated, None).unwrap();
    assert_eq!((batch.read_at, batch.request_id.as_deref()), ("2026-11-23T06:00:00Z".parse().unwrap(), Some("1-abc")));
    let of_body = stamped(&dated, Some(&Value::from("2026-11-23T00:00:00.123-08:00"))).unwrap();
    assert_eq!(of_body.read_at, "2026-11-23T08:00:00.123Z".parse().unwrap());
}

#[test]
fn the_recorded_changes_are_found_in_all_their_blocks() {
    let Some(text) = samples::text("quickbooks/python_quickbooks_cdc_response.json") else { return };
    let answer = answer(&text);
    let read: ChangesAnswer<'_> = whole(&answer).unwrap();
    assert_eq!(stamped(&answer, read.time.as_ref()).unwrap().read_at, "2016-01-01T00:00:00Z".parse().unwrap());
    let blocks = read.blocks(&answer).unwrap();
    let counts = |entity| blocks.iter().map(|block| block.rows(entity).len()).collect::<Vec<_>>();
    assert_eq!((counts(Entity::Customer), counts(Entity::Invoice)), (vec![1, 0], vec![0, 2]));
}
