//! That the account is to end, and that it is not: told to every admin, whoever else gets mails.

use std::collections::BTreeMap;

use jiff::Timestamp;
use numo_domain::id::UserId;

use crate::{
    error::AppError,
    mail_owner::{
        Round,
        readers::{Everybody, recipients},
        words::{greeting, open},
    },
    store::{
        RACES,
        erasure::organisation::{ErasureBy, ErasureStage, OrganisationErasure},
        lost_races,
        mail::{Claim, Delivery, MailBook, MailKind, MailText, OwnerMail, Part},
    },
};

/// Claims the mail about the account's end, if admins know of another state of it; when to look again.
///
/// An end that was withdrawn before anybody was told of it is no news.
pub(super) async fn claim(round: &Round<'_>, everybody: &mut Everybody<'_>) -> Result<Option<Timestamp>, AppError> {
    let (store, org) = (round.store, round.org());
    for _ in 0..RACES {
        let seen = store.mail_book(org).await?;
        let book = seen.as_ref().map(|seen| seen.value.clone()).unwrap_or_default();
        let erasure = store.organisation_erasure(org).await?.map(|seen| seen.value);
        // Once it has begun nothing can be done about it, and at Clerk nobody is left to be told.
        let asked = erasure.filter(|erasure| erasure.stage == ErasureStage::Asked && erasure.by != ErasureBy::Clerk);
        let asked_at = asked.as_ref().map(|erasure| erasure.asked_at);
        if book.end_told == asked_at {
            return Ok(None);
        }
        let Some(readers) = everybody.ask().await else { return Ok(Some(round.again_at())) };
        let to: BTreeMap<UserId, Delivery> = recipients(readers, round.settings, MailKind::Ending)
            .into_iter()
            .map(|user| (user, Delivery::Waiting(0)))
            .collect();
        if to.is_empty() {
            tracing::warn!(org = %org, "no admin can be told of the account's end");
            return Ok(None);
        }
        let text = asked.as_ref().map_or_else(|| stays(round), |erasure| ends(round, erasure));
        let mail = OwnerMail { kind: MailKind::Ending, text: Some(text), to };
        let id = round.ports.waker.ids.uuid();
        let book = MailBook { end_told: asked_at, ..book };
        let claim = Claim { id, book: (seen.as_ref(), book), mail: Some(&mail), tasks: &[], replies: &[] };
        if store.claim_mail(org, claim, round.now).await? {
            return Ok(None);
        }
    }
    Err(lost_races())
}

/// That the account is to end: who asked for it is in the activity log, and not in a mail.
fn ends(round: &Round<'_>, erasure: &OrganisationErasure) -> MailText {
    let begins = round.organisation.zone.local(erasure.begins_at).strftime("%-d %b %Y at %H:%M");
    let asked = match erasure.by {
        ErasureBy::Admin(_) => "An admin asked that everything of this organisation be erased from Numo.",
        ErasureBy::Operator(_) => "Numo's operators were asked to erase everything of this organisation from Numo.",
        ErasureBy::Clerk => "Everything of this organisation is to be erased from Numo.",
    };
    MailText {
        subject: "Numo: everything of your organisation is to be erased".to_owned(),
        parts: vec![
            greeting(round),
            Part::Sentence(format!("{asked} Nothing goes out to your customers any more.")),
            Part::Sentence(format!(
                "It begins on {begins}. Until then any admin can withdraw it; afterwards nobody can."
            )),
            open(round, "Open Numo to withdraw it; you sign in first"),
            Part::Sentence("Every admin gets this mail.".to_owned()),
        ],
    }
}

/// That the account does not end after all.
fn stays(round: &Round<'_>) -> MailText {
    MailText {
        subject: "Numo: the erasure of your organisation was withdrawn".to_owned(),
        parts: vec![
            greeting(round),
            Part::Sentence("Nothing of this organisation is erased: an admin withdrew it.".to_owned()),
            Part::Sentence("Reminders stay paused until somebody lets them go on.".to_owned()),
            open(round, "Open Numo; you sign in first"),
            Part::Sentence("Every admin gets this mail.".to_owned()),
        ],
    }
}
