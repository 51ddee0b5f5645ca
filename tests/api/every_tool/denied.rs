//! What Graph keeps back after it was named: the error names the argument, and what can be done about it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::every_profile;
use super::refused::{error, prepared};
use crate::asking::refusing;
use crate::calls::Known;

/// Arguments that name one thing, in whatever tool.
const NAMING: &[&str] = &[
    "calendarName",
    "calendarOwnerEmail",
    "channelId",
    "chatId",
    "eventUri",
    "folderName",
    "id",
    "joinUrl",
    "list",
    "mailboxOwnerEmail",
    "parent",
    "site",
    "siteUrl",
    "teamId",
    "uri",
];

/// A call, the route of Graph's that keeps something back (empty: all of it), and the argument that names it.
struct Denial(fn(&Known) -> (&'static str, Value), &'static str, &'static str);

const DENIALS: &[Denial] = &[
    Denial(|_| ("outlook_email_search", json!({ "folderName": "Inbox" })), "", "folderName"),
    Denial(
        |known| ("outlook_email_search", json!({ "mailboxOwnerEmail": known.shared_mailbox })),
        "",
        "mailboxOwnerEmail",
    ),
    Denial(|_| ("outlook_list_folders", json!({ "parent": "Inbox" })), "", "parent"),
    Denial(
        |known| ("outlook_list_folders", json!({ "mailboxOwnerEmail": known.shared_mailbox })),
        "",
        "mailboxOwnerEmail",
    ),
    Denial(
        |known| ("outlook_calendar_search", json!({ "calendarOwnerEmail": known.shared_mailbox })),
        "",
        "calendarOwnerEmail",
    ),
    Denial(
        |_| ("outlook_calendar_search", json!({ "calendarName": "Holidays" })),
        "/me/calendars/{calendar}/calendarView",
        "calendarName",
    ),
    Denial(|known| ("sharepoint_search", json!({ "query": "a", "siteUrl": known.handbook })), "", "siteUrl"),
    Denial(
        |known| ("sharepoint_search", json!({ "query": "a", "folderName": known.empty_folder })),
        "",
        "folderName",
    ),
    Denial(
        |known| ("sharepoint_folder_search", json!({ "name": "a", "siteUrl": known.handbook })),
        "",
        "siteUrl",
    ),
    Denial(|_| ("sharepoint_list_folder", json!({ "uri": "me" })), "", "uri"),
    Denial(|known| ("sharepoint_list_folder", json!({ "uri": known.handbook })), "", "uri"),
    Denial(|known| ("sharepoint_list_folder", json!({ "uri": known.empty_folder })), "", "uri"),
    Denial(
        |known| ("sharepoint_list_folder", json!({ "uri": known.empty_folder })),
        "/drives/{drive}/items/{item}",
        "uri",
    ),
    Denial(|_| ("sharepoint_list_items", json!({ "site": "root", "list": "Open points" })), "", "site"),
    Denial(
        |_| ("sharepoint_list_items", json!({ "site": "root", "list": "Open points" })),
        "/sites/root/lists/{list}/items",
        "list",
    ),
    Denial(|known| ("teams_list_chat_messages", json!({ "chatId": known.chat })), "", "chatId"),
    Denial(|known| ("teams_list_channels", json!({ "teamId": known.general.team })), "", "teamId"),
    Denial(|known| ("teams_list_channel_messages", known.general.arguments(json!({}))), "", "teamId"),
    Denial(
        |known| ("teams_list_channel_messages", known.general.arguments(json!({}))),
        "/teams/{team}/channels/{channel}/messages",
        "channelId",
    ),
    Denial(|known| ("meetings_find", json!({ "joinUrl": known.join_url })), "", "joinUrl"),
    Denial(|known| ("meetings_find", json!({ "eventUri": known.event })), "", "eventUri"),
    Denial(|known| ("meetings_find", json!({ "eventUri": known.event })), "/me/onlineMeetings", "eventUri"),
    Denial(|known| ("fetch", json!({ "id": known.uris[0] })), "", "id"),
];

/// The denials, and a reading of every form of uri.
fn denied(known: &Known) -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let calls = DENIALS.iter().map(|Denial(call, route, argument)| {
        let (tool, arguments) = call(known);
        (tool, arguments, *route, *argument)
    });
    // Notes of an AI are refused to whoever has no licence for it, whatever is named.
    let uris = known.uris.iter().filter(|uri| !uri.starts_with("meeting-insights"));
    let readings = uris.map(|uri| ("read_resource", json!({ "uri": uri }), "", "uri"));
    calls.chain(readings).collect()
}

/// If this failed, a model would be told that something is not shared with the user, and not what, or whom to ask.
#[actix_web::test]
async fn what_is_not_shared_is_told_by_its_argument() {
    let (world, token, known) = prepared().await;
    for (tool, arguments, route, argument) in denied(&known) {
        let mut fault = refusing(403, "accessDenied");
        if !route.is_empty() {
            fault["route"] = json!(route);
        }
        world.fault(fault).await;
        let error = error(&world, &token, tool, &arguments).await;
        world.clear_faults().await;
        assert_eq!(error["code"], "no_access", "{tool} {arguments}: {error}");
        let why = error["why"].as_str().unwrap();
        assert!(why.starts_with(&format!("{argument}: ")), "{tool} {arguments}: {error}");
    }
}

/// If this failed, nobody would have looked at what a new argument's error says.
#[actix_web::test]
async fn every_argument_that_names_something_is_tried() {
    let (_, _, known) = prepared().await;
    let tried: BTreeSet<(&str, &str)> =
        denied(&known).into_iter().map(|(tool, _, _, argument)| (tool, argument)).collect();
    let arguments = every_profile().tools.iter().flat_map(|tool| {
        let schema = (tool.input_schema)();
        NAMING
            .iter()
            .filter(move |name| schema["properties"].get(**name).is_some())
            .map(|name| (tool.name, *name))
    });
    assert_eq!(tried, arguments.collect());
}

/// A call, the route of Graph's that knows nothing of it, the status and the code that it answers, the argument that the error
/// must name, and what it must say in `what`, and in `how`.
struct Gap {
    call: fn(&Known) -> (&'static str, Value),
    routes: &'static [&'static str],
    answered: (u16, &'static str),
    argument: &'static str,
    what: &'static str,
    way_on: &'static str,
}

const GAPS: &[Gap] = &[
    Gap {
        call: |_| ("sharepoint_list_folder", json!({ "uri": "me" })),
        routes: &["/me/drive/root/children"],
        answered: (404, "ResourceNotFound"),
        argument: "uri",
        what: "The user has no OneDrive.",
        way_on: "sharepoint_folder_search",
    },
    Gap {
        call: |known| ("sharepoint_list_folder", json!({ "uri": known.empty_folder })),
        routes: &["/drives/{drive}/items/{item}"],
        answered: (404, "itemNotFound"),
        argument: "uri",
        what: "The folder was not found.",
        way_on: "sharepoint_folder_search",
    },
    Gap {
        call: |known| ("sharepoint_list_folder", json!({ "uri": known.handbook })),
        routes: &["/sites/{site}/drive/root/children"],
        answered: (404, "itemNotFound"),
        argument: "uri",
        what: "The site has no document library.",
        way_on: "read_resource",
    },
    Gap {
        call: |known| ("sharepoint_list_folder", json!({ "uri": known.handbook })),
        routes: &["/sites/{site}/drive/root/children", "/sites/{site}"],
        answered: (404, "itemNotFound"),
        argument: "uri",
        what: "The site was not found.",
        way_on: "kind site",
    },
    Gap {
        call: |_| ("outlook_calendar_search", json!({ "calendarName": "Holidays" })),
        routes: &["/me/calendars/{calendar}/calendarView"],
        answered: (404, "ErrorItemNotFound"),
        argument: "calendarName",
        what: "The calendar was not found.",
        way_on: "share it with the user again",
    },
    Gap {
        call: |_| ("meetings_find", json!({ "joinUrl": "https://teams.microsoft.com/l/meetup-join/nope" })),
        routes: &["/me/onlineMeetings"],
        answered: (400, "InvalidArgument"),
        argument: "joinUrl",
        what: "The meeting was not found.",
        way_on: "outlook_calendar_search finds the event",
    },
];

/// If this failed, a model would look for another site where this one has no library, for a slip of its own where the user has
/// no OneDrive, or be sent back to where it comes from.
#[actix_web::test]
async fn what_is_missing_behind_a_name_is_told_with_a_way_on() {
    let (world, token, known) = prepared().await;
    for Gap { call, routes, answered: (status, code), argument, what, way_on } in GAPS {
        let (tool, arguments) = call(&known);
        for route in *routes {
            let mut fault = refusing(*status, code);
            fault["route"] = json!(route);
            world.fault(fault).await;
        }
        let error = error(&world, &token, tool, &arguments).await;
        world.clear_faults().await;
        assert_eq!(
            (&error["code"], &error["what"]),
            (&json!("not_found"), &json!(what)),
            "{tool} {arguments}: {error}"
        );
        assert!(
            error["why"].as_str().unwrap().starts_with(&format!("{argument}: ")),
            "{tool} {arguments}: {error}"
        );
        assert!(error["how"].as_str().unwrap().contains(way_on), "{tool} {arguments}: {error}");
    }
}

/// If this failed, whoever may not ask for sites would be told for sure that there is none.
#[actix_web::test]
async fn without_the_permission_for_sites_either_may_be_missing() {
    let (world, _, known) = prepared().await;
    let token = world.token_with_scopes(&world.person(0, 0), "Files.Read.All").await;
    let mut fault = refusing(404, "itemNotFound");
    fault["route"] = json!("/sites/{site}/drive/root/children");
    world.fault(fault).await;
    let arguments = json!({ "uri": known.handbook });
    let error = error(&world, &token, "sharepoint_list_folder", &arguments).await;
    assert_eq!(error["what"], "The site with a document library was not found.", "{error}");
}
