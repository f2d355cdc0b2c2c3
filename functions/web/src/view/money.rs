use numo_domain::money::Money;
use serde::Serialize;

/// An amount for machines and for people.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = AmountView))]
pub(crate) struct MoneyView {
    minor: i64,
    currency: String,
    pub(crate) text: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency.as_str().to_owned(), text: money.to_string() }
    }
}
