//! What Graph keeps back after it was named, and what is missing behind a name: the error names the argument, and what can be
//! done about it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::every_profile;
use super::refused::{error, prepared};
use crate::asking::refusing;
use crate::calls::Known;

/// Texts that name no one thing which could be kept back, and what they are instead.
const NAMING_NOTHING: &[(&str, &str)] = &[
    ("afterDateTime", "a time"),
    ("beforeDateTime", "a time"),
    ("timeZone", "a zone of everybody's"),
    ("cursor", "given by an answer"),
    ("range", "a part of what the uri names"),
    ("query", "words that are searched for"),
    ("subject", "words that are searched for"),
    ("topic", "words that are searched for"),
    ("name", "words that are searched for"),
    ("sender", "whom found things are of"),
    ("recipient", "whom found things are of"),
    ("attendee", "whom found things are of"),
    ("organizer", "whom found things are of"),
    ("author", "whom found things are of"),
    ("member", "whom found things are of"),
    ("fileType", "what found things are"),
    ("columns", "parts of what the list holds"),
    ("filter", "parts of what the list holds"),
    ("participants", "of whom nothing is known, that the answer says by their names"),
    ("locations", "of which nothing is known, that the answer says by their names"),
];

type Call = fn(&Known) -> (&'static str, Value);

/// A call that Graph does not answer, and what is told of that.
struct Gap {
    call: Call,
    /// The routes that do not answer; empty where none does.
    routes: &'static [&'static str],
    /// The status, and Graph's own code.
    answered: (u16, &'static str),
    /// The argument that the error must name.
    argument: &'static str,
    code: &'static str,
    /// All of `what` where something is missing, and a part of `how`.
    what: Option<&'static str>,
    way_on: &'static str,
}

/// It is not shared with the user.
const fn denied(call: Call, routes: &'static [&'static str], argument: &'static str) -> Gap {
    let answered = (403, "accessDenied");
    Gap { call, routes, answered, argument, code: "no_access", what: None, way_on: "" }
}

/// It is not there: a model must learn what is not, and not be sent back to where it comes from.
const fn missing(
    call: Call,
    routes: &'static [&'static str],
    answered: (u16, &'static str),
    argument: &'static str,
    what: &'static str,
    way_on: &'static str,
) -> Gap {
    Gap { call, routes, answered, argument, code: "not_found", what: Some(what), way_on }
}

const MAIL_FOLDER: Call = |_| ("outlook_email_search", json!({ "folderName": "Inbox" }));
const MAILBOX: Call = |known| ("outlook_email_search", json!({ "mailboxOwnerEmail": known.shared_mailbox }));
const PARENT: Call = |_| ("outlook_list_folders", json!({ "parent": "Inbox" }));
const FOLDERS_OF_ANOTHER: Call =
    |known| ("outlook_list_folders", json!({ "mailboxOwnerEmail": known.shared_mailbox }));
const CALENDAR_OF_ANOTHER: Call =
    |known| ("outlook_calendar_search", json!({ "calendarOwnerEmail": known.shared_mailbox }));
const CALENDAR: Call = |_| ("outlook_calendar_search", json!({ "calendarName": "Holidays" }));
const FILES_OF_A_SITE: Call =
    |known| ("sharepoint_search", json!({ "query": "a", "siteUrl": known.handbook }));
const FILES_OF_A_FOLDER: Call =
    |known| ("sharepoint_search", json!({ "query": "a", "folderName": known.empty_folder }));
const FOLDERS_OF_A_SITE: Call =
    |known| ("sharepoint_folder_search", json!({ "name": "a", "siteUrl": known.handbook }));
const OWN_DRIVE: Call = |_| ("sharepoint_list_folder", json!({ "uri": "me" }));
const LIBRARY: Call = |known| ("sharepoint_list_folder", json!({ "uri": known.handbook }));
const FOLDER: Call = |known| ("sharepoint_list_folder", json!({ "uri": known.empty_folder }));
const LIST: Call = |_| ("sharepoint_list_items", json!({ "site": "root", "list": "Open points" }));
const CHAT: Call = |known| ("teams_list_chat_messages", json!({ "chatId": known.chat }));
const TEAM: Call = |known| ("teams_list_channels", json!({ "teamId": known.general.team }));
const CHANNEL: Call = |known| ("teams_list_channel_messages", known.general.arguments(json!({})));
const MEETING_BY_LINK: Call = |known| ("meetings_find", json!({ "joinUrl": known.join_url }));
const MEETING_BY_EVENT: Call = |known| ("meetings_find", json!({ "eventUri": known.event }));
const MESSAGE: Call = |known| ("fetch", json!({ "id": known.uris[0] }));

