//! Sites, lists and pages.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use m365_connector::ContentPolicy;
use m365_connector::policy::LabelCeiling;
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{members, refusing, showing};
use crate::files::site;
use crate::world::World;

const ITEMS: &str = "sharepoint_list_items";
const READ: &str = "read_resource";
const POINTS: &str = "Open points";

/// If this failed, a model could not find its way from a site to what stands in its lists.
#[actix_web::test]
async fn a_site_leads_to_its_lists_and_their_items() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let handbook = site(&world, &person, "Handbook").await;
    let read = world.answer(&token, READ, json!({ "uri": handbook })).await;
    assert_eq!((&read["kind"], &read["site"]["name"]), (&json!("site"), &json!("Handbook")));
    let lists = read["items"].as_array().unwrap();
    assert_eq!(members(lists, "name"), ["Documents", POINTS]);
    assert_eq!(read["completeness"]["state"], "complete");

    let list = world.answer(&token, READ, json!({ "uri": lists[1]["uri"] })).await;
    let columns = list["columns"].as_array().unwrap();
    let status = columns.iter().find(|column| column["name"] == "Status").unwrap();
    assert_eq!(status, &json!({ "name": "Status", "holds": "choice", "indexed": true }));
    let review = columns.iter().find(|column| column["name"] == "ReviewDate").unwrap();
    assert_eq!(review["holds"], "day");

    let some = json!({ "site": handbook, "list": lists[1]["uri"], "limit": 3 });
    let items = world.answer(&token, ITEMS, some).await;
    let first = &items["items"][0];
    let item = world.answer(&token, READ, json!({ "uri": first["uri"] })).await;
    assert_eq!((&item["kind"], &item["columns"]), (&json!("listItem"), &first["columns"]), "{item}");
}

/// If this failed, the site could not be named as people have it.
#[actix_web::test]
async fn a_site_is_known_by_uri_address_and_root() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let sites = world.graph(&person, "/sites?search=Handbook").await;
    let (id, url) = (&sites["value"][0]["id"], sites["value"][0]["webUrl"].as_str().unwrap());
    let ids = [id.as_str().unwrap().to_owned(), format!("site:///{}", id.as_str().unwrap())];
    let addresses = [url.to_owned(), format!("{url}/SitePages/Home.aspx")];
    let mut answers = Vec::new();
    for site in ids.iter().chain(&addresses) {
        let arguments = json!({ "site": site, "list": POINTS, "limit": 2 });
        answers.push(world.answer(&token, ITEMS, arguments).await["items"].clone());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    let root = world.answer(&token, ITEMS, json!({ "site": "root", "list": POINTS, "limit": 2 })).await;
    assert_ne!(root["items"], answers[0]);
    assert_eq!(root["understood"]["site"], "root");
}

/// If this failed, items would be lost between pages.
#[actix_web::test]
async fn all_items_come_page_by_page() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let columns = ["Title", "amount"];
    let all = json!({ "site": "root", "list": POINTS, "limit": 100, "columns": columns, "timeZone": "UTC" });
    let (items, pages) = world.all_items(&token, ITEMS, all).await;
    assert_eq!((items.len(), pages), (230, 3));
    let mut uris = members(&items, "uri");
    uris.sort_unstable();
    uris.dedup();
    assert_eq!(uris.len(), 230);
    for item in &items {
        let names: Vec<&String> = item["columns"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["Amount", "Title"], "{item}");
    }
}

