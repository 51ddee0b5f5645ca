//! Sites that stand below others, named by their addresses.

use rstest::rstest;
use serde_json::{Value, json};

use crate::world::World;

const HOST: &str = "larkmoor.sharepoint.example";
const HANDBOOK: &str = "https://larkmoor.sharepoint.example/sites/handbook";
const SEARCH: &str = "sharepoint_search";
const ITEMS: &str = "sharepoint_list_items";
const ID: &str =
    "larkmoor.sharepoint.example,00000000-0000-0000-0000-00000000000c,00000000-0000-0000-0000-00000000000d";

/// Lets there be a site `sub` below the handbook's.
async fn stand_below(world: &World) {
    let site = json!({ "id": ID, "webUrl": format!("{HANDBOOK}/sub") });
    let at = |path: &str, status: u16, body: Value| {
        let path = format!("/sites/{HOST}:/sites/handbook/{path}");
        json!({ "service": "graph", "path_prefix": path, "status": status, "body": body })
    };
    let not_there = json!({ "error": { "code": "itemNotFound", "message": "No." } });
    world.fault(at("sub/", 404, not_there)).await;
    world.fault(at("sub:/lists", 200, json!({ "value": [] }))).await;
    world.fault(at("sub", 200, site)).await;
}

/// If this failed, a search would look through the site above the one that was named, or through a folder instead of its site.
#[rstest]
#[case::itself("sub", "/sub", 1)]
#[case::page_of_it("sub/SitePages/Home.aspx", "/sub", 1)]
#[case::file_of_it("sub/Plans/a.docx", "/sub", 1)]
#[case::folder_of_the_site_above("General/Reports", "", 1)]
#[case::page_of_the_site_above("SitePages/Home.aspx", "", 0)]
#[case::the_site_above("", "", 0)]
#[actix_web::test]
async fn the_site_that_is_meant_is_searched(
    #[case] behind: &str,
    #[case] expected: &str,
    #[case] more: usize,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    stand_below(&world).await;
    let arguments =
        |query: &str| json!({ "query": query, "siteUrl": format!("{HANDBOOK}/{behind}"), "timeZone": "UTC" });
    let found = world.answer(&token, SEARCH, arguments("budget")).await;
    assert_eq!(found["understood"]["site"], format!("{HANDBOOK}{expected}"), "{found}");
    assert_eq!(found["items"].as_array().unwrap().is_empty(), !expected.is_empty(), "{found}");
    world.forget_requests().await;
    let found = world.answer(&token, SEARCH, arguments("budget")).await;
    assert_eq!(world.graph_round_trips().await, 1 + more, "{found}");
}

/// If this failed, a search would seem to look through a site alone where all of the one above it is looked through.
#[rstest]
#[case::search(SEARCH, "query")]
#[case::folders("sharepoint_folder_search", "name")]
#[actix_web::test]
async fn who_may_not_look_for_sites_hears_that_the_whole_one_is_searched(
    #[case] tool: &str,
    #[case] words: &str,
) {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), "User.Read Files.Read.All").await;
    for (behind, is_noted) in [("sub", true), ("SitePages", false)] {
        let arguments = json!({ words: "reports", "siteUrl": format!("{HANDBOOK}/{behind}") });
        let found = world.answer(&token, tool, arguments).await;
        assert_eq!(found["notes"].to_string().contains("whole site"), is_noted, "{found}");
        assert!(!found["items"].as_array().unwrap().is_empty(), "{found}");
    }
}

