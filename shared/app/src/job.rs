//! Jobs: versioned envelopes with ids only, one type per kind of work.

use jiff::{Timestamp, civil::Date};
use numo_domain::id::{
    AttemptId, ConnectionId, ExportId, ExternalId, JobId, ManualSendId, OrgId, TestMessageId, WabaId,
};
use serde::{Deserialize, Serialize};

/// One job on a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Ours, for the logs.
    pub id: JobId,
    /// Whose work it is.
    pub org: OrgId,
    /// When it was made.
    pub at: Timestamp,
    /// What made it.
    pub cause: Cause,
    /// The claim of the due item it came from; a job whose claim is stale is dropped.
    pub claim: Option<Timestamp>,
    /// What is to be done.
    #[serde(flatten)]
    pub work: Work,
}

/// What is to be done; the version is part of the name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Work {
    /// Pull one connection's ledger.
    #[serde(rename = "sync_connection.v1")]
    SyncConnection {
        /// Which.
        connection: ConnectionId,
    },
    /// End one connection's link at its provider, and delete its tokens.
    #[serde(rename = "unlink_connection.v1")]
    UnlinkConnection {
        /// Which.
        connection: ConnectionId,
    },
    /// Delete what is known of a customer who is to be forgotten.
    #[serde(rename = "erase_customer.v1")]
    EraseCustomer {
        /// The ledger that the customer is in.
        connection: ConnectionId,
        /// The ledger's id.
        contact: ExternalId,
    },
    /// Ask Clerk whether an organisation is there, and who belongs to it.
    #[serde(rename = "check_organisation.v1")]
    CheckOrganisation {},
    /// Erase the whole organisation, step by step.
    #[serde(rename = "erase_organisation.v1")]
    EraseOrganisation {},
    /// Make an export that somebody asked for, or delete its archives.
    #[serde(rename = "export.v1")]
    Export {
        /// Which.
        id: ExportId,
    },
    /// Plan an organisation's present day.
    #[serde(rename = "plan_day.v1")]
    PlanDay {},
    /// Write to the people of an organisation what they should know.
    #[serde(rename = "mail_owner.v1")]
    MailOwner {},
    /// Send what is planned and approved for a day.
    #[serde(rename = "dispatch_run.v1")]
    DispatchRun {
        /// The organisation's local date.
        date: Date,
    },
    /// Look at the sends of a day that should have an outcome by now.
    #[serde(rename = "settle_day.v1")]
    SettleDay {
        /// The organisation's local date.
        date: Date,
    },
    /// Look at one send that should have an outcome by now.
    #[serde(rename = "settle_attempt.v1")]
    SettleAttempt {
        /// Which.
        attempt: AttemptId,
    },
    /// Ask Meta about a WhatsApp account: its numbers and texts.
    #[serde(rename = "check_account.v1")]
    CheckAccount {
        /// Which.
        waba: WabaId,
    },
    /// Send an answer to a customer within the window.
    #[serde(rename = "send_answer.v1")]
    SendAnswer {
        /// The call to Meta that is made for it.
        attempt: AttemptId,
    },
    /// Send a reminder that a person asked for outside the plan.
    #[serde(rename = "manual_send.v1")]
    ManualSend {
        /// Which.
        id: ManualSendId,
    },
    /// Send a text of the pack to the member who asked for it.
    #[serde(rename = "test_message.v1")]
    TestMessage {
        /// Which.
        id: TestMessageId,
    },
}

/// What made a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Its time came.
    Due,
    /// A person asked.
    Person,
    /// Another step finished.
    Step,
}

/// The queue that carries a kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueueName {
    /// Ledger reads, and the deletion of customers.
    Sync,
    /// Planning, mails about it, and looking after organisations at Clerk.
    Plan,
    /// Sending, answering and settling, and looking after the accounts that send.
    Dispatch,
    /// What organisations take along, and what they leave behind when they end their account.
    Erasure,
}

impl Work {
    /// The queue that carries it.
    pub const fn queue(&self) -> QueueName {
        match self {
            Self::SyncConnection { .. } | Self::UnlinkConnection { .. } | Self::EraseCustomer { .. } => QueueName::Sync,
            Self::EraseOrganisation {} | Self::Export { .. } => QueueName::Erasure,
            Self::CheckOrganisation {} | Self::PlanDay {} | Self::MailOwner {} => QueueName::Plan,
            Self::DispatchRun { .. }
            | Self::SettleDay { .. }
            | Self::SettleAttempt { .. }
            | Self::CheckAccount { .. }
            | Self::SendAnswer { .. }
            | Self::ManualSend { .. }
            | Self::TestMessage { .. } => QueueName::Dispatch,
        }
    }

