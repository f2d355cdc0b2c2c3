//! What Clerk's webhook says.

use numo_app::clerk_news::ClerkNews;
use numo_domain::id::{OrgId, UserId};
use serde::Deserialize;
use serde_json::Value;

/// The news of a verified body; none in what nobody here reads, or that cannot be read.
///
/// Clerk: webhooks, event types. The role of a member and the name of an organisation are not read: a session token has
/// the one, and the ledger the other.
pub fn news(raw_body: &[u8]) -> Option<ClerkNews> {
    let event: RawEvent = serde_json::from_slice(raw_body).ok()?;
    match event.kind.as_str() {
        "organization.deleted" => {
            let deleted: RawDeleted = serde_json::from_value(event.data).ok()?;
            Some(ClerkNews::OrganisationDeleted { org: deleted.id })
        }
        "organizationMembership.deleted" => {
            let ended: RawMembership = serde_json::from_value(event.data).ok()?;
            Some(ClerkNews::MembershipEnded { org: ended.organization.id, user: ended.public_user_data.user_id })
        }
        "user.deleted" => {
            let deleted: RawDeletedUser = serde_json::from_value(event.data).ok()?;
            Some(ClerkNews::UserDeleted { user: deleted.id })
        }
        _ => None,
    }
}

#[derive(Debug, Deserialize)]
struct RawEvent {
    #[serde(rename = "type")]
    kind: String,
    data: Value,
}

/// Clerk: `DeletedObject`.
#[derive(Debug, Deserialize)]
struct RawDeleted {
    id: OrgId,
}

/// Clerk: `DeletedObject`.
#[derive(Debug, Deserialize)]
struct RawDeletedUser {
    id: UserId,
}

#[derive(Debug, Deserialize)]
struct RawMembership {
    organization: RawOrganization,
    public_user_data: RawUser,
}

#[derive(Debug, Deserialize)]
struct RawOrganization {
    id: OrgId,
}

#[derive(Debug, Deserialize)]
struct RawUser {
    user_id: UserId,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, data: &Value) -> Vec<u8> {
        let event = json!({
            "object": "event", "type": kind, "data": data, "timestamp": 1_716_883_200, "instance_id": "ins_1",
            "event_attributes": {"http_request": {"client_ip": "203.0.113.7", "user_agent": "x"}},
        });
        event.to_string().into_bytes()
    }

    #[test]
    fn what_ends_is_read() {
        let deleted = json!({"object": "organization", "id": "org_a", "slug": "harbour", "deleted": true});
        let org: OrgId = "org_a".parse().unwrap();
        assert_eq!(
            news(&event("organization.deleted", &deleted)),
            Some(ClerkNews::OrganisationDeleted { org: org.clone() })
        );
        let ended = json!({
            "object": "organization_membership", "id": "orgmem_1", "role": "org:member",
            "organization": {"object": "organization", "id": "org_a", "name": "Harbour"},
            "public_user_data": {"user_id": "user_ann", "identifier": "ann@example.com"},
        });
        let user = "user_ann".parse().unwrap();
        let expected = Some(ClerkNews::MembershipEnded { org, user });
        assert_eq!(news(&event("organizationMembership.deleted", &ended)), expected);
        let deleted = json!({"object": "user", "id": "user_ann", "deleted": true});
        let expected = Some(ClerkNews::UserDeleted { user: "user_ann".parse().unwrap() });
        assert_eq!(news(&event("user.deleted", &deleted)), expected);
    }

    #[test]
    fn what_nobody_reads_and_what_cannot_be_read_is_passed_over() {
        let deleted = json!({"object": "organization", "id": "org_a", "deleted": true});
        for (kind, data) in [
            ("organization.created", &deleted),
            ("organization.updated", &deleted),
            ("user.updated", &deleted),
            ("user.deleted", &json!({"object": "user", "deleted": true})),
            ("organization.deleted", &json!({"object": "organization", "deleted": true})),
            ("organization.deleted", &json!({"id": "org a"})),
            ("organizationMembership.deleted", &json!({"organization": {"id": "org_a"}})),
            ("organizationMembership.deleted", &json!(null)),
        ] {
            assert_eq!(news(&event(kind, data)), None, "{kind} {data}");
        }
        for body in [&b""[..], b"{}", b"[]", b"{\"type\": 1}", b"\xff"] {
            assert_eq!(news(body), None);
        }
    }
}
