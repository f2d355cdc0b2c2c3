//! When customers are reminded: each policy as a line around the due date, switched on or off; and old invoices.

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{
    backlog::{Chosen, OldInvoice, backlog, choose_start},
    configure::save_policy,
};
use numo_domain::{
    id::PolicyId,
    policy::{Policy, PolicyState, audience::Audience},
};

use crate::{
    console::{
        Shown, address,
        awaited::{Awaited, part},
        customer_backlog::start,
        frame::Frame,
        notice::Notice,
        policy_line::LineText,
        policy_page::{customers_of, names_of},
        policy_words::{Names, approval_words, audience_words, hours},
        sent::Sent,
        undo::{Undo, What},
        viewer::Viewer,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

/// Old invoices of one page; a choice for all is for the others too.
const SHOWN: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies", get(show))
        .route("/policies/backlog", get(show_backlog).post(choose))
        .route("/policies/{policy}/state", post(switch))
}

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    frame: Frame,
    policies: Vec<PolicyText>,
    /// Old invoices as the plan of the day has counted them.
    n_old: usize,
    /// The place of those that wait now.
    awaited: Awaited,
}

/// Old invoices that nobody decided about: what htmx asks for once the page is there.
#[derive(Template)]
#[template(path = "backlog.html")]
struct BacklogPart {
    frame: Frame,
    old: Vec<OldText>,
    more_old: usize,
}

struct PolicyText {
    id: String,
    version: u32,
    name: String,
    audience: String,
    state: &'static str,
    is_active: bool,
    hours: [(&'static str, String); 7],
    approval: &'static str,
    caps: String,
    line: LineText,
}

struct OldText {
    number: String,
    address: String,
    due: String,
    days_overdue: i32,
    remaining: String,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let policies = store.policies(org).await?;
    let named = policies.all().flat_map(|policy| customers_of(&policy.audience)).collect();
    let names = names_of(&state, &viewer, named).await?;
    let mut policies: Vec<&Policy> = policies.all().collect();
    policies.sort_by_key(|policy| precedence(policy));
    let plan = store.plan_header(org, viewer.today).await?;
    let page = PoliciesPage {
        frame: viewer.frame(&state, "Policies"),
        policies: policies.into_iter().map(|policy| PolicyText::new(policy, &names)).collect(),
        n_old: plan.map_or(0, |plan| plan.value.old_invoices),
        awaited: Awaited {
            id: "old-invoices",
            from: "/policies/backlog".to_owned(),
            alone: "/policies/backlog".to_owned(),
            words: "Looking for old invoices that wait for a decision.",
            page: "/policies".to_owned(),
        },
    };
    viewer.page(&state, &page)
}

/// They are looked for among all that is owed, so that the page comes first and loads them afterwards.
async fn show_backlog(viewer: Viewer, State(state): State<AppState>, headers: HeaderMap) -> Shown {
    let old = backlog(state.store(), &viewer.session.org, state.now()).await?;
    let found = BacklogPart {
        frame: viewer.frame(&state, "Policies"),
        more_old: old.len().saturating_sub(SHOWN),
        old: old.into_iter().take(SHOWN).map(OldText::from).collect(),
    };
    part(&viewer, &state, &headers, ("Policies", &found))
}

/// Switches a policy on or off: its next version is the same but for that.
async fn switch(State(state): State<AppState>, PathOf(id): PathOf<PolicyId>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (to, notice) = match sent.fields.text("state")? {
        "active" => (PolicyState::Active, Notice::SwitchedOn),
        "inactive" => (PolicyState::Inactive, Notice::SwitchedOff),
        _ => return Err(Failure::invalid("state", "active or inactive is needed").into()),
    };
    let based_on = sent.fields.read("version", "open the page again")?;
    let session = &sent.viewer.session;
    let policies = state.store().policies(&session.org).await?;
    let policy = policies.get(&id).cloned().ok_or_else(|| Failure::not_found("policy"))?;
    let was_on = policy.state == PolicyState::Active;
    let (policy, now) = (Policy { state: to, edited_at: state.now(), ..policy }, state.now());
    let saved = save_policy(state.waker(), &session.org, &session.user, (&id, based_on), policy, now).await?;
    let mut answer = sent.done("/policies", notice).into_response();
    if was_on && to == PolicyState::Inactive {
        let what = What::SwitchOff { policy: id, version: saved.version };
        Undo::new(&state, notice, what).keep(&state, session, &mut answer);
    }
    Ok(answer)
}

/// How to start with all old invoices that nobody decided about.
async fn choose(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let start = start(&sent.fields)?;
    let session = &sent.viewer.session;
    choose_start(state.waker(), &session.org, &session.user, (start, &Chosen::All), state.now()).await?;
    Ok(sent.done("/policies", Notice::Saved).into_response())
}

impl PolicyText {
    fn new(policy: &Policy, names: &Names) -> Self {
        Self {
            id: policy.id.to_string(),
            version: policy.version,
            name: policy.name.clone(),
            audience: audience_words(&policy.audience, names),
            is_active: policy.state == PolicyState::Active,
            state: match policy.state {
                PolicyState::Draft => "draft: nothing is planned by it",
                PolicyState::Active => "on",
                PolicyState::Inactive => "off",
            },
            hours: hours(&policy.calendar),
            approval: approval_words(policy.approval),
            caps: format!(
                "At most {} in seven days to one number, and {} days between two.",
                policy.caps.per_seven_days, policy.caps.gap_days
            ),
            line: LineText::new(&policy.steps),
        }
    }
}

/// The place of a policy in the order in which they are asked whether they are for a customer.
const fn precedence(policy: &Policy) -> (u8, u16) {
    match policy.audience {
        Audience::Customer(_) => (0, 0),
        Audience::Group { priority, .. } => (1, priority),
        Audience::Organisation => (2, 0),
    }
}

impl From<OldInvoice> for OldText {
    fn from(old: OldInvoice) -> Self {
        Self {
            address: address::invoice(old.contact.connection, &old.invoice),
            number: old.number,
            due: old.due.strftime("%-d %b %Y").to_string(),
            days_overdue: old.days_overdue,
            remaining: old.remaining.to_string(),
        }
    }
}
