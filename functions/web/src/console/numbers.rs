//! The numbers that matter: what is owed and for how long, and what reminders bring.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use jiff::{ToSpan, civil::Date};
use numo_app::{
    count_receivables::owed_now,
    store::figures::{CurrencyFigures, Figures},
};
use numo_domain::{
    cost::Cost,
    figures::Responses,
    money::{Currency, Money},
};

use crate::{
    console::{
        Shown,
        frame::Frame,
        owed::{OwedTexts, thousandths},
        time::LocalTime,
        viewer::Viewer,
    },
    state::AppState,
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/numbers", get(show))
}

#[derive(Template)]
#[template(path = "numbers.html")]
struct NumbersPage {
    frame: Frame,
    owed: Option<OwedTexts>,
    figures: Option<FiguresText>,
}

struct FiguresText {
    counted_at: LocalTime,
    /// The first month of which all sales are known.
    since: Option<String>,
    has_too_many_invoices: bool,
    currencies: Vec<CurrencyText>,
    responses: Vec<ResponsesText>,
    spent: Option<String>,
}

/// What became of the reminders of some days, each with its share of those that were sent.
struct ResponsesText {
    days: u16,
    sent: u64,
    delivered: String,
    read: String,
    replied: String,
    paid: String,
}

/// The numbers of one currency.
struct CurrencyText {
    currency: String,
    days: Option<i64>,
    /// All months, collected after reminders.
    collected: String,
    /// What messages cost for a hundred that was collected this month.
    cost_per_hundred: Option<String>,
    months: Vec<MonthText>,
}

/// A month as a bar and as a row.
struct MonthText {
    name: String,
    collected: String,
    sales: Option<String>,
    /// Where the bar begins, and how high it is, in thousandths of the picture.
    from: usize,
    height: i64,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let (store, org) = (state.store(), &viewer.session.org);
    let owed = owed_now(store, org, viewer.today).await?;
    let figures = store.figures(org).await?;
    let page = NumbersPage {
        frame: viewer.frame(&state, "Numbers"),
        owed: owed.map(|owed| OwedTexts::new(&owed, &viewer)),
        figures: figures.map(|figures| FiguresText::new(figures, &viewer)),
    };
    viewer.page(&state, &page)
}

impl FiguresText {
    fn new(figures: Figures, viewer: &Viewer) -> Self {
        let currencies = figures.currencies.iter().map(|one| CurrencyText::new(one, &figures));
        Self {
            currencies: currencies.collect(),
            counted_at: viewer.clock.show(figures.counted_at),
            since: figures.sales_since.map(month_name),
            has_too_many_invoices: figures.has_too_many_invoices,
            responses: figures.responses.iter().map(ResponsesText::from).collect(),
            spent: figures.spent.map(|spent| cost_text(spent).to_string()),
        }
    }
}

impl From<&Responses> for ResponsesText {
    fn from(told: &Responses) -> Self {
        let of_sent = |part: u64| match (part * 100 + told.sent / 2).checked_div(told.sent) {
            Some(percent) => format!("{part} ({percent}%)"),
            None => part.to_string(),
        };
        Self {
            days: told.days,
            sent: told.sent,
            delivered: of_sent(told.delivered),
            read: of_sent(told.read),
            replied: of_sent(told.replied),
            paid: of_sent(told.paid),
        }
    }
}

impl CurrencyText {
    fn new(one: &CurrencyFigures, figures: &Figures) -> Self {
        let money = |minor: i64| Money::new(minor, one.currency);
        let this_month = figures.date.first_of_month();
        let collected = one.collected.get(&this_month).copied().unwrap_or_default();
        let spent = figures.spent.filter(|spent| spent.currency == one.currency && collected > 0);
        Self {
            currency: one.currency.as_str().to_owned(),
            days: one.days_sales_outstanding,
            collected: money(one.collected.values().fold(0, |sum: i64, minor| sum.saturating_add(*minor))).to_string(),
            cost_per_hundred: spent.map(|spent| per_hundred(spent, collected)),
            months: months(one, figures),
        }
    }
}

/// This month and the eleven before, each with what was collected in it.
fn months(one: &CurrencyFigures, figures: &Figures) -> Vec<MonthText> {
    let most = one.collected.values().copied().max().unwrap_or_default();
    let first = figures.date.first_of_month().saturating_sub(11.months());
    let money = |minor: i64| Money::new(minor, one.currency).to_string();
    let all = first.series(1.month()).take(12).enumerate().map(|(place, month)| {
        let collected = one.collected.get(&month).copied().unwrap_or_default();
        let are_sales_known = figures.sales_since.is_some_and(|since| since <= month) && !figures.has_too_many_invoices;
        MonthText {
            name: month_name(month),
            collected: money(collected),
            sales: are_sales_known.then(|| money(one.sales.get(&month).copied().unwrap_or_default())),
            from: place * 1_000 / 12,
            height: thousandths(collected, most),
        }
    });
    all.collect()
}

fn month_name(month: Date) -> String {
    month.strftime("%B %Y").to_string()
}

/// A cost in whole minor units, rounded to the nearest.
fn cost_text(cost: Cost) -> Money {
    minor_of(u128::from(cost.millionths), cost.currency)
}

/// What a hundred units of the currency cost that were collected.
fn per_hundred(spent: Cost, collected_minor: i64) -> String {
    let per_unit = 10_u128.pow(u32::try_from(spent.currency.exponent()).unwrap_or_default());
    let collected = u128::try_from(collected_minor).unwrap_or_default().max(1);
    let millionths = u128::from(spent.millionths) * 100 * per_unit / collected;
    minor_of(millionths, spent.currency).to_string()
}

fn minor_of(millionths: u128, currency: Currency) -> Money {
    let per_unit = 10_u128.pow(u32::try_from(currency.exponent()).unwrap_or_default());
    let minor = (millionths * per_unit + 500_000) / 1_000_000;
    Money::new(i64::try_from(minor).unwrap_or(i64::MAX), currency)
}
