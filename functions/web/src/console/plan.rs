//! Who gets what on a day, and why everybody else gets nothing: approve it, hold one back, move one.

use askama::Template;
use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::{get, post},
};
use jiff::{ToSpan as _, civil::Date};
use numo_app::{
    approve_plan::approve_plan,
    error::AppError,
    job::{Cause, Work},
    plan_day::check_look_ahead,
};
use url::form_urlencoded;

use crate::{
    console::{
        Loads, Shown,
        awaited::{ALONE, Awaited, is_alone, is_part},
        frame::Frame,
        notice::Notice,
        plan_day::{PlanText, plan_ahead, plan_of},
        render,
        sent::Sent,
        viewer::Viewer,
    },
    failure::Failure,
    paging::Paged,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/plan", get(show))
        .route("/plan/ahead", get(show_ahead))
        .route("/plan/approve", post(approve))
        .route("/plan/anew", post(plan_anew))
}

#[derive(Template)]
#[template(path = "plan.html")]
struct PlanPage {
    frame: Frame,
    days: Days,
    /// None where no plan was made for the day, or one is looked ahead at.
    plan: Option<PlanText>,
    /// The place of the decisions, if this is a look ahead.
    ahead: Option<Awaited>,
}

/// A look ahead alone: what htmx asks for once its page is there.
#[derive(Template)]
#[template(path = "plan_ahead.html")]
struct AheadPart {
    frame: Frame,
    days: Days,
    plan: PlanText,
}

/// The day of a page and those around it.
struct Days {
    day: DayText,
    before: DayText,
    after: DayText,
    is_today: bool,
    /// Whether it may be looked ahead at.
    may_look_ahead: bool,
    /// The address of the page.
    here: String,
}

/// A day as the address and as people have it.
struct DayText {
    exact: String,
    text: String,
}

async fn show(
    viewer: Viewer,
    paged: Result<Paged, Failure>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Shown {
    let day = asked_day(query.as_deref().unwrap_or_default(), viewer.today)?;
    let plan = plan_of(&state, (&viewer, &paged?), day).await?;
    let days = Days::new((day, "/plan"), viewer.today);
    viewer.page(&state, &PlanPage { frame: viewer.frame(&state, "Plan"), days, plan, ahead: None })
}

/// What would go out on a day, as things stand: that decides about every customer, so that the page comes first and
/// loads it afterwards.
async fn show_ahead(
    viewer: Viewer,
    paged: Result<Paged, Failure>,
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Shown {
    let query = query.unwrap_or_default();
    let day = asked_day(&query, viewer.today)?;
    check_look_ahead(viewer.today, day)?;
    let (paged, days) = (paged?, Days::new((day, "/plan/ahead"), viewer.today));
    let frame = viewer.frame(&state, "Plan");
    if !is_part(&headers) && !is_alone(&query) {
        let words = "Working out what would go out. With many customers this takes a moment.";
        let (from, alone) = (format!("/plan/ahead?{query}"), format!("{}&{ALONE}", days.here));
        let ahead = Awaited { id: "ahead", from, alone, words, page: days.here.clone() };
        return viewer.page(&state, &PlanPage { frame, days, plan: None, ahead: Some(ahead) });
    }
    let plan = plan_ahead(&state, (&viewer, &paged), day).await?;
    match is_part(&headers) {
        true => Ok(render(StatusCode::OK, &AheadPart { frame, days, plan }, &viewer.nonce, Loads::Clerk(&state.site))?),
        false => viewer.page(&state, &PlanPage { frame, days, plan: Some(plan), ahead: None }),
    }
}

impl Days {
    fn new((day, path): (Date, &str), today: Date) -> Self {
        Self {
            here: format!("{path}?day={day}"),
            day: DayText::new(day),
            before: DayText::new(day.saturating_sub(1.day())),
            after: DayText::new(day.saturating_add(1.day())),
            is_today: day == today,
            may_look_ahead: check_look_ahead(today, day).is_ok(),
        }
    }
}

/// The day of the query, or today.
pub(super) fn asked_day(query: &str, today: Date) -> Result<Date, Failure> {
    match form_urlencoded::parse(query.as_bytes()).find(|(name, value)| name == "day" && !value.is_empty()) {
        Some((_, day)) => {
            day.parse().map_err(|_unreadable| Failure::invalid("day", "a date such as 2026-11-24 is needed"))
        }
        None => Ok(today),
    }
}

/// Approves the plan as it was looked at.
async fn approve(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let day: Date = sent.fields.read("day", "a date such as 2026-11-24 is needed")?;
    let generation = sent.fields.read("generation", "open the plan again")?;
    let session = &sent.viewer.session;
    approve_plan(state.waker(), &session.org, &session.user, day, generation, state.now()).await?;
    Ok(sent.done(&format!("/plan?day={day}"), Notice::Approved).into_response())
}

/// Makes the plan of the present day anew.
async fn plan_anew(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let org = &sent.viewer.session.org;
    let woken: Result<_, AppError> = state.waker().wake(org, &Work::PlanDay {}, Cause::Person, state.now()).await;
    woken?;
    Ok(sent.done("/plan", Notice::PlannedAnew).into_response())
}

impl DayText {
    fn new(day: Date) -> Self {
        Self { exact: day.to_string(), text: day.strftime("%a %-d %b %Y").to_string() }
    }
}
