use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer;
use crate::app::App;
use crate::field::Field as _;
use crate::xero::data::{OWNER, large as large_books, small};
use crate::xero::state::{Tenant, User, XeroState};

/// Adds small organisations of one user, who is made if need be.
pub(crate) async fn many(State(app): State<App>, Json(asked): Json<Value>) -> Response {
    let (Some(email), Some(count)) = (asked.at("user").as_str(), asked.at("count").as_u64()) else {
        return answer::json(400, json!({ "error": "user and count are needed" }));
    };
    let user_id = app.new_id();
    let mut xero = app.xero();
    if xero.user(email).is_none() {
        xero.users.push(User { id: user_id, email: email.to_owned(), tenants: Vec::new() });
    }
    let prefix = email.split('@').next().unwrap_or_default();
    let n_before = xero.tenants.len();
    let added: Vec<Value> = (0..usize::try_from(count).unwrap_or_default())
        .map(|n| {
            let tenant = small::client(n_before + n, &format!("{prefix}_{:02}", n_before + n), xero.seed, xero.today);
            add(&mut xero, email, tenant)
        })
        .collect();
    answer::json(200, Value::Array(added))
}

/// Adds one organisation of any size to the owner of the demonstration.
pub(crate) async fn large(State(app): State<App>, Json(size): Json<large_books::Size>) -> Response {
    let (seed, today, is_taken) = {
        let xero = app.xero();
        (xero.seed, xero.today, xero.tenant(&size.key).is_some())
    };
    if is_taken {
        return answer::json(409, json!({ "error": "there is a tenant of that key" }));
    }
    let tenant = large_books::tenant(&size, seed, today);
    answer::json(200, add(&mut app.xero(), OWNER, tenant))
}

fn add(xero: &mut XeroState, email: &str, tenant: Tenant) -> Value {
    let told = json!({ "key": tenant.key, "tenant_id": tenant.id, "name": tenant.name });
    if let Some(user) = xero.users.iter_mut().find(|user| user.email == email) {
        user.tenants.push(tenant.key.clone());
    }
    xero.tenants.push(tenant);
    told
}
