//! Identifiers: one type per kind, so that one can never be passed for another.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be 1 to {max} visible characters without spaces")]
pub struct InvalidId {
    kind: &'static str,
    max: usize,
}

/// Longest identifier that any provider hands out, with room to spare.
const MAX_LENGTH: usize = 256;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let visible = text.chars().all(|c| !c.is_whitespace() && !c.is_control());
                if text.is_empty() || text.len() > MAX_LENGTH || !visible {
                    return Err(InvalidId { kind: stringify!($name), max: MAX_LENGTH });
                }
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

text_ids! {
    /// A Clerk organisation, `org_…`: the tenant.
    OrgId;
    /// A Clerk user, `user_…`.
    UserId;
    /// A ledger's own id of an invoice, contact or payment.
    ExternalId;
    /// A ledger organisation: a Xero tenant id or an Intuit realm id.
    LedgerTenantId;
    /// Whoever granted access: a Xero user, an Intuit realm or a WABA.
    GrantHolder;
    /// A WhatsApp Business Account.
    WabaId;
    /// A WhatsApp business phone number, by Meta's id.
    PhoneNumberId;
    /// A WhatsApp message, `wamid.…`.
    MessageId;
    /// A file that Meta has of a WhatsApp business phone number.
    MediaId;
    /// A WhatsApp user as one business portfolio knows them, `AE.1349…`: somebody else's portfolio knows them by another
    /// (Meta: business-scoped user ids).
    WhatsappUserId;
    /// Keyed hash, within one organisation, of a recipient's number, or of the WhatsApp user id of somebody whose number
    /// is hidden.
    NumberKey;
    /// Keyed hash of a customer of a ledger: all that is kept of one who was erased.
    CustomerKey;
    /// Keyed hash of an invoice: opens its pay page, and says nothing about it.
    PayToken;
    /// Keyed hash of a member: ends their digests, and nothing else.
    UnsubscribeToken;
    /// A Facebook user as our app knows them: to another app they are another one.
    MetaUserId;
    /// Keyed hash of a Facebook user.
    MetaUserKey;
    /// What a Facebook user gets who asked us to forget them, to look after it: keyed hash of what was asked.
    ConfirmationCode;
    /// Keyed hash of an organisation: all that a certificate tells of one that was erased.
    OrganisationKey;
    /// A reminder policy within an organisation: `default`, or a uuid.
    PolicyId;
    /// One of Numo's operators, as they call themselves in the activity log.
    OperatorId;
}

impl PolicyId {
    /// The organisation's own policy, which is for everybody whom no other one claims.
    pub fn organisation_default() -> Self {
        Self("default".to_owned())
    }

    /// Whether it is the organisation's own.
    pub fn is_organisation_default(&self) -> bool {
        self.0 == "default"
    }
}

impl From<&WabaId> for GrantHolder {
    fn from(waba: &WabaId) -> Self {
        Self(waba.0.clone())
    }
}

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a uuid that the Ids port made.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The uuid inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl Ord for $name {
            /// As numbers: the same order as byte by byte, in one comparison.
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.as_u128().cmp(&other.0.as_u128())
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

uuid_ids! {
    /// An export of an organisation's data, or of one customer's.
    ExportId;
    /// One connected ledger or WhatsApp account of an organisation.
    ConnectionId;
    /// One call to Meta for one reminder; echoed by its status webhooks.
    AttemptId;
    /// One run of a sync.
    SyncRunId;
    /// One job on a queue.
    JobId;
    /// One task for a person.
    TaskId;
    /// One reminder that a person asked for outside the plan.
    ManualSendId;
    /// One text that a member has sent to their own number.
    TestMessageId;
    /// One line of the activity log.
    ActivityId;
    /// One mail to people of an organisation.
    MailId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_text() {
        let id: OrgId = "org_2abc".parse().unwrap();
        assert_eq!(id.as_str(), "org_2abc");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"org_2abc\"");
    }

    #[test]
    fn an_empty_long_or_spaced_id_is_refused_with_its_kind() {
        for bad in ["", "org 1", "org\n", &"x".repeat(257)] {
            let error = bad.parse::<OrgId>().unwrap_err();
            assert_eq!(error.to_string(), "OrgId must be 1 to 256 visible characters without spaces");
        }
        assert!(serde_json::from_str::<OrgId>("\"\"").is_err());
    }
}
