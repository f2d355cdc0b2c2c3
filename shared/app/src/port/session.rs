//! Sessions: who is signed in, to which organisation, in which role.

use async_trait::async_trait;
use jiff::Timestamp;
use numo_domain::id::{OrgId, UserId};

/// Verifies Clerk's session tokens in process.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The session of a token, or why there is none.
    ///
    /// Clerk: RS256 only, known kid, issuer, azp in the allow-list, exp/nbf/iat with 5 s of skew,
    /// pending sessions refused, v2 `o` claims and v1 claims understood.
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Session, SessionError>;
}

/// A signed-in person acting for an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The active organisation: the tenant.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
    /// What the person may do.
    pub role: Role,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Anything.
    Admin,
    /// See everything, pause everything; neither approve nor change.
    Member,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The token is not acceptable; the reason is for the log alone.
    #[error("session token refused: {0}")]
    Refused(&'static str),
    /// Signed in, but no organisation is active.
    #[error("no organisation is active")]
    NoOrganisation,
    /// The keys could not be fetched.
    #[error("the session keys are unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
