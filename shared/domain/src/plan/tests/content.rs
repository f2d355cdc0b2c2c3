//! Which invoices are chased and what a message says about them.

use super::*;

#[test]
fn case_3_drafts_and_void_and_deleted_invoices_are_never_selected() {
    for status in [
        InvoiceStatus::Draft,
        InvoiceStatus::Submitted,
        InvoiceStatus::Paid,
        InvoiceStatus::Voided,
        InvoiceStatus::Deleted,
    ] {
        let mut case = case();
        case.ledger.invoices[0].invoice.status = status;
        assert_eq!(case.told(), Vec::<String>::new(), "{status:?}");
    }
}

#[test]
fn case_7_an_invoice_without_due_date_is_skipped_with_that_reason() {
    let mut case = case();
    case.ledger.invoices[0].invoice.due = None;
    assert_eq!(case.told(), ["no_due_date"]);
}

#[test]
fn case_9_a_remainder_below_the_minimum_is_neither_chased_nor_listed() {
    let mut case = case();
    case.ledger.invoices[0].invoice.remaining.minor = 37;
    assert_eq!(case.told(), ["below_minimum"]);
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 100.00"]);
}

#[test]
fn a_total_below_the_policys_minimum_is_skipped() {
    let mut case = case();
    case.policies.organisation_default.minimum_total.insert("AED".parse().unwrap(), 40_001);
    assert_eq!(case.told(), ["below_minimum"]);
}

#[test]
fn case_10_and_11_lines_show_what_is_left_and_the_total_is_their_sum() {
    let mut case = case();
    case.ledger.invoices[0].invoice.remaining.minor = 30_000;
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    let lines: Vec<String> = send.lines.iter().map(|line| format!("{} {}", line.number, line.remaining)).collect();
    assert_eq!(
        (lines, send.total.to_string()),
        (vec!["INV-1 AED 300.00".to_owned(), "INV-2 AED 100.00".to_owned()], "AED 400.00".to_owned())
    );
}

#[test]
fn case_19_seven_overdue_invoices_are_five_lines_and_two_more() {
    let mut case = case();
    case.policies.organisation_default.catch_up_days = 10;
    for n in 2..=7 {
        case.ledger.invoices.push(invoice(
            &n.to_string(),
            "c1",
            date(2026, 11, 13 - i8::try_from(n).unwrap()),
            "AED 100",
        ));
    }
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    let listed: Vec<&str> = send.lines.iter().map(|line| line.invoice.as_str()).collect();
    assert_eq!(
        (listed, send.more, send.total.to_string()),
        (vec!["7", "6", "5", "4", "3"], 2, "AED 1,000.00".to_owned())
    );
    let sentence = plan.decisions[0].sentence(plan.date);
    assert!(sentence.contains(", and 6 more invoices are listed."), "{sentence}");
}

#[test]
fn case_20_an_overdue_message_does_not_mention_what_is_not_due() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 25), "AED 100"));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn the_minimum_is_held_against_what_the_message_asks_for() {
    let mut case = case();
    case.policies.organisation_default.minimum_total.insert("AED".parse().unwrap(), 40_001);
    case.ledger.invoices.push(invoice("2", "c1", date(2027, 1, 20), "AED 1000"));
    assert_eq!(case.told(), ["below_minimum"]);
}
