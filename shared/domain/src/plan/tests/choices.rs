//! Which anchor speaks, by which text, and on which earlier messages a decision rests.

use super::{thanks::paid_case, *};

/// Invoice 1 with one of its own that is due a day later, of AED 100.
fn two_invoices(due: Date, second: Date) -> Case {
    let mut case = case();
    case.first_invoice().invoice.due = Some(due);
    case.ledger.invoices.push(invoice("2", "c1", second, "AED 100"));
    case
}

#[test]
fn only_an_anchor_whose_sequence_is_finished_makes_room_for_the_next() {
    let mut case = two_invoices(date(2026, 11, 12), date(2026, 11, 13));
    case.sent(3, ReminderState::Read, 0);
    // The older one waits for its last step, and so does the unit, though the younger one's day has come.
    assert_eq!(case.held(), [("no_step_today", Some(date(2026, 12, 3)))]);
    case.sent(4, ReminderState::Read, 0);
    assert_eq!(case.told(), ["S3 AED 500.00"]);
}

#[test]
fn the_text_says_overdue_from_the_day_after_the_due_date_on() {
    let mut case = case();
    *case.policy() = Policy {
        state: PolicyState::Active,
        ..crate::policy::presets::Preset::Firm.policy(None, Timestamp::UNIX_EPOCH)
    };
    case.first_invoice().invoice.due = Some(date(2026, 11, 23));
    let purpose = |case: &Case| case.plan().decisions[0].send().map(|send| (send.purpose(), send.overdue));
    assert_eq!(purpose(&case), Some((Purpose::DueToday, false)));
    case.history.channel.line.approved.remove(&(Language::English, Purpose::DueToday));
    assert_eq!(purpose(&case), Some((Purpose::Upcoming, false)));
    case.first_invoice().invoice.due = Some(date(2026, 11, 22));
    assert_eq!(purpose(&case), Some((Purpose::OverdueGentle, true)));
}

#[test]
fn due_today_is_said_only_where_it_is_that_day_for_the_business_and_the_customer() {
    let mut case = case();
    *case.policy() = Policy {
        state: PolicyState::Active,
        ..crate::policy::presets::Preset::Firm.policy(None, Timestamp::UNIX_EPOCH)
    };
    case.first_invoice().invoice.due = Some(date(2026, 11, 23));
    let purpose_for = |case: &mut Case, number: &str, now: &str| {
        case.ledger.contacts.insert(contact_ref("c1"), contact("c1", number));
        case.now = now.parse().unwrap();
        case.plan().decisions[0].send().map(PlannedSend::purpose)
    };
    // Half past four in the afternoon of Dubai is half past one at night of the next day in Auckland.
    for (number, now, expected) in [
        ("+971501234567", "2026-11-23T12:30:00Z", Purpose::DueToday),
        ("+64211234567", "2026-11-23T06:00:00Z", Purpose::DueToday),
        ("+64211234567", "2026-11-23T12:30:00Z", Purpose::Upcoming),
        // Nobody knows of which country it is.
        ("+8001234567890", "2026-11-23T06:00:00Z", Purpose::Upcoming),
    ] {
        assert_eq!(purpose_for(&mut case, number, now), Some(expected), "{number} at {now}");
    }
}

#[test]
fn a_step_sends_the_text_that_it_was_given() {
    let mut case = case();
    let purpose = |case: &Case| case.plan().decisions[0].send().map(|send| (send.purpose(), send.tone));
    assert_eq!(purpose(&case), Some((Purpose::OverdueFirm, Tone::Firm)));
    for text in [Purpose::OverdueGentle, Purpose::Statement] {
        case.policy().steps[2].text = Some(text);
        assert_eq!(purpose(&case), Some((text, Tone::Firm)));
    }
    // Until it is approved the text of the tone stands in.
    case.history.channel.line.approved.remove(&(Language::English, Purpose::Statement));
    assert_eq!(purpose(&case), Some((Purpose::OverdueFirm, Tone::Firm)));
}

#[test]
fn a_repeat_says_what_its_step_says_but_nothing_firmer_than_it_may_be() {
    let mut case = case();
    case.policy().repeat =
        Some(crate::policy::repeat::Repeat { every: crate::policy::repeat::Every::Days(7), at_most: 4 });
    case.policy().steps.truncate(3);
    case.policy().steps[2].text = Some(Purpose::Statement);
    case.sent(3, ReminderState::Read, 7);
    let send = |case: &Case| case.plan().decisions[0].send().map(|send| (send.occasion.to_string(), send.purpose()));
    assert_eq!(send(&case), Some(("R3.1".to_owned(), Purpose::Statement)));
    // Another number got no message yet, so its first one is gentle.
    case.policy().steps[2].text = Some(Purpose::OverdueFirm);
    case.history.delivered.clear();
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971501234568"));
    assert_eq!(send(&case).map(|(_, purpose)| purpose), Some(Purpose::OverdueGentle));
}

