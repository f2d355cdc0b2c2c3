//! One policy: it is looked at, edited, tried out and deleted; the same use cases as the API's carry that out.

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::{get, post},
};
use numo_app::{
    configure::{delete_policy, save_policy},
    error::AppError,
};
use numo_domain::{
    id::PolicyId,
    policy::{Policy, PolicyState},
    wording::value::clean,
};

use crate::{
    console::{
        Shown,
        awaited::is_part,
        notice::Notice,
        policy_changes::{over, version},
        policy_form::{PolicyForm, Wrong, read},
        policy_new,
        policy_page::{Shows, page, preview},
        sent::Sent,
        viewer::Viewer,
    },
    failure::Failure,
    path_of::PathOf,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/policies/new", get(policy_new::show).post(policy_new::create))
        .route("/policies/{policy}", get(show).post(edit))
        .route("/policies/{policy}/delete", post(delete))
}

async fn show(viewer: Viewer, State(state): State<AppState>, PathOf(id): PathOf<PolicyId>) -> Shown {
    let policy = policy(&state, &viewer, &id).await?;
    let shows = Shows { policy: &policy, form: PolicyForm::of(&policy), is_new: false, seen: None };
    page(&viewer, &state, StatusCode::OK, shows).await
}

/// Saves a form, or shows it again with one step more or less, or with the customers of a name.
async fn edit(State(state): State<AppState>, PathOf(id): PathOf<PolicyId>, headers: HeaderMap, sent: Sent) -> Shown {
    let (viewer, typed) = (&sent.viewer, PolicyForm::typed(sent.fields.clone()));
    let policy = policy(&state, viewer, &id).await?;
    if is_part(&headers) {
        return preview(viewer, &state, &typed).await;
    }
    viewer.must_be_admin()?;
    match sent.fields.text("do")? {
        "save" => save(&state, &sent, &policy, policy.state).await,
        "switch_on" => save(&state, &sent, &policy, PolicyState::Active).await,
        change => {
            let shows = Shows { policy: &policy, form: changed(typed, change)?, is_new: false, seen: None };
            page(viewer, &state, StatusCode::OK, shows).await
        }
    }
}

async fn save(state: &AppState, sent: &Sent, policy: &Policy, to: PolicyState) -> Shown {
    let (viewer, fields, id) = (&sent.viewer, &sent.fields, &policy.id);
    let based_on: u32 = fields.read("version", "open the page again")?;
    if based_on != policy.version {
        return outrun(state, sent, (policy, based_on)).await;
    }
    let again = |wrong| async {
        let form = PolicyForm { fields: fields.clone(), wrong };
        let shows = Shows { policy, form, is_new: false, seen: None };
        page(viewer, state, StatusCode::BAD_REQUEST, shows).await
    };
    let edited = match read(fields, id, (to, Some(policy)), state.now()) {
        Ok(edited) => edited,
        Err(wrong) => return again(wrong).await,
    };
    let session = &viewer.session;
    let saved = save_policy(state.waker(), &session.org, &session.user, (id, based_on), edited, state.now()).await;
    match saved {
        Ok(_) => {
            let notice = if to == policy.state { Notice::PolicySaved } else { Notice::SwitchedOn };
            Ok(sent.done(&format!("/policies/{id}"), notice).into_response())
        }
        // Somebody was faster by a moment.
        Err(AppError::Conflict(_) | AppError::Stale) => {
            let now = self::policy(state, viewer, id).await?;
            outrun(state, sent, (&now, based_on)).await
        }
        Err(error) => match refusal(&error) {
            Some(wrong) => again(wrong).await,
            None => Err(error.into()),
        },
    }
}

/// Shows what was typed over what somebody else made of the policy meanwhile, and what that is.
async fn outrun(state: &AppState, sent: &Sent, (policy, based_on): (&Policy, u32)) -> Shown {
    let seen = version(state.store(), &sent.viewer.session.org, (&policy.id, based_on)).await?;
    let seen = seen.ok_or_else(|| Failure::invalid("version", "open the page again"))?;
    let shows = Shows { policy, form: over(&sent.fields, &seen, policy), is_new: false, seen: Some(seen) };
    page(&sent.viewer, state, StatusCode::CONFLICT, shows).await
}

/// Deletes a policy whose name was typed: it does not come back.
async fn delete(State(state): State<AppState>, PathOf(id): PathOf<PolicyId>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let policy = policy(&state, &sent.viewer, &id).await?;
    let based_on = sent.fields.read("version", "open the page again")?;
    if !clean(sent.fields.text("confirm")?, "").eq_ignore_ascii_case(&clean(&policy.name, "")) {
        return Err(Failure::invalid("confirm", "type the name of the policy as it stands above").into());
    }
    let session = &sent.viewer.session;
    delete_policy(state.waker(), &session.org, &session.user, (&id, based_on), state.now()).await?;
    Ok(sent.done("/policies", Notice::PolicyDeleted).into_response())
}

async fn policy(state: &AppState, viewer: &Viewer, id: &PolicyId) -> Result<Policy, Failure> {
    let policies = state.store().policies(&viewer.session.org).await?;
    policies.get(id).cloned().ok_or_else(|| Failure::not_found("policy"))
}

/// The form after a button that saves nothing.
pub(super) fn changed(form: PolicyForm, change: &str) -> Result<PolicyForm, Failure> {
    match change {
        "preview" | "find" => Ok(form),
        "add_step" => Ok(form.with_step()),
        other => match other.strip_prefix("remove_step_") {
            Some(place) => Ok(form.without_step(place)),
            None => Err(Failure::invalid("do", "this page has no such button; open it again")),
        },
    }
}

/// What a use case says is wrong with a policy, by the field of the form.
pub(super) fn refusal(error: &AppError) -> Option<Wrong> {
    let AppError::Invalid { field: "policy", message } = error else { return None };
    let (part, why) = message.split_once(": ")?;
    let field = match part {
        "calendar.week" => "week",
        "repeat.at_most" => "repeat_at_most",
        "repeat.every" => "repeat_every",
        "audience.group.priority" => "priority",
        _ if part.starts_with("audience") => "audience",
        _ if part.starts_with("minimum_total") => "minimum_total",
        other => other.strip_prefix("caps.").unwrap_or(other),
    };
    let mut letters = why.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    Some(Wrong::from([(field.to_owned(), format!("{first}{}.", letters.as_str()))]))
}
