//! That the items which the tests of exports plant are those that are stored.

use numo_domain::{
    account_bill::AccountBill,
    connection::Connection,
    contact::Contact,
    conversation::{Conversation, Line},
    credit::{Bill, Credit, Payment},
    library::choice::LibraryChoice,
    member::Member,
    organisation::Organisation,
    policy::Policy,
    sender::Sender,
    template::AccountTemplate,
    test_message::TestMessage,
    whatsapp_account::WhatsappAccount,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    export::kinds,
    store::{
        activity,
        consent::ConsentItem,
        customer_file::FileItem,
        erasure::ErasedCustomer,
        export::Export,
        invoice::KnownInvoice,
        mail::{MailSettings, OwnerMail},
        manual_send::ManualSend,
        plan::{Cancelled, PlanHeader, decisions::PlanChunk},
        receipts::ReceiptsItem,
        receivables::OwedOnDay,
        reminder::{ReminderItem, ReminderLink},
        setup_link::SetupLink,
        sync::SyncRun,
        task::Task,
        unreadable::UnreadableRecord,
    },
};

/// What is written of what was read of a body.
fn again<T: DeserializeOwned + Serialize>(body: Value) -> Result<Value, serde_json::Error> {
    serde_json::from_value::<T>(body).and_then(serde_json::to_value)
}

/// None for what no export reads.
fn stored(entity: &str, body: Value) -> Option<Result<Value, serde_json::Error>> {
    Some(match entity {
        "organisation" => again::<Organisation>(body),
        "mail_settings" => again::<MailSettings>(body),
        "member" => again::<Member>(body),
        "connection" => again::<Connection>(body),
        "whatsapp_account" => again::<WhatsappAccount>(body),
        "sender" => again::<Sender>(body),
        "template" => again::<AccountTemplate>(body),
        "library_choice" => again::<LibraryChoice>(body),
        "setup_link" => again::<SetupLink>(body),
        "policy" => again::<Policy>(body),
        "contact" => again::<Contact>(body),
        "customer_file" => again::<FileItem>(body),
        "consent" => again::<ConsentItem>(body),
        "erased_customer" => again::<ErasedCustomer>(body),
        "invoice" => again::<KnownInvoice>(body),
        "credit" => again::<Credit>(body),
        "bill" => again::<Bill>(body),
        "payment" => again::<Payment>(body),
        "receipts" => again::<ReceiptsItem>(body),
        "owed_on_day" => again::<OwedOnDay>(body),
        "plan" => again::<PlanHeader>(body),
        "plan_chunk" => again::<PlanChunk>(body),
        "plan_edit" => again::<Cancelled>(body),
        "reminder" => again::<ReminderItem>(body),
        "reminder_link" => again::<ReminderLink>(body),
        "manual_send" => again::<ManualSend>(body),
        "conversation" => again::<Conversation>(body),
        "conversation_line" => again::<Line>(body),
        "test_message" => again::<TestMessage>(body),
        "task" => again::<Task>(body),
        "owner_mail" => again::<OwnerMail>(body),
        "sync_run" => again::<SyncRun>(body),
        "unreadable_record" => again::<UnreadableRecord>(body),
        "account_bill" => again::<AccountBill>(body),
        "export" => again::<Export>(body),
        "activity" => again::<activity::Line>(body),
        _ => return None,
    })
}

#[test]
fn the_planted_items_are_as_they_are_stored_and_there_is_one_of_every_kind() {
    let planted: Vec<Value> = serde_json::from_str(include_str!("../../tests/exports/items.json")).unwrap();
    let mut wrong = Vec::new();
    for item in &planted {
        let entity = item["entity"].as_str().unwrap();
        match stored(entity, item["body"].clone()) {
            Some(Ok(body)) if body == item["body"] => {}
            Some(told) => wrong.push(format!("{entity} {}: {told:?}", item["sk"])),
            None => {}
        }
    }
    assert_eq!(wrong, [""; 0]);
    let without: Vec<&str> = kinds::all()
        .filter(|kind| kind.entity != "export" && !planted.iter().any(|item| item["entity"] == kind.entity))
        .map(|kind| kind.file)
        .collect();
    assert_eq!(without, [""; 0]);
}
