//! The first page: what is owed, what needs somebody, what goes out today, and what is still to be set up.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use numo_app::{
    clients::Today,
    count_receivables::{OwedNow, owed_now},
    error::AppError,
    store::plan::PlanApproval,
};
use numo_domain::{
    ageing::{Age, Aged},
    money::Money,
};

use crate::{
    console::{Shown, checklist::Checklist, frame::Frame, needs::Need, time::LocalTime, viewer::Viewer},
    public::landing::Acquainted,
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/", get(show))
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    checklist: Option<Checklist>,
    needs: Vec<Need>,
    owed: Option<OwedTexts>,
    today: Option<TodayText>,
}

/// What is owed, as it was counted.
struct OwedTexts {
    counted_at: LocalTime,
    currencies: Vec<OwedText>,
}

/// What is owed in one currency, as a bar of five pieces.
struct OwedText {
    currency: String,
    total: String,
    overdue: String,
    invoices: usize,
    /// How much it was about a month ago.
    change: Option<String>,
    pieces: Vec<PieceText>,
}

struct PieceText {
    class: usize,
    words: &'static str,
    amount: String,
    /// Where the piece begins and how long it is, in thousandths of the bar.
    from: i64,
    length: i64,
}

/// The plan of today, in numbers.
struct TodayText {
    sends: usize,
    skips: usize,
    awaits_approval: bool,
    /// Where nothing goes out: for how many customers a reason is the first one, most customers first.
    because: Vec<(usize, &'static str)>,
}

async fn show(_: Acquainted, viewer: Viewer, State(state): State<AppState>) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let owed = owed_now(store, org, viewer.today).await?;
    let senders = store.senders(org).await?;
    let today = today(&state, &viewer).await?;
    let page = Home {
        frame: viewer.frame(&state, "Home"),
        checklist: Checklist::load(&state, &viewer, &senders).await?,
        needs: Need::all(&state, &viewer, &senders).await?,
        owed: owed.map(|owed| OwedTexts::new(&owed, &viewer)),
        today,
    };
    viewer.page(&state, &page)
}

async fn today(state: &AppState, viewer: &Viewer) -> Result<Option<TodayText>, AppError> {
    let (store, org) = (state.store(), &viewer.session.org);
    let Some(header) = store.plan_header(org, viewer.today).await?.map(|seen| seen.value) else { return Ok(None) };
    let awaits_approval = header.approval == PlanApproval::Awaited;
    let Today { sends, skips, nothing_because } = Today::of(&header);
    let because = nothing_because.into_iter().map(|(code, customers)| (customers, code.sentence())).collect();
    Ok(Some(TodayText { sends, skips, awaits_approval, because }))
}

impl OwedTexts {
    fn new(owed: &OwedNow, viewer: &Viewer) -> Self {
        let currencies = owed.counted.owed.iter().map(|aged| OwedText {
            change: owed.month_ago.as_ref().map(|day| {
                let before = day
                    .owed
                    .iter()
                    .find(|before| before.currency == aged.currency)
                    .map_or(0, |before| before.total().minor);
                change(aged.total(), before, &day.date.strftime("%-d %b %Y").to_string())
            }),
            ..OwedText::new(aged)
        });
        Self { counted_at: viewer.clock.show(owed.counted.counted_at), currencies: currencies.collect() }
    }
}

/// How an amount stands to what it was.
fn change(now: Money, before: i64, date: &str) -> String {
    let difference = now.minor.saturating_sub(before);
    let amount = Money::new(difference.saturating_abs(), now.currency);
    match difference {
        0 => format!("as much as on {date}"),
        1.. => format!("{amount} more than on {date}"),
        ..0 => format!("{amount} less than on {date}"),
    }
}

impl OwedText {
    fn new(aged: &Aged) -> Self {
        let (total, mut from) = (aged.total(), 0);
        let pieces = Age::ALL.iter().enumerate().map(|(class, age)| {
            let amount = aged.amount(*age);
            let length = thousandths(amount.minor, total.minor);
            let piece = PieceText { class, words: age.words(), amount: amount.to_string(), from, length };
            from += length;
            piece
        });
        Self {
            currency: aged.currency.as_str().to_owned(),
            overdue: aged.overdue().to_string(),
            invoices: aged.invoices,
            change: None,
            pieces: pieces.collect(),
            total: total.to_string(),
        }
    }
}

fn thousandths(part: i64, whole: i64) -> i64 {
    let share = i128::from(part).saturating_mul(1_000).checked_div(i128::from(whole)).unwrap_or_default();
    i64::try_from(share).unwrap_or_default()
}
