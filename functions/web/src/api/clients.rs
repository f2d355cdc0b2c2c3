//! Several organisations of one person: how each stands, and a policy of one for another.

use std::collections::BTreeMap;

use axum::{
    Json, Router,
    extract::State,
    routing::{get, post},
};
use numo_app::{
    clients::{Client, Open, Today, clients},
    copy_policy::{Copying, copy_policy},
    error::AppError,
    port::session::{Role, Session},
};
use numo_domain::{
    id::{OrgId, PolicyId},
    plan::reason::SkipCode,
    policy::Policy,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Admin, Signed},
    failure::Failure,
    json_body::JsonBody,
    paging::Paged,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/clients", get(list)).route("/policies/copies", post(copy))
}

/// How an organisation stands, in numbers alone.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ClientView {
    organisation: OrgId,
    /// Empty until the organisation has said it.
    name: String,
    role: &'static str,
    paused: bool,
    open_tasks: OpenView,
    /// Messages of today's and tomorrow's plans that wait for an approval.
    awaiting_approval: usize,
    /// Messages of customers that nobody has read.
    unread: u32,
    /// Not there until the day is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    today: Option<TodayView>,
}

/// Open tasks by what they are about.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct OpenView {
    ledgers: usize,
    whatsapp: usize,
    customers: usize,
    other: usize,
}

/// What goes out on the organisation's present day.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ClientTodayView))]
struct TodayView {
    sends: usize,
    skips: usize,
    /// Where nothing goes out: for how many customers which reason is the most important one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nothing_because: Vec<BecauseView>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct BecauseView {
    code: &'static str,
    sentence: &'static str,
    customers: usize,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct ClientsView {
    clients: Vec<ClientView>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Every organisation that the person belongs to by Clerk's word at this moment.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(get, path = "/clients", params(crate::paging::PartQuery), responses((status = 200, body = ClientsView)))
)]
async fn list(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<ClientsView>, Failure> {
    // A cursor is the person's own: another one belongs to other organisations.
    let (user, part) = (session.user.as_str(), paged.part_for(&session.org, session.user.as_str())?);
    let theirs = memberships(&state, &session).await?;
    let is_after = |org: &OrgId| part.after.as_deref().is_none_or(|after| org.as_str() > after);
    let mut rest = theirs.into_iter().filter(|(org, _)| is_after(org));
    let these: Vec<(OrgId, Role)> = rest.by_ref().take(part.limit).collect();
    let next = rest.next().and(these.last()).map(|(org, _)| org.to_string());
    let found = clients(state.store(), &these, state.now()).await?;
    let clients = found.into_iter().map(ClientView::from).collect();
    Ok(Json(ClientsView { clients, next_cursor: paged.next(&session.org, user, next) }))
}

async fn memberships(state: &AppState, session: &Session) -> Result<BTreeMap<OrgId, Role>, Failure> {
    let theirs = state.people.organisations(&session.user).await;
    Ok(theirs.map_err(|error| AppError::Unavailable(Box::new(error)))?)
}

/// A policy of another organisation of the person, and what it becomes here.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct CopyForm {
    from: SourceForm,
    /// The policy that is replaced; a new one is made where it is not given.
    #[serde(default)]
    onto: Option<OntoForm>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct SourceForm {
    organisation: OrgId,
    policy: PolicyId,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct OntoForm {
    policy: PolicyId,
    /// The version that was seen.
    based_on: u32,
}

/// Saves what a policy of another organisation of the person says as one of this organisation.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
        post, path = "/policies/copies",
        request_body = CopyForm,
        responses((status = 200, body = Policy)),
        security(("session" = ["admin"])),
    )
)]
async fn copy(
    Admin(session): Admin,
    State(state): State<AppState>,
    JsonBody(CopyForm { from, onto }): JsonBody<CopyForm>,
) -> Result<Json<Policy>, Failure> {
    let theirs = memberships(&state, &session).await?;
    // One that the person does not belong to is like one that does not exist.
    if !theirs.contains_key(&from.organisation) {
        return Err(Failure::not_found("policy"));
    }
    let onto = onto.map(|OntoForm { policy, based_on }| (policy, based_on));
    let copying = Copying { from: from.organisation, policy: from.policy, onto };
    Ok(Json(copy_policy(state.waker(), &session.org, &session.user, &copying, state.now()).await?))
}

impl From<Client> for ClientView {
    fn from(client: Client) -> Self {
        let Client { org, name, role, is_paused, open, approvals, unread, today } = client;
        let Open { ledgers, whatsapp, customers, other } = open;
        let because = |(code, customers): (SkipCode, usize)| BecauseView {
            code: code.code(),
            sentence: code.sentence(),
            customers,
        };
        let today = today.map(|Today { sends, skips, nothing_because }| TodayView {
            sends,
            skips,
            nothing_because: nothing_because.into_iter().map(because).collect(),
        });
        Self {
            organisation: org,
            name,
            role: match role {
                Role::Admin => "admin",
                Role::Member => "member",
            },
            paused: is_paused,
            open_tasks: OpenView { ledgers, whatsapp, customers, other },
            awaiting_approval: approvals,
            unread,
            today,
        }
    }
}
