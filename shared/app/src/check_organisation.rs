//! Asking Clerk every night whether an organisation is there and who belongs to it: its webhooks may never come.

use std::{collections::BTreeMap, fmt, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date};
use numo_domain::{
    calendar::Zone,
    id::{OrgId, UserId},
};

use crate::{
    clerk_news::{ClerkPorts, end_membership, end_organisation},
    error::AppError,
    job::Work,
    port::{
        people::{People, PeopleError, Presence},
        session::Role,
    },
    store::Store,
};

/// What it takes to ask.
#[derive(Clone)]
pub struct CheckPorts {
    /// What acts upon an answer.
    pub clerk: ClerkPorts,
    /// Who is asked.
    pub people: Arc<dyn People>,
}

impl fmt::Debug for CheckPorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckPorts")
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// It is there; so many of its members have left.
    Present(usize),
    /// It is not, and on another day it is asked about again.
    Missing,
    /// It is not, but with so many others that nobody is believed to be gone: a person has to look.
    Held,
    /// It is not, for the second day: it ended.
    Ended,
    /// Clerk refuses our key: nobody is asked about until the next night, and a person has to look.
    Refused,
    /// It was not asked about, since Clerk refuses our key.
    PassedOver,
    /// It is asked about again soon.
    Postponed,
    /// There is no key to ask with.
    NoKey,
    /// It is not known here any more.
    Unknown,
    /// Somebody else has the work.
    Stale,
}

/// Two answers of two days lie at least so far apart.
const APART: SignedDuration = SignedDuration::from_hours(20);

/// A first answer that is older than this counts no more.
const MOST_NIGHTS: i32 = 7;

/// Checks are spread over the first hours of the day, by UTC, each organisation at its own time.
///
/// 100,000 organisations are 5 a second then, a tenth of what Clerk allows. Since each is asked about at the same time
/// of every night, a key that became wrong at the end of one shows in the next before the same ones come again.
const NIGHT_SECONDS: u32 = 6 * 60 * 60;

/// When an organisation is asked about again that Clerk did not tell of.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// How long Clerk is left alone after too many calls: what it asks for, within these.
const PATIENCE: (SignedDuration, SignedDuration) = (SignedDuration::from_secs(10), SignedDuration::from_hours(1));

/// Members beyond this are not all told of, so that nobody is known to have left.
const MOST_MEMBERS: usize = 5_000;

/// Asks about one organisation, acts upon the answer, and sets when it is asked about again.
pub async fn check_organisation(
    ports: &CheckPorts,
    org: &OrgId,
    claim: Timestamp,
    now: Timestamp,
) -> Result<Checked, AppError> {
    let (store, work) = (&ports.clerk.store, Work::CheckOrganisation {});
    // Of two workers with one claim, a job that came twice, only one goes on.
    let Some(claim) = store.renew_claim(org, &work, claim, now).await? else { return Ok(Checked::Stale) };
    let (checked, next) = check(ports, org, now).await?;
    store.finish_due(org, &work, claim, next, now).await?;
    Ok(checked)
}

/// When an organisation is asked about next, in its own minute of the night.
pub(crate) fn next_check(org: &OrgId, now: Timestamp) -> Timestamp {
    let spread = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    let offset = org.as_str().bytes().fold(2_166_136_261, spread) % NIGHT_SECONDS;
    let of_day = |day: Date| {
        let midnight = day.yesterday().ok().and_then(|day| Zone::UTC.end_of(day))?;
        midnight.checked_add(SignedDuration::from_secs(i64::from(offset))).ok().filter(|at| *at > now)
    };
    let today = night_of(now);
    of_day(today).or_else(|| today.tomorrow().ok().and_then(of_day)).unwrap_or(now)
}

fn night_of(at: Timestamp) -> Date {
    Zone::UTC.date(at)
}

/// What came of it, and when it is due again.
async fn check(ports: &CheckPorts, org: &OrgId, now: Timestamp) -> Result<(Checked, Option<Timestamp>), AppError> {
    let (store, tomorrow) = (&ports.clerk.store, Some(next_check(org, now)));
    if store.known_organisation(org).await?.is_none() {
        return Ok((Checked::Unknown, None));
    }
    if store.clerk_night(night_of(now)).await?.is_refused {
        return Ok((Checked::PassedOver, tomorrow));
    }
    let checked = match ask(ports.people.as_ref(), org).await {
        Ok(Some(members)) => Checked::Present(present(&ports.clerk, org, &members, now).await?),
        Ok(None) => missing(&ports.clerk, org, now).await?,
        Err(PeopleError::NoKey) => Checked::NoKey,
        Err(PeopleError::Refused) => {
            store.change_clerk_night(night_of(now), now, |night| night.is_refused = true).await?;
            tracing::error!(metric = "clerk_check_stopped", "Clerk refuses our key: no organisation is asked about");
            Checked::Refused
        }
        Err(PeopleError::RateLimited { retry_after }) => {
            let pause = retry_after.unwrap_or(AGAIN_AFTER).clamp(PATIENCE.0, PATIENCE.1);
            return Ok((Checked::Postponed, now.checked_add(pause).ok()));
        }
        Err(error @ PeopleError::Unavailable(_)) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(org = %org, %error, cause, "Clerk does not tell whether an organisation is there");
            return Ok((Checked::Postponed, now.checked_add(AGAIN_AFTER).ok()));
        }
    };
    Ok((checked, tomorrow))
}

