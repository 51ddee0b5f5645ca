//! Searches for files, pages, entries of lists, sites and folders.

use std::collections::BTreeSet;
use std::time::Duration;

use m365_connector::ContentPolicy;
use m365_connector::policy::{AllowedSite, LabelCeiling};
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{members, refusing, showing};
use crate::calls::without_limits;
use crate::files::{ending, site};
use crate::world::World;

const SEARCH: &str = "sharepoint_search";
const FOLDERS: &str = "sharepoint_folder_search";

/// If this failed, what is found could not be read.
#[rstest]
#[case::file("file", "file")]
#[case::page("page", "page")]
#[case::list("list", "list")]
#[case::list_item("listItem", "listItem")]
#[case::site("site", "site")]
#[actix_web::test]
async fn each_kind_is_found_and_read(#[case] kind: &str, #[case] read_as: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let query = if kind == "site" { "handbook" } else { "*" };
    let found = world.answer(&token, SEARCH, json!({ "query": query, "kind": kind, "limit": 5 })).await;
    let hits = found["items"].as_array().unwrap();
    assert!(!hits.is_empty(), "{found}");
    for hit in hits {
        assert_eq!(hit["kind"], kind, "{hit}");
        let read = world.answer(&token, "read_resource", json!({ "uri": hit["uri"] })).await;
        assert_eq!(read["kind"], read_as, "{read}");
    }
}

/// If this failed, whoever knows what a list is called could not find it, or not list what stands in it.
#[actix_web::test]
async fn a_list_is_found_by_its_name_and_its_items_are_listed() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let handbook = site(&world, &person, "Handbook").await;
    let arguments = json!({ "query": "\"Open points\"", "siteUrl": handbook, "limit": 50 });
    let found = world.answer(&token, SEARCH, arguments).await;
    let list = found["items"].as_array().unwrap().iter().find(|hit| hit["kind"] == "list");
    let list = list.unwrap_or_else(|| panic!("{found}"));
    assert_eq!(list["name"], "Open points");
    let items = json!({ "site": handbook, "list": list["uri"], "limit": 2 });
    let items = world.answer(&token, "sharepoint_list_items", items).await;
    assert_eq!(items["items"].as_array().unwrap().len(), 2, "{items}");
}

/// If this failed, hits would be lost or given twice, or the total would not be what there is.
#[actix_web::test]
async fn all_hits_come_page_by_page_with_an_honest_total() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "query": "budget", "kind": "file", "limit": 20 });
    let first = world.answer(&token, SEARCH, arguments.clone()).await;
    let total = first["completeness"]["total"].as_u64().unwrap();
    let (hits, pages) = world.all_items(&token, SEARCH, arguments).await;
    assert!(pages > 1, "{total}");
    let mut uris = members(&hits, "uri");
    uris.sort_unstable();
    uris.dedup();
    assert_eq!((uris.len() as u64, hits.len() as u64), (total, total));
    let nothing = world.answer(&token, SEARCH, json!({ "query": "zzzyyyxxx" })).await;
    assert_eq!(nothing["items"], json!([]));
    assert_eq!(nothing["completeness"], json!({ "state": "complete", "returned": 0, "total": 0 }));
}

/// If this failed, an argument would be dropped when it is combined with others.
#[actix_web::test]
async fn every_condition_holds_at_once() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let handbook = site(&world, &person, "Handbook").await;
    let arguments = json!({
        "query": "budget OR report OR agreement OR delivery OR audit OR workshop", "fileType": "md, .csv",
        "siteUrl": handbook, "folderName": "Reports", "beforeDateTime": "today", "afterDateTime": "2000 days ago",
        "kind": "file", "limit": 50,
    });
    let found = world.answer(&token, SEARCH, arguments.clone()).await;
    let hits = found["items"].as_array().unwrap();
    assert!(!hits.is_empty(), "{found}");
    for hit in hits {
        let url = hit["webUrl"].as_str().unwrap();
        assert!(["md", "csv"].contains(&ending(hit)), "{hit}");
        assert!(url.contains("/sites/handbook/") && url.contains("/Reports/"), "{hit}");
    }
    assert_eq!(found["understood"]["folders"], 1);
    let author = hits[0]["modifiedBy"].as_str().unwrap();
    let mut by_author = arguments;
    by_author["author"] = json!(author);
    let fewer = world.answer(&token, SEARCH, by_author).await;
    assert!(fewer["items"].as_array().unwrap().len() <= hits.len());
}

