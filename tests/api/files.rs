//! Files and folders: what is listed can be read, as far as its format and the organisation's policy go.

use std::time::Duration;

use m365_connector::ContentPolicy;
use m365_connector::policy::{AllowedSite, LabelCeiling};
use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::{members, refusing, showing};
use crate::world::{Person, World};

const LIST: &str = "sharepoint_list_folder";
const READ: &str = "read_resource";

/// The entry of that name in a folder.
pub(crate) async fn entry(world: &World, token: &str, folder: &str, name: &str) -> Value {
    let (entries, _) = world.all_items(token, LIST, json!({ "uri": folder, "limit": 200 })).await;
    let found = entries.iter().find(|entry| entry["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {:?}", members(&entries, "name"))).clone()
}

/// The uri of what lies at the end of a path of names.
async fn uri_of(world: &World, token: &str, start: &str, path: &[&str]) -> String {
    let mut uri = start.to_owned();
    for name in path {
        let found = entry(world, token, &uri, name).await;
        uri = found["uri"].as_str().map(str::to_owned).unwrap();
    }
    uri
}

/// What a file's name ends with.
pub(crate) fn ending(file: &Value) -> &str {
    file["name"].as_str().and_then(|name| name.rsplit('.').next()).unwrap()
}

/// The uri of a site whose name is `name`.
pub(crate) async fn site(world: &World, person: &Person, name: &str) -> String {
    let found = world.graph(person, &format!("/sites?search={name}")).await;
    format!("site:///{}", found["value"][0]["id"].as_str().unwrap_or_else(|| panic!("{found}")))
}

/// The beginning of the paths by which Graph knows the item of a uri.
pub(crate) fn path_of(uri: &str) -> String {
    let (drive, item) = uri.strip_prefix("file:///").unwrap().split_once('/').unwrap();
    format!("/drives/{drive}/items/{item}")
}

/// Lets the item of `uri` be a file of another name, with this in it.
async fn replace(world: &World, uri: &str, name: &str, size: usize, content: &str) {
    let (path, id) = (path_of(uri), uri.rsplit_once('/').unwrap().1);
    let fault = |path: &str, body: Value| json!({ "service": "graph", "path_prefix": path, "status": 200, "body": body });
    world.fault(fault(&format!("{path}/content"), json!(content))).await;
    let item = json!({ "id": id, "name": name, "size": size, "file": {} });
    world.fault(fault(&path, item)).await;
}

/// If this failed, the way from a folder to what stands in a file would be broken.
#[actix_web::test]
async fn a_file_is_found_in_its_folder_and_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let top = world.answer(&token, LIST, json!({ "uri": "me" })).await;
    assert_eq!(top["completeness"]["state"], "complete", "{top}");
    let documents = entry(&world, &token, "me", "Documents").await;
    assert_eq!(documents["kind"], "folder");
    let uri = documents["uri"].as_str().unwrap();
    let (entries, _) = world.all_items(&token, LIST, json!({ "uri": uri })).await;
    assert_eq!(documents["items"], entries.len());
    let read = world.answer(&token, READ, json!({ "uri": uri })).await;
    assert_eq!((&read["kind"], &read["items"]), (&json!("folder"), &json!(entries)));
    assert_eq!(read["completeness"]["total"], entries.len());

    let note = entries.iter().find(|entry| ending(entry) == "md").unwrap();
    let file = world.answer(&token, READ, json!({ "uri": note["uri"], "timeZone": "Europe/Berlin" })).await;
    for member in ["uri", "name", "size", "modifiedUtc", "webUrl"] {
        assert_eq!(file[member], note[member], "{member}: {file}");
    }
    let text = file["body"]["text"].as_str().unwrap();
    assert!(text.starts_with("⟦untrusted content ") && text.contains("## Summary"), "{text}");
    assert_eq!((&file["kind"], &file["origin"]), (&json!("file"), &json!("internal")));
    assert!(file["modified"].as_str().unwrap().contains('+'), "{file}");
}

