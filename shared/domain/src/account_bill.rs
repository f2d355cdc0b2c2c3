//! What Meta itself says that an account was billed, asked for once a day.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{cost::Cost, delivery_report::pricing::PriceCategory, id::WabaId, money::Currency};

/// The bill of an account for a month, as far as Meta tells it (Meta: analytics, `pricing_analytics`).
///
/// It is approximate, and has everything that goes out from the account, whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBill {
    /// The account.
    pub waba: WabaId,
    /// The first day of the month.
    pub month: Date,
    /// When Meta was asked last.
    pub asked_at: Timestamp,
    /// What it answered.
    pub told: ToldBill,
}

/// What Meta answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ToldBill {
    /// The sums of the month, by category.
    Known(Sums),
    /// It does not tell them of this account, with its code where it gave one.
    Unavailable {
        /// Meta's error code.
        code: Option<u32>,
    },
}

/// The sums of a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sums {
    /// The currency in which Meta bills the account.
    pub currency: Option<Currency>,
    /// By category of the rate card.
    pub categories: BTreeMap<PriceCategory, Sum>,
}

/// What was delivered in one category.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sum {
    /// Messages that are paid for.
    pub messages: u64,
    /// Messages that are free.
    pub free: u64,
    /// What they cost, in millionths of the currency's unit; nothing where Meta tells volumes alone.
    pub millionths: u64,
}

impl AccountBill {
    /// What a month cost by it, where it is of that month and its currency is known.
    pub fn cost_of(&self, month: Date) -> Option<Cost> {
        let ToldBill::Known(sums) = &self.told else { return None };
        let millionths = sums.categories.values().fold(0_u64, |sum, one| sum.saturating_add(one.millionths));
        let currency = sums.currency.filter(|_| self.month == month.first_of_month())?;
        Some(Cost { millionths, currency })
    }
}

/// What a month cost by the bills of all accounts in a currency, in millionths.
pub fn billed_in(bills: &[AccountBill], month: Date, currency: Currency) -> u64 {
    let of_month = bills.iter().filter_map(|bill| bill.cost_of(month)).filter(|cost| cost.currency == currency);
    of_month.fold(0, |sum, cost| sum.saturating_add(cost.millionths))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn bill(month: Date, currency: Option<&str>, sums: &[(PriceCategory, u64)]) -> AccountBill {
        let sum = |millionths| Sum { messages: 1, free: 0, millionths };
        let categories = sums.iter().map(|(category, millionths)| (*category, sum(*millionths))).collect();
        let currency = currency.map(|code| code.parse().unwrap());
        let told = ToldBill::Known(Sums { currency, categories });
        AccountBill { waba: "100".parse().unwrap(), month, asked_at: Timestamp::UNIX_EPOCH, told }
    }

    #[test]
    fn a_month_costs_what_all_accounts_were_billed_in_the_currency() {
        let (november, october) = (date(2026, 11, 1), date(2026, 10, 1));
        let usd: Currency = "USD".parse().unwrap();
        let bills = [
            bill(november, Some("USD"), &[(PriceCategory::Utility, 40_000), (PriceCategory::Service, 2_000)]),
            bill(november, Some("USD"), &[(PriceCategory::Marketing, 100_000)]),
            bill(november, Some("EUR"), &[(PriceCategory::Utility, 7)]),
            bill(november, None, &[(PriceCategory::Utility, 7)]),
            bill(october, Some("USD"), &[(PriceCategory::Utility, 7)]),
            AccountBill { told: ToldBill::Unavailable { code: Some(10) }, ..bill(november, Some("USD"), &[]) },
        ];
        assert_eq!(billed_in(&bills, date(2026, 11, 27), usd), 142_000);
        assert_eq!(billed_in(&bills, december(), usd), 0);
    }

    fn december() -> Date {
        date(2026, 12, 1)
    }

    #[test]
    fn a_bill_is_read_as_it_is_stored() {
        let known = bill(date(2026, 11, 1), Some("USD"), &[(PriceCategory::Utility, 40_000)]);
        let unknown = AccountBill { told: ToldBill::Unavailable { code: None }, ..known.clone() };
        for bill in [known, unknown] {
            let stored = serde_json::to_value(&bill).unwrap();
            assert_eq!(serde_json::from_value::<AccountBill>(stored).unwrap(), bill);
        }
    }
}
