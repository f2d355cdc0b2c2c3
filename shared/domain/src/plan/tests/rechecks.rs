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
fn a_planned_message_without_an_opt_in_is_cancelled_once_only_an_opt_in_counts() {
    let mut case = case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    case.organisation.explicit_opt_in_only = true;
    assert_eq!(case.recheck(&planned), Recheck::Cancel(vec![SkipCode::NoConsentBasis.into()]));
    case.history.consents.opted_in_numbers.insert(key("+971501234567"));
    assert_eq!(case.recheck(&planned), Recheck::Send(planned));
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

#[test]
fn whatever_makes_a_message_another_one_than_was_approved_goes_back_for_approval() {
    type Change = fn(&mut PlannedSend);
    let more: [(&str, Change); 9] = [
        ("a larger total", |now| now.total.minor += 1),
        ("larger thanks", |now| now.paid = Some(Money::new(1, now.total.currency))),
        ("another anchor", |now| now.anchor = "2".parse().unwrap()),
        ("another invoice", |now| now.lines[0].invoice = "2".parse().unwrap()),
        ("a firmer tone", |now| now.tone = Tone::Final),
        ("another step", |now| now.occasion = Occasion::Step(StepId(2))),
        ("another cycle", |now| now.cycle = 2),
        ("another recipient", |now| now.recipient = key("+971507654321")),
        ("all of it", |now| (now.total.minor, now.cycle, now.tone) = (40_001, 2, Tone::Final)),
    ];
    let case = case();
    let decision = case.plan().decisions.remove(0);
    let planned = decision.send().unwrap();
    let again = |change: Change| {
        let mut now = planned.clone();
        change(&mut now);
        recheck(planned, Some(Decision { outcome: Outcome::Send(now), ..decision.clone() }), true)
    };
    for (what, change) in more {
        assert_eq!(again(change), Recheck::Cancel(vec![SkipCode::PlanNotApproved.into()]), "{what}");
    }
    let less: [Change; 4] = [|_| (), |now| now.total.minor -= 1, |now| now.tone = Tone::Friendly, |now| now.more = 0];
    for change in less {
        let mut smaller = planned.clone();
        change(&mut smaller);
        assert_eq!(again(change), Recheck::Send(smaller));
    }
}

#[test]
fn an_invoice_that_was_summed_but_not_listed_may_be_listed_in_the_place_of_a_paid_one() {
    let mut case = case();
    for n in 2..=6 {
        case.ledger.invoices.push(invoice(&n.to_string(), "c1", date(2026, 11, 13), "AED 100"));
    }
    let planned = case.plan().decisions[0].send().unwrap().clone();
    assert_eq!((planned.lines.len(), planned.more), (5, 1));
    case.ledger.invoices[1].invoice.status = InvoiceStatus::Paid;
    let Recheck::Send(now) = case.recheck(&planned) else { panic!("it shrank") };
    assert_eq!((now.lines.last().map(|line| line.invoice.as_str()), now.more), (Some("6"), 0));
}

#[test]
fn thanks_that_are_not_due_any_more_are_no_word_about_a_settled_invoice() {
    let case = super::thanks::paid_case();
    let planned = case.plan().decisions[0].send().unwrap().clone();
    // Nothing of what was asked for is open, and thanks go out all the same.
    assert_eq!(case.recheck(&planned), Recheck::Send(planned.clone()));
    assert_eq!(recheck(&planned, None, false), Recheck::Cancel(vec![SkipCode::NoStepToday.into()]));
    let reminder = super::case().plan().decisions[0].send().unwrap().clone();
    assert_eq!(recheck(&reminder, None, true), Recheck::Cancel(vec![SkipCode::Settled.into()]));
}
