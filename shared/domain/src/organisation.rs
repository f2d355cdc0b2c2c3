//! An organisation: the business whose invoices are chased, and the tenant.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Zone,
    cost::{CostCap, RateCard},
    id::{OrgId, UserId},
    language::Language,
    money::Currency,
    phone::CountryCode,
};

/// What holds for every reminder of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// The Clerk organisation.
    pub id: OrgId,
    /// The name that customers know; it stands in every message.
    pub name: String,
    /// Whose midnight ends a day.
    pub zone: Zone,
    /// Where a number without a country code belongs.
    pub country: Option<CountryCode>,
    /// The currency of its books.
    pub base_currency: Option<Currency>,
    /// Its people stopped everything.
    pub pause: Option<Pause>,
    /// Numo's operators stopped everything, whatever its people did and do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_pause: Option<Pause>,
    /// Everything of it is to be erased: nothing goes out, and nobody can lift that but by withdrawing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Pause>,
    /// The statement that its customers may be written to.
    pub attestation: Option<Attestation>,
    /// Whether only an explicit opt-in counts as a basis.
    pub explicit_opt_in_only: bool,
    /// First-time numbers per day; `None` is the default of the plan.
    pub ramp_per_day: Option<u32>,
    /// Messages in ten minutes: a burst is spread over the hours for messages, so that Meta takes it for no campaign
    /// and trouble shows before everything has left; without a wish, as fast as the number sends.
    #[serde(default = "per_ten_minutes")]
    pub per_ten_minutes: Option<u32>,
    /// The language of its messages, where neither customer nor policy has one.
    #[serde(default)]
    pub language: Language,
    /// What its messages may cost in a month, if the owner set a cap.
    #[serde(default)]
    pub cost_cap: Option<CostCap>,
    /// What messages cost at Meta, where no cap says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<RateCard>,
}

impl Organisation {
    /// Whether an admin stated the text of the attestation that is in force.
    pub fn is_attested(&self) -> bool {
        self.attestation.as_ref().is_some_and(|attestation| attestation.version == ATTESTATION_VERSION)
    }

    /// A new organisation before anything is connected.
    pub fn new(id: OrgId) -> Self {
        Self {
            id,
            name: String::new(),
            zone: Zone::UTC,
            country: None,
            base_currency: None,
            pause: None,
            operator_pause: None,
            closing: None,
            attestation: None,
            explicit_opt_in_only: false,
            ramp_per_day: None,
            per_ten_minutes: per_ten_minutes(),
            language: Language::default(),
            cost_cap: None,
            rates: None,
        }
    }

    /// What messages cost, with a cap or without.
    pub fn rate_card(&self) -> Option<RateCard> {
        self.cost_cap.as_ref().map(CostCap::card).or_else(|| self.rates.clone())
    }

    /// Sets the cap, or takes it away: the rates that it had stay known.
    pub fn set_cost_cap(&mut self, cap: Option<CostCap>) {
        self.rates = cap.is_none().then(|| self.rate_card()).flatten();
        self.cost_cap = cap;
    }

    /// Sets what messages cost; false if a cap is in another currency.
    pub fn set_rates(&mut self, card: &RateCard) -> bool {
        match &mut self.cost_cap {
            Some(cap) if cap.per_month.currency != card.currency => return false,
            Some(cap) => {
                cap.rates.clone_from(&card.rates);
                (cap.rate_elsewhere, cap.valid_from, cap.read_on) =
                    (card.rate_elsewhere, card.valid_from, card.read_on);
            }
            None => self.rates = Some(card.clone()),
        }
        true
    }

    /// Whether everything is paused.
    pub fn is_paused(&self, now: Timestamp) -> bool {
        self.pause_on(self.zone.date(now)).is_some()
    }

    /// The pause because of which nothing goes out on a day; that of the operators comes first, and its people's last.
    pub fn pause_on(&self, day: Date) -> Option<&Pause> {
        [&self.operator_pause, &self.closing, &self.pause].into_iter().flatten().find(|pause| pause.holds_on(day))
    }
}

/// The burst that a portfolio without a long history is not held for, as far as Meta says: a hundred in ten minutes are
/// an ordinary business's day at once, and six hundred an hour.
const fn per_ten_minutes() -> Option<u32> {
    Some(100)
}

/// Who stopped everything, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// By whom.
    pub by: PausedBy,
    /// The first day on which everything goes on by itself, by the organisation's dates; none if a person ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Pause {
    /// Whether nothing goes out on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.until.is_none_or(|until| day < until)
    }
}

/// Who may lift a pause again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PausedBy {
    /// A member of the organisation.
    Member(UserId),
    /// Numo's operators.
    Operator,
}

/// The admin's statement that customers agreed to be written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attestation {
    /// Which text was agreed to.
    pub version: u16,
    /// The admin who stated it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Who authorised a bookkeeper to state it; empty for the business itself.
    pub authorised_by: String,
}

/// The text of the attestation in force.
///
/// Version 1 did not say that the debts were not bought; it stays a basis for messages, and connecting WhatsApp through
/// Meta's sign-up asks for the one in force.
pub const ATTESTATION_TEXT: &str = "We have an existing business relationship with the customers in our ledger, \
or they explicitly agreed to receive messages from us, and they may be sent reminders of their own invoices over \
WhatsApp in our name. We are not a collection agency, have not bought these debts, and chase only our own invoices.";

/// The version of [`ATTESTATION_TEXT`].
pub const ATTESTATION_VERSION: u16 = 2;
