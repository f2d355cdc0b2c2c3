//! What stands below a message: answers to choose from, or a button that opens the pay page.

use super::*;
use crate::template::Variant;

impl Case {
    fn has_approved(&mut self, purpose: Purpose, variant: Variant) {
        self.history.channel.line.variants.insert((Language::English, purpose, variant));
    }

    /// The template of the first unit's message.
    fn template(&self) -> String {
        self.plan().decisions[0].send().unwrap().template().name()
    }
}

#[test]
fn a_message_has_answers_to_choose_from_once_their_text_is_approved() {
    let mut case = case();
    assert_eq!(case.template(), "numo_overdue_firm_v1");
    case.has_approved(Purpose::OverdueGentle, Variant::Replies);
    assert_eq!(case.template(), "numo_overdue_firm_v1");
    case.has_approved(Purpose::OverdueFirm, Variant::Replies);
    assert_eq!(case.template(), "numo_overdue_firm_reply_v1");
}

#[test]
fn a_pay_button_stands_below_one_invoice_alone_and_only_where_the_policy_wants_it() {
    let mut case = case();
    case.has_approved(Purpose::OverdueFirm, Variant::PayPage);
    assert_eq!(case.template(), "numo_overdue_firm_v1");
    case.policy().pay_link = true;
    assert_eq!(case.template(), "numo_overdue_firm_pay_v1");
    case.has_approved(Purpose::OverdueFirm, Variant::Replies);
    assert_eq!(case.template(), "numo_overdue_firm_pay_v1");
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    assert_eq!(case.template(), "numo_overdue_firm_reply_v1");
}

#[test]
fn until_the_text_with_a_pay_button_is_approved_another_one_stands_in() {
    let mut case = case();
    case.policy().pay_link = true;
    assert_eq!(case.template(), "numo_overdue_firm_v1");
    case.has_approved(Purpose::OverdueFirm, Variant::Replies);
    assert_eq!(case.template(), "numo_overdue_firm_reply_v1");
}

#[test]
fn an_invoice_is_attached_to_a_message_about_it_alone_and_only_where_the_policy_wants_it() {
    let mut case = case();
    case.has_approved(Purpose::OverdueFirm, Variant::PdfReplies);
    assert_eq!(case.template(), "numo_overdue_firm_v1");
    case.policy().pdf = true;
    assert_eq!(case.template(), "numo_overdue_firm_pdf_v1");
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    assert_eq!(case.template(), "numo_overdue_firm_v1");
}

#[test]
fn a_message_with_pdf_and_pay_button_keeps_what_is_approved_of_both_and_the_button_counts_more() {
    let mut case = case();
    (case.policy().pdf, case.policy().pay_link) = (true, true);
    let mut told = vec![case.template()];
    for variant in [Variant::Replies, Variant::PdfReplies, Variant::PayPage, Variant::PdfPayPage] {
        case.has_approved(Purpose::OverdueFirm, variant);
        told.push(case.template());
    }
    let expected = ["", "_reply", "_pdf", "_pay", "_pdf_pay"].map(|suffix| format!("numo_overdue_firm{suffix}_v1"));
    assert_eq!(told, expected);
    assert_eq!(case.policy().best_variant(), Variant::PdfPayPage);
    case.policy().pay_link = false;
    assert_eq!(case.policy().best_variant(), Variant::PdfReplies);
    case.policy().pdf = false;
    assert_eq!(case.policy().best_variant(), Variant::Replies);
}

#[test]
fn a_plan_that_was_stored_before_texts_had_variants_is_read_as_one_of_plain_texts() {
    let mut case = case();
    case.has_approved(Purpose::OverdueFirm, Variant::Replies);
    let mut stored = serde_json::to_value(case.plan().decisions[0].send().unwrap()).unwrap();
    stored.as_object_mut().unwrap().remove("variant");
    let read: PlannedSend = serde_json::from_value(stored).unwrap();
    assert_eq!(read.template().name(), "numo_overdue_firm_v1");
}
