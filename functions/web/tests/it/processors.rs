//! Whom people are told of.

use crate::{
    client::{request, send},
    world::World,
};

#[tokio::test]
async fn anybody_may_read_who_gets_data_and_in_which_region_it_is_stored() {
    let page = send(&World::empty().router, request("GET", "/processors", None)).await;
    let texts: Vec<&str> = page.text.split("<p>").skip(1).filter_map(|text| text.split("</p>").next()).collect();
    let begin: Vec<&str> = texts.iter().map(|text| text.split([':', '.']).next().unwrap()).collect();
    let expected = [
        "Nobody else gets data of a business or of its customers from Numo, and nothing is sold",
        "The region of Amazon Web Services in which everything is stored is eu-west-1",
        "Amazon Web Services",
        "Clerk",
        "Meta (WhatsApp)",
        "Xero",
        "Intuit (QuickBooks)",
    ];
    assert_eq!((page.status.as_u16(), begin.as_slice()), (200, expected.as_slice()));
    assert!(page.text.contains("Clerk: signing in, organisations and their members. Gets names, "), "{}", page.text);
}
