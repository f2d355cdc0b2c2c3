//! Whom people are told of.

use crate::{
    client::{request, send},
    world::World,
};

#[tokio::test]
async fn anybody_may_read_who_gets_data_and_in_which_region_it_is_stored() {
    let page = send(&World::empty().router, request("GET", "/processors", None)).await;
    assert_eq!(page.status, 200);
    let told = [
        "<p>Nobody else gets data of a business or of its customers from Numo, and nothing is sold.</p>",
        "in which everything is stored is eu-west-1.",
        "<h3>Amazon Web Services</h3>",
        "<h3>Clerk</h3><p>For signing in, organisations and their members. Gets names, ",
        "<h3>Meta (WhatsApp)</h3>",
        "<h3>Xero</h3>",
        "<h3>Intuit (QuickBooks)</h3>",
    ];
    let places: Vec<Option<usize>> = told.iter().map(|words| page.text.find(words)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?}");
}
