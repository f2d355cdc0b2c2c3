use serde_json::Value;

use crate::field::Field as _;
use crate::xero::money::{self, Units};

/// A JSON number the way QuickBooks prints one: `839`, `541.25`.
pub(crate) fn number(units: Units) -> Value {
    if units % money::UNIT == 0 {
        return Value::from(units / money::UNIT);
    }
    money::number(units)
}

/// The amount of a field, or nothing owed where it is no number.
pub(crate) fn of(value: &Value) -> Units {
    money::units(value).unwrap_or_default()
}

/// Writes a field's amount in the home currency, if the row shows one.
pub(crate) fn write_home(row: &mut Value, field: &str, home_field: &str) {
    if row.get(home_field).is_none() {
        return;
    }
    let rate = money::units(row.at("ExchangeRate")).unwrap_or(money::UNIT);
    row.put(home_field, number(home(of(row.at(field)), rate)));
}

/// An amount at an exchange rate, to the cent.
pub(crate) fn home(amount: Units, rate: Units) -> Units {
    let cent = money::UNIT / 100;
    amount.saturating_mul(rate) / money::UNIT / cent * cent
}

/// An amount without its cents.
pub(crate) fn whole(amount: Units) -> Units {
    amount / money::UNIT * money::UNIT
}
