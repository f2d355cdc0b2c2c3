//! Why nothing goes out.

use super::*;

#[test]
fn every_standing_reason_is_told_in_the_order_of_the_list() {
    let mut case = case();
    case.organisation.pause =
        Some(Pause { since: case.now, by: PausedBy::Member("user_a".parse().unwrap()), until: None });
    case.organisation.attestation = None;
    case.policies.organisation_default.state = PolicyState::Draft;
    case.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().number =
        ContactNumber::Unusable { why: PhoneError::NotMobile };
    case.ledger.connections.insert(connection(), LedgerState::Unreadable);
    case.history.consents.opted_out_contacts.insert(contact_ref("c1"));
    assert_eq!(
        case.told(),
        ["organisation_paused policy_inactive opted_out no_consent_basis number_unusable ledger_unreadable"]
    );
}

#[test]
fn each_single_obstacle_is_told_by_its_own_code() {
    type Change = fn(&mut Case);
    let obstacles: [(&str, Change); 13] = [
        ("policy_inactive", |c| c.policies.organisation_default.state = PolicyState::Inactive),
        ("operator_pause", |c| {
            c.organisation.pause = Some(Pause { since: c.now, by: PausedBy::Operator, until: None })
        }),
        ("opted_out", |c| {
            c.history.consents.opted_out_numbers.insert("k971501234567".parse().unwrap());
        }),
        ("no_consent_basis", |c| c.organisation.attestation = None),
        ("no_consent_basis", |c| c.ledger.invoices[0].invoice.issued = Some(date(2024, 11, 22))),
        ("excluded", |c| c.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().status = ContactStatus::GdprRequest),
        ("no_number", |c| c.ledger.contacts.get_mut(&contact_ref("c1")).unwrap().number = ContactNumber::Missing),
        ("no_number", |c| c.ledger.contacts.clear()),
        ("ledger_unreadable", |c| c.ledger.connections.clear()),
        ("demo_company", |c| {
            c.ledger.connections.insert(connection(), LedgerState::DemoCompany);
        }),
        ("reconnect_needed", |c| c.history.channel.line.state = ChannelState::ReconnectNeeded),
        ("sender_blocked", |c| c.history.channel.line.state = ChannelState::Blocked),
        ("template_unusable", |c| c.history.channel.line.approved.clear()),
    ];
    for (expected, change) in obstacles {
        let mut case = case();
        change(&mut case);
        assert_eq!(case.told(), [expected]);
    }
}

#[test]
fn an_explicit_opt_in_is_a_basis_without_attestation() {
    let mut case = case();
    case.organisation.explicit_opt_in_only = true;
    assert_eq!(case.told(), ["no_consent_basis"]);
    case.history.consents.opted_in_numbers.insert("k971501234567".parse().unwrap());
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn case_54_a_number_that_is_not_on_whatsapp_is_not_tried_again() {
    let mut case = case();
    case.sent(2, ReminderState::Failed { code: 131_026 }, 0);
    assert_eq!(case.told(), ["not_on_whatsapp"]);
}

#[test]
fn nothing_goes_to_a_customer_whose_last_message_is_in_doubt() {
    let mut case = case();
    case.sent(2, ReminderState::Unknown, 0);
    assert_eq!(case.told(), ["outcome_unknown"]);
}

#[test]
fn case_70_a_number_that_changed_waits_for_the_owners_word() {
    let mut case = case();
    case.ledger
        .contacts
        .insert(contact_ref("c1"), Contact { first_key: "kold".parse().ok(), ..contact("c1", "+971501234567") });
    assert_eq!(case.told(), ["no_consent_basis"]);
    case.history.consents.opted_in_numbers.insert("k971501234567".parse().unwrap());
    assert_eq!(case.told(), ["S3 AED 400.00"]);
}

#[test]
fn a_pause_with_an_end_holds_until_the_day_before_and_says_so() {
    let mut case = case();
    let by = PausedBy::Member("user_a".parse().unwrap());
    case.organisation.pause = Some(Pause { since: case.now, by, until: Some(date(2026, 11, 24)) });
    assert_eq!(case.held(), [("organisation_paused", Some(date(2026, 11, 24)))]);
    assert_eq!(case.on(date(2026, 11, 24)), ["S3 AED 400.00"]);
}

#[test]
fn an_imported_opt_in_counts_for_its_customer_and_for_nobody_else_with_the_number() {
    let mut case = case();
    case.organisation.explicit_opt_in_only = true;
    case.ledger.contacts.insert(contact_ref("c2"), contact("c2", "+971501234567"));
    case.ledger.invoices.push(invoice("2", "c2", date(2026, 11, 14), "AED 100"));
    case.history.consents.imported_numbers.insert(key("+971501234567"));
    case.history.consents.opted_in_contacts.insert(contact_ref("c1"));
    assert_eq!(case.told(), ["S3 AED 400.00", "no_consent_basis no_step_today"]);
    // The customer has got another number since.
    case.ledger.contacts.insert(contact_ref("c1"), contact("c1", "+971507654321"));
    assert_eq!(case.told(), ["no_consent_basis", "no_consent_basis no_step_today"]);
    // Whoever has the number said so: that counts for everybody with it.
    case.history.consents.opted_in_numbers.insert(key("+971501234567"));
    assert_eq!(case.told()[1], "no_step_today");
}
