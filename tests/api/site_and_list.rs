//! Sites and lists that are named together.

use serde_json::json;

use crate::files::site;
use crate::world::World;

/// If this failed, items of another site than the one that was named would be given without a word.
#[actix_web::test]
async fn the_list_of_another_site_is_refused() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let (handbook, finance) =
        (site(&world, &person, "Handbook").await, site(&world, &person, "Finance").await);
    let url = world.graph(&person, "/sites?search=Handbook").await["value"][0]["webUrl"].clone();
    let lists = world.answer(&token, "read_resource", json!({ "uri": handbook })).await;
    let list = &lists["items"][1]["uri"];
    for (named, is_its_own) in
        [(json!(handbook), true), (url, true), (json!(finance), false), (json!("root"), false)]
    {
        let call = world
            .call(&token, "sharepoint_list_items", json!({ "site": named, "list": list, "limit": 1 }))
            .await;
        if is_its_own {
            let told = call["structuredContent"]["understood"]["site"].as_str().unwrap().replace("%2C", ",");
            assert_eq!(told, handbook, "{call}");
            continue;
        }
        let error = &call["_meta"]["m365-connector/error"];
        assert_eq!(error["code"], "invalid_arguments", "{call}");
        assert!(error["why"].as_str().unwrap().starts_with("site, list: "), "{call}");
        assert!(error["how"].as_str().unwrap().replace("%2C", ",").contains(&handbook), "{call}");
    }
}

/// If this failed, the uri that lists of the main site are given with could not stand beside that site's own name.
#[actix_web::test]
async fn the_main_site_and_its_list_are_named_alike() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for list in ["list:///root/Open%20points", "list:///ROOT/Open%20points"] {
        world.answer(&token, "get_me", json!({})).await;
        world.forget_requests().await;
        let arguments = json!({ "site": "root", "list": list, "limit": 1, "timeZone": "UTC" });
        let items = world.answer(&token, "sharepoint_list_items", arguments).await;
        assert_eq!(
            (&items["understood"]["site"], items["items"].as_array().unwrap().len()),
            (&json!("root"), 1)
        );
        assert_eq!(
            world.graph_requests().await,
            2,
            "the columns and the items: nobody is asked which site is meant"
        );
    }
}
