//! What the messages of the month cost, the rates that it is counted by, and the cap.

mod entered;

use askama::Template;
use axum::{Router, extract::State, response::IntoResponse as _, routing::get};
use numo_app::{
    configure::{set_cost_cap, set_rates},
    store::expected::Subject,
};
use numo_domain::{
    account_bill::ToldBill,
    cost::{Cost, CostCap, RateCard, Tally, decimal::rate_text},
    money::Money,
};

use crate::{
    console::{
        Shown,
        frame::Frame,
        notice::Notice,
        sent::Sent,
        settings::cost::entered::{rate_card, rate_lines},
        time::LocalTime,
        viewer::Viewer,
        words::price_category,
    },
    failure::Failure,
    state::AppState,
    view::cost::{BillView, CostView, RatesView},
};

pub(super) fn routes() -> Router<AppState> {
    Router::new().route("/settings/cost", get(show).post(change))
}

#[derive(Template)]
#[template(path = "settings_cost.html")]
struct CostPage {
    frame: Frame,
    revision: u64,
    month: String,
    messages: u64,
    spent: Option<String>,
    cap: Option<CapText>,
    /// What Meta told of the prices, with how many messages each.
    told: Vec<(String, u64)>,
    answers: Vec<AnswersText>,
    bills: Vec<BillText>,
    rates: RatesText,
    today: String,
}

/// How much of the cap is used.
struct CapText {
    per_month: String,
    amount: String,
    counted: String,
    /// In thousandths, at most all of it.
    used: u64,
    is_reached: bool,
}

/// The answers of a number.
struct AnswersText {
    number: String,
    messages: u64,
    free_left: u32,
}

/// What Meta says of an account.
struct BillText {
    account: String,
    asked_at: LocalTime,
    sums: Vec<String>,
}

/// The rates as they are entered.
#[derive(Default)]
struct RatesText {
    is_known: bool,
    currency: String,
    elsewhere: String,
    by_country: String,
    valid_from: String,
    read_on: String,
    may_be_outdated: bool,
}

async fn show(viewer: Viewer, State(state): State<AppState>) -> Shown {
    let view = CostView::load(&state, viewer.organisation.clone()).await?;
    let page = CostPage {
        frame: viewer.frame(&state, "Message costs"),
        revision: viewer.revision,
        month: view.month.strftime("%B %Y").to_string(),
        messages: view.messages,
        spent: view.spent.map(|spent| spent.rounded().to_string()),
        cap: view.cap.as_ref().map(|cap| CapText::new(cap, view.counted)),
        told: told(&view.told),
        answers: view
            .answers
            .iter()
            .map(|one| AnswersText {
                number: one.phone_number_id.to_string(),
                messages: one.tally.told.messages(),
                free_left: one.tally.free_left,
            })
            .collect(),
        bills: view.billed.iter().map(|bill| BillText::new(bill, &viewer)).collect(),
        rates: view.rates.as_ref().map(RatesText::new).unwrap_or_default(),
        today: viewer.today.to_string(),
    };
    viewer.page(&state, &page)
}

/// Enters rates, sets the cap, or takes it away.
async fn change(State(state): State<AppState>, sent: Sent) -> Shown {
    sent.viewer.must_be_admin()?;
    let (session, fields, now) = (&sent.viewer.session, &sent.fields, state.now());
    let (waker, org, by) = (&sent.waker(&state, Subject::Organisation)?, &session.org, &session.user);
    match fields.text("setting")? {
        "rates" => {
            let saved = set_rates(waker, org, by, rate_card(fields)?, now).await;
            saved.map_err(|error| Failure::from(error).within("rates"))?;
        }
        "cap" => {
            let saved = set_cost_cap(waker, org, by, Some(cap(&sent)?), now).await;
            saved.map_err(|error| Failure::from(error).within("cost_cap"))?;
        }
        "no_cap" => {
            set_cost_cap(waker, org, by, None, now).await?;
        }
        _ => return Err(Failure::invalid("setting", "this page has no such button; open it again").into()),
    }
    Ok(sent.done("/settings/cost", Notice::CostSaved).into_response())
}

/// The cap that was entered, with the rates that are known.
fn cap(sent: &Sent) -> Result<CostCap, Failure> {
    let card = sent.viewer.organisation.rate_card();
    let card = card.ok_or_else(|| Failure::invalid("per_month", "enter first what messages cost"))?;
    let RateCard { currency, rates, rate_elsewhere, valid_from, read_on } = card;
    let per_month = Money::parse_decimal(sent.fields.text("per_month")?, currency)
        .map_err(|wrong| Failure::invalid("per_month", wrong.to_string()))?;
    if !per_month.is_positive() {
        return Err(Failure::invalid(
            "per_month",
            "an amount above nothing is needed; to send nothing, pause everything",
        ));
    }
    Ok(CostCap { per_month, rates, rate_elsewhere, valid_from, read_on })
}

/// What Meta told of the prices of messages.
fn told(tally: &Tally) -> Vec<(String, u64)> {
    let billed =
        tally.billed.iter().map(|(category, messages)| (format!("billed as {}", price_category(*category)), *messages));
    let others = [("free".to_owned(), tally.free), ("not told yet, counted as billed".to_owned(), tally.untold)];
    billed.chain(others).filter(|(_, messages)| *messages > 0).collect()
}

impl CapText {
    fn new(cap: &CostCap, counted: Option<Cost>) -> Self {
        let counted = counted.unwrap_or(Cost { millionths: 0, currency: cap.per_month.currency });
        let whole = cap.per_month.to_string();
        let used = counted.thousandths_of(cap.per_month);
        Self {
            amount: whole.split_once(' ').map_or(whole.clone(), |(_, amount)| amount.replace(',', "")),
            per_month: whole,
            counted: counted.rounded().to_string(),
            used: used.min(1_000),
            is_reached: !cap.has_room(counted.millionths, cap.card().cost_to(None)),
        }
    }
}

impl BillText {
    fn new(bill: &BillView, viewer: &Viewer) -> Self {
        let sums = match &bill.told {
            ToldBill::Known(sums) => sums
                .categories
                .iter()
                .map(|(category, sum)| {
                    let cost = sums.currency.map(|currency| Cost { millionths: sum.millionths, currency }.rounded());
                    let cost = cost.map_or_else(String::new, |cost| format!(", {cost}"));
                    format!("{}: {} billed, {} free{cost}", price_category(*category), sum.messages, sum.free)
                })
                .collect(),
            ToldBill::Unavailable { .. } => vec!["Meta does not tell it of this account.".to_owned()],
        };
        Self { account: bill.waba_id.to_string(), asked_at: viewer.clock.show(bill.asked_at), sums }
    }
}

impl RatesText {
    fn new(rates: &RatesView) -> Self {
        Self {
            is_known: true,
            currency: rates.currency.as_str().to_owned(),
            elsewhere: rate_text(rates.rate_elsewhere),
            by_country: rate_lines(&rates.rates),
            valid_from: rates.valid_from.map_or_else(String::new, |day| day.to_string()),
            read_on: rates.read_on.map_or_else(String::new, |day| day.to_string()),
            may_be_outdated: rates.may_be_outdated,
        }
    }
}
