//! What people of an organisation are mailed: who wants it, what is under way, and what waits to be told.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    contact::ContactRef,
    id::{MailId, MessageId, OrgId, UserId},
    reply::Intent,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    error::AppError,
    port::table::{Item, Source, Write, Written},
    store::{
        Created, Entity, RACES, Replaced, Store, Stored,
        expected::revision,
        keys, lost_races, new_item, next_item,
        task::{Task, mailed_write},
    },
};

/// Who is mailed, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSettings {
    /// Who gets mails.
    #[serde(default)]
    pub recipients: Recipients,
    /// Whether mails name customers; by default they only count them.
    #[serde(default)]
    pub names: bool,
    /// Who wants no digest.
    #[serde(default)]
    pub without_digest: BTreeSet<UserId>,
}

/// Who gets mails; addresses are not stored, but asked for at Clerk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Recipients {
    /// Every admin.
    #[default]
    Admins,
    /// These members, as long as they are.
    Chosen(BTreeSet<UserId>),
}

impl Recipients {
    /// Whether somebody was chosen.
    pub(crate) fn names(&self, user: &UserId) -> bool {
        match self {
            Self::Admins => false,
            Self::Chosen(chosen) => chosen.contains(user),
        }
    }
}

impl MailSettings {
    /// Everybody who is named in them.
    pub(crate) fn named(&self) -> BTreeSet<UserId> {
        let chosen = match &self.recipients {
            Recipients::Admins => None,
            Recipients::Chosen(chosen) => Some(chosen),
        };
        self.without_digest.iter().chain(chosen.into_iter().flatten()).cloned().collect()
    }

    /// Names somebody no more; without anybody who is chosen, admins get the mails, as they do anyway.
    pub(crate) fn forget(&mut self, user: &UserId) {
        self.without_digest.remove(user);
        if let Recipients::Chosen(chosen) = &mut self.recipients {
            chosen.remove(user);
            if chosen.is_empty() {
                self.recipients = Recipients::Admins;
            }
        }
    }
}

impl Entity for MailSettings {
    const ENTITY: &'static str = "mail_settings";
}

/// What was mailed of late: one item per organisation, written by whoever works on its mails.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailBook {
    /// The latest day whose digest was decided about.
    #[serde(default)]
    pub digest_on: Option<Date>,
    /// What the latest digest said apart from plans, as a hash: the same is not said on a second day.
    #[serde(default)]
    pub digest_hash: Option<String>,
    /// The alerts of the latest day on which there were any.
    #[serde(default)]
    pub alerts: Option<AlertsOfDay>,
    /// When the end of the account was asked for that admins were told of, until they are told that it was withdrawn.
    pub end_told: Option<Timestamp>,
    /// Mails that have not reached everybody yet.
    #[serde(default)]
    pub under_way: BTreeSet<MailId>,
}

/// How many alerts there were on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertsOfDay {
    /// The organisation's date.
    pub on: Date,
    /// Those that told of something that is wrong.
    pub faults: u32,
    /// Those that told of replies.
    pub replies: u32,
    /// When the latest of the latter was.
    pub replies_at: Option<Timestamp>,
}

impl Entity for MailBook {
    const ENTITY: &'static str = "mail_book";
}

/// One mail, to several people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerMail {
    /// Which kind.
    pub kind: MailKind,
    /// What it says; gone once everybody has it.
    pub text: Option<MailText>,
    /// How far it is, for each person.
    pub to: BTreeMap<UserId, Delivery>,
}

/// Which kind of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Something that a person should know at once.
    Alert,
    /// The news of a morning.
    Digest,
    /// That the account is to end, or is not.
    Ending,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailText {
    /// What is to be done, in a line.
    pub subject: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A sentence or two.
    Sentence(String),
    /// Several points.
    Points(Vec<String>),
    /// What to open.
    Link {
        /// What it is for.
        label: String,
        /// Where it leads.
        url: String,
    },
}

