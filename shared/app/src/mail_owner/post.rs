//! Sending what was claimed, person by person.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use numo_domain::id::{MailId, UserId};

use crate::{
    error::AppError,
    mail_owner::{
        Round,
        letter::letter,
        readers::{Everybody, Reader},
    },
    port::mail::MailError,
    store::{
        Stored,
        mail::{Delivery, MailKind, MailText, OwnerMail},
    },
};

/// Calls for one person and mail at most that have no clear answer.
const MOST_CALLS: u8 = 2;

/// A mail that could not be sent for so long is old news.
const GIVEN_UP_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// A call of the mail service may take so long, with the writes around it.
const ONE_LETTER: SignedDuration = SignedDuration::from_secs(15);

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Posted {
    /// Letters that the mail service took.
    pub(super) n_sent: usize,
    /// When the rest is tried again.
    pub(super) again_at: Option<Timestamp>,
}

/// Sends all mails that are under way, as far as time allows.
pub(super) async fn post_all(
    round: &Round<'_>,
    everybody: &mut Everybody<'_>,
    deadline: Timestamp,
) -> Result<Posted, AppError> {
    let mut posted = Posted::default();
    let book = round.store.mail_book(round.org()).await?;
    for id in book.map(|book| book.value.under_way).unwrap_or_default() {
        let Some(mut mail) = round.store.owner_mail(round.org(), id).await? else {
            round.store.end_mail(round.org(), id, round.now).await?;
            continue;
        };
        if !mail.value.to.values().all(|delivery| delivery.is_over()) {
            let Some(readers) = everybody.ask().await else {
                posted.again_at = Some(round.again_at());
                return Ok(posted);
            };
            let Some(next) = post(round, (id, mail), readers, deadline, &mut posted).await? else {
                // Somebody else works on it, and sets the next time.
                return Ok(posted);
            };
            mail = next;
        }
        if mail.value.to.values().all(|delivery| delivery.is_over()) {
            finish(round, id, mail).await?;
        } else if posted.again_at.is_none() {
            posted.again_at = Some(round.again_at());
        }
    }
    Ok(posted)
}

/// What was said is not kept once everybody has it.
async fn finish(round: &Round<'_>, id: MailId, mail: Stored<OwnerMail>) -> Result<(), AppError> {
    if mail.value.text.is_some() {
        let next = OwnerMail { text: None, ..mail.value.clone() };
        round.store.save_mail(round.org(), (id, &mail), next, round.now).await?;
    }
    round.store.end_mail(round.org(), id, round.now).await
}

/// Sends one mail to everybody who does not have it; nothing if somebody else does.
async fn post(
    round: &Round<'_>,
    (id, mut mail): (MailId, Stored<OwnerMail>),
    readers: &BTreeMap<UserId, Reader>,
    deadline: Timestamp,
    posted: &mut Posted,
) -> Result<Option<Stored<OwnerMail>>, AppError> {
    let now = round.ports.clock.now();
    let is_old = now.duration_since(mail.created_at) >= GIVEN_UP_AFTER;
    let waiting: Vec<UserId> =
        mail.value.to.iter().filter(|(_, delivery)| !delivery.is_over()).map(|(user, _)| user.clone()).collect();
    for user in waiting {
        if deadline.duration_since(round.ports.clock.now()) < ONE_LETTER {
            posted.again_at = Some(now);
            return Ok(Some(mail));
        }
        let (text, delivery) = (mail.value.text.clone(), mail.value.to.get(&user).copied());
        // Whoever left meanwhile, or has no verified address any more, is written to no more.
        let (Some(text), Some(reader)) = (text, readers.get(&user)) else {
            let Some(next) = set(round, (id, &mail), &user, Delivery::GivenUp).await? else { return Ok(None) };
            mail = next;
            continue;
        };
        let n_calls = match delivery {
            Some(Delivery::Waiting(n) | Delivery::Called(n)) => n,
            Some(Delivery::Sent | Delivery::GivenUp) | None => continue,
        };
        if is_old || n_calls >= MOST_CALLS {
            tracing::error!(metric = "owner_mail_given_up", org = %round.org(), "a mail was given up");
            let Some(next) = set(round, (id, &mail), &user, Delivery::GivenUp).await? else { return Ok(None) };
            mail = next;
            continue;
        }
        let called = Delivery::Called(n_calls + 1);
        let Some(next) = set(round, (id, &mail), &user, called).await? else { return Ok(None) };
        mail = next;
        let after = call(round, (&user, reader), (mail.value.kind, &text), n_calls).await;
        if after == Delivery::Sent {
            posted.n_sent += 1;
        }
        if after != called {
            let Some(next) = set(round, (id, &mail), &user, after).await? else { return Ok(None) };
            mail = next;
        }
    }
    Ok(Some(mail))
}

/// One call of the mail service, and what the letter is after it.
async fn call(
    round: &Round<'_>,
    (user, reader): (&UserId, &Reader),
    (kind, text): (MailKind, &MailText),
    n_calls: u8,
) -> Delivery {
    let Ok(unsubscribe) = unsubscribe(round, user, kind) else { return Delivery::GivenUp };
    let letter = letter(text, reader.address.clone(), unsubscribe);
    let (after, outcome, source) = match round.mailer.mail.send(&letter).await {
        Ok(()) => (Delivery::Sent, "sent", None),
        Err(MailError::NotSent(source)) => (Delivery::Waiting(n_calls), "not_sent", Some(source)),
        Err(MailError::Unclear(source)) => (Delivery::Called(n_calls + 1), "unclear", Some(source)),
    };
    let error = source.map(|source| source.to_string());
    tracing::info!(metric = "owner_mail", outcome, count = 1, error, "a mail");
    after
}

/// Where one click ends the digests of a person.
fn unsubscribe(round: &Round<'_>, user: &UserId, kind: MailKind) -> Result<Option<String>, AppError> {
    match kind {
        MailKind::Alert | MailKind::Ending => Ok(None),
        MailKind::Digest => {
            let token = round.mailer.keys.unsubscribe_token(round.org(), user)?;
            Ok(Some(format!("{}/unsubscribe/{}/{user}/{token}", round.mailer.public_url, round.org())))
        }
    }
}

async fn set(
    round: &Round<'_>,
    (id, mail): (MailId, &Stored<OwnerMail>),
    user: &UserId,
    delivery: Delivery,
) -> Result<Option<Stored<OwnerMail>>, AppError> {
    let mut next = mail.value.clone();
    next.to.insert(user.clone(), delivery);
    round.store.save_mail(round.org(), (id, mail), next, round.ports.clock.now()).await
}
