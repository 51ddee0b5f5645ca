//! What is named and is not there: the error names the argument, and what gives a right one.

use rstest::rstest;
use serde_json::{Value, json};

use super::NOWHERE;
use super::refused::{error, prepared};
use crate::calls::Known;

/// Ids that nobody has.
const NOBODY: &str = "nobody@larkmoor.example";
const NO_TEAM: &str = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b";
const NO_CHANNEL: &str = "19:0000@thread.tacv2";

/// A call, the code of its error, the argument that it must name, and the tool or uri that it must point to.
struct Slip(fn(&Known) -> (&'static str, Value), &'static str, &'static str, &'static str);

fn reading(uri: &str) -> (&'static str, Value) {
    ("read_resource", json!({ "uri": uri }))
}

const OUTLOOK: &[Slip] = &[
    Slip(
        |_| ("outlook_email_search", json!({ "folderName": "Nope" })),
        "not_found",
        "folderName",
        "outlook_list_folders",
    ),
    Slip(
        |known| {
            (
                "outlook_email_search",
                json!({ "folderName": "Nope", "mailboxOwnerEmail": known.shared_mailbox }),
            )
        },
        "not_found",
        "folderName",
        "outlook_list_folders",
    ),
    Slip(
        |_| ("outlook_email_search", json!({ "mailboxOwnerEmail": NOBODY })),
        "mailbox_not_found",
        "mailboxOwnerEmail",
        "search_people",
    ),
    Slip(
        |_| ("outlook_email_search", json!({ "mailboxOwnerEmail": NOBODY, "folderName": "Inbox" })),
        "mailbox_not_found",
        "mailboxOwnerEmail",
        "leave mailboxOwnerEmail out",
    ),
    Slip(
        |_| ("outlook_list_folders", json!({ "parent": "Nope" })),
        "not_found",
        "parent",
        "outlook_list_folders",
    ),
    Slip(
        |_| ("outlook_list_folders", json!({ "mailboxOwnerEmail": NOBODY })),
        "mailbox_not_found",
        "mailboxOwnerEmail",
        "search_people",
    ),
    Slip(
        |_| ("outlook_calendar_search", json!({ "calendarName": "Nope" })),
        "not_found",
        "calendarName",
        "Calendar",
    ),
    Slip(
        |_| ("outlook_calendar_search", json!({ "calendarOwnerEmail": NOBODY })),
        "mailbox_not_found",
        "calendarOwnerEmail",
        "leave calendarOwnerEmail out",
    ),
    Slip(
        |_| ("meetings_find", json!({ "eventUri": "calendar:///events/AAMk0" })),
        "not_found",
        "eventUri",
        "outlook_calendar_search",
    ),
];

/// Sites by their addresses: one of the organisation's host, and one of a host that is none of its.
const NO_SITE: &str = "https://larkmoor.sharepoint.example/sites/nope";
const NO_HOST: &str = "https://elsewhere.sharepoint.example/sites/handbook";

const SHAREPOINT: &[Slip] = &[
    Slip(
        |_| ("sharepoint_search", json!({ "query": "budget", "siteUrl": NO_SITE })),
        "not_found",
        "siteUrl",
        "kind site",
    ),
    Slip(
        |_| ("sharepoint_search", json!({ "query": "budget", "siteUrl": NO_HOST })),
        "not_found",
        "siteUrl",
        "kind site",
    ),
    Slip(
        |_| ("sharepoint_search", json!({ "query": "budget", "siteUrl": NO_SITE, "folderName": "Reports" })),
        "not_found",
        "siteUrl",
        "kind site",
    ),
    Slip(
        |_| ("sharepoint_folder_search", json!({ "name": "Reports", "siteUrl": NO_SITE })),
        "not_found",
        "siteUrl",
        "kind site",
    ),
    Slip(
        |_| ("sharepoint_list_items", json!({ "site": NO_SITE, "list": "Open points" })),
        "not_found",
        "site",
        "kind site",
    ),
    Slip(
        |_| ("sharepoint_list_items", json!({ "site": NO_HOST, "list": "Open points" })),
        "not_found",
        "site",
        "kind site",
    ),
    Slip(
        |_| ("sharepoint_search", json!({ "query": "budget", "folderName": "Nope" })),
        "not_found",
        "folderName",
        "sharepoint_folder_search",
    ),
    Slip(
        |known| {
            (
                "sharepoint_search",
                json!({ "query": "budget", "folderName": format!("{}0", known.empty_folder) }),
            )
        },
        "not_found",
        "folderName",
        "sharepoint_folder_search",
    ),
    Slip(
        |_| ("sharepoint_search", json!({ "query": "budget", "siteUrl": NOWHERE })),
        "not_found",
        "siteUrl",
        "sharepoint_search",
    ),
    Slip(
        |_| ("sharepoint_folder_search", json!({ "name": "Reports", "siteUrl": NOWHERE })),
        "not_found",
        "siteUrl",
        "sharepoint_search",
    ),
    Slip(
        |known| ("sharepoint_list_folder", json!({ "uri": format!("{}0", known.empty_folder) })),
        "not_found",
        "uri",
        "sharepoint_folder_search",
    ),
    Slip(|_| ("sharepoint_list_folder", json!({ "uri": NOWHERE })), "not_found", "uri", "sharepoint_search"),
    Slip(
        |_| ("sharepoint_list_items", json!({ "site": "root", "list": "Nope" })),
        "not_found",
        "list",
        "read_resource",
    ),
    Slip(
        |_| ("sharepoint_list_items", json!({ "site": "root", "list": "Nope", "columns": ["Title"] })),
        "not_found",
        "list",
        "read_resource",
    ),
    Slip(
        |known| {
            (
                "sharepoint_list_items",
                json!({ "site": known.handbook, "list": format!("{}/0", known.handbook.replace("site:///", "list:///")) }),
            )
        },
        "not_found",
        "list",
        "read_resource",
    ),
    Slip(
        |_| ("sharepoint_list_items", json!({ "site": NOWHERE, "list": "Open points" })),
        "not_found",
        "site",
        "sharepoint_search",
    ),
];

const TEAMS: &[Slip] = &[
    Slip(
        |_| ("teams_list_chat_messages", json!({ "chatId": "19:0000@thread.v2" })),
        "not_found",
        "chatId",
        "teams_list_chats",
    ),
    Slip(
        |_| ("teams_list_channels", json!({ "teamId": NO_TEAM })),
        "not_found",
        "teamId",
        "teams_list_teams",
    ),
    Slip(
        |_| ("teams_list_channel_messages", json!({ "teamId": NO_TEAM, "channelId": NO_CHANNEL })),
        "not_found",
        "teamId",
        "teams_list_teams",
    ),
    Slip(
        |known| {
            ("teams_list_channel_messages", json!({ "teamId": known.general.team, "channelId": NO_CHANNEL }))
        },
        "not_found",
        "channelId",
        "teams_list_channels",
    ),
];

const READ_FROM_OUTLOOK: &[Slip] = &[
    Slip(|_| ("fetch", json!({ "id": "mail:///messages/AAMk0" })), "not_found", "id", "with search"),
    Slip(|_| ("fetch", json!({ "id": "mail:///folders/Nope" })), "not_found", "id", "with search"),
    Slip(|_| reading("mail:///messages/AAMk0"), "not_found", "uri", "outlook_email_search"),
    Slip(
        |_| reading("mail:///messages/AAMk0?owner=nobody%40larkmoor.example"),
        "mailbox_not_found",
        "uri",
        "leave ?owner=",
    ),
    Slip(|_| reading("mail:///messages/AAMk0/attachments/AAMk1"), "not_found", "uri", "outlook_email_search"),
    Slip(|_| reading("mail:///folders/Nope"), "not_found", "uri", "outlook_list_folders"),
    Slip(|_| reading("calendar:///events/AAMk0"), "not_found", "uri", "outlook_calendar_search"),
    Slip(|_| reading("user:///nobody@larkmoor.example"), "not_found", "uri", "search_people"),
    Slip(|_| reading("user:///00000000-0000-0000-0000-0000000000aa"), "not_found", "uri", "search_people"),
    Slip(|_| reading("mailbox:///nobody/folders"), "not_found", "uri", "outlook_list_folders"),
    Slip(|_| reading("meeting:///MSoxMjM0"), "not_found", "uri", "meetings_find"),
    Slip(|_| reading("meeting-transcript:///events/AAMk0"), "not_found", "uri", "outlook_calendar_search"),
    Slip(|_| reading("meeting-transcript:///MSoxMjM0"), "not_found", "uri", "meetings_find"),
    Slip(|_| reading("meeting-transcript:///MSoxMjM0/MSMx"), "not_found", "uri", "meetings_find"),
    Slip(|_| reading("meeting-insights:///MSoxMjM0"), "not_found", "uri", "meetings_find"),
    Slip(|_| reading("meeting-recordings:///MSoxMjM0"), "not_found", "uri", "meetings_find"),
    Slip(|_| reading("meeting-attendance:///MSoxMjM0"), "not_found", "uri", "meetings_find"),
];

const READ_FROM_ELSEWHERE: &[Slip] = &[
    Slip(|known| reading(&format!("{}0", known.empty_folder)), "not_found", "uri", "sharepoint_search"),
    Slip(
        |_| reading("share:///https%3A%2F%2Flarkmoor.sharepoint.example%2F%3Aw%3A%2Fs%2Fnone"),
        "not_found",
        "uri",
        "sharepoint_search",
    ),
    Slip(|_| reading(NOWHERE), "not_found", "uri", "sharepoint_search"),
    Slip(
        |known| reading(&format!("{}/0", known.handbook.replace("site:///", "list:///"))),
        "not_found",
        "uri",
        "read_resource",
    ),
    Slip(
        |known| reading(&format!("{}/Tasks/items/999999", known.handbook.replace("site:///", "list:///"))),
        "not_found",
        "uri",
        "sharepoint_list_items",
    ),
    Slip(
        |known| {
            reading(&format!(
                "{}/pages/00000000-0000-0000-0000-0000000000aa",
                known.handbook.replace("site:///", "page:///sites/")
            ))
        },
        "not_found",
        "uri",
        "sharepoint_search",
    ),
    Slip(|_| reading("teams:///chats/19%3A0000%40thread.v2"), "not_found", "uri", "teams_list_chats"),
    Slip(
        |known| reading(&format!("teams:///teams/{}/channels/19%3A0000%40thread.tacv2", known.general.team)),
        "not_found",
        "uri",
        "teams_list_channels",
    ),
    Slip(
        |known| reading(&format!("{}/messages/1", known.chat.as_str().unwrap())),
        "not_found",
        "uri",
        "chat_message_search",
    ),
];

/// If this failed, a model would not see which of its arguments is wrong, or would guess at another one.
#[rstest]
#[case::outlook(OUTLOOK)]
#[case::sharepoint(SHAREPOINT)]
#[case::teams(TEAMS)]
#[case::read_from_outlook(READ_FROM_OUTLOOK)]
#[case::read_from_elsewhere(READ_FROM_ELSEWHERE)]
#[actix_web::test]
async fn what_is_not_there_is_told_by_its_argument(#[case] slips: &[Slip]) {
    let (world, token, known) = prepared().await;
    for Slip(call, code, argument, way_on) in slips {
        let (tool, arguments) = call(&known);
        let error = error(&world, &token, tool, &arguments).await;
        assert_eq!(error["code"], *code, "{tool} {arguments}: {error}");
        let (why, how) = (error["why"].as_str().unwrap(), error["how"].as_str().unwrap());
        assert!(why.starts_with(&format!("{argument}: ")), "{tool} {arguments}: {error}");
        assert!(how.contains(way_on), "{tool} {arguments}: {error}");
    }
}