/// If this failed, items of a list of the site above would pass for those of the site that was named, or its list be refused.
#[actix_web::test]
async fn a_list_is_one_of_the_site_that_is_meant() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    stand_below(&world).await;
    let below = format!("{HANDBOOK}/sub");
    let empty = json!({ "value": [] });
    for part in ["columns", "items"] {
        let route = format!("/sites/{{site}}/lists/{{list}}/{part}");
        world.fault(json!({ "service": "graph", "route": route, "body": empty, "status": 200 })).await;
    }
    let uri = format!("list:///{ID}/00000000-0000-0000-0000-00000000000e");
    let by_id = format!("site:///{ID}");
    for (list, expected, asked) in [
        ("Open points", &below, format!("/sites/{HOST}:/sites/handbook/sub:/lists/")),
        (&uri, &by_id, format!("/sites/{ID}/lists/")),
    ] {
        world.forget_requests().await;
        let items = world.answer(&token, ITEMS, json!({ "site": below, "list": list })).await;
        let told = items["understood"]["site"].as_str().unwrap().replace("%2C", ",");
        assert_eq!(&told, expected, "{items}");
        let paths: Vec<String> =
            world.graph_paths().await.iter().map(|path| path.replace("%2C", ",")).collect();
        assert!(paths.iter().any(|path| path.contains(&asked) && path.contains("/items")), "{paths:?}");
    }
    let above = json!({ "site": HANDBOOK, "list": uri });
    let refused = world.call(&token, ITEMS, above).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert!(error["why"].as_str().unwrap().starts_with("site, list: "), "{refused}");
    let general = json!({ "site": format!("{HANDBOOK}/General"), "list": "Open points", "limit": 1 });
    let items = world.answer(&token, ITEMS, general).await;
    assert_eq!(items["understood"]["site"], HANDBOOK, "{items}");
}

/// If this failed, an address of no site at all would be searched in vain.
#[actix_web::test]
async fn an_address_of_no_site_is_told() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    for site in [format!("https://{HOST}/sites/nope/sub"), "https://nobody.example/sites/a/b".to_owned()] {
        let refused = world.call(&token, SEARCH, json!({ "query": "a", "siteUrl": site })).await;
        let error = &refused["_meta"]["m365-connector/error"];
        assert_eq!(error["code"], "not_found", "{refused}");
        assert!(error["why"].as_str().unwrap().starts_with("siteUrl: "), "{refused}");
    }
}

/// If this failed, a site that is not shared would look like one that holds nothing, where its address goes on.
#[rstest]
#[case::search(SEARCH, "query")]
#[case::folders("sharepoint_folder_search", "name")]
#[actix_web::test]
async fn a_site_that_is_not_shared_is_told_whatever_stands_behind_it(
    #[case] tool: &str,
    #[case] words: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let denied = json!({ "error": { "code": "accessDenied", "message": "No." } });
    let path = format!("/sites/{HOST}:/sites/handbook");
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 403, "body": denied })).await;
    for behind in ["", "/General"] {
        let arguments = json!({ words: "zzzz nothing", "siteUrl": format!("{HANDBOOK}{behind}") });
        let refused = world.call(&token, tool, arguments).await;
        let error = &refused["_meta"]["m365-connector/error"];
        assert_eq!(error["code"], "no_access", "{behind}: {refused}");
        assert!(error["why"].as_str().unwrap().starts_with("siteUrl: "), "{behind}: {refused}");
    }
}

/// If this failed, a site that stands below the root site, as those of older organisations do, would mean all of that one.
#[actix_web::test]
async fn a_site_below_the_root_site_is_meant_by_its_address() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let web_url = format!("https://{HOST}/hr");
    let site = json!({ "id": ID, "webUrl": web_url });
    world.fault(json!({ "service": "graph", "path_prefix": format!("/sites/{HOST}:/hr"), "status": 200, "body": site })).await;
    let arguments = json!({ "query": "budget", "siteUrl": format!("{web_url}/SitePages/Home.aspx") });
    let found = world.answer(&token, SEARCH, arguments).await;
    assert_eq!(found["understood"]["site"], web_url, "{found}");
}

/// If this failed, a site far below another one would be taken for the one above it.
#[rstest]
#[case::as_far_as_is_looked("a/b/c", None)]
#[case::file_of_it("a/b/c/SitePages/Home.aspx", None)]
#[case::perhaps_further("a/b/c/d", Some("invalid_arguments"))]
#[actix_web::test]
async fn a_site_further_down_than_is_looked_at_is_not_guessed(
    #[case] behind: &str,
    #[case] refused: Option<&str>,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let deepest = format!("{HANDBOOK}/a/b/c");
    let site = json!({ "id": ID, "webUrl": deepest });
    let path = format!("/sites/{HOST}:/sites/handbook/a/b/c");
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": site })).await;
    let arguments = json!({ "query": "budget", "siteUrl": format!("{HANDBOOK}/{behind}") });
    match refused {
        Some(code) => assert_eq!(world.error_code(&token, SEARCH, arguments).await, code),
        None => assert_eq!(world.answer(&token, SEARCH, arguments).await["understood"]["site"], deepest),
    }
}