/// If this failed, a filter would give other items than it asks for, or be refused for want of a header.
#[rstest]
#[case::indexed(json!([{ "column": "Status", "op": "eq", "value": "Open" }]), |item: &Value| item["Status"] == "Open", None)]
#[case::not_indexed(json!([{ "column": "Amount", "op": "ge", "value": 4_000 }]), |item: &Value| item["Amount"].as_i64().unwrap() >= 4_000, Some("Amount"))]
#[case::both(
    json!([{ "column": "status", "op": "ne", "value": "Closed" }, { "column": "Title", "op": "startsWith", "value": "Two" }]),
    |item: &Value| item["Status"] != "Closed" && item["Title"].as_str().unwrap().starts_with("Two"),
    Some("Title")
)]
#[case::quotes(json!([{ "column": "Title", "op": "eq", "value": "It's ') or (1 eq 1" }]), |_: &Value| false, Some("Title"))]
#[actix_web::test]
async fn a_filter_gives_what_it_says(
    #[case] filter: Value,
    #[case] fits: fn(&Value) -> bool,
    #[case] without_index: Option<&str>,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "site": "root", "list": POINTS, "limit": 200, "filter": filter });
    let (items, _) = world.all_items(&token, ITEMS, arguments.clone()).await;
    assert!(items.iter().all(|item| fits(&item["columns"])), "{items:?}");
    let (all, _) =
        world.all_items(&token, ITEMS, json!({ "site": "root", "list": POINTS, "limit": 200 })).await;
    assert_eq!(items.len(), all.iter().filter(|item| fits(&item["columns"])).count());
    assert!(items.len() < all.len());
    world.forget_requests().await;
    let answer = world.answer(&token, ITEMS, arguments).await;
    let sent = world.requests().await;
    let items = sent.iter().find(|request| request["path"].as_str().unwrap().ends_with("/items")).unwrap();
    let prefer = items["headers"]["prefer"].as_str().unwrap_or_default();
    assert_eq!(prefer.contains("HonorNonIndexedQueries"), without_index.is_some(), "{prefer}");
    let note = answer["notes"][0].as_str().unwrap_or_default();
    assert!(without_index.is_none_or(|column| note.contains(column)), "{answer}");
}

type Comparison = fn(&Date, &Date) -> bool;

const OPERATORS: [(&str, Comparison); 6] = [
    ("eq", Date::eq),
    ("ne", Date::ne),
    ("lt", Date::lt),
    ("le", Date::le),
    ("gt", Date::gt),
    ("ge", Date::ge),
];

/// Filters `column` of the items that `all` lists by the day in the middle of `due`, which is sorted and names each item's day.
async fn each_operator_tells_days_apart(
    world: &World,
    token: &str,
    (all, column): (&Value, &str),
    due: &[(Date, &str)],
) {
    let day = due[due.len() / 2].0;
    for (op, holds) in OPERATORS {
        let mut arguments = all.clone();
        arguments["filter"] = json!([{ "column": column, "op": op, "value": day.to_string() }]);
        arguments["columns"] = json!(["Title"]);
        let (items, _) = world.all_items(token, ITEMS, arguments).await;
        let mut found: Vec<&str> =
            items.iter().map(|item| item["columns"]["Title"].as_str().unwrap()).collect();
        let mut expected: Vec<&str> =
            due.iter().filter(|(date, _)| holds(date, &day)).map(|(_, title)| *title).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert!(!expected.is_empty() && expected.len() < due.len(), "{op} tells nothing apart");
        assert_eq!(found, expected, "{op} {day}");
    }
}

/// If this failed, what is due on a day would be missed, or taken for what is due on another.
#[rstest]
#[case::west_of_the_registers_hour("America/Los_Angeles")]
#[case::east_of_it("Pacific/Auckland")]
#[actix_web::test]
async fn a_day_is_all_of_it_in_the_zone_asked_for(#[case] zone: &str) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let time_zone = TimeZone::get(zone).unwrap();
    let register =
        world.graph(&person, "/sites/root/lists/Open%20points/items?$expand=fields&$top=500").await;
    let mut due: Vec<(Date, &str)> = Vec::new();
    for item in register["value"].as_array().unwrap() {
        let at: Timestamp = item["fields"]["DueDate"].as_str().unwrap().parse().unwrap();
        let title = item["fields"]["Title"].as_str().unwrap();
        due.push((at.to_zoned_datetime(time_zone.clone()).date(), title));
    }
    due.sort_unstable();
    let all = json!({ "site": "root", "list": POINTS, "limit": 200, "timeZone": zone });
    each_operator_tells_days_apart(&world, &token, (&all, "DueDate"), &due).await;
}

