use serde_json::{Value, json};

/// What differs between the simulated organisations.
pub(crate) struct Facts {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) country: &'static str,
    pub(crate) currency: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) demo_company: Demo,
}

/// Whether Xero calls it a demo company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demo {
    Yes,
    No,
}

/// The organisation object (Xero: accounting API, Organisation).
pub(crate) fn row(facts: &Facts) -> Value {
    json!({
        "OrganisationID": facts.id, "Name": facts.name, "LegalName": facts.name, "PaysTax": true,
        "Version": facts.country, "OrganisationType": "COMPANY", "OrganisationEntityType": "COMPANY",
        "BaseCurrency": facts.currency, "CountryCode": facts.country, "Timezone": facts.zone,
        "IsDemoCompany": facts.demo_company == Demo::Yes, "OrganisationStatus": "ACTIVE",
        "FinancialYearEndDay": 31, "FinancialYearEndMonth": 12, "SalesTaxBasis": "ACCRUALS",
        "SalesTaxPeriod": "QUARTERLY", "DefaultSalesTax": "Tax Exclusive",
        "DefaultPurchasesTax": "Tax Exclusive", "CreatedDateUTC": "/Date(1600000000000)/",
        "ShortCode": "!sim01", "Edition": "BUSINESS", "Class": "PREMIUM",
        "Addresses": [], "Phones": [], "ExternalLinks": [], "PaymentTerms": {},
    })
}
