use serde_json::{Value, json};

use crate::intuit::company::Company;
use crate::intuit::entity::Entity;
use crate::intuit::instants;
use crate::random::Random;

/// What differs between the simulated companies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) country: &'static str,
    /// The country of an address, which has three letters since 2025.
    pub(crate) country_3: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) home: &'static str,
    pub(crate) currencies: Currencies,
}

/// Whether a company may invoice in other currencies than its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Currencies {
    One,
    Many,
}

/// 2 November 2020 in California.
const FOUNDED_MS: i64 = 1_604_340_000_000;

impl Facts {
    /// A company without books; its realm id follows from the seed and its key.
    pub(crate) fn company(&self, key: &str, seed: u64) -> Company {
        let salt = key.bytes().fold(seed, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
        let realm = format!("93414{:011}", Random::new(salt).between(0, 99_999_999_999));
        let mut company = Company::new(key, &realm, self.name);
        company.rows_mut(Entity::CompanyInfo).push(self.info());
        company.rows_mut(Entity::Preferences).push(self.preferences());
        company
    }

    fn info(&self) -> Value {
        let address = |id: &str| json!({ "Id": id, "Line1": "12 Quay Street", "City": "Harbour", "Country": self.country_3, "PostalCode": "10001" });
        json!({
            "Id": "1", "SyncToken": "3", "domain": "QBO", "sparse": false, "MetaData": meta(FOUNDED_MS),
            "CompanyName": self.name, "LegalName": self.name, "CompanyAddr": address("1"),
            "CustomerCommunicationAddr": address("2"), "LegalAddr": address("3"),
            "CustomerCommunicationEmailAddr": { "Address": "accounts@company.example" },
            "PrimaryPhone": { "FreeFormNumber": "6192098978" }, "CompanyStartDate": "2020-11-02",
            "FiscalYearStartMonth": "January", "Country": self.country, "DefaultTimeZone": self.zone,
            "Email": { "Address": "accounts@company.example" }, "WebAddr": {}, "SupportedLanguages": "en",
            "NameValue": [
                { "Name": "NeoEnabled", "Value": "true" },
                { "Name": "SubscriptionStatus", "Value": "PAID" },
                { "Name": "OfferingSku", "Value": "QuickBooks Online Plus" },
            ],
        })
    }

    fn preferences(&self) -> Value {
        json!({
            "Id": "1", "SyncToken": "5", "domain": "QBO", "sparse": false, "MetaData": meta(FOUNDED_MS),
            "AccountingInfoPrefs": { "UseAccountNumbers": false, "TrackDepartments": false, "CustomerTerminology": "Customers" },
            "ProductAndServicesPrefs": { "ForSales": true, "ForPurchase": true },
            "SalesFormsPrefs": {
                "CustomField": [], "AllowDeposit": false, "AllowDiscount": false, "AllowEstimates": true,
                "AllowServiceDate": false, "AllowShipping": false, "AutoApplyCredit": false, "AutoApplyPayments": false,
                "CustomTxnNumbers": false, "DefaultTerms": { "value": "3" },
            },
            "EmailMessagesPrefs": { "InvoiceMessage": { "Subject": format!("Invoice from {}", self.name), "Message": "" } },
            "VendorAndPurchasesPrefs": { "TrackingByCustomer": false, "BillableExpenseTracking": false },
            "TaxPrefs": { "UsingSalesTax": true },
            "CurrencyPrefs": {
                "MultiCurrencyEnabled": self.currencies == Currencies::Many,
                "HomeCurrency": { "value": self.home },
            },
            "ReportPrefs": { "ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": false },
            "OtherPrefs": { "NameValue": [] },
        })
    }
}

/// The times of a row that never changed.
pub(crate) fn meta(at_ms: i64) -> Value {
    json!({ "CreateTime": instants::pacific(at_ms), "LastUpdatedTime": instants::pacific(at_ms) })
}
