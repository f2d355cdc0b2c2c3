//! The simulator seen from outside, over HTTP.

#[cfg(test)]
mod clerk;
#[cfg(test)]
mod client;
#[cfg(test)]
mod data;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod intuit;
#[cfg(test)]
mod library;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod meta_demand;
#[cfg(test)]
mod meta_people;
#[cfg(test)]
mod meta_texts;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod signup;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod xero;
#[cfg(test)]
mod xero_consents;
#[cfg(test)]
mod xero_controls;
#[cfg(test)]
mod xero_credits;
#[cfg(test)]
mod xero_description;
#[cfg(test)]
mod xero_filters;
#[cfg(test)]
mod xero_large;
#[cfg(test)]
mod xero_limits;
#[cfg(test)]
mod xero_webhooks;
