//! HTTP: what a request holds, how an answer looks, and which status an error has.

pub mod caller;
pub mod error;
pub mod gateway;
pub mod own_cookie;
pub mod request;
pub mod response;
pub mod serve;