/// If this failed, whoever lives east or west of a site would be told another day than its own people see, or be given what is
/// due on another.
#[rstest]
#[case::ahead_of_utc("Intranet", "Europe/Berlin")]
#[case::far_ahead("Project Aurora", "Pacific/Auckland")]
#[case::behind("Handbook", "America/Los_Angeles")]
#[case::far_behind("Finance", "Pacific/Honolulu")]
#[actix_web::test]
async fn a_day_without_a_time_is_the_sites_whoever_asks(
    #[case] name: &str,
    #[case] sites_zone: &str,
    #[values("Pacific/Honolulu", "Asia/Tokyo")] users_zone: &str,
) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let site = site(&world, &person, name).await;
    let id = site.strip_prefix("site:///").unwrap();
    let kept =
        world.graph(&person, &format!("/sites/{id}/lists/Open%20points/items?$expand=fields&$top=500")).await;
    let sites_zone = TimeZone::get(sites_zone).unwrap();
    let day_of = |item: &Value| -> Option<Date> {
        let at: Timestamp = item["fields"]["ReviewDate"].as_str()?.parse().unwrap();
        Some(at.to_zoned_datetime(sites_zone.clone()).date())
    };
    let kept = kept["value"].as_array().unwrap();
    let mut due: Vec<(Date, &str)> = kept
        .iter()
        .filter_map(|item| Some((day_of(item)?, item["fields"]["Title"].as_str().unwrap())))
        .collect();
    due.sort_unstable();

    let all = json!({ "site": site, "list": POINTS, "limit": 200, "timeZone": users_zone });
    let (listed, _) = world.all_items(&token, ITEMS, all.clone()).await;
    let mut told: Vec<(Date, &str)> = Vec::new();
    for item in &listed {
        assert!(item["columnTimes"].get("ReviewDate").is_none(), "{item}");
        let Some(day) = item["columns"]["ReviewDate"].as_str() else { continue };
        told.push((day.parse().unwrap(), item["columns"]["Title"].as_str().unwrap()));
    }
    told.sort_unstable();
    assert_eq!(told, due);
    let read = world.answer(&token, READ, json!({ "uri": listed[0]["uri"], "timeZone": users_zone })).await;
    assert_eq!(read["columns"]["ReviewDate"], listed[0]["columns"]["ReviewDate"], "{read}");

    each_operator_tells_days_apart(&world, &token, (&all, "ReviewDate"), &due).await;
}

/// If this failed, a model could not mend a filter, or the site be asked for where the filter is at fault.
#[rstest]
#[case::column(json!([{ "column": "Colour", "op": "eq", "value": "red" }]), "invalid_arguments", "Status")]
#[case::value(json!([{ "column": "Amount", "op": "eq", "value": "many" }]), "invalid_arguments", "numbers")]
#[case::moment(json!([{ "column": "ReviewDate", "op": "lt", "value": "now" }]), "invalid_arguments", "days")]
#[case::library(json!([{ "column": "Title", "op": "eq", "value": "a" }]), "unsupported_query", "without an index: Title")]
#[actix_web::test]
async fn a_filter_that_cannot_be_is_explained(#[case] filter: Value, #[case] code: &str, #[case] word: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let list = if code == "unsupported_query" { "Documents" } else { POINTS };
    let arguments = json!({ "site": "root", "list": list, "filter": filter });
    let refused = world.call(&token, ITEMS, arguments).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], code, "{refused}");
    assert!(error.to_string().contains(word), "{refused}");
    assert!(error["why"].as_str().unwrap().starts_with("filter"), "{refused}");
    let asked = world.graph_paths().await;
    assert!(!asked.iter().any(|path| path == "/v1.0/sites/root"), "{asked:?}");
}