#[test]
fn a_total_that_is_the_minimum_is_worth_a_message() {
    let mut case = case();
    case.policy().minimum_total.insert("AED".parse().unwrap(), 40_000);
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn decisions_stand_in_the_order_of_customers_whether_they_owe_or_are_thanked() {
    let mut case = paid_case();
    for id in ["c0", "c2"] {
        case.ledger.contacts.insert(contact_ref(id), contact(id, &id.replace('c', "+97150123450")));
        case.ledger.invoices.push(invoice(id, id, date(2026, 11, 13), "AED 400"));
    }
    let plan = case.plan();
    let order: Vec<&str> = plan.decisions.iter().map(|decision| decision.unit.contact.contact.as_str()).collect();
    assert_eq!(order, ["c0", "c1", "c2"]);
    for decision in &plan.decisions {
        let Case { organisation, ledger, policies, history, now } = &case;
        let one = decide_one(organisation, ledger, policies, history, (&decision.unit, *now));
        let mut alone = decision.clone();
        if let Outcome::Send(send) = &mut alone.outcome {
            // Alone it knows of no other message.
            send.turn.sends_before = 0;
            send.turn.first_times_before = send.turn.first_times_before.map(|_| 0);
        }
        assert_eq!(one, Some(alone));
    }
    let stranger = Unit { contact: contact_ref("c9"), currency: "AED".parse().unwrap() };
    let Case { organisation, ledger, policies, history, now } = &case;
    assert_eq!(decide_one(organisation, ledger, policies, history, (&stranger, *now)), None);
}

#[test]
fn a_send_rests_on_what_is_chased_on_what_is_uncertain_and_on_thanks_of_these_weeks() {
    let mut case = case();
    let first = date(2026, 10, 9);
    case.sent(2, ReminderState::Read, 0);
    case.reminded(Occasion::Step(StepId(1)), ReminderState::Read, 0, first);
    case.reminded(Occasion::ThankYou(first), ReminderState::Read, 0, first);
    case.reminded(Occasion::PartPayment(first), ReminderState::Read, 0, date(2026, 10, 8));
    let past = case.history.reminders.get_mut(&contact_ref("c1")).unwrap();
    for other in &mut past[1..] {
        other.key.anchor = "paid-by-now".parse().unwrap();
    }
    let rests_on = |case: &Case| -> Vec<String> {
        let plan = case.plan();
        let rests_on = &plan.decisions[0].send().unwrap().rests_on;
        rests_on.iter().map(|key| format!("{} {}", key.anchor.as_str(), key.occasion)).collect()
    };
    // The thanks of 46 days ago and the word about what is paid tell nothing any more.
    assert_eq!(rests_on(&case), ["1 S2", "paid-by-now TY2026-10-09"]);
}

#[test]
fn the_customers_language_goes_before_the_policys_and_that_before_the_organisations() {
    let mut case = case();
    for language in [Language::Arabic, Language::French, Language::German] {
        case.history.channel.line.approved.extend(approved_in(language));
    }
    let language = |case: &Case| case.plan().decisions[0].send().map(|send| send.language);
    assert_eq!(language(&case), Some(Language::English));
    case.organisation.language = Language::German;
    assert_eq!(language(&case), Some(Language::German));
    case.policy().language = Some(Language::French);
    assert_eq!(language(&case), Some(Language::French));
    case.file().language = Some(Language::Arabic);
    assert_eq!(language(&case), Some(Language::Arabic));
    // What is not approved in it is said in the organisation's, and in no language that nobody chose.
    case.history.channel.line.approved.remove(&(Language::Arabic, Purpose::OverdueFirm));
    assert_eq!(language(&case), Some(Language::German));
    case.history.channel.line.approved.remove(&(Language::German, Purpose::OverdueFirm));
    assert_eq!(case.told(), ["template_unusable"]);
}

#[test]
fn the_word_about_a_promise_is_plain_in_the_customers_language_before_it_is_its_own_in_another() {
    let mut case = case();
    let line = &mut case.history.channel.line;
    line.approved.extend(approved_in(Language::Arabic));
    line.approved.remove(&(Language::Arabic, Purpose::PromiseMissed));
    let text = |language| line.text(&[Purpose::PromiseMissed, Purpose::OverdueFirm], [language, Language::English]);
    let of_pack = |purpose, language| Some(Said { purpose, language, library: None });
    assert_eq!(text(Language::Arabic), of_pack(Purpose::OverdueFirm, Language::Arabic));
    assert_eq!(text(Language::Hindi), of_pack(Purpose::PromiseMissed, Language::English));
}
