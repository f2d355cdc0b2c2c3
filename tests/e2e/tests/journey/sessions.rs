//! Who may use the API.

use numo_e2e::http::send;
use reqwest::Method;
use serde_json::json;

use crate::world::World;

pub(crate) async fn only_a_valid_session_token_of_an_organisation_opens_the_api(world: &mut World) {
    let owner = world.owner();
    assert_eq!(owner.get("/v1/organisation").await.unwrap().status, 200);
    let spoilt = [
        ("expired", json!({"exp_in_s": -120})),
        ("pending", json!({"sts": "pending"})),
        ("wrong issuer", json!({"iss": "https://clerk.elsewhere.example"})),
        ("wrong azp", json!({"azp": "https://elsewhere.example"})),
        ("unknown key", json!({"kid": "ins_other"})),
        ("no subject", json!({"omit": ["sub"]})),
    ];
    for (what, overrides) in spoilt {
        let token = owner.spoiled_token(&overrides).await.unwrap();
        assert_eq!(status(world, Some(&token), None).await, 401, "{what}");
    }
    let forged = forged(&owner.token().await.unwrap());
    assert_eq!(status(world, Some(&forged), None).await, 401, "another payload under the signature");
    assert_eq!(status(world, None, None).await, 401, "no token");
    let cookie = format!("__session={}", owner.token().await.unwrap());
    assert_eq!(status(world, None, Some(&cookie)).await, 401, "a cookie");
    assert_eq!(world.product("user_nobody").get("/v1/organisation").await.unwrap().status, 401, "no organisation");
    assert_eq!(world.product("user_member").post("/v1/plan", &json!({})).await.unwrap().status, 403, "a member");
}

async fn status(world: &World, token: Option<&str>, cookie: Option<&str>) -> u16 {
    let path = "/v1/organisation";
    let mut request = world.http.get(format!("{}{path}", world.stack.state.loopback_url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    send(Method::GET, path, request).await.unwrap().status.as_u16()
}

/// The token with one letter of its payload changed.
fn forged(token: &str) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let first = if parts[1].starts_with('a') { "b" } else { "a" };
    parts[1].replace_range(..1, first);
    parts.join(".")
}
