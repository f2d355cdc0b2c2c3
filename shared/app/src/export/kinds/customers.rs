//! What is known of customers: who they are, what they owe and paid, and what they said about being written to.

use crate::export::kinds::{
    Kind,
    Rows::{Consent, Item},
    Whose::{Business, Named, Number},
};

pub(super) const KINDS: &[Kind] = &[
    Kind::new(
        ("customers", "contact"),
        &[("CONTACT#", Named)],
        Item,
        "a customer as the accounting system names them, with the number in use",
        "at{ connection contact } name status number{ is number country why } \
         typed{ text by at ledger{ is number country why } } \
         typed_before{ text by at ledger{ is number country why } } payer groups updated_at",
    ),
    Kind::new(
        ("customer_decisions", "customer_file"),
        &[("FILE#", Named)],
        Item,
        "what was decided about a customer: exclusion, snooze, promises, disputes and the like",
        "contact{ connection contact } file{ exclusion{ since by reason } included_since snoozed_until held_on moved_to \
         unread_since last_unread_at owner_wrote_at paid_claim{ at invoices } \
         promises[ number date invoices made_at by* is_withdrawn ] disputes* backlog* released[ kind id by at ] released_at \
         language policy tried_again_on marketing{ at is_wanted } heard_in{ language messages } replied_at }",
    ),
    Kind::new(
        ("consents", "consent"),
        &[("CONSENT#CONTACT#", Named), ("CONSENT#NUMBER#", Number)],
        Consent,
        "what a number or a customer said about being written to, with everything it rests on",
        "of{ number user contact{ connection contact } } contacts[ connection contact ] \
         consent{ state changed_at history[ state at by* note message recorded_by ] }",
    ),
    Kind::new(
        ("erased_customers", "erased_customer"),
        &[("ERASED#", Business)],
        Item,
        "that a customer was erased; not who it was",
        "erased_at by",
    ),
    Kind::new(
        ("invoices", "invoice"),
        &[("INV#", Named)],
        Item,
        "a sales invoice as it was read last",
        "id contact{ connection contact } number status issued due total$ remaining$ marked expected_payment paid$ \
         updated_at first_seen cycle read_at",
    ),
    Kind::new(
        ("credits", "credit"),
        &[("CREDIT#", Named)],
        Item,
        "money of a customer that no invoice took up",
        "id kind contact{ connection contact } number date remaining$ updated_at",
    ),
    Kind::new(
        ("bills", "bill"),
        &[("BILL#", Named)],
        Item,
        "a bill that the business owes to a customer",
        "id contact{ connection contact } remaining$ updated_at",
    ),
    Kind::new(
        ("payments", "payment"),
        &[("PAYMENT#", Named)],
        Item,
        "a payment of a customer",
        "id contact{ connection contact } date amount$ invoices is_reversed updated_at",
    ),
    Kind::new(
        ("receipts", "receipts"),
        &[("RECEIPTS#", Named)],
        Item,
        "when a customer paid last, and what was seen of it",
        "unit{ contact{ connection contact } currency } last_on recent[ payment on amount$ invoices seen_at ] reversed_at",
    ),
    Kind::new(
        ("owed_by_day", "owed_on_day"),
        &[("OWED#", Business)],
        Item,
        "what customers owed on a day, per currency by how long it was overdue",
        "date counted_at owed[ currency amounts{ current$ up_to30$ up_to60$ up_to90$ over90$ } invoices ]",
    ),
];
