//! The definitions of a list's columns, and what hangs on them.

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::members;
use crate::world::World;

const ITEMS: &str = "sharepoint_list_items";
const READ: &str = "read_resource";
const LEFT_OUT: &str = "more columns than are looked at";

/// The arguments for the items of a list with days among its columns.
fn points(limit: u32) -> Value {
    json!({ "site": "root", "list": "Open points", "limit": limit, "timeZone": "UTC" })
}

/// The uris of that list and of one of its items.
async fn uris(world: &World, token: &str) -> [String; 2] {
    let item = world.answer(token, ITEMS, points(1)).await["items"][0]["uri"].as_str().unwrap().to_owned();
    [item.split_once("/items/").unwrap().0.to_owned(), item]
}

/// The list whose columns are asked for next, by the route of that request, has an empty page of them, and behind it, by
/// another one, pages of so many.
async fn page_columns(world: &World, tool: &str, list: &str, size: u32) {
    let graph = format!("{}/v1.0", world.stage.simulator_url());
    let of_root = "/sites/root/lists/Open points/columns".to_owned();
    let of_id = format!("/sites/{}/columns", list.trim_start_matches("list:///").replacen('/', "/lists/", 1));
    let (route, next) = if tool == ITEMS {
        ("/sites/root/lists/{list}/columns", of_id)
    } else {
        ("/sites/{site}/lists/{list}/columns", of_root)
    };
    let next = format!("{graph}{}?$top={size}", next.replace(' ', "%20"));
    let page = json!({ "value": [], "@odata.nextLink": next });
    world.fault(json!({ "service": "graph", "route": route, "times": 1, "body": page })).await;
}

/// If this failed, a column on a later page could not be filtered by, and the days in it would look like the day before.
#[actix_web::test]
async fn columns_are_known_from_all_their_pages() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let [list, item] = uris(&world, &token).await;
    let filter = json!([{ "column": "ReviewDate", "op": "gt", "value": "2000-01-01" }]);
    let mut filtered = points(3);
    filtered["filter"] = filter;
    let reading = [json!({ "uri": list }), json!({ "uri": item, "timeZone": "UTC" })];
    for (tool, arguments) in [(ITEMS, filtered)].into_iter().chain(reading.map(|uri| (READ, uri))) {
        let whole = world.answer(&token, tool, arguments.clone()).await;
        world.clear_faults().await;
        page_columns(&world, tool, &list, 4).await;
        let paged = world.answer(&token, tool, arguments).await;
        for member in ["columns", "completeness", "notes"] {
            assert_eq!(paged[member], whole[member], "{paged}");
        }
        let of_items = |answer: &Value| {
            answer["items"]
                .as_array()
                .map(|items| items.iter().map(|item| item["columns"].clone()).collect::<Vec<_>>())
        };
        assert_eq!(of_items(&paged), of_items(&whole));
    }
    let asked = world.graph_paths().await;
    assert!(asked.iter().filter(|path| path.ends_with("/columns")).count() > 9, "{asked:?}");
}

/// If this failed, a list of very many columns would be told as if all of them were known.
#[actix_web::test]
async fn columns_beyond_the_bound_are_told_to_be_missing() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let [list, item] = uris(&world, &token).await;
    world.clear_faults().await;
    page_columns(&world, ITEMS, &list, 2).await;
    let items = world.answer(&token, ITEMS, points(200)).await;
    assert_eq!(items["completeness"]["state"], "partial", "{items}");
    assert!(items["completeness"]["reason"].as_str().unwrap().contains(LEFT_OUT), "{items}");
    for uri in [&list, &item] {
        world.clear_faults().await;
        page_columns(&world, READ, &list, 2).await;
        let read = world.answer(&token, READ, json!({ "uri": uri })).await;
        assert!(read["notes"].to_string().contains(LEFT_OUT), "{read}");
        if let Some(columns) = read["columns"].as_array() {
            assert_eq!(members(columns, "name"), ["Title", "Status", "Amount", "DueDate"]);
        }
    }
}

/// If this failed, a day in a column that was not looked at would be told as a time, and look like the day before.
#[actix_web::test]
async fn times_are_told_of_columns_that_were_looked_at() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let [list, uri] = uris(&world, &token).await;
    world.clear_faults().await;
    let moment = "2026-11-22T23:00:00Z";
    let fields = json!({ "Title": moment, "DueDate": moment, "ReviewDate": moment });
    let item = json!({ "id": "1", "fields": fields });
    let page = json!({ "value": [item] });
    for (route, body) in
        [("/sites/root/lists/{list}/items", page), ("/sites/{site}/lists/{list}/items/{item}", item)]
    {
        world.fault(json!({ "service": "graph", "route": route, "body": body })).await;
    }
    let mut items = points(1);
    items["timeZone"] = json!("Europe/Berlin");
    for (tool, arguments) in [(ITEMS, items), (READ, json!({ "uri": uri, "timeZone": "Europe/Berlin" }))] {
        page_columns(&world, tool, &list, 2).await;
        let answer = world.answer(&token, tool, arguments).await;
        let item = if tool == ITEMS { &answer["items"][0] } else { &answer };
        assert_eq!(item["columnTimes"]["Title"], "2026-11-23T00:00:00+01:00", "{answer}");
        assert_eq!(item["columnTimes"].get("ReviewDate"), None, "{answer}");
        assert_eq!(item["columns"]["ReviewDate"], moment, "{answer}");
    }
}

/// If this failed, a day that is another one on a site far off would be told as certain, or every day be doubted.
#[rstest]
#[case::of_apia_or_of_pago_pago("2026-11-22T11:00:00Z", true)]
#[case::of_honolulu_or_of_kiritimati("2026-11-23T10:00:00Z", true)]
#[case::of_berlin("2026-11-22T23:00:00Z", false)]
#[actix_web::test]
async fn a_day_that_hangs_on_the_site_s_zone_is_doubted(#[case] kept: &str, #[case] expected: bool) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let [_, uri] = uris(&world, &token).await;
    let item = json!({ "id": "1", "fields": { "Title": "A", "ReviewDate": kept } });
    let page = json!({ "value": [item] });
    for (route, body) in
        [("/sites/root/lists/{list}/items", page), ("/sites/{site}/lists/{list}/items/{item}", item)]
    {
        world.fault(json!({ "service": "graph", "route": route, "body": body })).await;
    }
    let list = world.answer(&token, ITEMS, points(1)).await;
    let read = world.answer(&token, READ, json!({ "uri": uri })).await;
    for answer in [list, read] {
        assert!(answer.to_string().contains("\"2026-11-23\""), "{answer}");
        assert_eq!(answer.to_string().contains("American Samoa"), expected, "{answer}");
    }
}
