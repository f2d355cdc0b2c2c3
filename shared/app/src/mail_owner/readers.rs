//! Who reads a mail: asked for at Clerk once per round, and only if there is something to read.

use std::collections::{BTreeMap, BTreeSet};

use numo_domain::{
    email::EmailAddress,
    id::{OrgId, UserId},
};

use crate::{
    mail_owner::Round,
    port::{
        people::{People, PeopleError},
        session::Role,
    },
    store::mail::{MailKind, MailSettings, Recipients},
};

/// At most so many people get a mail.
const MOST_READERS: usize = 20;

/// The members of an organisation who may be written to.
pub(super) struct Everybody<'a> {
    people: &'a dyn People,
    org: &'a OrgId,
    settings: &'a MailSettings,
    readers: Option<BTreeMap<UserId, Reader>>,
}

/// A member with a verified address.
#[derive(Clone)]
pub(super) struct Reader {
    role: Role,
    pub(super) address: EmailAddress,
}

impl<'a> Everybody<'a> {
    pub(super) fn of(round: &'a Round<'a>) -> Self {
        Self { people: round.mailer.people.as_ref(), org: round.org(), settings: round.settings, readers: None }
    }

    /// All of them, asked for at the first question; nothing if Clerk does not tell.
    pub(super) async fn ask(&mut self) -> Option<&BTreeMap<UserId, Reader>> {
        if self.readers.is_none() {
            match self.read().await {
                Ok(readers) => self.readers = Some(readers),
                Err(error) => {
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(org = %self.org, %error, cause, "nobody says who is written to");
                }
            }
        }
        self.readers.as_ref()
    }

    async fn read(&self) -> Result<BTreeMap<UserId, Reader>, PeopleError> {
        let mut members = self.people.members(self.org).await?;
        members.retain(|user, role| *role == Role::Admin || self.settings.recipients.names(user));
        let users: Vec<UserId> = members.keys().cloned().collect();
        let mut addresses = self.people.addresses(&users).await?;
        let reader = |(user, role)| {
            let address = addresses.remove(&user)?;
            Some((user, Reader { role, address }))
        };
        Ok(members.into_iter().filter_map(reader).collect())
    }
}

/// Who gets a mail of a kind.
///
/// Where nobody who was chosen is a member any more, the admins get it: silence would be the worst of the answers.
pub(super) fn recipients(
    readers: &BTreeMap<UserId, Reader>,
    settings: &MailSettings,
    kind: MailKind,
) -> BTreeSet<UserId> {
    let chosen: BTreeSet<&UserId> = match &settings.recipients {
        Recipients::Admins => BTreeSet::new(),
        Recipients::Chosen(chosen) => readers.keys().filter(|user| chosen.contains(*user)).collect(),
    };
    let is_for_admins = chosen.is_empty() || kind == MailKind::Ending;
    let is_meant = |user: &UserId, reader: &Reader| {
        if is_for_admins { reader.role == Role::Admin } else { chosen.contains(user) }
    };
    let wants = |user: &UserId| match kind {
        MailKind::Alert | MailKind::Ending => true,
        MailKind::Digest => !settings.without_digest.contains(user),
    };
    let meant = readers.iter().filter(|(user, reader)| is_meant(user, reader) && wants(user));
    meant.map(|(user, _)| user.clone()).take(MOST_READERS).collect()
}
