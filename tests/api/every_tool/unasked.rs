//! What can't be meant, a uri that is none or a cursor that leads nowhere: Graph is asked for nothing, not even for the user's
//! own zone.

use serde_json::{Value, json};

use super::{coming_into, every_profile};
use crate::calls::without_limits;
use crate::world::{World, send};

/// Calls of which one argument can be a uri, and is none that fits.
const MISFITS: &[(&str, &str)] = &[
    ("outlook_email_search", r#"{"folderName":"mail:///messages/A"}"#),
    ("outlook_email_search", r#"{"folderName":"mail:///messages/A","afterDateTime":"today"}"#),
    ("outlook_list_folders", r#"{"parent":"mail:///messages/A"}"#),
    (
        "outlook_list_folders",
        r#"{"parent":"mail:///messages/A","mailboxOwnerEmail":"orders@larkmoor.example"}"#,
    ),
    ("sharepoint_search", r#"{"query":"a","siteUrl":"site:///"}"#),
    ("sharepoint_search", r#"{"query":"a","siteUrl":"site:///a,b,c","folderName":"file:///only-a-drive"}"#),
    ("sharepoint_folder_search", r#"{"name":"a","siteUrl":"site:///"}"#),
    ("sharepoint_list_folder", r#"{"uri":"Documents"}"#),
    ("sharepoint_list_folder", r#"{"uri":"file:///only-a-drive"}"#),
    ("sharepoint_list_items", r#"{"site":"site:///","list":"Open points"}"#),
    ("sharepoint_list_items", r#"{"site":"root","list":"list:///only-a-site"}"#),
    ("teams_list_chat_messages", r#"{"chatId":"teams:///chats/"}"#),
    ("meetings_find", r#"{"eventUri":"calendar:///events/"}"#),
    ("meetings_find", r#"{"eventUri":"calendar:///events/A/B"}"#),
    ("read_resource", r#"{"uri":"gopher:///a"}"#),
    ("read_resource", r#"{"uri":"mail:///messages/A?owner=Adele"}"#),
    (
        "read_resource",
        r#"{"uri":"mail:///folders/mail:%2F%2F%2Fmessages%2FA?owner=orders@larkmoor.example"}"#,
    ),
    ("read_resource", r#"{"uri":"calendar:///events/A?owner=Adele"}"#),
    ("read_resource", r#"{"uri":"meeting-transcript:///events/A?start=now"}"#),
    ("fetch", r#"{"id":"gopher:///a"}"#),
    ("fetch", r#"{"id":"file:///only-a-drive"}"#),
];

/// Calls of which something besides can't be meant, with dates that mean another time in each zone: those have Graph asked first.
const SLIPS: &[(&str, &str)] = &[
    ("outlook_email_search", r#"{"mailboxOwnerEmail":"Adele","afterDateTime":"today"}"#),
    ("outlook_email_search", r#"{"subject":"?","afterDateTime":"today"}"#),
    ("outlook_list_folders", r#"{"mailboxOwnerEmail":"Adele"}"#),
    ("outlook_calendar_search", r#"{"calendarOwnerEmail":"Adele","afterDateTime":"today"}"#),
    (
        "outlook_calendar_search",
        r#"{"calendarOwnerEmail":"orders@larkmoor.example","afterDateTime":"noonish"}"#,
    ),
    ("sharepoint_search", r#"{"query":"a","fileType":"*","siteUrl":"root","afterDateTime":"today"}"#),
    ("sharepoint_search", r#"{"query":"a","author":"?","siteUrl":"root"}"#),
    ("read_resource", r#"{"uri":"file:///a/b","range":"00:10:00-00:25:00"}"#),
    ("read_resource", r#"{"uri":"share:///https%3A%2F%2Flarkmoor.sharepoint.example%2Fa","range":"noon"}"#),
    ("read_resource", r#"{"uri":"meeting-transcript:///MSox/MSMx","range":"10-50"}"#),
    ("read_resource", r#"{"uri":"meeting-transcript:///MSox","range":"00:10:00-00:25:00"}"#),
    ("read_resource", r#"{"uri":"mail:///messages/A","range":"10-50"}"#),
];

/// What a time can't be, in each argument that takes one; and two moments in the wrong order.
const NO_TIMES: &[(&[&str], &str)] = &[
    (&["afterDateTime"], r#"{"afterDateTime":"noonish"}"#),
    (&["beforeDateTime"], r#"{"beforeDateTime":"noonish"}"#),
    (&["timeZone"], r#"{"timeZone":"Moon/Tranquility"}"#),
    (
        &["afterDateTime", "beforeDateTime"],
        r#"{"afterDateTime":"2026-11-02T00:00:00Z","beforeDateTime":"2026-11-01T00:00:00Z"}"#,
    ),
];

/// What of a tool's arguments can be a uri, as it says itself.
fn takes_uri(name: &str, argument: &Value) -> bool {
    let said = argument["description"].as_str().unwrap_or_default();
    name.to_lowercase().contains("uri") || said.contains(":///") || said.contains(" uri")
}

/// Somebody who has asked for nothing yet calls it: an error, and no request.
async fn costs_nothing(world: &World, token: &str, tool: &str, arguments: Value) -> Value {
    let answer = world.call(token, tool, arguments.clone()).await;
    assert_eq!(answer["isError"], true, "{tool} {arguments}: {answer}");
    assert_eq!(world.graph_paths().await, [""; 0], "{tool} {arguments}");
    answer["_meta"]["m365-connector/error"]["code"].clone()
}

/// If this failed, a model that makes up uris would have Graph asked for the zone, or for more, before it is told so.
#[actix_web::test]
async fn a_uri_that_is_none_costs_no_request() {
    let world = World::offering(every_profile(), |_| {}).await;
    let token = world.token(&world.person(0, 0)).await;
    for (tool, arguments) in MISFITS {
        let arguments = serde_json::from_str(arguments).unwrap();
        assert_eq!(costs_nothing(&world, &token, tool, arguments).await, "invalid_arguments", "{tool}");
    }
    for tool in every_profile().tools {
        let schema = (tool.input_schema)();
        let arguments = schema["properties"].as_object().into_iter().flatten();
        for (name, _) in arguments.filter(|(name, argument)| takes_uri(name, argument)) {
            let quoted = format!("\"{name}\"");
            let tried = MISFITS.iter().any(|(of, arguments)| *of == tool.name && arguments.contains(&quoted));
            assert!(tried, "nobody tries {name} of {}", tool.name);
        }
    }
}

/// If this failed, one kind of uris would be looked at only after Graph has been asked for the zone.
#[actix_web::test]
async fn no_kind_of_uri_costs_a_request_where_its_ids_are_none() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "resources/templates/list", json!({}))).await.json();
    let templates = listed["result"]["resourceTemplates"].as_array().unwrap();
    assert!(templates.len() > 20, "{listed}");
    for template in templates.iter().map(|template| template["uriTemplate"].as_str().unwrap()) {
        let (root, _) = template.split_once(":///").unwrap();
        // No id is a step up, or longer than any of Graph's; a folder of mail may be called so.
        let ids = ["%2E%2E", &"A".repeat(1_025)];
        let filled =
            ids.into_iter().filter(|_| !template.contains("{idOrName}")).map(|id| fill(template, id));
        for uri in filled.chain([format!("{root}:///")]) {
            let code = costs_nothing(&world, &token, "read_resource", json!({ "uri": uri })).await;
            assert_eq!(code, "invalid_arguments", "{uri}");
        }
    }
}

/// If this failed, a model that errs in a date would have Graph asked for the zone before it is told so.
#[actix_web::test]
async fn a_time_or_a_part_that_is_none_costs_no_request() {
    let world = World::offering(every_profile(), without_limits).await;
    let person = world.person(0, 0);
    let known = world.known(&person, &world.token(&person).await).await;
    // Of somebody who has asked for nothing yet.
    let token = world.token(&world.person(0, 1)).await;
    world.forget_requests().await;
    for (tool, arguments) in SLIPS {
        let arguments = serde_json::from_str(arguments).unwrap();
        assert_eq!(costs_nothing(&world, &token, tool, arguments).await, "invalid_arguments", "{tool}");
    }
    let mut tried = 0;
    for tool in every_profile().tools {
        let schema = (tool.input_schema)();
        let takes = |names: &[&str]| names.iter().all(|name| schema["properties"].get(*name).is_some());
        for (_, wrong) in NO_TIMES.iter().filter(|(names, _)| takes(names)) {
            let mut arguments = known.good(tool.name);
            let wrong: Value = serde_json::from_str(wrong).unwrap();
            for (name, value) in wrong.as_object().unwrap() {
                arguments[name] = value.clone();
            }
            assert_eq!(costs_nothing(&world, &token, tool.name, arguments).await, "invalid_arguments");
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried} calls");
}

/// A uri of this form, all of its ids the same.
fn fill(template: &str, id: &str) -> String {
    let mut parts = template.split('{');
    let root = parts.next().unwrap_or_default().to_owned();
    parts.fold(root, |uri, part| format!("{uri}{id}{}", part.split_once('}').unwrap().1))
}

/// If this failed, a cursor that is no good would cost requests, or be passed over and the list begin again.
#[actix_web::test]
async fn a_cursor_that_leads_nowhere_costs_no_request() {
    let world = World::offering(every_profile(), without_limits).await;
    let person = world.person(0, 0);
    let known = world.known(&person, &world.token(&person).await).await;
    // Of somebody who has asked for nothing yet.
    let token = world.token(&world.person(0, 1)).await;
    world.forget_requests().await;
    let mut lists = coming_into(|row| row.many_pages, &known);
    lists.retain(|(row, _)| {
        let tool = every_profile().tool(row.tool).unwrap();
        (tool.input_schema)()["properties"].get("cursor").is_some()
    });
    assert!(lists.len() > 12, "{} lists", lists.len());
    let lists = lists.into_iter().map(|(row, arguments)| (row.tool, arguments));
    let by_uri = known.uris.iter().map(|uri| ("read_resource", json!({ "uri": uri })));
    let by_event = ("meetings_find", json!({ "eventUri": known.event }));
    for (tool, mut arguments) in lists.chain(by_uri).chain([by_event]) {
        arguments["cursor"] = json!("next page, please");
        assert_eq!(costs_nothing(&world, &token, tool, arguments).await, "invalid_cursor", "{tool}");
    }
    let few = world
        .token_with_scopes(&world.person(0, 2), "ChannelMessage.Read.All Calendars.Read User.Read")
        .await;
    let teams = json!({ "cursor": "next page, please" });
    assert_eq!(costs_nothing(&world, &few, "teams_list_teams", teams).await, "invalid_cursor");
}
