//! What queues carry: jobs, and verified deliveries of Meta's webhook.

use jiff::Timestamp;
use numo_app::{error::AppError, job::Job};
use numo_domain::id::WabaId;
use serde::Deserialize;
use serde_json::Value;
use tracing::Span;

/// A message of a queue.
pub trait Message: Sized + Send {
    /// Reads the body of a record.
    fn read(body: &str) -> Result<Self, Unreadable>;

    /// Puts what identifies it into the span of its record.
    fn describe(&self, span: &Span);
}

/// Why a message cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// Of a type that this version does not know.
    UnknownType,
    /// Of a known type, or none at all, and broken; the reason quotes nothing.
    Malformed(String),
}

/// The types of jobs that this version knows.
const JOB_TYPES: [&str; 15] = [
    "sync_connection.v1",
    "unlink_connection.v1",
    "erase_customer.v1",
    "check_organisation.v1",
    "erase_organisation.v1",
    "export.v1",
    "plan_day.v1",
    "mail_owner.v1",
    "dispatch_run.v1",
    "settle_day.v1",
    "settle_attempt.v1",
    "check_account.v1",
    "send_answer.v1",
    "manual_send.v1",
    "test_message.v1",
];

/// The one type of the delivery queue.
const DELIVERY_TYPE: &str = "meta_delivery.v1";

impl Message for Job {
    fn read(body: &str) -> Result<Self, Unreadable> {
        check_type(body, &JOB_TYPES)?;
        serde_json::from_str(body).map_err(|error| malformed(&error))
    }

    fn describe(&self, span: &Span) {
        span.record("job_id", tracing::field::display(self.id));
        span.record("job_type", self.work.name());
        span.record("org", self.org.as_str());
        span.record("claim", self.claim.map(tracing::field::display));
    }
}

/// The updates of one WhatsApp Business Account, as its webhook sent them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MetaDelivery {
    /// The account.
    pub waba: WabaId,
    /// The changes, unread.
    pub body: Value,
    /// When the webhook was called.
    pub received_at: Timestamp,
}

impl Message for MetaDelivery {
    fn read(body: &str) -> Result<Self, Unreadable> {
        check_type(body, &[DELIVERY_TYPE])?;
        serde_json::from_str(body).map_err(|error| malformed(&error))
    }

    fn describe(&self, span: &Span) {
        span.record("job_type", DELIVERY_TYPE);
        span.record("waba", self.waba.as_str());
    }
}

/// The claim of a job; every job of ours has one.
pub fn claim(job: &Job) -> Result<Timestamp, AppError> {
    job.claim.ok_or_else(|| AppError::Malformed(format!("job: {} without a claim", job.work.name())))
}

/// The error of a job on a queue whose worker does not do such work.
pub fn misplaced(job: &Job) -> AppError {
    AppError::Malformed(format!("job: {} on another queue than its own", job.work.name()))
}

fn check_type(body: &str, known: &[&str]) -> Result<(), Unreadable> {
    #[derive(Deserialize)]
    struct Header {
        r#type: String,
    }
    let header: Header = serde_json::from_str(body).map_err(|error| malformed(&error))?;
    if known.contains(&header.r#type.as_str()) { Ok(()) } else { Err(Unreadable::UnknownType) }
}

/// The parser's own message may quote a value.
fn malformed(error: &serde_json::Error) -> Unreadable {
    Unreadable::Malformed(format!("{:?} error at line {}, column {}", error.classify(), error.line(), error.column()))
}

#[cfg(test)]
mod tests {
    use numo_app::job::Work;

    use super::*;

    const PLAN: &str = r#"{"id":"018f0000-0000-7000-8000-000000000001","org":"org_a","at":"2026-11-23T06:00:00Z",
        "cause":"due","claim":null,"type":"plan_day.v1","data":{}}"#;

    #[test]
    fn every_type_of_job_is_known() {
        // Exhaustive, so that a new type cannot be forgotten here.
        let listed = |work: &Work| match work {
            Work::SyncConnection { .. }
            | Work::UnlinkConnection { .. }
            | Work::EraseCustomer { .. }
            | Work::CheckOrganisation {}
            | Work::EraseOrganisation {}
            | Work::Export { .. }
            | Work::PlanDay {}
            | Work::MailOwner {}
            | Work::DispatchRun { .. }
            | Work::SettleDay { .. }
            | Work::SettleAttempt { .. }
            | Work::CheckAccount { .. }
            | Work::SendAnswer { .. }
            | Work::ManualSend { .. }
            | Work::TestMessage { .. } => JOB_TYPES.contains(&work.name()),
        };
        let id = "018f0000-0000-7000-8000-000000000001";
        assert!(listed(&Work::SyncConnection { connection: id.parse().unwrap() }));
        assert!(listed(&Work::UnlinkConnection { connection: id.parse().unwrap() }));
        assert!(listed(&Work::EraseCustomer { connection: id.parse().unwrap(), contact: "c-1".parse().unwrap() }));
        assert!(listed(&Work::CheckOrganisation {}));
        assert!(listed(&Work::EraseOrganisation {}));
        assert!(listed(&Work::Export { id: id.parse().unwrap() }));
        assert!(listed(&Work::PlanDay {}));
        assert!(listed(&Work::MailOwner {}));
        assert!(listed(&Work::CheckAccount { waba: "100".parse().unwrap() }));
        assert!(listed(&Work::DispatchRun { date: "2026-11-23".parse().unwrap() }));
        assert!(listed(&Work::SettleDay { date: "2026-11-23".parse().unwrap() }));
        assert!(listed(&Work::SettleAttempt { attempt: id.parse().unwrap() }));
        assert!(listed(&Work::SendAnswer { attempt: id.parse().unwrap() }));
        assert!(listed(&Work::ManualSend { id: id.parse().unwrap() }));
        assert!(listed(&Work::TestMessage { id: id.parse().unwrap() }));
    }

    #[test]
    fn a_job_is_read_and_an_unknown_type_is_told_from_a_broken_one() {
        assert_eq!(Job::read(PLAN).unwrap().work, Work::PlanDay {});
        assert_eq!(Job::read(&PLAN.replace("plan_day.v1", "plan_day.v9")), Err(Unreadable::UnknownType));
        assert_eq!(Job::read(r#"{"type":"import.v1"}"#), Err(Unreadable::UnknownType));
        let reason = "Data error at line 1, column 58".to_owned();
        assert_eq!(Job::read(&PLAN.replace("org_a", "org a")), Err(Unreadable::Malformed(reason)));
        for broken in ["", "{", "[]", r#"{"type":1}"#, r#"{"id":"x"}"#] {
            assert!(matches!(Job::read(broken), Err(Unreadable::Malformed(_))), "{broken}");
        }
    }

    #[test]
    fn a_delivery_keeps_its_body_as_it_came() {
        let body = r#"{"type":"meta_delivery.v1","waba":"102290129340398","received_at":"2026-11-23T06:00:00Z",
            "body":[{"field":"messages","value":{"n":1.50}}]}"#;
        let delivery = MetaDelivery::read(body).unwrap();
        assert_eq!(delivery.waba.as_str(), "102290129340398");
        assert_eq!(delivery.body.to_string(), r#"[{"field":"messages","value":{"n":1.50}}]"#);
        assert_eq!(MetaDelivery::read(PLAN), Err(Unreadable::UnknownType));
    }
}
