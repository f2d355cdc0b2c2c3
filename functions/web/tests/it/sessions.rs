use async_trait::async_trait;
use jiff::Timestamp;
use numo_app::port::session::{Role, Session, SessionError, Sessions};

/// Knows a few tokens by heart.
#[derive(Debug)]
pub(crate) struct KnownSessions;

#[async_trait]
impl Sessions for KnownSessions {
    async fn verify(&self, token: &str, _now: Timestamp) -> Result<Session, SessionError> {
        let session =
            |org: &str, user: &str, role| Session { org: org.parse().unwrap(), user: user.parse().unwrap(), role };
        match token {
            "admin-a" => Ok(session("org_a", "user_ann", Role::Admin)),
            "member-a" => Ok(session("org_a", "user_max", Role::Member)),
            "admin-b" => Ok(session("org_b", "user_bea", Role::Admin)),
            "nobody" => Err(SessionError::NoOrganisation),
            "expired" => Err(SessionError::Refused("expired")),
            "down" => Err(SessionError::Unavailable("timeout".into())),
            _ => Err(SessionError::Refused("unknown key")),
        }
    }
}