/// If this failed, a search within a site would give what stands in others, or look through one page of it alone.
#[rstest]
#[case::address("https://larkmoor.sharepoint.example/sites/handbook/", "sites/handbook/")]
#[case::page("https://larkmoor.sharepoint.example/sites/handbook/SitePages/Home.aspx", "sites/handbook/")]
#[case::root_address("https://larkmoor.sharepoint.example/", "")]
#[case::root("root", "")]
#[case::root_uri("site:///larkmoor.sharepoint.example", "")]
#[actix_web::test]
async fn a_site_is_searched_whole_and_alone(#[case] site: &str, #[case] path: &str) {
    const HOST: &str = "https://larkmoor.sharepoint.example/";
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let (all, _) = world.all_items(&token, SEARCH, json!({ "query": "budget", "limit": 50 })).await;
    let within = json!({ "query": "budget", "siteUrl": site, "limit": 50 });
    let (found, _) = world.all_items(&token, SEARCH, within.clone()).await;
    let is_within = |hit: &&Value| {
        let place = hit["webUrl"].as_str().unwrap().strip_prefix(HOST);
        place.is_some_and(|place| {
            place.starts_with(path) && (!path.is_empty() || !place.starts_with("sites/"))
        })
    };
    let uris =
        |hits: Vec<&Value>| -> BTreeSet<String> { hits.iter().map(|hit| hit["uri"].to_string()).collect() };
    let expected = uris(all.iter().filter(is_within).collect());
    assert!(!expected.is_empty() && expected.len() < all.len(), "{} of {}", expected.len(), all.len());
    assert_eq!(uris(found.iter().collect()), expected);
    let told = &world.answer(&token, SEARCH, within).await["understood"]["site"];
    assert_eq!(told, &json!(format!("{HOST}{path}").trim_end_matches('/')));

    let folders = json!({ "name": "Reports", "siteUrl": site, "limit": 50 });
    let folders = world.answer(&token, FOLDERS, folders).await;
    assert!(folders["items"].as_array().unwrap().iter().all(|hit| is_within(&hit)), "{folders}");
}

/// If this failed, folders of that name would be passed over, or it be said that there is none, because the service names more
/// than were read.
#[actix_web::test]
async fn a_folder_is_not_guessed_among_too_many() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let page = json!({ "hits": [], "total": 900, "moreResultsAvailable": true });
    let answer = json!({ "value": [{ "hitsContainers": [page] }] });
    world.fault(json!({ "service": "graph", "path_prefix": "/search/query", "body": answer })).await;
    let refused = world.call(&token, SEARCH, json!({ "query": "budget", "folderName": "Reports" })).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "invalid_arguments", "{refused}");
    assert!(error["why"].as_str().unwrap().starts_with("folderName: more than 200 folders"), "{refused}");
}

/// If this failed, a query could switch off the conditions beside it.
#[actix_web::test]
async fn a_query_cannot_leave_its_place() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "query": "zzzyyyxxx) OR (budget", "fileType": "md", "limit": 50 });
    let found = world.answer(&token, SEARCH, arguments).await;
    assert!(found["items"].as_array().unwrap().iter().all(|hit| ending(hit) == "md"));
}

/// If this failed, folders could not be found by name and listed.
#[actix_web::test]
async fn folders_are_found_by_name_and_listed() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let found = world.answer(&token, FOLDERS, json!({ "name": "rep", "limit": 50 })).await;
    let folders = found["items"].as_array().unwrap();
    assert!(folders.len() > 2 && folders.iter().all(|hit| hit["kind"] == "folder"), "{found}");
    let (all, pages) = world.all_items(&token, FOLDERS, json!({ "name": "Reports", "limit": 2 })).await;
    assert!(pages > 1 && members(&all, "name").iter().all(|name| *name == "Reports"), "{all:?}");
    let handbook = site(&world, &person, "Handbook").await;
    let one = world.answer(&token, FOLDERS, json!({ "name": "Reports", "siteUrl": handbook })).await;
    assert_eq!(one["completeness"]["total"], 1, "{one}");
    let listed = json!({ "uri": one["items"][0]["uri"] });
    let listed = world.answer(&token, "sharepoint_list_folder", listed).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 8);
    let none = json!({ "query": "budget", "folderName": "No such folder" });
    assert_eq!(world.error_code(&token, SEARCH, none).await, "not_found");
}