const GAPS: &[Gap] = &[
    denied(MAIL_FOLDER, &[], "folderName"),
    denied(MAILBOX, &[], "mailboxOwnerEmail"),
    denied(PARENT, &[], "parent"),
    denied(FOLDERS_OF_ANOTHER, &[], "mailboxOwnerEmail"),
    denied(CALENDAR_OF_ANOTHER, &[], "calendarOwnerEmail"),
    denied(CALENDAR, &["/me/calendars/{calendar}/calendarView"], "calendarName"),
    denied(FILES_OF_A_SITE, &[], "siteUrl"),
    denied(FILES_OF_A_FOLDER, &[], "folderName"),
    denied(FOLDERS_OF_A_SITE, &[], "siteUrl"),
    denied(OWN_DRIVE, &[], "uri"),
    denied(LIBRARY, &[], "uri"),
    denied(FOLDER, &[], "uri"),
    denied(FOLDER, &["/drives/{drive}/items/{item}"], "uri"),
    denied(LIST, &[], "site"),
    denied(LIST, &["/sites/root/lists/{list}/items"], "list"),
    denied(CHAT, &[], "chatId"),
    denied(TEAM, &[], "teamId"),
    denied(CHANNEL, &[], "teamId"),
    denied(CHANNEL, &["/teams/{team}/channels/{channel}/messages"], "channelId"),
    denied(MEETING_BY_LINK, &[], "joinUrl"),
    denied(MEETING_BY_EVENT, &[], "eventUri"),
    denied(MEETING_BY_EVENT, &["/me/onlineMeetings"], "eventUri"),
    denied(MESSAGE, &[], "id"),
    missing(
        OWN_DRIVE,
        &["/me/drive/root/children"],
        (404, "ResourceNotFound"),
        "uri",
        "The user has no OneDrive.",
        "sharepoint_folder_search",
    ),
    missing(
        FOLDER,
        &["/drives/{drive}/items/{item}"],
        (404, "itemNotFound"),
        "uri",
        "The folder was not found.",
        "sharepoint_folder_search",
    ),
    missing(
        LIBRARY,
        &["/sites/{site}/drive/root/children"],
        (404, "itemNotFound"),
        "uri",
        "The site has no document library.",
        "read_resource",
    ),
    missing(
        LIBRARY,
        &["/sites/{site}/drive/root/children", "/sites/{site}"],
        (404, "itemNotFound"),
        "uri",
        "The site was not found.",
        "kind site",
    ),
    missing(
        CALENDAR,
        &["/me/calendars/{calendar}/calendarView"],
        (404, "ErrorItemNotFound"),
        "calendarName",
        "The calendar was not found.",
        "share it with the user again",
    ),
    missing(
        MEETING_BY_LINK,
        &["/me/onlineMeetings"],
        (400, "InvalidArgument"),
        "joinUrl",
        "The meeting was not found.",
        "outlook_calendar_search finds the event",
    ),
];

const READING: Gap = denied(|known| ("read_resource", json!({ "uri": known.uris[0] })), &[], "uri");

/// The gaps with their calls, and a reading of every form of uri.
fn tried(known: &Known) -> Vec<(&'static str, Value, &'static Gap)> {
    let calls = GAPS.iter().map(|gap| {
        let (tool, arguments) = (gap.call)(known);
        (tool, arguments, gap)
    });
    // Notes of an AI are refused to whoever has no licence for it, whatever is named.
    let uris = known.uris.iter().filter(|uri| !uri.starts_with("meeting-insights"));
    let readings = uris.map(|uri| ("read_resource", json!({ "uri": uri }), &READING));
    calls.chain(readings).collect()
}

/// If this failed, a model would be told that something is not shared or not there, and not what, or whom to ask; or look for
/// another site where this one has no library, for a slip of its own where the user has no OneDrive.
#[actix_web::test]
async fn what_graph_does_not_answer_is_told_by_its_argument() {
    let (world, token, known) = prepared().await;
    for (tool, arguments, gap) in tried(&known) {
        let fault = refusing(gap.answered.0, gap.answered.1);
        let everywhere = gap.routes.is_empty().then(|| fault.clone());
        let on_routes = gap.routes.iter().map(|route| {
            let mut fault = fault.clone();
            fault["route"] = json!(route);
            fault
        });
        for fault in everywhere.into_iter().chain(on_routes) {
            world.fault(fault).await;
        }
        let error = error(&world, &token, tool, &arguments).await;
        world.clear_faults().await;
        assert_eq!(error["code"], gap.code, "{tool} {arguments}: {error}");
        assert!(gap.what.is_none_or(|what| error["what"] == what), "{tool} {arguments}: {error}");
        let (why, how) = (error["why"].as_str().unwrap(), error["how"].as_str().unwrap());
        assert!(why.starts_with(&format!("{}: ", gap.argument)), "{tool} {arguments}: {error}");
        assert!(how.contains(gap.way_on), "{tool} {arguments}: {error}");
    }
}

/// Whether a value of it can name something: it is none of a few words, no number, and no yes or no.
fn is_text(argument: &Value) -> bool {
    let is_one_of_few = argument.get("enum").is_some() || argument.get("$ref").is_some();
    !is_one_of_few && matches!(argument["type"].as_str(), Some("string" | "array"))
}

/// If this failed, nobody would have looked at what a new argument's error says.
#[actix_web::test]
async fn every_argument_that_names_something_is_tried() {
    let (_, _, known) = prepared().await;
    let tried: BTreeSet<(&str, String)> =
        tried(&known).into_iter().map(|(tool, _, gap)| (tool, gap.argument.to_owned())).collect();
    let mut naming = BTreeSet::new();
    let mut spared = BTreeSet::new();
    for tool in every_profile().tools {
        let schema = (tool.input_schema)();
        for (name, argument) in schema["properties"].as_object().into_iter().flatten() {
            match NAMING_NOTHING.iter().find(|(spared, _)| spared == name) {
                Some((name, why)) => {
                    assert!(!why.is_empty());
                    spared.insert(*name);
                }
                None if is_text(argument) => {
                    naming.insert((tool.name, name.clone()));
                }
                None => {}
            }
        }
    }
    assert_eq!(tried, naming);
    let listed: BTreeSet<&str> = NAMING_NOTHING.iter().map(|(name, _)| *name).collect();
    assert_eq!(spared, listed, "no tool takes some of these");
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
