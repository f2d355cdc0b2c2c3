//! Keys of what people of an organisation are mailed.

use numo_domain::id::{MailId, MessageId, OrgId};

use crate::{
    port::table::Key,
    store::keys::{escape, of_org},
};

/// Who is mailed, and how.
pub(crate) fn settings(org: &OrgId) -> Key {
    of_org(org, "MAILS".to_owned())
}

/// What was mailed of late, and what is under way.
pub(crate) fn book(org: &OrgId) -> Key {
    of_org(org, "MAILBOOK".to_owned())
}

pub(crate) fn mail(org: &OrgId, mail: MailId) -> Key {
    of_org(org, format!("MAIL#{mail}"))
}

/// Begins the keys of replies that the owner is not told of yet.
pub(crate) const REPLIES: &str = "TOTELL#";

pub(crate) fn reply(org: &OrgId, message: &MessageId) -> Key {
    of_org(org, format!("{REPLIES}{}", escape(message.as_str())))
}