/// If this failed, a format would be read wrongly, or an answer would hide that it can't be read.
#[actix_web::test]
async fn text_is_read_and_other_formats_say_that_they_are_not() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let reports = uri_of(&world, &token, "me", &["Documents", "Reports"]).await;
    let (files, _) = world.all_items(&token, LIST, json!({ "uri": reports })).await;
    let mut endings = Vec::new();
    for file in files.iter().filter(|file| file["kind"] == "file") {
        let ending = ending(file).to_owned();
        let read = world.answer(&token, READ, json!({ "uri": file["uri"] })).await;
        assert!(read["name"].is_string() && read["size"].is_u64() && read["webUrl"].is_string(), "{read}");
        if ["txt", "md", "csv", "html"].contains(&ending.as_str()) {
            let text = read["body"]["text"].as_str().unwrap_or_else(|| panic!("{read}"));
            assert!(text.contains("Ref. ") && !text.contains("<p>"), "{ending}: {text}");
        } else {
            assert!(read.get("body").is_none(), "{read}");
            assert!(read["notes"][0].as_str().unwrap().contains("can't be read here yet"), "{read}");
        }
        endings.push(ending);
    }
    endings.sort();
    assert_eq!(endings, ["csv", "docx", "html", "md", "pdf", "pptx", "txt", "xlsx"]);
    let contents = world.graph_paths().await.into_iter().filter(|path| path.ends_with("/content")).count();
    assert_eq!(contents, 4, "what is not read is not fetched");
}

/// If this failed, files would be out of reach because of how they are called.
#[actix_web::test]
async fn files_with_odd_names_are_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let folder = uri_of(&world, &token, "me", &["Odd names & more"]).await;
    let (files, _) = world.all_items(&token, LIST, json!({ "uri": folder })).await;
    assert_eq!(files.len(), 6);
    for file in files {
        let read = world.answer(&token, READ, json!({ "uri": file["uri"] })).await;
        let name = file["name"].as_str().unwrap();
        let is_told =
            read["notes"][0].as_str().is_some_and(|note| name == "no extension" && note.contains("format"));
        assert!(is_told || read["body"]["text"].as_str().unwrap().contains(name), "{read}");
    }
}

/// If this failed, entries would be lost between pages, or given twice.
#[actix_web::test]
async fn a_long_folder_is_listed_page_by_page() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let handbook = site(&world, &person, "Handbook").await;
    let logs = uri_of(&world, &token, &handbook, &["Daily logs"]).await;
    let (entries, pages) = world.all_items(&token, LIST, json!({ "uri": logs, "limit": 100 })).await;
    assert_eq!(pages, 3);
    let expected: Vec<String> = (1..=240).map(|number| format!("Log {number:03}.txt")).collect();
    assert_eq!(members(&entries, "name"), expected);
}

/// If this failed, an empty folder would look like a mistake, or a file like an empty folder.
#[actix_web::test]
async fn an_empty_folder_is_told_from_a_file() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let pictures = uri_of(&world, &token, "me", &["Pictures"]).await;
    let empty = world.answer(&token, LIST, json!({ "uri": pictures })).await;
    assert_eq!(empty["items"], json!([]));
    assert_eq!(empty["completeness"], json!({ "state": "complete", "returned": 0 }));
    let lunch = uri_of(&world, &token, "me", &["Team lunch.md"]).await;
    assert_eq!(world.error_code(&token, LIST, json!({ "uri": lunch })).await, "invalid_arguments");
}

/// If this failed, a slow page would cost what has come before it, or the list would pass for whole.
#[actix_web::test]
async fn what_has_come_in_time_is_given_with_the_way_on() {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(2)).await;
    let token = world.token(&world.person(0, 0)).await;
    let whole = world.answer(&token, LIST, json!({ "uri": "me" })).await;
    let page = json!({
        "value": [{ "id": "A", "name": "One.txt", "file": {}, "parentReference": { "driveId": "d" } }],
        "@odata.nextLink": format!("{}/v1.0/me/drive/root/children?$top=50", world.stage.simulator_url()),
    });
    let path = "/me/drive/root/children";
    world.fault(json!({ "service": "graph", "path_prefix": path, "body": page, "times": 1 })).await;
    world.fault(json!({ "service": "graph", "path_prefix": path, "delay_ms": 10_000 })).await;
    let part = world.answer(&token, LIST, json!({ "uri": "me" })).await;
    assert_eq!(members(part["items"].as_array().unwrap(), "name"), ["One.txt"]);
    assert_eq!(part["completeness"]["state"], "partial", "{part}");
    world.clear_faults().await;
    let rest = world.answer(&token, LIST, json!({ "uri": "me", "cursor": part["nextCursor"] })).await;
    assert_eq!(rest["items"], whole["items"]);
}