/// If this failed, a user with files alone would be refused everything, or told that there is nothing else.
#[actix_web::test]
async fn with_files_alone_the_rest_is_named() {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), "User.Read Files.Read.All").await;
    let found = world.answer(&token, SEARCH, json!({ "query": "budget" })).await;
    assert_eq!(found["completeness"]["state"], "partial", "{found}");
    assert!(found["completeness"]["reason"].as_str().unwrap().contains("Sites.Read.All"), "{found}");
    let nothing = world.answer(&token, SEARCH, json!({ "query": "zzzyyyxxx" })).await;
    assert_eq!(nothing["completeness"]["state"], "partial", "{nothing}");
    let files = world.answer(&token, SEARCH, json!({ "query": "zzzyyyxxx", "kind": "file" })).await;
    assert_eq!(files["completeness"]["state"], "complete", "{files}");
    let pages = json!({ "query": "budget", "kind": "page" });
    assert_eq!(world.error_code(&token, SEARCH, pages).await, "missing_scope");
}

/// If this failed, a model could not tell why there is no answer.
#[rstest]
#[case::not_understood(400, "BadRequest", "unsupported_query")]
#[case::forbidden(403, "Forbidden", "no_access")]
#[case::not_found(404, "itemNotFound", "not_found")]
#[case::throttled(429, "activityLimitReached", "throttled")]
#[actix_web::test]
async fn what_graph_refuses_is_explained(#[case] status: u16, #[case] graph: &str, #[case] code: &str) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(2)).await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, SEARCH, json!({ "query": "budget", "limit": 1 })).await;
    world.fault(refusing(status, graph)).await;
    assert_eq!(world.error_code(&token, SEARCH, json!({ "query": "budget" })).await, code);
    assert_eq!(world.error_code(&token, FOLDERS, json!({ "name": "Reports" })).await, code);
}

/// If this failed, summaries would show what stands in files above the ceiling.
#[actix_web::test]
async fn a_summary_above_the_ceiling_is_withheld() {
    let labels = LabelCeiling::new(vec!["General".to_owned()], "General");
    let world = World::start_with(showing(ContentPolicy { labels, ..ContentPolicy::default() })).await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "query": "ref", "kind": "file", "limit": 50 });
    let (hits, _) = world.all_items(&token, SEARCH, arguments).await;
    let withheld: Vec<&Value> = hits.iter().filter(|hit| hit["withheld"].is_object()).collect();
    assert!(!withheld.is_empty() && withheld.len() < hits.len(), "{} of {}", withheld.len(), hits.len());
    for hit in withheld {
        assert_eq!(hit["withheld"]["code"], "sensitivity_label");
        assert!(hit.get("summary").is_none() && hit["uri"].is_string(), "{hit}");
    }
}

/// If this failed, an index that does not know labels would let content through, or what it has found would be lost.
#[rstest]
#[case::each("/drives", 404)]
#[case::all_at_once("/$batch", 429)]
#[actix_web::test]
async fn a_label_that_nobody_can_tell_withholds_the_summary(#[case] path: &str, #[case] status: u16) {
    let labels = LabelCeiling::new(vec!["General".to_owned()], "General");
    let world = World::start_with(showing(ContentPolicy { labels, ..ContentPolicy::default() })).await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "query": "ref", "kind": "file", "limit": 50 });
    let shown = async || {
        let found = world.answer(&token, SEARCH, arguments.clone()).await;
        let hits = found["items"].as_array().unwrap().clone();
        hits.iter().filter(|hit| hit["summary"].is_string()).count()
    };
    let told = shown().await;
    let mut fault = refusing(status, "itemNotFound");
    fault["path_prefix"] = json!(path);
    world.fault(fault).await;
    let untold = shown().await;
    assert!(untold < told, "{untold} of {told} summaries are shown");
}

