//! The rules by which the claims of a signed token become a session.

use jiff::Timestamp;
use numo_app::port::session::{Role, Session, SessionError};
use serde::Deserialize;
use serde_json::Value;

/// How far clocks may differ (Clerk: manual verification, 5 seconds).
const SKEW_S: i64 = 5;

/// The claims that are looked at, of both versions.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    azp: Option<String>,
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    sts: Option<String>,
    o: Option<Organisation>,
    org_id: Option<String>,
    org_role: Option<Value>,
}

/// The active organisation of a version 2 token.
#[derive(Debug, Clone, Deserialize)]
struct Organisation {
    id: Option<String>,
    rol: Option<Value>,
}

/// The session of claims whose signature is verified.
pub(crate) fn session(
    claims: Claims,
    issuer: &str,
    authorized_parties: &[String],
    now: Timestamp,
) -> Result<Session, SessionError> {
    let refused = |reason| Err(SessionError::Refused(reason));
    if claims.iss.as_deref() != Some(issuer) {
        return refused("iss");
    }
    in_time(&claims, now.as_second())?;
    // A token without an origin could have been made for another page; Clerk's own SDK refuses it too.
    match &claims.azp {
        Some(azp) if authorized_parties.contains(azp) => {}
        Some(_) | None => return refused("azp"),
    }
    // A session with open tasks, such as choosing an organisation, counts as signed out.
    if claims.sts.as_deref() == Some("pending") {
        return refused("pending");
    }
    let user = claims.sub.and_then(|sub| sub.parse().ok()).ok_or(SessionError::Refused("sub"))?;
    let (org, role) = match claims.o {
        Some(organisation) => (organisation.id, organisation.rol),
        None => (claims.org_id, claims.org_role),
    };
    let org = org.ok_or(SessionError::NoOrganisation)?.parse().or(Err(SessionError::Refused("organisation")))?;
    Ok(Session { org, user, role: self::role(role.as_ref()) })
}

/// Whole seconds against our own clock; the library's is not used.
fn in_time(claims: &Claims, now_s: i64) -> Result<(), SessionError> {
    let Some(exp) = claims.exp else { return Err(SessionError::Refused("exp")) };
    if exp <= now_s.saturating_sub(SKEW_S) {
        return Err(SessionError::Refused("expired"));
    }
    let latest = now_s.saturating_add(SKEW_S);
    if claims.nbf.is_some_and(|nbf| nbf > latest) {
        return Err(SessionError::Refused("nbf"));
    }
    if claims.iat.is_some_and(|iat| iat > latest) {
        return Err(SessionError::Refused("iat"));
    }
    Ok(())
}

/// Version 1 writes `org:admin`, version 2 `admin`; every other role may look.
fn role(role: Option<&Value>) -> Role {
    match role.and_then(Value::as_str) {
        Some("admin" | "org:admin") => Role::Admin,
        Some(_) | None => Role::Member,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW_S: i64 = 1_000;

    fn claims() -> Value {
        json!({
            "iss": "https://clerk.example", "sub": "user_1", "azp": "https://numo.example", "sid": "sess_1",
            "exp": NOW_S + 60, "iat": NOW_S, "nbf": NOW_S - 10, "sts": "active", "v": 2, "fva": [0, -1],
            "o": { "id": "org_1", "slg": "s", "rol": "admin", "per": "manage", "fpm": "3" },
        })
    }

    fn read(claims: &Value) -> Result<Session, String> {
        let claims: Claims = serde_json::from_value(claims.clone()).or(Err(String::from("claims")))?;
        let parties = [String::from("https://numo.example")];
        let now = Timestamp::from_second(NOW_S).unwrap();
        session(claims, "https://clerk.example", &parties, now).map_err(|error| error.to_string())
    }

    fn with(name: &str, value: Value) -> Result<Session, String> {
        let mut claims = claims();
        claims[name] = value;
        read(&claims)
    }

    fn acting(role: Role) -> Session {
        Session { org: "org_1".parse().unwrap(), user: "user_1".parse().unwrap(), role }
    }

    #[test]
    fn a_version_two_token_is_a_session() {
        assert_eq!(read(&claims()), Ok(acting(Role::Admin)));
        assert_eq!(with("o", json!({ "id": "org_1", "rol": "member" })), Ok(acting(Role::Member)));
        assert_eq!(with("o", json!({ "id": "org_1", "rol": "org:admin" })), Ok(acting(Role::Admin)));
        assert_eq!(with("o", json!({ "id": "org_1", "rol": "Admin" })), Ok(acting(Role::Member)));
        assert_eq!(with("o", json!({ "id": "org_1" })), Ok(acting(Role::Member)));
    }

    #[test]
    fn a_version_one_token_is_a_session() {
        let mut old = claims();
        old.as_object_mut().unwrap().retain(|name, _| !["o", "v", "sts"].contains(&name.as_str()));
        old["org_id"] = json!("org_1");
        old["org_role"] = json!("org:admin");
        assert_eq!(read(&old), Ok(acting(Role::Admin)));
        old["org_role"] = json!("org:member");
        assert_eq!(read(&old), Ok(acting(Role::Member)));
    }

    #[test]
    fn without_an_organisation_there_is_a_person_but_no_tenant() {
        for o in [Value::Null, json!({}), json!({ "rol": "admin" })] {
            assert_eq!(with("o", o), Err(String::from("no organisation is active")));
        }
        assert_eq!(with("o", json!({ "id": "a b" })), Err(String::from("session token refused: organisation")));
    }

    #[test]
    fn what_breaks_a_rule_is_refused_by_its_name() {
        for (name, value, reason) in [
            ("iss", json!("https://clerk.example.evil"), "iss"),
            ("iss", Value::Null, "iss"),
            ("azp", json!("https://evil.example"), "azp"),
            ("azp", json!(""), "azp"),
            ("azp", Value::Null, "azp"),
            ("sts", json!("pending"), "pending"),
            ("sub", Value::Null, "sub"),
            ("sub", json!(""), "sub"),
            ("exp", Value::Null, "exp"),
        ] {
            assert_eq!(with(name, value), Err(format!("session token refused: {reason}")), "{name}");
        }
        assert_eq!(with("exp", json!("1060")), Err(String::from("claims")));
    }

    #[test]
    fn clocks_may_differ_by_five_seconds_and_no_more() {
        assert!(with("exp", json!(NOW_S - 4)).is_ok());
        assert_eq!(with("exp", json!(NOW_S - 5)), Err(String::from("session token refused: expired")));
        for name in ["nbf", "iat"] {
            assert!(with(name, json!(NOW_S + 5)).is_ok(), "{name}");
            assert_eq!(with(name, json!(NOW_S + 6)), Err(format!("session token refused: {name}")));
            assert!(with(name, Value::Null).is_ok(), "{name}");
        }
    }
}
