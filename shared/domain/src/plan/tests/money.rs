//! Rule 9: money that came in, money that nobody allocated, and what we owe.

use super::*;
use crate::{credit::CreditKind, customer_file::ReleasedCredit};

fn credit(kind: CreditKind, remaining: &str) -> Credit {
    let (code, amount) = remaining.split_once(' ').unwrap();
    Credit {
        id: "k1".parse().unwrap(),
        kind,
        contact: contact_ref("c1"),
        number: String::new(),
        date: Some(date(2026, 11, 20)),
        remaining: Money::parse_decimal(amount, code.parse().unwrap()).unwrap(),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn bill(remaining: i64) -> Bill {
    Bill {
        id: "b1".parse().unwrap(),
        contact: contact_ref("c1"),
        remaining: Money::new(remaining, "AED".parse().unwrap()),
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn unit() -> Unit {
    Unit { contact: contact_ref("c1"), currency: "AED".parse().unwrap() }
}

/// A payment of that day, too old to be thanked for.
fn paid_on(day: Date) -> Receipts {
    Receipts { last_on: day, recent: Vec::new(), reversed_at: None }
}

#[test]
fn case_61_an_unallocated_payment_holds_until_somebody_says_that_it_is_a_deposit() {
    let mut case = case();
    case.first_invoice().invoice.remaining.minor = 100_000;
    for kind in [CreditKind::Payment, CreditKind::Overpayment, CreditKind::Prepayment] {
        case.ledger.credits = vec![credit(kind, "AED 900")];
        case.file().released.clear();
        assert_eq!(case.held(), [("money_unallocated", None)]);
        let released = ReleasedCredit { kind, id: "k1".parse().unwrap(), by: "user_a".parse().unwrap(), at: case.now };
        case.file().released.push(released);
        assert_eq!(case.told(), ["S3 AED 1,000.00"]);
    }
}

#[test]
fn a_release_is_for_one_piece_of_money_and_not_for_the_next() {
    let mut case = case();
    let released = ReleasedCredit {
        kind: CreditKind::Payment,
        id: "k1".parse().unwrap(),
        by: "user_a".parse().unwrap(),
        at: case.now,
    };
    case.file().released.push(released);
    case.ledger.credits.push(Credit { id: "k2".parse().unwrap(), ..credit(CreditKind::Payment, "AED 900") });
    assert_eq!(case.told(), ["money_unallocated"]);
    // The same id may stand for something of another kind.
    case.ledger.credits = vec![credit(CreditKind::CreditNote, "AED 900")];
    assert_eq!(case.told(), ["credit_open"]);
}

#[test]
fn case_27_a_credit_note_that_stands_alone_does_not_end_the_series_but_holds_it() {
    let mut case = case();
    case.ledger.credits.push(credit(CreditKind::CreditNote, "AED 400"));
    assert_eq!(case.held(), [("credit_open", None)]);
    case.ledger.credits[0].remaining.minor = 0;
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn money_below_twenty_units_of_its_currency_holds_nobody() {
    let mut case = case();
    for (remaining, told) in [
        ("AED 19.99", "S3 AED 400.00"),
        ("AED 20", "money_unallocated"),
        ("JPY 19", "S3 AED 400.00"),
        ("JPY 20", "money_unallocated"),
        ("KWD 19.999", "S3 AED 400.00"),
        ("KWD 20", "money_unallocated"),
    ] {
        case.ledger.credits = vec![credit(CreditKind::Payment, remaining)];
        assert_eq!(case.told(), [told], "{remaining}");
    }
}

#[test]
fn money_of_another_customer_holds_nobody_else() {
    let mut case = case();
    case.ledger.credits.push(Credit { contact: contact_ref("c2"), ..credit(CreditKind::Payment, "AED 900") });
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn case_62_a_customer_to_whom_we_owe_as_much_is_left_alone_unless_that_is_switched_off() {
    let mut case = case();
    case.ledger.bills.push(bill(39_999));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    case.ledger.bills.push(Bill { id: "b2".parse().unwrap(), ..bill(1) });
    assert_eq!(case.held(), [("we_owe_them", None)]);
    case.policy().hold_when_we_owe = false;
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn what_we_owe_in_another_currency_is_not_held_against_what_is_owed() {
    let mut case = case();
    case.ledger.bills.push(Bill { remaining: Money::new(900_000, "USD".parse().unwrap()), ..bill(0) });
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn case_63_a_few_cents_left_after_bank_charges_are_neither_listed_nor_an_anchor() {
    let mut case = case();
    let mut rest = invoice("2", "c1", date(2026, 5, 7), "AED 500");
    rest.invoice.remaining.minor = 37;
    case.ledger.invoices.push(rest);
    let plan = case.plan();
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.anchor.as_str(), send.lines.len(), send.total.minor), ("1", 1, 40_000));
    case.ledger.invoices.remove(0);
    assert_eq!(case.told(), ["below_minimum"]);
}

#[test]
fn of_a_large_invoice_one_percent_is_the_smallest_remainder() {
    let mut case = case();
    case.first_invoice().invoice.total.minor = 1_000_000;
    for (remaining, told) in [(9_999, "below_minimum"), (10_000, "S3 AED 100.00")] {
        case.first_invoice().invoice.remaining.minor = remaining;
        assert_eq!(case.told(), [told]);
    }
}

#[test]
fn case_60_after_a_payment_the_customer_has_three_business_days_and_then_hears_at_most_a_firm_word() {
    let mut case = case();
    // January's invoice was paid on Monday; February's is 33 days overdue by then.
    case.first_invoice().invoice.due = Some(date(2026, 10, 21));
    case.ledger.receipts.insert(unit(), paid_on(date(2026, 11, 23)));
    for day in 23..=26 {
        case.now = ten_o_clock(date(2026, 11, day));
        assert_eq!(case.held(), [("payment_grace", Some(date(2026, 11, 27)))]);
    }
    let plan = {
        case.now = ten_o_clock(date(2026, 11, 27));
        case.plan()
    };
    let send = plan.decisions[0].send().unwrap();
    assert_eq!((send.occasion, send.tone), (Occasion::Step(StepId(3)), Tone::Firm));
}

#[test]
fn the_days_after_a_payment_are_business_days() {
    let mut case = case();
    case.ledger.receipts.insert(unit(), paid_on(date(2026, 11, 19)));
    case.policy().calendar.closed.insert(date(2026, 11, 25));
    // Thursday; then Friday, Monday and Tuesday are the three, and Wednesday is closed.
    assert_eq!(case.held(), [("payment_grace", Some(date(2026, 11, 26)))]);
}

#[test]
fn case_11_and_30_what_was_paid_in_part_is_asked_for_without_the_part() {
    let mut case = case();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 13), "AED 100"));
    case.first_invoice().invoice.remaining.minor = 30_000;
    case.ledger.receipts.insert(unit(), paid_on(date(2026, 11, 17)));
    assert_eq!(case.told(), ["S3 AED 400.00"]);
    // One of the two is settled; the other goes on.
    case.first_invoice().invoice.status = InvoiceStatus::Paid;
    assert_eq!(case.told(), ["S3 AED 100.00"]);
}
