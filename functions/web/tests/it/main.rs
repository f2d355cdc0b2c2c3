//! The function's routes over ports in memory.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests may panic like tests"
)]

mod access;
mod activity;
mod backlog;
mod bad_input;
mod call_limit;
mod client;
mod clients;
mod connections;
mod console_checklist;
mod console_connections;
mod console_forms;
mod console_lists;
mod console_needs;
mod console_pages;
mod console_settings;
mod conversations;
mod cost;
mod customer_backlog;
mod customer_day;
mod customer_erasure;
mod customer_file;
mod customer_pages;
mod customer_policy;
mod customer_timeline;
mod customers;
mod data_deletion;
mod described;
mod etag;
mod exports;
mod figures;
mod invoices;
mod large_ledger;
mod ledger;
mod library;
mod mails;
mod markup;
mod message_search;
mod meta;
mod notices;
mod numbers;
mod once;
mod openapi;
mod opt_ins;
mod organisation;
mod organisation_erasure;
mod own_number;
mod own_test_page;
mod page;
mod page_weight;
mod paging;
mod paste_numbers;
mod paste_opt_ins;
mod pay;
mod plan;
mod policies;
mod policy_page;
mod probes;
mod processors;
mod public;
mod reminders;
mod requests;
mod seed;
mod send_now;
mod senders;
mod sessions;
mod setup_links;
mod signup;
mod statuses;
mod templates_page;
mod tenants;
mod test_messages;
mod undo;
mod whatsapp_page;
mod world;