/// If this failed, an item would be lost with what tells its days from its times, or a day be told as the one before it.
#[rstest]
#[case::forbidden(403, "accessDenied")]
#[case::throttled(429, "activityLimitReached")]
#[case::failing(501, "notSupported")]
#[actix_web::test]
async fn an_item_is_read_without_its_columns_definitions(#[case] status: u16, #[case] code: &str) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let some = json!({ "site": "root", "list": POINTS, "limit": 1 });
    let items = world.answer(&token, ITEMS, some).await;
    let told = &items["items"][0];
    let mut fault = refusing(status, code);
    fault["route"] = json!("/sites/{site}/lists/{list}/columns");
    world.fault(fault).await;
    let item = world.answer(&token, READ, json!({ "uri": told["uri"] })).await;
    assert_eq!(item["columns"]["Title"], told["columns"]["Title"], "{item}");
    assert!(item["columns"]["ReviewDate"].as_str().unwrap().ends_with('Z'), "{item}");
    assert!(item.get("columnTimes").is_none(), "{item}");
    assert!(item["notes"][0].as_str().unwrap().contains("hold days"), "{item}");
}

/// If this failed, what stands on a page would be lost, out of order, or hidden from its readers and shown to models.
#[actix_web::test]
async fn a_page_is_read_in_the_order_of_its_parts() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let handbook = site(&world, &person, "Handbook").await;
    let id = handbook.strip_prefix("site:///").unwrap();
    let pages = world.graph(&person, &format!("/sites/{id}/pages")).await;
    let mut titles = Vec::new();
    for page in pages["value"].as_array().unwrap() {
        let uri = format!("page:///sites/{id}/pages/{}", page["id"].as_str().unwrap());
        let read = world.answer(&token, READ, json!({ "uri": uri })).await;
        let text = read["body"]["text"].as_str().unwrap_or_else(|| panic!("{read}"));
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part}: {text}"));
        match page["title"].as_str().unwrap() {
            "Travel rules" => {
                let order = ["## Before you travel", "| Trip | Class |", "**Quick links**", "- Travel rules"];
                assert!(order.iter().map(|part| at(part)).is_sorted(), "{text}");
            }
            title if title.starts_with("A notice from outside") => {
                assert!(!text.contains("ignore all previous") && !text.contains("javascript:"), "{text}");
            }
            _ => {}
        }
        let title = page["title"].as_str().unwrap().replace('⟦', "[").replace('⟧', "]");
        assert_eq!((&read["title"], &read["origin"]), (&json!(title), &json!("internal")));
        titles.push(page["title"].clone());
    }
    assert_eq!(titles.len(), 4);
}

/// If this failed, a model could not tell why there is no answer.
#[rstest]
#[case::not_found(404, "itemNotFound", "not_found")]
#[case::forbidden(403, "accessDenied", "no_access")]
#[case::throttled(429, "activityLimitReached", "throttled")]
#[actix_web::test]
async fn what_graph_refuses_is_explained(#[case] status: u16, #[case] graph: &str, #[case] code: &str) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(2)).await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, ITEMS, json!({ "site": "root", "list": POINTS, "limit": 1 })).await;
    world.fault(refusing(status, graph)).await;
    assert_eq!(world.error_code(&token, ITEMS, json!({ "site": "root", "list": POINTS })).await, code);
    for uri in ["site:///h,1,2", "list:///h,1,2/l", "list:///h,1,2/l/items/1", "page:///sites/h,1,2/pages/p"]
    {
        assert_eq!(world.error_code(&token, READ, json!({ "uri": uri })).await, code, "{uri}");
    }
}

/// If this failed, a model would be told to write a plainer query where an id or a host is wrong.
#[rstest]
#[case::file(READ, json!({ "uri": "file:///a/b" }))]
#[case::site(READ, json!({ "uri": "site:///nope" }))]
#[case::host(ITEMS, json!({ "site": "https://nowhere.example/sites/a", "list": POINTS }))]
#[case::folder("sharepoint_search", json!({ "query": "budget", "folderName": "file:///a/b" }))]
#[actix_web::test]
async fn what_names_nothing_is_not_found(#[case] tool: &str, #[case] arguments: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    assert_eq!(world.error_code(&token, tool, arguments).await, "not_found");
}

