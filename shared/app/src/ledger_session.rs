//! A connection while it is read: its token, and what a refusal of the ledger means.

use std::sync::Arc;

use numo_domain::{connection::Connection, credential::GrantRef, id::OrgId};

use crate::{
    error::AppError,
    port::{
        clock::Clock,
        ledger::{LedgerAccess, LedgerError},
    },
    vault::Vault,
};

/// An opened connection.
pub(crate) struct LedgerSession<'a> {
    vault: &'a Vault,
    clock: Arc<dyn Clock>,
    org: &'a OrgId,
    connection: &'a Connection,
    grant: GrantRef,
    access: LedgerAccess,
    is_renewed: bool,
}

impl<'a> LedgerSession<'a> {
    /// Gets a token that is good now.
    pub(crate) async fn open(
        vault: &'a Vault,
        clock: Arc<dyn Clock>,
        org: &'a OrgId,
        connection: &'a Connection,
    ) -> Result<Self, AppError> {
        let grant = GrantRef::of(connection);
        let token = vault.fresh_access_token(org, &grant, clock.now()).await?;
        let access = LedgerAccess { tenant: connection.tenant.clone(), token };
        Ok(Self { vault, clock, org, connection, grant, access, is_renewed: false })
    }

    /// Opens the ledger organisation.
    pub(crate) const fn access(&self) -> &LedgerAccess {
        &self.access
    }

    /// Whether a call is worth another try with the token that this got: once per session.
    pub(crate) async fn renews<T>(&mut self, answer: &Result<T, LedgerError>) -> Result<bool, AppError> {
        if self.is_renewed || !matches!(answer, Err(LedgerError::TokenRefused)) {
            return Ok(false);
        }
        self.is_renewed = true;
        let now = self.clock.now();
        self.access.token = self.vault.token_after_refusal(self.org, &self.grant, &self.access.token, now).await?;
        Ok(true)
    }

    /// What a failed call means, after asking whether the organisation is still connected.
    pub(crate) async fn explain(&self, error: LedgerError) -> LedgerError {
        if !matches!(error, LedgerError::TenantRefused) {
            return error;
        }
        match self.vault.is_open(self.connection.provider, &self.access).await {
            // The token is good and the organisation is not among those it opens: somebody ended the link there.
            Ok(false) => LedgerError::ReauthRequired,
            Ok(true) => LedgerError::Unavailable("the ledger refused an organisation that is connected".into()),
            Err(LedgerError::TenantRefused | LedgerError::TokenRefused) => LedgerError::ReauthRequired,
            Err(error) => error,
        }
    }
}
