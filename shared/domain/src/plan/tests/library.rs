//! Texts of Meta's library: they stand in for those of the pack, and demand the anchor alone.

use super::*;
use crate::{
    library::{LibraryText, entry::Button, value::LibraryValue},
    plan::recheck::{Recheck, recheck},
    reminder::TemplateRef,
    template::Variant,
};

fn text(name: &str) -> LibraryText {
    LibraryText {
        template: TemplateRef { name: name.to_owned(), language: String::from("en_US") },
        library_name: String::from("payment_overdue_1"),
        language: Language::English,
        header: None,
        body: String::from(
            "Your payment of {{1}} was due. If you have already paid {{2}}, ignore this. STOP ends this.",
        ),
        footer: None,
        buttons: Vec::new(),
        values: vec![LibraryValue::Balance, LibraryValue::BusinessName],
    }
}

/// A unit with two overdue invoices, nobody has heard of yet, and no approved text of the pack.
fn first_day() -> Case {
    let mut case = case();
    case.history.delivered.clear();
    case.history.channel.line.approved.clear();
    case.ledger.invoices.push(invoice("2", "c1", date(2026, 11, 14), "AED 100"));
    case
}

impl Case {
    fn chose(&mut self, purpose: Purpose, name: &str) {
        self.history.channel.line.library.insert((Language::English, purpose), text(name));
    }

    fn approved(&mut self, purpose: Purpose) {
        self.history.channel.line.approved.insert((Language::English, purpose));
    }

    fn first_send(&self) -> PlannedSend {
        self.plan().decisions[0].send().cloned().unwrap()
    }

    /// The template of the first unit's message, and what it demands.
    fn says(&self) -> (String, String) {
        let send = self.first_send();
        let template = send.library.as_ref().map_or(send.template().name(), |text| text.template.name.clone());
        (template, send.total.to_string())
    }
}

fn said(template: &str, total: &str) -> (String, String) {
    (template.to_owned(), total.to_owned())
}

#[test]
fn a_text_that_was_chosen_says_it_on_the_first_day_about_the_anchor_alone() {
    let mut case = first_day();
    assert_eq!(case.told(), ["template_unusable"]);
    case.chose(Purpose::Upcoming, "numo_library_upcoming");
    assert_eq!(case.told(), ["template_unusable"]);
    case.chose(Purpose::OverdueGentle, "numo_library_overdue");
    let send = case.first_send();
    assert_eq!(send.library.as_deref(), Some(&text("numo_library_overdue")));
    let listed: Vec<&str> = send.lines.iter().map(|line| line.number.as_str()).collect();
    assert_eq!((listed, send.more, send.total.to_string()), (vec!["INV-1"], 0, String::from("AED 400.00")));
    assert_eq!((send.variant, send.purpose()), (Variant::Plain, Purpose::OverdueGentle));
    assert_eq!(send.anchor, send.lines[0].invoice);
}

#[test]
fn a_text_of_the_pack_takes_its_place_as_soon_as_one_is_approved() {
    let mut case = first_day();
    case.chose(Purpose::OverdueGentle, "numo_library_overdue");
    assert_eq!(case.says(), said("numo_library_overdue", "AED 400.00"));
    case.approved(Purpose::OverdueGentle);
    assert_eq!(case.says(), said("numo_overdue_gentle_v1", "AED 500.00"));
}

#[test]
fn the_plain_text_of_the_pack_goes_before_the_best_one_of_the_library() {
    let mut case = first_day();
    *case.policy() = Policy {
        state: PolicyState::Active,
        ..crate::policy::presets::Preset::Firm.policy(None, Timestamp::UNIX_EPOCH)
    };
    case.first_invoice().invoice.due = Some(date(2026, 11, 23));
    case.ledger.invoices.truncate(1);
    case.chose(Purpose::DueToday, "numo_library_today");
    case.chose(Purpose::Upcoming, "numo_library_upcoming");
    assert_eq!(case.says().0, "numo_library_today");
    case.approved(Purpose::Upcoming);
    assert_eq!(case.says().0, "numo_upcoming_v1");
}

#[test]
fn a_firmer_word_waits_for_the_pack() {
    let mut case = case();
    case.history.channel.line.approved.clear();
    case.chose(Purpose::OverdueGentle, "numo_library_overdue");
    assert_eq!(case.told(), ["template_unusable"]);
}

#[test]
fn a_button_of_such_a_text_opens_the_pay_page_of_the_anchor_whatever_the_policy_wants() {
    let mut case = first_day();
    let buttons = vec![Button::Link { label: String::from("Pay") }];
    let text = LibraryText { buttons, ..text("numo_library_overdue") };
    case.history.channel.line.library.insert((Language::English, Purpose::OverdueGentle), text);
    let send = case.first_send();
    assert_eq!((send.variant, send.buttons()), (Variant::PayPage, vec!["Pay"]));
    assert_eq!(send.lines.len(), 1);
}

#[test]
fn what_a_policy_wants_of_the_total_is_asked_of_all_that_is_owed() {
    let mut case = first_day();
    case.chose(Purpose::OverdueGentle, "numo_library_overdue");
    let aed = case.first_invoice().invoice.total.currency;
    case.policy().minimum_total.insert(aed, 45_000);
    assert_eq!(case.says(), said("numo_library_overdue", "AED 400.00"));
    case.policy().minimum_total.insert(aed, 50_001);
    assert_eq!(case.told(), ["below_minimum"]);
}

#[test]
fn right_before_the_send_a_list_shrinks_to_the_anchor_and_an_anchor_never_grows_to_a_list() {
    let mut case = first_day();
    case.chose(Purpose::OverdueGentle, "numo_library_overdue");
    let alone = case.plan().decisions.remove(0);
    case.approved(Purpose::OverdueGentle);
    let listed = case.plan().decisions.remove(0);
    let (planned_alone, planned_listed) = (alone.send().cloned().unwrap(), listed.send().cloned().unwrap());
    assert_eq!(recheck(&planned_listed, Some(alone), true), Recheck::Send(planned_alone.clone()));
    let narrow = PlannedSend { library: None, ..planned_alone.clone() };
    assert_eq!(recheck(&planned_alone, Some(listed.clone()), true), Recheck::Send(narrow));
    // Where the anchor is not among those that are listed, nobody approved what is.
    let lines = planned_listed.lines[1..].to_vec();
    let without = Decision { outcome: Outcome::Send(PlannedSend { lines, ..planned_listed }), ..listed };
    let reasons = vec![SkipCode::PlanNotApproved.into()];
    assert_eq!(recheck(&planned_alone, Some(without), true), Recheck::Cancel(reasons));
}

#[test]
fn a_plan_keeps_the_words_that_it_was_made_with() {
    let mut case = first_day();
    case.chose(Purpose::OverdueGentle, "numo_library_overdue");
    let send = case.first_send();
    let read: PlannedSend = serde_json::from_str(&serde_json::to_string(&send).unwrap()).unwrap();
    assert_eq!(read, send);
}