/// How far a mail is for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Nothing was sent, after so many calls without a clear answer.
    Waiting(u8),
    /// A call was made, the so-manieth one, and nobody knows of an answer.
    Called(u8),
    /// The mail service took it.
    Sent,
    /// It is not tried again.
    GivenUp,
}

impl Delivery {
    /// Whether nothing more follows.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Waiting(_) | Self::Called(_) => false,
            Self::Sent | Self::GivenUp => true,
        }
    }
}

impl Entity for OwnerMail {
    const ENTITY: &'static str = "owner_mail";
}

/// A customer's words that the owner is not told of yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyToTell {
    /// The message.
    pub message: MessageId,
    /// What they say.
    pub says: ReplySays,
    /// Whose they are.
    pub contacts: Vec<ContactRef>,
}

/// What words say that the owner is told of at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplySays {
    /// That it is paid.
    PaidAlready,
    /// A question, or that something is wrong with an invoice.
    Question,
}

impl ReplySays {
    /// What words say, if the owner is told of them before the next digest.
    pub(crate) const fn of(intent: Intent) -> Option<Self> {
        match intent {
            Intent::PaidAlready => Some(Self::PaidAlready),
            Intent::Question => Some(Self::Question),
            Intent::Stop
            | Intent::Start
            | Intent::PayOn(_)
            | Intent::PayOnUnclear(_)
            | Intent::WrongNumber
            | Intent::Unread => None,
        }
    }
}

impl Entity for ReplyToTell {
    const ENTITY: &'static str = "reply_to_tell";
}

/// How a mail went out is kept for so long.
pub(super) const KEPT: SignedDuration = SignedDuration::from_hours(24 * 31);

/// A reply that nobody was told of is old news after this.
pub(super) const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 3);

/// Customers who write within so long are told of together.
pub(crate) const REPLIES_TOLD_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// The item of a reply that is to be told, for use inside a transaction.
pub(crate) fn reply_item(org: &OrgId, reply: &ReplyToTell, now: Timestamp) -> Result<Item, AppError> {
    let expires_at = now.saturating_add(TOLD_WITHIN).ok();
    Ok(Item { expires_at, ..new_item(keys::mail::reply(org, &reply.message), reply, now)? })
}

/// What a mail tells of, and what is noted with it.
#[derive(Debug)]
pub(crate) struct Claim<'a> {
    /// A fresh id.
    pub id: Uuid,
    /// The book as it was seen, and as it is then; the mail itself is added.
    pub book: (Option<&'a Stored<MailBook>>, MailBook),
    /// The mail; none if there is nothing to say.
    pub mail: Option<&'a OwnerMail>,
    /// Tasks that are told now.
    pub tasks: &'a [Stored<Task>],
    /// Replies that are told now, or need not be told.
    pub replies: &'a [Stored<ReplyToTell>],
}

impl Store {
    /// Who is mailed, and how.
    pub async fn mail_settings(&self, org: &OrgId) -> Result<MailSettings, AppError> {
        self.revised_mail_settings(org).await.map(|(settings, _)| settings)
    }

    /// The same with their revision.
    pub async fn revised_mail_settings(&self, org: &OrgId) -> Result<(MailSettings, u64), AppError> {
        let stored = self.read::<MailSettings>(&keys::mail::settings(org)).await?;
        let revision = revision(stored.as_ref());
        Ok((stored.map(|stored| stored.value).unwrap_or_default(), revision))
    }

    /// Changes who is mailed; `change` may be called again after a lost race.
    pub(crate) async fn change_mail_settings(
        &self,
        org: &OrgId,
        now: Timestamp,
        change: impl Fn(&mut MailSettings) + Send + Sync,
    ) -> Result<(MailSettings, MailSettings), AppError> {
        let key = keys::mail::settings(org);
        for _ in 0..RACES {
            let seen = self.read::<MailSettings>(&key).await?;
            self.is_expected(&key, revision(seen.as_ref()))?;
            let before = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
            let mut next = before.clone();
            change(&mut next);
            let is_done = next == before
                || match &seen {
                    Some(seen) => self.replace(key.clone(), seen, &next, now).await? == Replaced::Replaced,
                    None => self.create(key.clone(), &next, now).await? == Created::Created,
                };
            if is_done {
                return Ok((before, next));
            }
        }
        Err(lost_races())
    }