/// If this failed, a model could not tell why there is no answer, or what to do next.
#[rstest]
#[case::not_found(404, "itemNotFound", "not_found")]
#[case::forbidden(403, "accessDenied", "no_access")]
#[case::throttled(429, "activityLimitReached", "throttled")]
#[case::locked(423, "resourceLocked", "locked")]
#[case::down(503, "serviceNotAvailable", "unavailable")]
#[actix_web::test]
async fn what_graph_refuses_is_explained(#[case] status: u16, #[case] graph: &str, #[case] code: &str) {
    let world = World::start_with(|settings| settings.calls.deadline = Duration::from_secs(2)).await;
    let token = world.token(&world.person(0, 0)).await;
    world.answer(&token, LIST, json!({ "uri": "me", "limit": 1 })).await;
    world.fault(refusing(status, graph)).await;
    assert_eq!(world.error_code(&token, LIST, json!({ "uri": "me" })).await, code);
    // Somebody for whom nothing waits yet.
    let other = world.token(&world.person(0, 2)).await;
    let read = json!({ "uri": "file:///b!AAAA/01AAAA" });
    assert_eq!(world.error_code(&other, READ, read).await, code);
}

/// If this failed, a user would not learn which permission is missing, or whose file it is.
#[actix_web::test]
async fn another_drive_and_a_missing_permission_are_told_apart() {
    let world = World::start().await;
    let (owner, stranger) = (world.person(0, 0), world.person(0, 5));
    let token = world.token(&owner).await;
    let documents = uri_of(&world, &token, "me", &["Documents"]).await;
    let others = world.token(&stranger).await;
    assert_eq!(world.error_code(&others, READ, json!({ "uri": documents })).await, "no_access");
    let mail_alone = world.token_with_scopes(&world.person(0, 1), "User.Read Mail.Read").await;
    for (tool, uri) in [(READ, documents.as_str()), (READ, "share:///https://contoso.example/a.txt")] {
        assert_eq!(
            world.error_code(&mail_alone, tool, json!({ "uri": uri })).await,
            "missing_scope",
            "{uri}"
        );
    }
}

/// If this failed, parts of a long file could not be asked for, or its pages would not add up to it.
#[actix_web::test]
async fn a_long_text_is_read_by_pages_and_by_rows() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "me", &["Team lunch.md"]).await;
    let rows: Vec<String> = (1..=3_000).map(|row| format!("row {row:04} of it")).collect();
    let text = rows.join("\n");
    replace(&world, &uri, "rows.log", text.len(), &text).await;
    let inside = |answer: &Value| {
        let fenced = answer["body"]["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        let (_, rest) = fenced.split_once("⟧\n").unwrap();
        rest.rsplit_once("\n⟦").unwrap().0.to_owned()
    };
    let mut whole = String::new();
    let mut arguments = json!({ "uri": uri });
    loop {
        let page = world.answer(&token, READ, arguments.clone()).await;
        whole.push_str(&inside(&page));
        if page["nextCursor"].is_null() {
            assert_eq!(page["body"]["truncated"], false);
            break;
        }
        arguments["cursor"] = page["nextCursor"].clone();
    }
    assert_eq!(whole, text);
    let some = world.answer(&token, READ, json!({ "uri": uri, "range": "10-12" })).await;
    assert_eq!(inside(&some).trim_end(), rows[9..12].join("\n"));
    assert_eq!(some["lines"], json!({ "first": 10, "last": 12, "total": 3_000 }));
    let behind = json!({ "uri": uri, "range": "4000" });
    assert_eq!(world.error_code(&token, READ, behind).await, "invalid_arguments");
}

/// If this failed, people could not have an image looked at, or something else would pass for one.
#[actix_web::test]
async fn an_image_stands_beside_its_answer() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "me", &["Team lunch.md"]).await;
    replace(&world, &uri, "dot.png", 20, "GIF89a\u{1}\0\u{1}\0\0\0\0;").await;
    let read = world.call(&token, READ, json!({ "uri": uri })).await;
    let image = &read["content"][1];
    assert_eq!((&image["type"], &image["mimeType"]), (&json!("image"), &json!("image/gif")), "{read}");
    assert_eq!(image["data"], "R0lGODlhAQABAAAAADs=");
    assert_eq!(read["structuredContent"]["name"], "dot.png");

    world.clear_faults().await;
    replace(&world, &uri, "large.png", 50_000_000, "GIF89a").await;
    let large = world.answer(&token, READ, json!({ "uri": uri })).await;
    assert!(large["notes"][0].as_str().unwrap().contains("larger than 3 MiB"), "{large}");
    world.clear_faults().await;
    replace(&world, &uri, "drawing.svg", 20, "<svg onload=alert(1)>").await;
    let other = world.call(&token, READ, json!({ "uri": uri })).await;
    assert_eq!(other["content"].as_array().unwrap().len(), 1, "{other}");
}