    /// The name in logs and metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SyncConnection { .. } => "sync_connection.v1",
            Self::UnlinkConnection { .. } => "unlink_connection.v1",
            Self::EraseCustomer { .. } => "erase_customer.v1",
            Self::CheckOrganisation {} => "check_organisation.v1",
            Self::EraseOrganisation {} => "erase_organisation.v1",
            Self::Export { .. } => "export.v1",
            Self::PlanDay {} => "plan_day.v1",
            Self::MailOwner {} => "mail_owner.v1",
            Self::DispatchRun { .. } => "dispatch_run.v1",
            Self::SettleDay { .. } => "settle_day.v1",
            Self::SettleAttempt { .. } => "settle_attempt.v1",
            Self::CheckAccount { .. } => "check_account.v1",
            Self::SendAnswer { .. } => "send_answer.v1",
            Self::ManualSend { .. } => "manual_send.v1",
            Self::TestMessage { .. } => "test_message.v1",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jobs as they were first written: these texts must be readable for ever.
    const GOLDEN: [&str; 15] = [
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-28T06:00:00Z","cause":"due","claim":"2026-11-28T06:05:00Z","type":"mail_owner.v1","data":{}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z","cause":"due","claim":"2026-11-23T06:05:00Z","type":"sync_connection.v1","data":{"connection":"018f0000-0000-7000-8000-000000000002"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z","cause":"step","claim":null,"type":"plan_day.v1","data":{}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z","cause":"person","claim":null,"type":"dispatch_run.v1","data":{"date":"2026-11-23"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z","cause":"due","claim":null,"type":"settle_attempt.v1","data":{"attempt":"018f0000-0000-7000-8000-000000000003"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-26T06:00:00Z","cause":"person","claim":"2026-11-26T06:05:00Z","type":"unlink_connection.v1","data":{"connection":"018f0000-0000-7000-8000-000000000002"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-27T06:00:00Z","cause":"due","claim":"2026-11-27T06:05:00Z","type":"check_account.v1","data":{"waba":"100"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-27T06:00:00Z","cause":"person","claim":"2026-11-27T06:05:00Z","type":"send_answer.v1","data":{"attempt":"018f0000-0000-7000-8000-000000000003"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-27T06:00:00Z","cause":"person","claim":"2026-11-27T06:05:00Z","type":"manual_send.v1","data":{"id":"018f0000-0000-7000-8000-000000000004"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-27T06:00:00Z","cause":"person","claim":"2026-11-27T06:05:00Z","type":"test_message.v1","data":{"id":"018f0000-0000-7000-8000-000000000005"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-27T06:00:00Z","cause":"due","claim":"2026-11-27T06:05:00Z","type":"settle_day.v1","data":{"date":"2026-11-27"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-28T06:00:00Z","cause":"person","claim":"2026-11-28T06:05:00Z","type":"erase_customer.v1","data":{"connection":"018f0000-0000-7000-8000-000000000002","contact":"c-1"}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-28T06:00:00Z","cause":"due","claim":"2026-11-28T06:05:00Z","type":"check_organisation.v1","data":{}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-28T06:00:00Z","cause":"due","claim":"2026-11-28T06:05:00Z","type":"erase_organisation.v1","data":{}}"#,
        r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-28T06:00:00Z","cause":"person","claim":"2026-11-28T06:05:00Z","type":"export.v1","data":{"id":"018f0000-0000-7000-8000-000000000006"}}"#,
    ];

    #[test]
    fn every_job_ever_written_is_read_and_written_again_unchanged() {
        for golden in GOLDEN {
            let job: Job = serde_json::from_str(golden).unwrap();
            assert_eq!(serde_json::to_string(&job).unwrap(), golden);
        }
    }

    #[test]
    fn an_unknown_field_is_ignored_and_an_unknown_type_is_an_error() {
        let newer = GOLDEN[2].replace("\"cause\"", "\"added_later\":1,\"cause\"");
        assert!(serde_json::from_str::<Job>(&newer).is_ok());
        assert!(serde_json::from_str::<Job>(&GOLDEN[2].replace("plan_day.v1", "plan_day.v9")).is_err());
    }
}
