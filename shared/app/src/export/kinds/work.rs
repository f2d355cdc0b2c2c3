//! What was planned, sent, said and done.

use crate::{
    export::kinds::{
        ACTIVITY, Kind,
        Rows::{Attempt, Dated, Decisions, Item, Message},
        Whose::{Business, Named, Number},
    },
    store::keys,
};

pub(super) const KINDS: &[Kind] = &[
    Kind::new(
        ("plans", "plan"),
        &[("PLAN#", Business)],
        Item,
        "the plan of a day, and who approved it",
        "date generation planned_at sends skips first_at ledgers_read_at* brakes* approval* accounted",
    ),
    Kind::new(
        ("decisions", "plan_chunk"),
        &[("PLAN#", Named)],
        Decisions,
        "what was decided for a customer and a currency on a day: send, or skip with every reason",
        "date unit{ contact{ connection contact } currency } policy policy_version outcome{ send{ anchor cycle occasion* \
         tone purpose language variant counted_from overdue superseded lines[ invoice number remaining$ due ] more total$ \
         paid$ at until delivered_before } skip{ reasons* } }",
    ),
    Kind::new(
        ("cancellations", "plan_edit"),
        &[("PLANEDIT#", Named)],
        Dated,
        "a planned message that was taken back, and why",
        "date unit{ contact{ connection contact } currency } at reasons* evidence{ read_at request_ids }",
    ),
    Kind::new(
        ("reminders", "reminder"),
        &[("REM#", Named)],
        Item,
        "a reminder with every state it was in, and what it cost",
        "key{ contact{ connection contact } currency anchor cycle occasion* } date attempt attempt_number claimed_at \
         state{ is code } history@ message sender tone counted_from listed asked_by cost~ errors* pricing* earlier* text",
    ),
    Kind::new(
        ("attempts", "reminder_link"),
        &[("ATT#", Named)],
        Attempt,
        "what an attempt to send a reminder said, and what the ledger said right before it",
        "attempt key{ contact{ connection contact } currency anchor cycle occasion* } claimed_at said{ policy \
         policy_version template{ name language } text lines[ invoice number remaining$ due ] total$ \
         evidence{ read_at anchor_remaining$ anchor_updated_at request_ids } }",
    ),
    Kind::new(
        ("manual_sends", "manual_send"),
        &[("MANUAL#", Named)],
        Item,
        "a reminder that a person asked for outside the plan",
        "id unit{ contact{ connection contact } currency } policy send{ anchor cycle occasion* tone purpose language \
         lines[ invoice number remaining$ due ] more total$ paid$ at } by asked_at date state*",
    ),
    Kind::new(
        ("conversations", "conversation"),
        &[("CONV#", Number)],
        Item,
        "a conversation between a number of the business and a customer",
        "to{ number user } sender contacts[ connection contact ] heard_at answered_at unread country",
    ),
    Kind::new(
        ("messages", "conversation_line"),
        &[("LINE#", Number)],
        Message,
        "what a customer or the business wrote in a conversation",
        "with{ number user } sender at customer{ message content text understood_as edits revoked_at } \
         business{ attempt by* text choice{ button days[ date title ] } state* message report* }",
    ),
    Kind::new(
        ("test_messages", "test_message"),
        &[("TEST#", Business)],
        Item,
        "a text that a member sent to a number of their own",
        "id attempt by purpose language asked_at state* message report*",
    ),
    Kind::new(("tasks", "task"), &[("TASK#", Named)], Item, "what waits for a person", "kind subject* since mailed_at"),
    Kind::new(
        ("alerts", "owner_mail"),
        &[("MAIL#", Business)],
        Item,
        "a mail to people of the organisation, and how far it came",
        "kind text{ subject parts* } to*",
    ),
    Kind::new(
        ("sync_runs", "sync_run"),
        &[("RUN#", Business)],
        Item,
        "a reading of an accounting system",
        "id connection kind started_at ended_at calls contacts_read contacts_written invoices_read invoices_written \
         money_read money_written left_out skipped skipped_rows[ kind id number reason ] failure",
    ),
    Kind::new(
        ("unreadable_records", "unreadable_record"),
        &[("UNREADABLE#", Business)],
        Item,
        "a record of an accounting system that could not be read",
        "kind id number reason",
    ),
    Kind::new(
        ("whatsapp_bills", "account_bill"),
        &[("METABILL#", Business)],
        Item,
        "what Meta billed a WhatsApp account in a month",
        "waba month asked_at told*",
    ),
    Kind::new(
        ("exports", "export"),
        &[("EXPORT#", Business)],
        Item,
        "an export that was asked for",
        "id of{ connection contact } asked_by asked_at",
    ),
    Kind::new(
        (ACTIVITY, "activity"),
        &[(keys::activity::LINES, Business)],
        Item,
        "who did what, when and from where",
        "at actor* action detail* address",
    ),
];
