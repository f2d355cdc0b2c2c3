//! What the API shows of the domain, and what pages are made of.

pub(crate) mod connection;
pub(crate) mod cost;
pub(crate) mod country;
pub(crate) mod decision;
pub(crate) mod erasure;
pub(crate) mod money;
pub(crate) mod names;
pub(crate) mod number;
pub(crate) mod reminder;
pub(crate) mod whatsapp;
