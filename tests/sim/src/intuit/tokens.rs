use std::collections::HashMap;

/// All codes and tokens that Intuit gave out.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) access: HashMap<String, Access>,
    /// Refresh tokens of the present and of the past, each with its family.
    pub(crate) refresh: HashMap<String, usize>,
    pub(crate) families: Vec<Family>,
    pub(crate) n_refreshes: u64,
    /// Refreshes that began while another one with the same token was under way.
    pub(crate) n_concurrent_refreshes: u64,
}

/// What a person allowed: one company to one app.
#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub(crate) user: &'static str,
    pub(crate) realm: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) consent: Consent,
    pub(crate) redirect_uri: String,
    pub(crate) expires_ms: i64,
    /// The family that the first exchange began.
    pub(crate) family: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) family: usize,
    pub(crate) expires_ms: i64,
}

/// The tokens that descend from one exchange.
#[derive(Debug, Clone)]
pub(crate) struct Family {
    pub(crate) consent: Consent,
    /// The one refresh token that is good now.
    pub(crate) refresh: String,
    /// When that value came up.
    pub(crate) value_since_ms: i64,
    pub(crate) expires_ms: i64,
    pub(crate) hard_expires_ms: i64,
    pub(crate) is_over: bool,
    pub(crate) n_refreshing: u64,
}

impl Tokens {
    pub(crate) fn family(&self, at: usize) -> Option<&Family> {
        self.families.get(at)
    }

    pub(crate) fn family_mut(&mut self, at: usize) -> Option<&mut Family> {
        self.families.get_mut(at)
    }

    /// The family of a refresh token that may still be used.
    pub(crate) fn refreshable(&self, token: &str, client_id: &str, now_ms: i64) -> Option<usize> {
        let at = *self.refresh.get(token)?;
        let family = self.family(at)?;
        let in_time = now_ms < family.expires_ms && now_ms < family.hard_expires_ms;
        (!family.is_over && in_time && family.refresh == token && family.consent.client_id == client_id).then_some(at)
    }

    pub(crate) fn end_family(&mut self, at: usize) {
        if let Some(family) = self.family_mut(at) {
            family.is_over = true;
        }
    }

    /// Ends every token of a company, as its disconnection does.
    pub(crate) fn end_realm(&mut self, realm: &str) {
        for family in self.families.iter_mut().filter(|family| family.consent.realm == realm) {
            family.is_over = true;
        }
    }

    /// The company that a refresh or access token belongs to.
    pub(crate) fn realm_of(&self, token: &str) -> Option<String> {
        let at = self.refresh.get(token).copied().or_else(|| Some(self.access.get(token)?.family))?;
        Some(self.family(at)?.consent.realm.clone())
    }
}
