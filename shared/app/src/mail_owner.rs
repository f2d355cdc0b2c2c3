//! Mails to the people of an organisation: at once what cannot wait, and a digest in the morning.

mod alert;
mod digest;
mod ending;
mod letter;
mod post;
mod readers;
mod words;

use std::{fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use numo_domain::{id::OrgId, organisation::Organisation};

use crate::{
    error::AppError,
    job::Work,
    mail_owner::readers::Everybody,
    number_key::NumberKeys,
    port::{clock::Clock, mail::Mail, people::People},
    store::{Store, mail::MailSettings},
    wake::Waker,
};

/// What it takes to mail people.
#[derive(Clone)]
pub struct MailPorts {
    /// Table and ids.
    pub waker: Waker,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What sends; none where the stage has no address to send from.
    pub mailer: Option<Mailer>,
}

/// What sends mails.
#[derive(Clone)]
pub struct Mailer {
    /// The mail service.
    pub mail: Arc<dyn Mail>,
    /// Who belongs to an organisation.
    pub people: Arc<dyn People>,
    /// What proves that somebody has a link from us.
    pub keys: NumberKeys,
    /// Where browsers reach us, without a slash at the end.
    pub public_url: String,
}

impl fmt::Debug for MailPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailPorts")
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mailer")
    }
}

/// What came of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailed {
    /// So many letters were taken by the mail service.
    Sent(usize),
    /// Mail is off, or the organisation is not known.
    Off,
    /// Somebody else has the work.
    Stale,
}

/// When something is tried again that the mail service or Clerk refused.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// Tells the people of an organisation what they should know by now, and sets when it is looked at again.
///
/// A mail is claimed with everything that it tells, before the first call of the mail service. A call without a clear
/// answer is made once more and not again: of something that stands still a second mail is less harm than none, and a
/// third one is none the wiser.
pub async fn mail_owner(
    ports: &MailPorts,
    org: &OrgId,
    claim: Timestamp,
    deadline: Timestamp,
) -> Result<Mailed, AppError> {
    let (store, work, now) = (&ports.waker.store, Work::MailOwner {}, ports.clock.now());
    // Of two workers with one claim, a job that came twice, only one goes on.
    let Some(claim) = store.renew_claim(org, &work, claim, now).await? else { return Ok(Mailed::Stale) };
    let (Some(mailer), Some(organisation)) = (&ports.mailer, store.known_organisation(org).await?) else {
        store.finish_due(org, &work, claim, None, now).await?;
        return Ok(Mailed::Off);
    };
    let settings = store.mail_settings(org).await?;
    let round = Round { ports, store, mailer, organisation: &organisation, settings: &settings, now };
    let mut everybody = Everybody::of(&round);
    let after_ending = ending::claim(&round, &mut everybody).await?;
    let after_alert = alert::claim(&round, &mut everybody).await?;
    let after_digest = digest::claim(&round, &mut everybody).await?;
    let posted = post::post_all(&round, &mut everybody, deadline).await?;
    let next = [after_digest, after_alert, after_ending, posted.again_at].into_iter().flatten().min();
    store.finish_due(org, &work, claim, next, now).await?;
    Ok(Mailed::Sent(posted.n_sent))
}

/// When the digest of an organisation is written next.
pub(crate) fn next_digest(organisation: &Organisation, now: Timestamp) -> Option<Timestamp> {
    digest::next_after(organisation, now)
}

/// One look at an organisation's mails.
struct Round<'a> {
    ports: &'a MailPorts,
    store: &'a Store,
    mailer: &'a Mailer,
    organisation: &'a Organisation,
    settings: &'a MailSettings,
    now: Timestamp,
}

impl Round<'_> {
    const fn org(&self) -> &OrgId {
        &self.organisation.id
    }

    /// When something is tried again.
    fn again_at(&self) -> Timestamp {
        self.now.saturating_add(AGAIN_AFTER).unwrap_or(self.now)
    }
}
