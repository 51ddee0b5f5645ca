//! What others share by a link: its content is read, and the link is never redeemed.

use m365_connector::ContentPolicy;
use m365_connector::policy::LabelCeiling;
use serde_json::json;

use crate::asking::showing;
use crate::files::{entry, path_of};
use crate::world::World;

const READ: &str = "read_resource";

/// If this failed, a link would not be read, or reading it would grant the user access for good.
#[actix_web::test]
async fn a_link_gives_its_content_and_is_never_redeemed() {
    let world = World::start().await;
    let (owner, other) = (world.person(0, 0), world.person(0, 7));
    let token = world.token(&owner).await;
    let lunch = entry(&world, &token, "me", "Team lunch.md").await;
    let address = format!("share:///{}", lunch["webUrl"].as_str().unwrap());
    let read = world.answer(&token, READ, json!({ "uri": address })).await;
    assert_eq!(read["kind"], "share");
    assert!(read["body"]["text"].as_str().unwrap().contains("## Summary"), "{read}");

    let permissions = format!("{}/permissions", path_of(lunch["uri"].as_str().unwrap()));
    let permissions = world.graph(&owner, &permissions).await;
    let permissions = permissions["value"].as_array().unwrap();
    let link = permissions.iter().find_map(|permission| permission["link"]["webUrl"].as_str()).unwrap();
    world.forget_requests().await;
    let stranger = world.token(&other).await;
    let refused = world.call(&stranger, READ, json!({ "uri": format!("share:///{link}") })).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "no_access", "{refused}");
    assert!(error["how"].as_str().unwrap().contains("open the link once in a browser"), "{refused}");
    let own = world.answer(&token, READ, json!({ "uri": format!("share:///{link}") })).await;
    assert!(own["body"]["text"].is_string(), "{own}");
    let requests = world.requests().await;
    let shares = requests.iter().filter(|request| request["path"].as_str().unwrap().contains("/shares/"));
    assert!(shares.clone().count() > 0);
    for request in shares {
        assert_eq!(request["method"], "GET");
        assert!(!request["headers"]["prefer"].as_str().unwrap_or_default().contains("redeem"), "{request}");
    }
}

/// If this failed, content behind a link whose label nobody knows would be read in spite of a ceiling.
#[actix_web::test]
async fn a_link_is_withheld_under_a_ceiling() {
    let content = ContentPolicy {
        labels: LabelCeiling::new(vec!["General".to_owned()], "General"),
        ..ContentPolicy::default()
    };
    let world = World::start_with(showing(content)).await;
    let token = world.token(&world.person(0, 0)).await;
    let lunch = entry(&world, &token, "me", "Team lunch.md").await;
    let address = format!("share:///{}", lunch["webUrl"].as_str().unwrap());
    let read = world.answer(&token, READ, json!({ "uri": address })).await;
    assert_eq!(read["withheld"]["code"], "sensitivity_label", "{read}");
    assert!(read.get("body").is_none(), "{read}");
}