/// If this failed, what a search has found would be lost for a question beside it, or pass for all there is.
#[actix_web::test]
async fn hits_are_given_where_nobody_says_which_drive_is_the_users() {
    let open = World::start().await;
    let person = open.person(0, 0);
    let url = open.graph(&person, "/sites?search=Handbook").await["value"][0]["webUrl"].clone();
    let sites = Some(vec![AllowedSite::parse(url.as_str().unwrap()).unwrap(), AllowedSite::OwnDrive]);
    let world = World::start_with(showing(ContentPolicy { sites, ..ContentPolicy::default() })).await;
    let token = world.token(&person).await;
    let mut fault = refusing(429, "activityLimitReached");
    fault["path_prefix"] = json!("/me/drive");
    world.fault(fault).await;
    let found = world.answer(&token, SEARCH, json!({ "query": "ref", "kind": "file", "limit": 50 })).await;
    let hits = found["items"].as_array().unwrap();
    assert!(!hits.is_empty(), "{found}");
    assert!(members(hits, "webUrl").iter().all(|url| url.contains("/sites/handbook/")), "{found}");
    assert_eq!(found["completeness"]["state"], "partial", "{found}");
    assert!(found["completeness"]["reason"].as_str().unwrap().contains("the user's own"), "{found}");
    assert!(!found["notes"].to_string().contains("policy"), "as if policy did not show them: {found}");

    let arguments = json!({ "query": "ref", "kind": "file", "limit": 50, "siteUrl": url });
    let of_one_site = world.answer(&token, SEARCH, arguments).await;
    let state = &of_one_site["completeness"]["state"];
    assert_eq!(state, "complete", "as if some were left out: {of_one_site}");
}

/// If this failed, a search would name what lies in sites that are not opened.
#[actix_web::test]
async fn hits_of_other_sites_are_left_out_and_counted() {
    let open = World::start().await;
    let person = open.person(0, 0);
    let url = open.graph(&person, "/sites?search=Handbook").await["value"][0]["webUrl"].clone();
    let sites = Some(vec![AllowedSite::parse(url.as_str().unwrap()).unwrap(), AllowedSite::OwnDrive]);
    let world = World::start_with(showing(ContentPolicy { sites, ..ContentPolicy::default() })).await;
    let token = world.token(&person).await;
    let found = world.answer(&token, SEARCH, json!({ "query": "ref", "kind": "file", "limit": 50 })).await;
    let hits = found["items"].as_array().unwrap();
    assert!(!hits.is_empty(), "{found}");
    for hit in hits {
        let url = hit["webUrl"].as_str().unwrap();
        assert!(url.contains("/sites/handbook/") || url.contains("/personal/"), "{hit}");
    }
    assert!(found["notes"][0].as_str().unwrap().contains("left out"), "{found}");
}

/// If this failed, a slip in an address would look like a site without such files where the site may not be asked for, or a
/// site that is there like one that is not.
#[rstest]
#[case::there("User.Read Files.Read.All Sites.Read.All", None)]
#[case::not_to_be_asked("User.Read Files.Read.All", Some("could not be learned"))]
#[actix_web::test]
async fn nothing_in_a_site_is_nothing_where_the_site_is_known(
    #[case] scopes: &str,
    #[case] expected: Option<&str>,
    #[values(SEARCH, FOLDERS)] tool: &str,
) {
    let world = World::start().await;
    let token = world.token_with_scopes(&world.person(0, 0), scopes).await;
    let words = if tool == SEARCH { "query" } else { "name" };
    let mut arguments =
        json!({ words: "zzzyyyxxx", "siteUrl": "https://larkmoor.sharepoint.example/sites/handbook" });
    if tool == SEARCH {
        // Of all kinds the permissions would leave some out.
        arguments["kind"] = json!("file");
    }
    let answer = world.answer(&token, tool, arguments).await;
    assert_eq!(answer["completeness"], json!({ "state": "complete", "returned": 0, "total": 0 }), "{answer}");
    let notes = answer["notes"].to_string();
    assert_eq!(notes.contains("siteUrl: "), expected.is_some(), "{answer}");
    assert!(expected.is_none_or(|expected| notes.contains(expected)), "{answer}");
}