/// If this failed, users of selected sites would be shut out of them, or let into others.
#[actix_web::test]
async fn selected_sites_are_read_and_no_others() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let (handbook, finance) =
        (site(&world, &person, "Handbook").await, site(&world, &person, "Finance").await);
    let everything = world.token(&person).await;
    world.answer(&everything, READ, json!({ "uri": handbook })).await;
    let selected = World::start().await;
    let token = selected.token_with_scopes(&person, "User.Read Sites.Selected").await;
    for (tool, arguments) in [
        (READ, json!({ "uri": handbook })),
        (ITEMS, json!({ "site": handbook, "list": POINTS, "limit": 1 })),
        ("sharepoint_list_folder", json!({ "uri": handbook })),
    ] {
        selected.answer(&token, tool, arguments).await;
    }
    let refused = selected.call(&token, "sharepoint_search", json!({ "query": "budget" })).await;
    let error = &refused["_meta"]["m365-connector/error"];
    assert_eq!(error["code"], "missing_scope", "{refused}");
    assert!(error["why"].as_str().unwrap().contains("knows no selected sites"), "{refused}");
    selected.fault(refusing(403, "accessDenied")).await;
    assert_eq!(selected.error_code(&token, READ, json!({ "uri": finance })).await, "no_access");
}

/// If this failed, columns of labelled files would be shown above the ceiling.
#[actix_web::test]
async fn columns_of_labelled_files_are_withheld_above_the_ceiling() {
    let labels = LabelCeiling::new(vec!["General".to_owned()], "General");
    let world = World::start_with(showing(ContentPolicy { labels, ..ContentPolicy::default() })).await;
    let token = world.token(&world.person(0, 0)).await;
    let arguments = json!({ "site": "root", "list": "Documents", "limit": 100 });
    let (items, _) = world.all_items(&token, ITEMS, arguments).await;
    let withheld: Vec<&Value> = items.iter().filter(|item| item["withheld"].is_object()).collect();
    assert!(!withheld.is_empty() && withheld.len() < items.len(), "{} of {}", withheld.len(), items.len());
    assert!(withheld.iter().all(|item| item["columns"] == json!({})), "{withheld:?}");
}

/// If this failed, dates in lists would be an hour or a day off for whoever reads them, or nobody would know what `ne` a day
/// leaves out.
#[actix_web::test]
async fn times_in_columns_are_told_in_the_asked_zone() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let filter = json!([{ "column": "DueDate", "op": "ne", "value": "2026-11-23" }]);
    let arguments = |zone: &str| json!({ "site": "root", "list": POINTS, "filter": filter, "columns": ["Title", "DueDate"], "timeZone": zone, "limit": 5 });
    let listed = world.answer(&token, ITEMS, arguments("Asia/Tokyo")).await;
    assert!(listed["notes"].to_string().contains("without a date in DueDate"), "{listed}");
    for item in listed["items"].as_array().unwrap() {
        let read = world.answer(&token, READ, json!({ "uri": item["uri"], "timeZone": "Asia/Tokyo" })).await;
        for told in [item, &read] {
            let at = |member: &str| told[member]["DueDate"].as_str().unwrap();
            assert!(at("columnTimes").ends_with("+09:00"), "{told}");
            let moments = [at("columns"), at("columnTimes")].map(|at| at.parse::<Timestamp>().unwrap());
            assert_eq!(moments[0], moments[1], "{told}");
        }
        assert!(item["columnTimes"].get("Title").is_none(), "{item}");
    }
    let listed = world.answer(&token, ITEMS, arguments("UTC")).await;
    assert!(listed["items"][0].get("columnTimes").is_none(), "{listed}");
}