/// The members of an organisation; none if Clerk does not know it.
async fn ask(people: &dyn People, org: &OrgId) -> Result<Option<BTreeMap<UserId, Role>>, PeopleError> {
    match people.organisation(org).await? {
        Presence::Present => people.members(org).await.map(Some),
        Presence::Gone => Ok(None),
    }
}

/// Forgets that it was missing, and who has left it; how many have.
///
/// Roles are not stored: a session has them, and for what cannot be undone or is mailed Clerk is asked.
async fn present(
    ports: &ClerkPorts,
    org: &OrgId,
    members: &BTreeMap<UserId, Role>,
    now: Timestamp,
) -> Result<usize, AppError> {
    let store = &ports.store;
    store.change_clerk_night(night_of(now), now, |night| night.count(org)).await?;
    store.forget_missing(org).await?;
    if members.len() >= MOST_MEMBERS {
        return Ok(0);
    }
    let known = store.known_members(org).await?;
    let left: Vec<&UserId> = known.iter().filter(|user| !members.contains_key(*user)).collect();
    for user in &left {
        end_membership(ports, org, user, now).await?;
    }
    Ok(left.len())
}

/// Ends an organisation that Clerk does not know for the second day, unless too many are missing to be believed.
async fn missing(ports: &ClerkPorts, org: &OrgId, now: Timestamp) -> Result<Checked, AppError> {
    let (store, tonight) = (&ports.store, night_of(now));
    let Some(since) = store.missing_since(org).await? else { return miss(store, org, now).await };
    let first = night_of(since);
    if first >= tonight || now.duration_since(since) < APART {
        return Ok(Checked::Missing);
    }
    match believable(store, (first, tonight)).await? {
        Believable::Never => miss(store, org, now).await,
        Believable::NotTonight => Ok(held(org)),
        Believable::Yes => {
            end_organisation(ports, org, now).await?;
            tracing::info!(org = %org, "an organisation that Clerk does not know for two days was ended");
            Ok(Checked::Ended)
        }
    }
}

/// Notes that it is missing, from now on; first where all are counted.
async fn miss(store: &Store, org: &OrgId, now: Timestamp) -> Result<Checked, AppError> {
    let tonight = night_of(now);
    let night = store.change_clerk_night(tonight, now, |night| night.miss(org)).await?;
    store.note_missing(org, now).await?;
    // Of tonight it is not known yet how many are asked about.
    let asked = match tonight.yesterday() {
        Ok(yesterday) => store.clerk_night(yesterday).await?.asked.len(),
        Err(_) => 0,
    };
    Ok(if night.is_over_limit(asked) { held(org) } else { Checked::Missing })
}

fn held(org: &OrgId) -> Checked {
    tracing::error!(
        metric = "clerk_check_stopped",
        org = %org,
        "Clerk does not know more organisations than can be believed: none of them ends"
    );
    Checked::Held
}

/// Whether it can be believed that an organisation is gone.
enum Believable {
    Yes,
    /// Too many are missing tonight.
    NotTonight,
    /// Too many were in a night that is over, or it was too long ago.
    Never,
}

/// Looks at all nights since the one in which an organisation was missing first.
async fn believable(store: &Store, (first, tonight): (Date, Date)) -> Result<Believable, AppError> {
    if tonight.since(first).map_or(true, |span| span.get_days() > MOST_NIGHTS) {
        return Ok(Believable::Never);
    }
    let (mut night, mut asked) = (first, 0);
    while night < tonight {
        let of_night = store.clerk_night(night).await?;
        // A night of which nothing is known had nobody in it.
        if of_night.is_over_limit(0) {
            return Ok(Believable::Never);
        }
        asked = asked.max(of_night.asked.len());
        let Ok(next) = night.tomorrow() else { return Ok(Believable::Never) };
        night = next;
    }
    let is_over = store.clerk_night(tonight).await?.is_over_limit(asked);
    Ok(if is_over { Believable::NotTonight } else { Believable::Yes })
}
