//! Sites, their lists and their pages.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{Answer, BASE_URL, WORLD, encoded};

const SITE: &str = "/sites/larkmoor.sharepoint.example:/sites/handbook";

/// Fails when a site is another one by its id than by its address.
#[test]
fn a_site_is_found_by_address_and_by_id() {
    let by_path = WORLD.get(SITE).body;
    let id = by_path["id"].as_str().unwrap();
    assert_eq!(id.split(',').count(), 3);
    assert_eq!(WORLD.get(&format!("/sites/{id}")).body, by_path);
    assert_eq!(WORLD.get(&format!("/sites/{}", encoded(id))).body, by_path);
    assert_eq!(by_path["webUrl"], "https://larkmoor.sharepoint.example/sites/handbook");
    assert!(WORLD.get("/sites/root").body["root"].is_object());
    let drives = WORLD.get(&format!("{SITE}:/drives"));
    assert_eq!(drives.entries()[0]["driveType"], "documentLibrary");
    assert_eq!(drives.entries()[0]["id"], WORLD.get(&format!("{SITE}:/drive")).body["id"]);
}

/// Fails when a wrong site is answered with something else than SharePoint's own error.
#[rstest]
#[case("/sites/other.sharepoint.example:/sites/handbook", 400, "invalidRequest")]
#[case("/sites/larkmoor.sharepoint.example:/sites/nowhere", 404, "itemNotFound")]
#[case("/sites/larkmoor.sharepoint.example,1,2", 404, "itemNotFound")]
#[case("/sites", 400, "invalidRequest")]
#[case("/sites?$search=a", 400, "invalidRequest")]
#[case("/sites?search=*&$filter=displayName%20eq%20'a'", 400, "notSupported")]
#[case("/sites/root/lists/Documents/items?$orderby=fields/Title", 400, "notSupported")]
#[case("/sites/root/pages?$select=bogus", 400, "BadRequest")]
#[case("/sites/root/pages?$filter=bogus%20eq%201", 400, "RequestBroker--ParseUri")]
#[case("/sites/root/pages?$search=a", 400, "notSupported")]
#[case("/sites/root/lists?$filter=bogus%20eq%201", 400, "notSupported")]
#[case("/sites/root/lists?$select=bogus", 400, "BadRequest")]
#[case("/sites/root/lists/Documents/items?$skip=3", 400, "notSupported")]
#[case("/sites?search=*&$orderby=displayName", 400, "invalidRequest")]
#[case("/sites/root/lists/none", 404, "itemNotFound")]
#[case("/sites/root/nonsense", 400, "BadRequest")]
#[case("/sites/root/pages?$expand=canvasLayout", 400, "invalidRequest")]
#[case("/sites/root/pages/none", 404, "itemNotFound")]
#[case("/sites/root/lists/Documents?$select=bogus", 400, "BadRequest")]
#[case("/sites/root/lists/Documents?$expand=bogus", 400, "invalidRequest")]
#[case("/sites/root/lists/Documents/items/1?$select=bogus", 400, "BadRequest")]
#[case("/sites/root?$expand=bogus", 400, "invalidRequest")]
fn a_wrong_site_is_refused(#[case] target: &str, #[case] status: u16, #[case] code: &str) {
    let answer = WORLD.get(target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when a search for sites finds too little, or sorts by what SharePoint does not sort by.
#[test]
fn sites_are_searched_by_what_is_said_of_them() {
    let names = |target: &str| -> Vec<String> {
        WORLD
            .get(target)
            .entries()
            .iter()
            .map(|site| site["displayName"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("/sites?search=*").len(), 5);
    assert_eq!(names("/sites?search=budgets"), ["Finance"]);
    assert_eq!(names("/sites?search=*&$orderby=createdDateTime")[0], "Intranet");
    assert_eq!(names("/sites?search=*&$orderby=createdDateTime%20desc")[0], "Project Aurora");
    assert_eq!(names("/me/followedSites"), ["Handbook", "Project Aurora"]);
}

/// Fails when a column without an index can be filtered by without having asked for the risk.
#[rstest]
#[case::indexed("$filter=fields/Status%20eq%20'Open'", &[], 200)]
#[case::indexed_and_sorted("$filter=fields/Status%20eq%20'Open'&$orderby=fields/DueDate", &[], 200)]
#[case::not_indexed("$filter=fields/Amount%20gt%20100", &[], 400)]
#[case::sorted_by_no_index("$orderby=fields/Amount", &[], 400)]
#[case::not_indexed_but_warned("$filter=fields/Amount%20gt%20100", &["HonorNonIndexedQueriesWarningMayFailRandomly"], 200)]
fn filters_want_an_index(#[case] query: &str, #[case] prefer: &[&str], #[case] status: u16) {
    let target = format!("{SITE}:/lists/Open%20points/items?$expand=fields&{query}");
    let answer = WORLD.get_preferring(&WORLD.caller(0, 0), &target, prefer);
    assert_eq!(answer.status, status, "{:?}", answer.body);
    if status == 400 {
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(message.contains("not indexed") && message.contains("HonorNonIndexedQueries"), "{message}");
        return;
    }
    assert!(!answer.entries().is_empty());
    for entry in answer.entries() {
        let fits = entry["fields"]["Status"] == "Open" || entry["fields"]["Amount"].as_u64().unwrap() > 100;
        assert!(fits, "{entry:?}");
    }
}

/// Fails when lists lose entries between pages, or fields come unasked.
#[test]
fn list_items_come_in_pages_with_the_fields_that_are_asked_for() {
    let caller = WORLD.caller(0, 0);
    let items = format!("{SITE}:/lists/Open%20points/items");
    let plain = WORLD.get(&items);
    assert_eq!((plain.entries().len(), &plain.entries()[0]["fields"]), (200, &serde_json::Value::Null));
    let all = WORLD.every_page(&caller, &format!("{items}?expand=fields(select=Title,Status)"));
    assert_eq!(all.len(), 230);
    assert!(
        all.iter().all(|entry| entry["fields"]["Title"].is_string() && entry["fields"]["Amount"].is_null())
    );
    let single = WORLD.get(&format!("{items}/7?$expand=fields")).body;
    assert_eq!((&single["id"], &single["fields"]["Title"]), (&"7".into(), &all[6]["fields"]["Title"]));
    let columns = WORLD.get(&format!("{SITE}:/lists/Open%20points/columns"));
    let indexed = columns.entries().iter().filter(|column| column["indexed"] == true).count();
    assert_eq!(indexed, 3);
    let types = WORLD.get(&format!("{SITE}:/lists/Documents/contentTypes"));
    assert!(types.entries().iter().any(|kind| kind["id"] == "0x0120" && kind["name"] == "Folder"));
    let lists = WORLD.get(&format!("{SITE}:/lists"));
    for list in lists.entries() {
        let id = list["id"].as_str().unwrap();
        assert_eq!(WORLD.get(&format!("{SITE}:/lists/{id}")).body["displayName"], list["displayName"]);
    }
    let library = WORLD.every_page(&caller, &format!("{SITE}:/lists/Documents/items?$expand=fields"));
    assert!(library.iter().any(|item| item["fields"]["_DisplayName"] == "Confidential"), "there is no label");
}

/// Fails when a list of pages passes over an option that its reference names.
#[test]
fn the_list_of_pages_takes_the_options_of_its_reference() {
    let names = |query: &str| -> Vec<String> {
        let answer = WORLD.get(&format!("{SITE}:/pages?{query}"));
        let entries = answer.entries().iter();
        entries.map(|page| page["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("$filter=title%20eq%20'Travel%20rules'"), ["Travel-rules.aspx"]);
    assert_eq!(names("$filter=startswith(name,'Ho')%20or%20pageLayout%20eq%20'home'"), ["Home.aspx"]);
    assert_eq!(names("$filter=createdDateTime%20gt%202026-11-23T18:00:00Z"), [""; 0]);
    assert_eq!(names("$orderby=name%20desc&$top=1"), ["Travel-rules.aspx"]);
    assert_eq!(names("$select=id,title"), [""; 4], "names were not selected");
    let counted = WORLD.get(&format!("{SITE}:/pages/microsoft.graph.sitePage?$count=true&$top=2")).body;
    assert_eq!((&counted["@odata.count"], counted["value"].as_array().unwrap().len()), (&4.into(), 2));
    let expanded = WORLD.get(&format!("{SITE}:/pages?$expand=createdByUser")).body;
    assert_eq!(expanded["value"][0]["createdByUser"]["id"], expanded["value"][0]["createdBy"]["user"]["id"]);
    assert!(expanded["value"][0]["lastModifiedByUser"].is_null());
    let page = expanded["value"][0]["id"].as_str().unwrap();
    let single = WORLD.get(&format!("{SITE}:/pages/{page}?$expand=lastModifiedByUser")).body;
    assert_eq!(single["lastModifiedByUser"], expanded["value"][0]["createdByUser"]);
}

/// Fails when what was not selected of lists, their columns, their types or their items comes along.
#[rstest]
#[case("lists", "name", "displayName")]
#[case("lists/Documents/columns", "name", "displayName")]
#[case("lists/Documents/contentTypes", "name", "group")]
#[case("lists/Documents/items", "webUrl", "eTag")]
#[case("lists/Open%20points/items", "webUrl", "eTag")]
fn a_part_of_what_lists_tell_can_be_selected(#[case] path: &str, #[case] wanted: &str, #[case] other: &str) {
    let whole = WORLD.get(&format!("{SITE}:/{path}")).body;
    assert!(whole["value"][0][wanted].is_string() && !whole["value"][0][other].is_null(), "{whole}");
    let part = WORLD.get(&format!("{SITE}:/{path}?$select={wanted}")).body;
    assert_eq!(part["value"][0][wanted], whole["value"][0][wanted]);
    assert!(part["value"][0]["id"].is_string() && part["value"][0][other].is_null(), "{part}");
    assert!(part["@odata.context"].as_str().unwrap().ends_with(&format!("({wanted})")), "{part}");
}

/// Fails when the canvas of a page comes unasked, or not with its sections, columns and web parts.
#[test]
fn a_page_shows_its_canvas_where_it_is_taken_for_a_site_page() {
    let pages = WORLD.get(&format!("{SITE}:/pages/microsoft.graph.sitePage"));
    let names: Vec<_> = pages.entries().iter().map(|page| page["name"].as_str().unwrap()).collect();
    assert!(names.is_sorted() && names.len() == 4, "{names:?}");
    let page = format!("{SITE}:/pages/{}", pages.entries()[1]["id"].as_str().unwrap());
    let cast = format!("{page}/microsoft.graph.sitePage");
    assert!(WORLD.get(&cast).body["canvasLayout"].is_null());
    assert_eq!(WORLD.get(&format!("{page}?$expand=canvasLayout")).status, 400);
    let canvas = WORLD.get(&format!("{cast}?$expand=canvasLayout")).body["canvasLayout"].clone();
    let parts = |section: usize, column: usize| {
        canvas["horizontalSections"][section]["columns"][column]["webparts"][0]["@odata.type"].clone()
    };
    assert_eq!(parts(0, 0), "#microsoft.graph.textWebPart");
    assert_eq!(parts(1, 1), "#microsoft.graph.standardWebPart");
}

/// What a single thing holds besides what was selected of it, and of its fields.
fn besides(answer: &Answer, selected: &[&str]) -> Vec<String> {
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let names = |value: &Value| -> Vec<String> {
        value.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default()
    };
    let mut besides = names(&answer.body);
    besides.extend(names(&answer.body["fields"]));
    besides.retain(|name| !name.contains('@') && name != "id" && !selected.contains(&name.as_str()));
    besides
}

/// Fails when a single thing is written whole, whatever is selected of it: the lists of such things are not.
#[rstest]
#[case("lists/Documents?$select=name", &["name"])]
#[case("lists/Documents/items/1?$select=webUrl", &["webUrl"])]
#[case("lists/Documents/items/1?$select=id&$expand=fields($select=Title)", &["fields", "Title"])]
#[case("lists/Open%20points/items/1?$select=id&$expand=fields($select=title,Status)", &["fields", "Title", "Status"])]
#[case("pages/{page}?$select=title", &["title"])]
#[case("pages/{page}/microsoft.graph.sitePage?$select=title&$expand=canvasLayout", &["title", "canvasLayout"])]
#[case("drive/items/{item}/listItem?$select=webUrl&$expand=fields($select=FileLeafRef)", &["webUrl", "fields", "FileLeafRef"])]
fn of_a_single_thing_only_what_is_selected_is_told(#[case] target: &str, #[case] selected: &[&str]) {
    let id = |list: &str| {
        WORLD.get(&format!("/sites/root/{list}")).entries()[0]["id"].as_str().unwrap().to_owned()
    };
    let target =
        target.replace("{page}", &id("pages")).replace("{item}", &encoded(&id("drive/root/children")));
    let answer = WORLD.get(&format!("/sites/root/{target}"));
    assert_eq!(besides(&answer, selected), Vec::<String>::new(), "{:?}", answer.body);
    let found = selected
        .iter()
        .filter(|name| !answer.body[**name].is_null() || !answer.body["fields"][**name].is_null());
    assert_eq!(found.count(), selected.len(), "{:?}", answer.body);
}

/// Fails when the items of a library come with other columns than those that were asked for.
#[test]
fn items_of_a_library_come_with_the_selected_columns() {
    let items = WORLD.get("/sites/root/lists/Documents/items?$expand=fields($select=Title)");
    let names = |item: &Value| item["fields"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(
        items.entries().iter().all(|item| names(item) == ["Title", "id"] || names(item) == ["id", "Title"])
    );
    let label = "listItem($expand=fields($select=_DisplayName))";
    let files = WORLD.get(&format!("/sites/root/drive/root/children?$expand={label}"));
    let is_label = |name: &String| name == "_DisplayName" || name == "id";
    assert!(files.entries().iter().all(|file| names(&file["listItem"]).iter().all(is_label)));
}

/// Fails when a list does not bring along its columns, as its reference shows.
#[test]
fn a_list_brings_its_columns_along() {
    let list = WORLD.get("/sites/root/lists/Documents?expand=columns,contentTypes").body;
    let below = |name: &str| WORLD.get(&format!("/sites/root/lists/Documents/{name}")).body["value"].clone();
    assert_eq!((&list["columns"], &list["contentTypes"]), (&below("columns"), &below("contentTypes")));
    let part = WORLD.get("/sites/root/lists/Documents?expand=columns(select=name)").body;
    let of_each = |column: &Value| column.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert!(
        part["columns"].as_array().unwrap().iter().all(|column| of_each(column) == ["id", "name"]),
        "{part}"
    );
}

/// Fails when a list brings other items along than it lists, or when its next link loses, repeats or changes some.
#[rstest]
#[case("Open%20points", "items", "", 200)]
#[case(
    "Open%20points",
    "items(expand=fields(select=Title,Status))",
    "$expand=fields(select=Title,Status)",
    200
)]
#[case(
    "Open%20points",
    "items($top=7;$select=webUrl;$expand=fields)",
    "$top=7&$select=webUrl&$expand=fields",
    7
)]
#[case(
    "Open%20points",
    "columns,items($filter=fields/Status%20eq%20'Open';$top=9)",
    "$filter=fields/Status%20eq%20'Open'",
    9
)]
#[case("Documents", "items(expand=fields;top=3)", "$expand=fields", 3)]
fn a_list_brings_the_first_page_of_its_items_along(
    #[case] list: &str,
    #[case] expand: &str,
    #[case] query: &str,
    #[case] size: usize,
) {
    let caller = WORLD.caller(0, 0);
    let list = format!("{SITE}:/lists/{list}");
    let answer = WORLD.get(&format!("{list}?select=id,name&expand={expand}")).body;
    let mut items = answer["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), size, "{answer}");
    let link = answer["items@odata.nextLink"].as_str().unwrap().strip_prefix(BASE_URL).unwrap();
    items.extend(WORLD.every_page(&caller, link));
    assert_eq!(items, WORLD.every_page(&caller, &format!("{list}/items?{query}")));
}

/// Fails when the list of lists brings other things along than each list does by itself, or leads on to those of another.
#[rstest]
#[case::items("items")]
#[case::with_their_fields("items($expand=fields)")]
#[case::a_part_of_them("items($expand=fields($select=Title);$select=webUrl;$top=7)")]
#[case::columns("columns")]
#[case::a_page_of_columns("columns($select=name,dateTime;$top=3)")]
#[case::all_of_it("columns($select=name),contentTypes,items(expand=fields(select=Title,Status))")]
fn the_list_of_lists_brings_along_what_each_list_does(#[case] expand: &str) {
    let caller = WORLD.caller(0, 0);
    let lists = WORLD.every_page(&caller, &format!("{SITE}:/lists?$select=name&$expand={expand}&$top=1"));
    assert_eq!(lists.len(), 2);
    for list in lists {
        let id = list["id"].as_str().unwrap();
        let single = WORLD.get(&format!("{SITE}:/lists/{id}?$select=name&$expand={expand}")).body;
        let link = |name: &str| list.get(format!("{name}@odata.nextLink"));
        for (name, value) in list.as_object().unwrap() {
            assert_eq!(value, &single[name], "{name}");
        }
        for name in ["columns", "items"].into_iter().filter(|name| link(name).is_some()) {
            let mut all = list[name].as_array().unwrap().clone();
            let rest = link(name).unwrap().as_str().unwrap().strip_prefix(BASE_URL).unwrap();
            all.extend(WORLD.every_page(&caller, rest));
            let ids = |things: &[Value]| things.iter().map(|thing| thing["id"].clone()).collect::<Vec<_>>();
            assert_eq!(ids(&all), ids(&WORLD.every_page(&caller, &format!("{SITE}:/lists/{id}/{name}"))));
        }
    }
}

/// Fails when what comes along is not held to what the items themselves are.
#[rstest]
#[case("items($skip=3)", "notSupported")]
#[case("items($filter=fields/Amount%20gt%20100)", "invalidRequest")]
#[case("items($select=bogus)", "BadRequest")]
#[case("items($expand=bogus)", "invalidRequest")]
#[case("items($skiptoken=bogus)", "BadRequest")]
#[case("columns($select=bogus)", "BadRequest")]
#[case("columns($filter=name%20eq%20'a')", "notSupported")]
#[case("columns($top=0)", "BadRequest")]
#[case("bogus", "invalidRequest")]
fn what_comes_along_with_a_list_is_refused_as_it_is_by_itself(#[case] expand: &str, #[case] code: &str) {
    let answer = WORLD.get(&format!("{SITE}:/lists/Open%20points?$expand={expand}"));
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
    let answer = WORLD.get(&format!("{SITE}:/lists?$expand={expand}"));
    assert_eq!(answer.status, 400, "{:?}", answer.body);
}

/// Fails when a column without a time is defined as one with a time, or when its days are kept as something else than the
/// midnights of the site's own zone: what reads them could not be tried.
#[rstest]
#[case::ahead_of_utc("root", "Europe/Berlin")]
#[case::far_ahead("larkmoor.sharepoint.example:/sites/aurora:", "Pacific/Auckland")]
#[case::behind("larkmoor.sharepoint.example:/sites/handbook:", "America/Los_Angeles")]
#[case::far_behind("larkmoor.sharepoint.example:/sites/finance:", "Pacific/Honolulu")]
#[case::half_an_hour_off("larkmoor.sharepoint.example:/sites/board:", "Asia/Kolkata")]
fn days_are_kept_as_midnights_of_the_sites_zone(#[case] site: &str, #[case] zone: &str) {
    let zone = TimeZone::get(zone).unwrap();
    let columns = WORLD.get(&format!("/sites/{site}/lists/Open%20points/columns"));
    let date_time = |name: &str| {
        let column = columns.entries().iter().find(|column| column["name"] == name).unwrap();
        column["dateTime"].clone()
    };
    assert_eq!(date_time("ReviewDate"), json!({ "displayAs": "default", "format": "dateOnly" }));
    assert_eq!(date_time("DueDate"), json!({ "displayAs": "default", "format": "dateTime" }));
    let items = format!("/sites/{site}/lists/Open%20points/items?$expand=fields");
    let days = |query: &str| -> Vec<Option<String>> {
        let all = WORLD.every_page(&WORLD.caller(0, 0), &format!("{items}{query}"));
        all.iter().map(|item| item["fields"]["ReviewDate"].as_str().map(str::to_owned)).collect()
    };
    let all = days("");
    let kept: Vec<&String> = all.iter().flatten().collect();
    assert!(!kept.is_empty() && kept.len() < all.len(), "{} of {}", kept.len(), all.len());
    for text in &kept {
        let wall = zone.to_datetime(text.parse::<Timestamp>().unwrap());
        assert_eq!(wall, wall.date().to_datetime(Time::midnight()), "{text}");
    }
    let middle = kept[kept.len() / 2];
    let found = days(&format!("&$filter=fields/ReviewDate%20ge%20{middle}&$orderby=fields/ReviewDate"));
    assert_eq!(found.len(), kept.iter().filter(|text| **text >= middle).count());
    assert!(found.is_sorted() && found.iter().all(Option::is_some), "{found:?}");
}