    /// Names somebody in no setting any more; whether one did.
    pub(crate) async fn forget_mail_choices(
        &self,
        org: &OrgId,
        user: &UserId,
        now: Timestamp,
    ) -> Result<bool, AppError> {
        if !self.mail_settings(org).await?.named().contains(user) {
            return Ok(false);
        }
        let (before, after) = self.change_mail_settings(org, now, |settings| settings.forget(user)).await?;
        Ok(before != after)
    }

    pub(crate) async fn mail_book(&self, org: &OrgId) -> Result<Option<Stored<MailBook>>, AppError> {
        self.read(&keys::mail::book(org)).await
    }

    pub(crate) async fn owner_mail(&self, org: &OrgId, mail: MailId) -> Result<Option<Stored<OwnerMail>>, AppError> {
        self.read(&keys::mail::mail(org, mail)).await
    }

    /// Replies that nobody was told of yet.
    pub(crate) async fn replies_to_tell(&self, org: &OrgId) -> Result<Vec<Stored<ReplyToTell>>, AppError> {
        self.list(Source::Table(keys::org_partition(org)), keys::mail::REPLIES.to_owned()).await
    }

    /// Claims a mail before anything of it is sent; false if anything of it was written meanwhile.
    pub(crate) async fn claim_mail(&self, org: &OrgId, claim: Claim<'_>, now: Timestamp) -> Result<bool, AppError> {
        let Claim { id, book: (seen, mut book), mail, tasks, replies } = claim;
        let mut writes = Vec::new();
        if let Some(mail) = mail {
            let mail_id = MailId::new(id);
            book.under_way.insert(mail_id);
            let expires_at = now.saturating_add(KEPT).ok();
            let item = Item { expires_at, ..new_item(keys::mail::mail(org, mail_id), mail, now)? };
            writes.push(Write::Create(item));
        }
        writes.push(book_write(org, seen, &book, now)?);
        for task in tasks {
            writes.push(mailed_write(org, task, now)?);
        }
        for reply in replies {
            writes.push(Write::Delete { key: keys::mail::reply(org, &reply.value.message), rev: reply.rev });
        }
        Ok(self.transact(&id.to_string(), writes).await? == Written::Done)
    }

    /// Writes how far a mail is; nothing if somebody else did meanwhile.
    pub(crate) async fn save_mail(
        &self,
        org: &OrgId,
        (id, seen): (MailId, &Stored<OwnerMail>),
        next: OwnerMail,
        now: Timestamp,
    ) -> Result<Option<Stored<OwnerMail>>, AppError> {
        let expires_at = seen.created_at.saturating_add(KEPT).ok();
        let item = Item { expires_at, ..next_item(keys::mail::mail(org, id), seen, &next, now)? };
        let rev = item.rev;
        let replaced = self.replace_item(item).await? == Replaced::Replaced;
        Ok(replaced.then_some(Stored { value: next, rev, created_at: seen.created_at, updated_at: now }))
    }

    /// Notes that a mail is over.
    pub(crate) async fn end_mail(&self, org: &OrgId, mail: MailId, now: Timestamp) -> Result<(), AppError> {
        for _ in 0..RACES {
            let Some(seen) = self.mail_book(org).await? else { return Ok(()) };
            let mut book = seen.value.clone();
            if !book.under_way.remove(&mail) {
                return Ok(());
            }
            if self.replace(keys::mail::book(org), &seen, &book, now).await? == Replaced::Replaced {
                return Ok(());
            }
        }
        Err(lost_races())
    }
}

fn book_write(
    org: &OrgId,
    seen: Option<&Stored<MailBook>>,
    book: &MailBook,
    now: Timestamp,
) -> Result<Write, AppError> {
    let key = keys::mail::book(org);
    Ok(match seen {
        Some(seen) => Write::Replace(next_item(key, seen, book, now)?),
        None => Write::Create(new_item(key, book, now)?),
    })
}
