use super::*;

#[test]
fn no_organisations_partition_is_the_beginning_of_anothers() {
    let [short, long] = ["org_1", "org_12"].map(|id| org_partition(&id.parse().unwrap()));
    assert!(!long.starts_with(&short));
    assert_eq!(org_of_partition(&long), "org_12".parse().ok());
}

#[test]
fn an_outside_id_cannot_forge_a_separator() {
    let org: OrgId = "org_a".parse().unwrap();
    let connection_id = ConnectionId::new(uuid::Uuid::nil());
    let [plain, forged] = ["a%23b", "a#b"].map(|id| invoice(&org, connection_id, &id.parse().unwrap()).sk);
    assert_eq!(plain.rsplit('#').next(), Some("a%2523b"));
    assert_eq!(forged.rsplit('#').next(), Some("a%23b"));
}

#[test]
fn due_times_sort_as_text_in_the_order_of_time() {
    let [early, late] = ["1999-01-01T00:00:00Z", "2026-11-23T06:00:00Z"].map(|t| due::time(t.parse().unwrap()));
    assert!(early < late && early.len() == late.len());
}

#[test]
fn what_an_account_was_billed_is_not_among_the_bills_of_a_ledger() {
    let (org, connection) = ("org_a".parse().unwrap(), ConnectionId::new(uuid::Uuid::nil()));
    let contact = ContactRef { connection, contact: "c1".parse().unwrap() };
    let of_ledger = bill(&org, &contact, &"b1".parse().unwrap());
    assert!(!of_ledger.sk.starts_with(whatsapp::BILLS));
    assert!(!whatsapp::bill(&org, &"100".parse().unwrap()).sk.starts_with("BILL#"));
}
