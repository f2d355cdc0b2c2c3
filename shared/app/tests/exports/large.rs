//! A large organisation does not need more memory than a small one.

use numo_app::export::run::Exporting;
use serde_json::json;

use crate::world::{World, customer, org};

/// Bytes that are never exceeded: a piece, and what one page of items adds to it.
const MOST_HELD: usize = 9 << 20;

#[tokio::test]
async fn what_is_held_of_an_archive_is_a_piece_however_large_it_is() {
    let world = World::new().await;
    let mut seed = numo_testkit::seed::Seed::new(7);
    for n in 0..6_000 {
        // Words that do not pack: what an archive is made of is nearly as long as what is in it.
        let words: String = (0..60).flat_map(|_| seed.bytes()).map(|byte| char::from(b'!' + byte % 90)).collect();
        let id = format!("n-{n}");
        let at = "2026-11-20T06:00:00Z";
        let total = json!({"minor": 1, "currency": "AED"});
        let body = json!({
            "id": id, "contact": customer(), "number": words, "status": "open", "issued": null, "due": null, "total": total,
            "remaining": total, "marked": "sent", "paid": null, "updated_at": at, "first_seen": at, "cycle": 1, "read_at": at,
        });
        let sk = format!("INV#{}#{id}", customer().connection);
        world.plant(&org(), &json!({"pk": "ORG", "sk": sk, "entity": "invoice", "body": body})).await;
    }
    world.ask(1, None).await.unwrap();
    let job = world.queue.take().pop().unwrap();
    assert_eq!(world.run(1, &job, 300).await.unwrap(), Exporting::Ready);
    let export = world.export(1).await.unwrap();
    assert_eq!(export.items["invoices"], 6_002);
    let size = usize::try_from(export.archives.first().unwrap().size).unwrap();
    let largest = world.bucket.largest_piece();
    assert!(size > 2 * MOST_HELD && largest < MOST_HELD, "{largest} of {size}");
    assert_eq!(world.files(1, 1)["invoices.csv"].lines().count(), 6_003);
}
