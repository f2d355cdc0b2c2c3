//! A WhatsApp number of the business, from which reminders go out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    connection::{Connection, ConnectionStatus},
    id::{PhoneNumberId, WabaId},
    phone::PhoneNumber,
    restriction::Restriction,
};

/// One sending number of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Meta's id of the number; it stands in the send address.
    pub phone_number_id: PhoneNumberId,
    /// The account that owns the number and the templates.
    pub waba: WabaId,
    /// The number that customers see.
    pub number: PhoneNumber,
    /// The name that WhatsApp verified.
    pub verified_name: String,
    /// How many people Meta lets it begin to write to in 24 hours; none where Meta sets no limit or told none.
    #[serde(default)]
    pub daily_limit: Option<u32>,
    /// Whether its owner uses it in the phone app as well (Meta: coexistence).
    #[serde(default)]
    pub is_on_biz_app: bool,
    /// How fast Meta lets it send and receive.
    #[serde(default)]
    pub throughput: Throughput,
    /// Whether it may send.
    pub status: SenderStatus,
    /// When a message was refused, or failed, for a cause that concerns the number; none once Meta says itself that it
    /// cannot send, or that it can again.
    #[serde(default)]
    pub stopped_at: Option<Timestamp>,
    /// Meta's code for why it cannot send, where it told one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_for: Option<u32>,
    /// What Meta does not let it do for a while, where that stops reminders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restriction: Option<Restriction>,
    /// When Meta was last asked about it; none before that was kept.
    #[serde(default)]
    pub looked_at: Option<Timestamp>,
    /// The latest claim time of a message for which a status came back.
    ///
    /// While Meta's webhooks are silent this stands still, and nothing expires.
    pub heard_up_to: Option<Timestamp>,
}

impl Sender {
    /// Messages that it may send and receive in a second, together (Cloud API, throughput).
    pub const fn per_second(&self) -> u32 {
        match (self.is_on_biz_app, self.throughput) {
            (true, Throughput::Standard | Throughput::High) => 20,
            (false, Throughput::Standard) => 80,
            (false, Throughput::High) => 1_000,
        }
    }
}

/// The level of a number's throughput; one in use in the phone app is slower than either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Throughput {
    /// What every number begins with.
    #[default]
    Standard,
    /// What Meta raises a number to that writes to many.
    High,
}

/// The numbers of which any may write: a ledger's own alone, or all those that no ledger has for itself.
///
/// So a second business in the same organisation never writes from the first one's number. A ledger that was ended
/// keeps no number from the others.
pub fn senders_for<'a>(own: Option<&PhoneNumberId>, ledgers: &[Connection], senders: &'a [Sender]) -> Vec<&'a Sender> {
    let in_use = || ledgers.iter().filter(|ledger| ledger.status != ConnectionStatus::Disconnected);
    let may_write = |sender: &&Sender| match own {
        Some(own) => sender.phone_number_id == *own,
        None => in_use().all(|ledger| ledger.sender.as_ref() != Some(&sender.phone_number_id)),
    };
    senders.iter().filter(may_write).collect()
}

/// Whether a sender works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SenderStatus {
    /// Meta accepts messages from it.
    Ready,
    /// Meta refused the number or the account; the owner has to look.
    Blocked,
    /// The access token is dead.
    ReauthRequired,
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{connection::LedgerProvider, id::ConnectionId};

    fn ledger(own: Option<&str>) -> Connection {
        Connection {
            id: ConnectionId::new(Uuid::nil()),
            provider: LedgerProvider::Xero,
            tenant: "tenant-1".parse().unwrap(),
            provider_connection: "link-1".parse().unwrap(),
            holder: "holder-1".parse().unwrap(),
            name: String::new(),
            status: ConnectionStatus::Active,
            is_demo_company: false,
            connected_at: Timestamp::UNIX_EPOCH,
            last_synced_at: None,
            consent_ends_at: None,
            own_reminders: None,
            sender: own.map(|own| own.parse().unwrap()),
            last_payment_on: None,
        }
    }

    fn sender(id: &str) -> Sender {
        Sender {
            phone_number_id: id.parse().unwrap(),
            waba: "100".parse().unwrap(),
            number: "+971509990000".parse().unwrap(),
            verified_name: String::new(),
            daily_limit: None,
            is_on_biz_app: false,
            throughput: Throughput::Standard,
            status: SenderStatus::Ready,
            stopped_at: None,
            stopped_for: None,
            restriction: None,
            looked_at: None,
            heard_up_to: None,
        }
    }

    fn may_write(ledgers: &[Connection]) -> Vec<String> {
        let senders = ["201", "202", "203"].map(sender);
        let own = ledgers.first().and_then(|ledger| ledger.sender.as_ref());
        let found = senders_for(own, ledgers, &senders);
        found.iter().map(|sender| sender.phone_number_id.to_string()).collect()
    }

    #[test]
    fn a_ledger_is_served_by_its_own_number_or_by_those_that_no_other_one_has() {
        for (own, other, expected) in [
            (None, None, vec!["201", "202", "203"]),
            (Some("202"), None, vec!["202"]),
            (None, Some("201"), vec!["202", "203"]),
            (Some("201"), Some("201"), vec!["201"]),
            (Some("gone"), None, vec![]),
        ] {
            assert_eq!(may_write(&[ledger(own), ledger(other)]), expected, "{own:?} beside {other:?}");
        }
    }

    #[test]
    fn a_number_in_the_phone_app_is_slow_whatever_its_level() {
        let per_second = |is_on_biz_app, throughput| Sender { is_on_biz_app, throughput, ..sender("201") }.per_second();
        assert_eq!([Throughput::Standard, Throughput::High].map(|level| per_second(false, level)), [80, 1_000]);
        assert_eq!([Throughput::Standard, Throughput::High].map(|level| per_second(true, level)), [20, 20]);
    }

    #[test]
    fn a_number_that_was_stored_before_its_throughput_was_asked_for_has_that_of_most() {
        let mut stored = serde_json::to_value(sender("201")).unwrap();
        stored.as_object_mut().unwrap().retain(|name, _| name != "is_on_biz_app" && name != "throughput");
        assert_eq!(serde_json::from_value::<Sender>(stored).unwrap(), sender("201"));
    }

    #[test]
    fn a_ledger_that_was_ended_keeps_no_number_from_the_others() {
        let ended = Connection { status: ConnectionStatus::Disconnected, ..ledger(Some("201")) };
        assert_eq!(may_write(&[ledger(None), ended]), ["201", "202", "203"]);
    }
}
