//! What still may go out right before a send.

use super::*;

#[test]
fn an_invoice_that_was_not_approved_is_not_slipped_into_a_message() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[1] = invoice("3", "c1", date(2026, 11, 14), "AED 50");
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]));
}

#[test]
fn case_24_a_settled_anchor_cancels() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[0].invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::Settled.into()]));
}

#[test]
fn case_74_a_planned_message_may_shrink_but_not_grow() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[0].invoice.remaining.minor = 20_000;
    let Recheck::Send(smaller) = case.recheck(&planned) else { panic!("it may shrink") };
    assert_eq!(smaller.total.to_string(), "AED 200.00");
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 20), "AED 300"));
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]));
}

#[test]
fn a_settled_anchor_cancels_even_if_another_invoice_is_overdue() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.ledger.invoices[0].invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::Settled.into()]));
}
