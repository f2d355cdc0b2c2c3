//! The clients against simulated providers and against servers that misbehave.

#[cfg(test)]
mod bench;
#[cfg(test)]
mod clerk;
mod clerk_backend;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod http;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod quickbooks;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod whatsapp_account;
#[cfg(test)]
mod whatsapp_depth;
#[cfg(test)]
mod whatsapp_library;
#[cfg(test)]
mod whatsapp_send;
#[cfg(test)]
mod whatsapp_signup;
#[cfg(test)]
mod xero_auth;
#[cfg(test)]
mod xero_changes;
#[cfg(test)]
mod xero_check;
#[cfg(test)]
mod xero_documents;
#[cfg(test)]
mod xero_large;
#[cfg(test)]
mod xero_limits;
#[cfg(test)]
mod xero_reader;
#[cfg(test)]
mod xero_webhook;
