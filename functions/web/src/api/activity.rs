//! What was done by whom, to be read and to be taken along.

use axum::{Json, Router, extract::State, routing::get};
use jiff::civil::Date;
use numo_app::{
    read_activity::{Wanted, read_activity},
    store::{activity::Line, part::Part},
};
use numo_domain::id::OrgId;
use serde::Serialize;

use crate::{
    auth::Signed,
    csv_file::{CsvFile, as_text},
    failure::Failure,
    paging::Paged,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/activity", get(activity)).route("/activity.csv", get(csv))
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ActivityLinesView))]
struct ActivityView {
    activity: Vec<Line>,
    /// Where the next part begins; none at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Which lines are wanted, as it is described.
#[cfg(feature = "openapi")]
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
struct WantedQuery {
    /// The first day, by the organisation's dates.
    from: Option<String>,
    /// The last day.
    to: Option<String>,
    /// Whose: the id of a member or an operator, `numo`, or `customer`.
    actor: Option<String>,
    /// What: an action like `policy.changed`, or a noun like `policy` for all actions on it.
    action: Option<String>,
}

/// What was done by whom, newest first.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/activity", params(crate::paging::PartQuery, WantedQuery), responses((status = 200, body = ActivityView))))]
async fn activity(
    Signed(session): Signed,
    paged: Paged,
    State(state): State<AppState>,
) -> Result<Json<ActivityView>, Failure> {
    let wanted = wanted(paged.rest())?;
    let filter = format!("{wanted:?}");
    let part = paged.part_of(&session.org, &filter)?;
    let lines = read_activity(state.store(), &session.org, &wanted, &part).await?;
    Ok(Json(ActivityView { activity: lines.values, next_cursor: paged.next(&session.org, &filter, lines.next) }))
}

/// Lines of one file, at most.
const MOST_LINES: usize = 5_000;

/// The same as a file: one line each, the detail as JSON.
#[cfg_attr(feature = "openapi", utoipa::path(get, path = "/activity.csv", params(WantedQuery), responses((status = 200, body = String, content_type = "text/csv"))))]
async fn csv(Signed(session): Signed, paged: Paged, State(state): State<AppState>) -> Result<CsvFile, Failure> {
    file(&state, &session.org, &wanted(paged.rest())?).await
}

/// All lines that are wanted, as a file.
pub(crate) async fn file(state: &AppState, org: &OrgId, wanted: &Wanted) -> Result<CsvFile, Failure> {
    let lines = read_activity(state.store(), org, wanted, &Part::first(MOST_LINES)).await?;
    if lines.next.is_some() {
        return Err(Failure::invalid("from", format!("more than {MOST_LINES} lines; choose fewer days")));
    }
    let cells = lines.values.iter().map(|Line { activity, address }| {
        let (at, detail) = (activity.at.to_string(), activity.detail.to_string());
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        [at, as_text(activity.actor.name()), activity.action.clone(), detail, address]
    });
    Ok(CsvFile::new("numo-activity.csv", ["at", "actor", "action", "detail", "address"], cells)?)
}

/// What a query asks for.
pub(crate) fn wanted(query: &[(String, String)]) -> Result<Wanted, Failure> {
    let mut wanted = Wanted::default();
    for (name, value) in query {
        let day =
            || value.parse::<Date>().map_err(|_invalid| Failure::invalid(name.as_str(), "a date like 2026-11-23"));
        let is_new = match name.as_str() {
            "from" => wanted.from.replace(day()?).is_none(),
            "to" => wanted.to.replace(day()?).is_none(),
            "actor" => wanted.actor.replace(value.clone()).is_none(),
            "action" => wanted.action.replace(value.clone()).is_none(),
            _ => return Err(Failure::invalid(name.as_str(), "this query takes from, to, actor and action")),
        };
        if !is_new {
            return Err(Failure::invalid(name.as_str(), "it is given twice"));
        }
    }
    Ok(wanted)
}
