//! What is said of WhatsApp accounts.

/// Said of an account that was ended while Meta could not be reached.
pub(crate) const META_NOT_TOLD: &str = "The access is deleted here, but Meta could not be told: remove Numo in Meta's business \
settings under integrations, or Meta goes on sending us what happens to the account, which we ignore.";