/// If this failed, a message or a calendar in a file would be read as its source.
#[rstest]
#[case::message(
    "a.eml",
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nFrom: a@b.example\r\n\r\nHello\r\n",
    "Subject: Grüße"
)]
#[case::calendar(
    "a.ics",
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Budget\\, again\r\nEND:VEVENT\r\n",
    "SUMMARY: Budget, again"
)]
#[case::page("a.html", "<h1>Budget</h1><p hidden>obey</p>", "# Budget")]
#[actix_web::test]
async fn formats_of_text_are_read_as_what_they_say(
    #[case] name: &str,
    #[case] content: &str,
    #[case] expected: &str,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let uri = uri_of(&world, &token, "me", &["Team lunch.md"]).await;
    replace(&world, &uri, name, content.len(), content).await;
    let read = world.answer(&token, READ, json!({ "uri": uri })).await;
    let text = read["body"]["text"].as_str().unwrap_or_else(|| panic!("{read}"));
    assert!(text.contains(expected) && !text.contains("obey") && !text.contains("BEGIN:"), "{text}");
}

/// If this failed, content above the organisation's ceiling would be read.
#[actix_web::test]
async fn a_label_above_the_ceiling_withholds_what_stands_in_a_file() {
    let ordered = ["General", "Confidential", "Highly Confidential"].map(str::to_owned).to_vec();
    let content = ContentPolicy { labels: LabelCeiling::new(ordered, "General"), ..ContentPolicy::default() };
    let world = World::start_with(showing(content)).await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let mut seen = Vec::new();
    for folder in [&["Documents", "Reports"][..], &["Documents"], &["Documents", "Reports", "Archive"]] {
        let uri = uri_of(&world, &token, "me", folder).await;
        let (files, _) = world.all_items(&token, LIST, json!({ "uri": uri })).await;
        for file in files.iter().filter(|file| file["kind"] == "file") {
            let uri = file["uri"].as_str().unwrap();
            let expanded = format!("{}?$expand=listItem($expand=fields)", path_of(uri));
            let item = world.graph(&person, &expanded).await;
            let label = item["listItem"]["fields"]["_DisplayName"].as_str().unwrap_or("none").to_owned();
            world.forget_requests().await;
            let read = world.answer(&token, READ, json!({ "uri": uri })).await;
            let is_above = ["Confidential", "Highly Confidential"].contains(&label.as_str());
            assert_eq!(read["withheld"]["code"] == "sensitivity_label", is_above, "{label}: {read}");
            if is_above {
                assert!(read.get("body").is_none() && read["name"] == file["name"], "{read}");
                assert_eq!(world.graph_requests().await, 1, "what is withheld is not fetched");
            }
            seen.push(is_above);
        }
    }
    assert!(seen.contains(&true) && seen.contains(&false), "{seen:?}");
}

/// If this failed, files of sites that the administrator has not opened would be listed and read.
#[actix_web::test]
async fn only_allowed_sites_are_shown() {
    let open = World::start().await;
    let person = open.person(0, 0);
    let url = open.graph(&person, "/sites?search=Handbook").await["value"][0]["webUrl"].clone();
    let allowed = |sites: &[&str]| {
        let sites = sites.iter().map(|site| AllowedSite::parse(site).unwrap()).collect();
        showing(ContentPolicy { sites: Some(sites), ..ContentPolicy::default() })
    };
    let world = World::start_with(allowed(&[url.as_str().unwrap()])).await;
    let token = world.token(&person).await;
    let handbook = site(&world, &person, "Handbook").await;
    let general = uri_of(&world, &token, &handbook, &["General"]).await;
    assert!(
        !world.answer(&token, LIST, json!({ "uri": general })).await["items"].as_array().unwrap().is_empty()
    );
    let own = world.answer(&token, LIST, json!({ "uri": "me" })).await;
    assert_eq!(own["items"], json!([]));
    assert!(own["notes"][0].as_str().unwrap().contains("left out"), "{own}");
    let finance = site(&world, &person, "Finance").await;
    assert_eq!(world.error_code(&token, READ, json!({ "uri": finance })).await, "blocked_by_policy");
    let share = json!({ "uri": "share:///https://evil.sharepoint.example/a.txt" });
    assert_eq!(world.error_code(&token, READ, share).await, "blocked_by_policy");

    let world = World::start_with(allowed(&["onedrive"])).await;
    let token = world.token(&person).await;
    let lunch = uri_of(&world, &token, "me", &["Team lunch.md"]).await;
    let read = world.answer(&token, READ, json!({ "uri": lunch })).await;
    assert!(read["body"]["text"].is_string(), "{read}");
    assert_eq!(world.error_code(&token, READ, json!({ "uri": general })).await, "blocked_by_policy");
}
