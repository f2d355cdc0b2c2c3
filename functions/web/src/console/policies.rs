//! When customers are reminded: each policy as a line around the due date, switched on or off; and old invoices.

use askama::Template;
use axum::{
    Router,
    extract::State,
    response::IntoResponse as _,
    routing::{get, post},
};
use jiff::civil::Weekday;
use numo_app::{
    backlog::{Chosen, OldInvoice, backlog, choose_start},
    configure::save_policy,
};
use numo_domain::{
    calendar::SendCalendar,
    customer_file::Start,
    id::PolicyId,
    policy::{Approval, Policy, PolicyState, Tone, audience::Audience},
};

use crate::{
    console::{Shown, address, frame::Frame, notice::Notice, sent::Sent, viewer::Viewer},
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

/// Old invoices of one page; a choice for all is for the others too.
const SHOWN: usize = 100;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies", get(show))
        .route("/policies/backlog", post(choose))
        .route("/policies/{policy}/state", post(switch))
}

#[derive(Template)]
#[template(path = "policies.html")]
struct PoliciesPage {
    frame: Frame,
    policies: Vec<PolicyText>,
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
    hours: Vec<(&'static str, String)>,
    approval: &'static str,
    caps: String,
    steps: Vec<StepText>,
    /// Where the due date stands on the line, in thousandths.
    due_at: i32,
}

struct StepText {
    when: String,
    tone: &'static str,
    /// Where it stands on the line, in thousandths.
    at: i32,
    is_before: bool,
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
    let old = backlog(store, org, state.now()).await?;
    let page = PoliciesPage {
        frame: viewer.frame(&state, "Policies"),
        policies: policies.all().map(PolicyText::new).collect(),
        more_old: old.len().saturating_sub(SHOWN),
        old: old.into_iter().take(SHOWN).map(OldText::from).collect(),
    };
    viewer.page(&state, &page)
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
    let (policy, now) = (Policy { state: to, edited_at: state.now(), ..policy }, state.now());
    save_policy(state.waker(), &session.org, &session.user, (&id, based_on), policy, now).await?;
    Ok(sent.done("/policies", notice).into_response())
}

/// How to start with all old invoices that nobody decided about.
async fn choose(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let start = match sent.fields.text("start")? {
        "leave_out" => Start::LeaveOut,
        "gently" => Start::Gently,
        "by_age" => Start::ByAge,
        _ => return Err(Failure::invalid("start", "leave_out, gently or by_age is needed").into()),
    };
    let session = &sent.viewer.session;
    choose_start(state.waker(), &session.org, &session.user, (start, &Chosen::All), state.now()).await?;
    Ok(sent.done("/policies", Notice::Saved).into_response())
}

impl PolicyText {
    fn new(policy: &Policy) -> Self {
        let offsets = || policy.steps.iter().map(|step| i32::from(step.offset_days)).chain([0]);
        let (first, last) = (offsets().min().unwrap_or_default(), offsets().max().unwrap_or_default());
        // A step at either end keeps its distance from the edge.
        let place = |days: i32| 50 + (days - first).saturating_mul(900).checked_div(last - first).unwrap_or_default();
        Self {
            id: policy.id.to_string(),
            version: policy.version,
            name: policy.name.clone(),
            audience: audience_words(&policy.audience),
            is_active: policy.state == PolicyState::Active,
            state: match policy.state {
                PolicyState::Draft => "draft: nothing is planned by it",
                PolicyState::Active => "on",
                PolicyState::Inactive => "off",
            },
            hours: hours(&policy.calendar),
            approval: match policy.approval {
                Approval::Required => "An admin approves each day's plan.",
                Approval::Automatic => "Plans go out by themselves, unless something about one is unusual.",
            },
            caps: format!(
                "At most {} in seven days to one number, and {} days between two.",
                policy.caps.per_seven_days, policy.caps.gap_days
            ),
            steps: policy
                .steps
                .iter()
                .map(|step| StepText {
                    when: when(step.offset_days),
                    tone: tone_words(step.tone),
                    at: place(step.offset_days.into()),
                    is_before: step.offset_days < 0,
                })
                .collect(),
            due_at: place(0),
        }
    }
}

fn when(offset_days: i16) -> String {
    let days = offset_days.unsigned_abs();
    let unit = if days == 1 { "day" } else { "days" };
    match offset_days {
        0 => "on the due date".to_owned(),
        1.. => format!("{days} {unit} after"),
        _ => format!("{days} {unit} before"),
    }
}

const fn tone_words(tone: Tone) -> &'static str {
    match tone {
        Tone::Friendly => "friendly",
        Tone::Gentle => "gentle",
        Tone::Firm => "firm",
        Tone::Final => "final",
    }
}

fn audience_words(audience: &Audience) -> String {
    match audience {
        Audience::Organisation => "everybody whom no other policy is for".to_owned(),
        Audience::Group { priority, .. } => format!("a group of customers, number {priority} in the order of groups"),
        Audience::Customer(_) => "one customer".to_owned(),
    }
}

/// The hours in which messages go out, per weekday.
fn hours(calendar: &SendCalendar) -> Vec<(&'static str, String)> {
    let days = Weekday::Monday.cycle_forward().map(|day| match day {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    });
    let open = |window: &Option<_>| window.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
    days.zip(calendar.week.iter().map(open)).collect()
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
