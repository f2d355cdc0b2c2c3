//! What the messages of organisations cost in a month: as the product shows it to them, side by side.

use std::collections::BTreeMap;

use clap::Args;
use jiff::{Timestamp, civil::Date};
use numo_app::{
    csv_cell,
    error::AppError,
    operator::{
        OperatorPorts,
        cost::{OrganisationCost, costs},
    },
};
use numo_domain::{cost::Cost, delivery_report::pricing::PriceCategory, id::OrgId, money::Currency};

#[derive(Debug, Args)]
pub(crate) struct OfMonth {
    /// A month; the present one of each organisation unless given
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Option<Date>,
    /// One organisation, by its id; all of them unless given
    #[arg(long, value_name = "ORG")]
    organisation: Option<OrgId>,
    /// As a file with commas
    #[arg(long)]
    csv: bool,
}

fn month(text: &str) -> Result<Date, String> {
    let is_month = text.len() == "2026-11".len();
    let day = format!("{text}-01").parse().ok().filter(|_| is_month);
    day.ok_or_else(|| "a month is needed, as 2026-11".to_owned())
}

const HEAD: [&str; 10] = [
    "organisation",
    "month",
    "utility",
    "marketing",
    "authentication",
    "service",
    "other",
    "free",
    "untold",
    "estimate",
];

pub(crate) async fn cost(ports: &OperatorPorts, asked: &OfMonth, now: Timestamp) -> Result<String, AppError> {
    let all = costs(&ports.store, (asked.organisation.as_ref(), asked.month), now).await?;
    let head: Vec<String> = HEAD.into_iter().chain(["billed"]).map(str::to_owned).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(all.iter().map(row)).collect();
    Ok(if asked.csv { rows.iter().map(|row| csv_cell::line(row)).collect::<String>() } else { table(&rows) })
}

fn row(one: &OrganisationCost) -> Vec<String> {
    let billed = |category| one.billed(category).to_string();
    let month = one.cost.month.strftime("%Y-%m").to_string();
    vec![
        one.org.to_string(),
        month,
        billed(PriceCategory::Utility),
        billed(PriceCategory::Marketing),
        billed(PriceCategory::Authentication),
        billed(PriceCategory::Service),
        billed(PriceCategory::Other),
        one.free().to_string(),
        one.untold().to_string(),
        one.cost.spent.map_or(String::new(), amount),
        sums(&one.bills()),
    ]
}

fn amount(cost: Cost) -> String {
    cost.rounded().to_string()
}

/// Amounts of one currency together, of several side by side.
fn sums(costs: &[Cost]) -> String {
    let mut sums: BTreeMap<Currency, u64> = BTreeMap::new();
    for cost in costs {
        let sum = sums.entry(cost.currency).or_default();
        *sum = sum.saturating_add(cost.millionths);
    }
    let sums = sums.into_iter().map(|(currency, millionths)| amount(Cost { millionths, currency }));
    sums.collect::<Vec<_>>().join(" + ")
}

/// Columns as wide as what stands in them.
fn table(rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = (0..=HEAD.len())
        .map(|column| rows.iter().filter_map(|row| Some(row.get(column)?.chars().count())).max().unwrap_or_default())
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use numo_domain::{
        account_bill::{AccountBill, Sum, Sums, ToldBill},
        cost::RateCard,
    };

    use super::*;
    use crate::{
        command::{
            carry_out,
            tests::{command, is_refused, now, says},
        },
        means::tests::Stage,
    };

    /// Two organisations, of which one entered rates and was billed by Meta.
    async fn stage() -> Stage {
        let means = Stage::new();
        let store = &means.operator.store;
        let [a, b]: [OrgId; 2] = ["org_a", "org_b"].map(|org| org.parse().unwrap());
        let usd: Currency = "USD".parse().unwrap();
        let rates =
            RateCard { currency: usd, rates: BTreeMap::new(), rate_elsewhere: 57_600, valid_from: None, read_on: None };
        store.change_organisation(&a, now(), |profile| profile.rates = Some(rates.clone())).await.unwrap();
        store.change_organisation(&b, now(), |profile| profile.name = "Quay".to_owned()).await.unwrap();
        for (waba, month, currency, millionths) in [
            ("100", "2026-11-01", usd, 1_230_000),
            ("101", "2026-11-01", usd, 2_004_000),
            ("102", "2026-11-01", "AED".parse().unwrap(), 500_000),
            ("103", "2026-10-01", usd, 9_000_000),
        ] {
            let sum = Sum { messages: 3, free: 1, millionths };
            let sums = Sums { currency: Some(currency), categories: BTreeMap::from([(PriceCategory::Utility, sum)]) };
            let told = ToldBill::Known(sums);
            let bill =
                AccountBill { waba: waba.parse().unwrap(), month: month.parse().unwrap(), asked_at: now(), told };
            store.save_account_bill(&a, &bill, now()).await.unwrap();
        }
        means
    }

    const TABLE: &str = "\
organisation  month    utility  marketing  authentication  service  other  free  untold  estimate  billed
org_a         2026-11  0        0          0               0        0      0     0       USD 0.00  AED 0.50 + USD 3.23
org_b         2026-11  0        0          0               0        0      0     0";

    #[tokio::test]
    async fn every_organisation_is_a_row_with_its_month_and_what_meta_billed_in_each_currency() {
        let means = stage().await;
        assert_eq!(says(&means, "cost").await, TABLE);
        let october = says(&means, "cost --month 2026-10 --organisation org_a").await;
        let row = "org_a         2026-10  0        0          0               0        0      0     0       USD 0.00  USD 9.00";
        assert_eq!(october.lines().nth(1), Some(row));
    }

    #[tokio::test]
    async fn the_same_is_a_file_for_a_spreadsheet() {
        let means = stage().await;
        let file = "organisation,month,utility,marketing,authentication,service,other,free,untold,estimate,billed\r\n\
                    org_a,2026-11,0,0,0,0,0,0,0,USD 0.00,AED 0.50 + USD 3.23\r\norg_b,2026-11,0,0,0,0,0,0,0,,\r\n";
        assert_eq!(says(&means, "cost --csv").await, file);
    }

    #[tokio::test]
    async fn a_month_that_is_none_and_an_organisation_that_is_not_there_are_told() {
        let means = stage().await;
        let unknown = carry_out(&means, command("cost --organisation org_typo"), "", now()).await.unwrap_err();
        assert_eq!(unknown.to_string(), "organisation not found");
        for words in ["cost --month november", "cost --month 2026-13", "cost --month 2026-11-05"] {
            assert!(is_refused(words), "{words}");
        }
    }
}
