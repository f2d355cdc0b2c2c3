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
mod meta;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod xero;
