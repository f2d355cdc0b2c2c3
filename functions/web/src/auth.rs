//! Who is asking: the Bearer token for the API, the cookie for pages, never the other way round.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header, request::Parts},
};
use numo_app::{
    call_limit::{Admission, CallLimit},
    error::AppError,
    port::session::{Role, Session, SessionError},
};
use numo_domain::id::OrgId;
use numo_runtime::{http::request::cookie, telemetry::chain};

use crate::{etag, failure::Failure, state::AppState};

/// A signed-in person of an organisation, by the Bearer token.
#[derive(Debug)]
pub(crate) struct Signed(pub(crate) Session);

/// A signed-in admin of an organisation, by the Bearer token.
#[derive(Debug)]
pub(crate) struct Admin(pub(crate) Session);

/// An admin who is one at this moment, by Clerk's own word: a session token tells what was true a minute ago.
///
/// For what cannot be undone.
#[derive(Debug)]
pub(crate) struct PresentAdmin(pub(crate) Session);

/// A request that is done once: its token was accepted and its call counted before it went on to its route.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) session: Session,
    /// The id of what it makes.
    pub(crate) new_id: String,
}

/// The id of something that a request makes: made from its key, where it has one, so that it is made once.
#[derive(Debug)]
pub(crate) struct NewId(pub(crate) String);

/// Who opens a page, by the `__session` cookie that ClerkJS sets.
#[derive(Debug)]
pub(crate) enum PageSession {
    /// Somebody of an organisation.
    Signed(Session),
    /// No token, or one that is not accepted: most often it expired.
    SignedOut,
    /// Somebody without an active organisation.
    NoOrganisation,
    /// It cannot be told at the moment.
    Unavailable,
}

/// The cookie with the session token (Clerk: session tokens, cookies).
const SESSION_COOKIE: &str = "__session";

impl FromRequestParts<AppState> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        // A request that is done once was looked at before.
        if let Some(known) = parts.extensions.get::<Known>() {
            return Ok(Self(known.session.clone()));
        }
        let token = bearer(&parts.headers).ok_or(AppError::Unauthenticated)?;
        match state.sessions.verify(token, state.now()).await {
            Ok(session) => {
                count(parts, state, &session.org).await?;
                etag::check(parts)?;
                Ok(Self(session))
            }
            Err(SessionError::Refused(reason)) => {
                tracing::info!(reason, "session token refused");
                Err(AppError::Unauthenticated.into())
            }
            Err(SessionError::NoOrganisation) => Err(Failure::no_organisation()),
            Err(error @ SessionError::Unavailable(_)) => Err(AppError::Unavailable(Box::new(error)).into()),
        }
    }
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let Signed(session) = Signed::from_request_parts(parts, state).await?;
        match session.role {
            Role::Admin => Ok(Self(session)),
            Role::Member => Err(AppError::Forbidden.into()),
        }
    }
}

impl FromRequestParts<AppState> for PresentAdmin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let Admin(session) = Admin::from_request_parts(parts, state).await?;
        is_present_admin(state, &session).await?;
        Ok(Self(session))
    }
}

impl FromRequestParts<AppState> for NewId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Known>().map(|known| known.new_id.clone());
        Ok(Self(known.unwrap_or_else(|| state.waker().ids.uuid().to_string())))
    }
}

impl FromRequestParts<AppState> for PageSession {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let cookie = cookie(&parts.headers, SESSION_COOKIE).filter(|token| !token.is_empty());
        let Some(token) = cookie else { return Ok(Self::SignedOut) };
        Ok(match state.sessions.verify(token, state.now()).await {
            Ok(session) => Self::Signed(session),
            Err(SessionError::Refused(reason)) => {
                tracing::info!(reason, "session cookie refused");
                Self::SignedOut
            }
            Err(SessionError::NoOrganisation) => Self::NoOrganisation,
            Err(error @ SessionError::Unavailable(_)) => {
                tracing::error!(error.chain = chain(&error), "page failed");
                Self::Unavailable
            }
        })
    }
}

/// Refuses whoever is no admin at this moment, by Clerk's own word.
pub(crate) async fn is_present_admin(state: &AppState, session: &Session) -> Result<(), AppError> {
    let members = state.people.members(&session.org).await;
    let members = members.map_err(|error| AppError::Unavailable(Box::new(error)))?;
    match members.get(&session.user) {
        Some(Role::Admin) => Ok(()),
        Some(Role::Member) | None => Err(AppError::Forbidden),
    }
}

/// Nothing is written for an organisation whose erasure has begun, though somebody may still sign in to it.
pub(crate) const BEING_ERASED: AppError = AppError::Conflict("this organisation is being erased");

/// A call of the API counts for its organisation; a pause never waits, whoever used up the calls of the minute.
async fn count(parts: &Parts, state: &AppState, org: &OrgId) -> Result<(), Failure> {
    if parts.method == Method::PUT && parts.uri.path().ends_with("/organisation/pause") {
        return Ok(());
    }
    let Some(limit) = parts.extensions.get::<Option<Arc<CallLimit>>>().and_then(Option::as_ref) else { return Ok(()) };
    match limit.admit(org, state.now()).await {
        Admission::Admitted => Ok(()),
        Admission::Refused(wait) => Err(Failure::too_many_calls(wait.as_secs())),
        Admission::Erased if parts.method == Method::GET => Ok(()),
        Admission::Erased => Err(BEING_ERASED.into()),
    }
}

/// The token of the one Authorization header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(only), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bearer_token_is_taken_and_nothing_else() {
        let token = |lines: &[&str]| {
            let lines = lines.iter().map(|line| (header::AUTHORIZATION, line.parse().unwrap()));
            bearer(&lines.collect()).map(str::to_owned)
        };
        assert_eq!(token(&["Bearer abc"]).as_deref(), Some("abc"));
        assert_eq!(token(&["bearer  abc"]).as_deref(), Some("abc"));
        for refused in [&["Basic abc"][..], &["abc"], &["Bearer "], &["Bearer a", "Bearer b"], &[]] {
            assert_eq!(token(refused), None, "{refused:?}");
        }
    }
}
