//! A new policy for a group or a customer: a copy of one that is there, or of one to start from.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
};
use numo_app::configure::save_policy;
use numo_domain::{
    id::PolicyId,
    policy::{
        Policy, PolicyState, StepId,
        audience::{Audience, Policies},
        presets::Preset,
    },
};
use url::form_urlencoded;
use uuid::Uuid;

use crate::{
    console::{
        Shown,
        awaited::is_part,
        notice::Notice,
        policy::{changed, refusal},
        policy_form::{PolicyForm, Wrong, read},
        policy_page::{Shows, page, preview},
        sent::Sent,
        viewer::Viewer,
    },
    failure::Failure,
    state::AppState,
};

pub(super) async fn show(viewer: Viewer, State(state): State<AppState>, RawQuery(query): RawQuery) -> Shown {
    viewer.must_be_admin()?;
    let policies = state.store().policies(&viewer.session.org).await?;
    let query = query.unwrap_or_default();
    let asked = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let from = match (asked("from"), asked("preset").as_deref()) {
        (Some(id), _) => {
            let id = id.parse::<PolicyId>().ok();
            let found = id.and_then(|id| policies.get(&id).cloned());
            let found = found.ok_or_else(|| Failure::not_found("policy"))?;
            Policy { name: format!("{} (copy)", found.name).chars().take(60).collect(), ..found }
        }
        (None, Some("gentle")) => Preset::Gentle.policy(viewer.organisation.country, state.now()),
        (None, Some("firm")) => Preset::Firm.policy(viewer.organisation.country, state.now()),
        (None, _) => Preset::Standard.policy(viewer.organisation.country, state.now()),
    };
    let policy = begun(from, &policies, state.waker().ids.uuid())?;
    let shows = Shows { policy: &policy, form: PolicyForm::of(&policy), is_new: true, seen: None };
    page(&viewer, &state, StatusCode::OK, shows).await
}

/// Makes it, as a draft; a form that is sent twice makes one.
pub(super) async fn create(State(state): State<AppState>, headers: HeaderMap, sent: Sent) -> Shown {
    let (viewer, typed) = (&sent.viewer, PolicyForm::typed(sent.fields.clone()));
    if is_part(&headers) {
        return preview(viewer, &state, &typed).await;
    }
    viewer.must_be_admin()?;
    let session = &viewer.session;
    let policies = state.store().policies(&session.org).await?;
    let id: Uuid = sent.fields.read("id", "open the page again")?;
    let policy = begun(Policy::standard(state.now()), &policies, id)?;
    let show = |form, status| {
        let shows = Shows { policy: &policy, form, is_new: true, seen: None };
        page(viewer, &state, status, shows)
    };
    let change = sent.fields.text("do")?;
    if change != "save" {
        return show(changed(typed, change)?, StatusCode::OK).await;
    }
    let again = |wrong: Wrong| PolicyForm { fields: sent.fields.clone(), wrong };
    if policies.get(&policy.id).is_none() {
        let made = match read(&sent.fields, &policy.id, (PolicyState::Draft, None), state.now()) {
            Ok(made) => made,
            Err(wrong) => return show(again(wrong), StatusCode::BAD_REQUEST).await,
        };
        let saved = save_policy(state.waker(), &session.org, &session.user, (&policy.id, 0), made, state.now()).await;
        if let Err(error) = saved {
            return match refusal(&error) {
                Some(wrong) => show(again(wrong), StatusCode::BAD_REQUEST).await,
                None => Err(error.into()),
            };
        }
    }
    Ok(sent.done(&format!("/policies/{}", policy.id), Notice::PolicyMade).into_response())
}

/// A draft with the content of another policy: its steps are new ones, and it is for a group that is still to be named.
fn begun(from: Policy, policies: &Policies, id: Uuid) -> Result<Policy, Failure> {
    let taken = |priority: u16| {
        let has_it =
            |policy: &Policy| matches!(policy.audience, Audience::Group { priority: other, .. } if other == priority);
        policies.others.iter().any(has_it)
    };
    let priority = (1..u16::MAX).find(|priority| !taken(*priority)).unwrap_or(u16::MAX);
    let members = match from.audience {
        Audience::Group { members, .. } => members,
        Audience::Organisation | Audience::Customer(_) => Vec::new(),
    };
    let mut steps = from.steps;
    steps.iter_mut().for_each(|step| step.id = StepId::NEW);
    let id = id.to_string().parse().map_err(|_long| Failure::not_found("policy"))?;
    let audience = Audience::Group { priority, members };
    Ok(Policy { id, audience, state: PolicyState::Draft, version: 0, steps, ..from })
}
