//! What others share by a link: its content is read, and the link is never redeemed.

use m365_connector::ContentPolicy;
use m365_connector::policy::LabelCeiling;
use serde_json::json;

use crate::asking::showing;
use crate::files::{entry, path_of, site};
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
    assert_eq!((&read["name"], &read["webUrl"]), (&json!("Team lunch.md"), &lunch["webUrl"]));

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
    assert_eq!((&own["name"], &own["size"]), (&lunch["name"], &lunch["size"]), "{own}");
    let requests = world.requests().await;
    let shares = requests.iter().filter(|request| request["path"].as_str().unwrap().contains("/shares/"));
    assert!(shares.clone().count() > 0);
    for request in shares {
        assert_eq!(request["method"], "GET");
        assert!(!request["headers"]["prefer"].as_str().unwrap_or_default().contains("redeem"), "{request}");
    }
}

/// If this failed, who asks for what can't be read here would not learn what it is, how large, and where to open it.
#[actix_web::test]
async fn a_format_that_is_not_read_yet_is_named() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let terms = entry(&world, &token, &site(&world, &person, "Handbook").await, "Supplier terms.pdf").await;
    let permissions = format!("{}/permissions", path_of(terms["uri"].as_str().unwrap()));
    let permissions = world.graph(&person, &permissions).await;
    let permissions = permissions["value"].as_array().unwrap();
    let link = permissions.iter().find_map(|permission| permission["link"]["webUrl"].as_str()).unwrap();
    for address in [terms["webUrl"].as_str().unwrap(), link] {
        world.forget_requests().await;
        let read = world.answer(&token, READ, json!({ "uri": format!("share:///{address}") })).await;
        assert_eq!((&read["name"], &read["size"]), (&terms["name"], &terms["size"]), "{read}");
        assert_eq!(read["webUrl"], address, "{read}");
        assert!(read["notes"][0].as_str().unwrap().contains("can't be read here yet"), "{read}");
        assert!(read.get("body").is_none(), "{read}");
        assert_eq!(world.graph_round_trips().await, 1, "its first byte, and no more");
    }
}

/// If this failed, a link that nobody may open would be told of as if it led to a file.
#[actix_web::test]
async fn what_does_not_open_is_not_named() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 7)).await;
    let owner = world.token(&world.person(0, 0)).await;
    let notes = entry(&world, &owner, "me", "Handover notes.docx").await;
    let address = format!("share:///{}", notes["webUrl"].as_str().unwrap());
    assert_eq!(world.error_code(&token, READ, json!({ "uri": address })).await, "no_access");
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
    assert!(["body", "name", "size", "webUrl"].iter().all(|told| read.get(told).is_none()), "{read}");
}
