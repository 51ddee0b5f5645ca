//! How much of a model's context the tools take, and an answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use m365_connector::Catalogue;
use rstest::rstest;
use serde_json::{Value, json};

use crate::calls::without_limits;
use crate::world::{World, send};

/// In bytes: what the text of 25 hits may take, and that of a list.
pub(crate) const LONGEST: usize = 28 * 1024;

/// In bytes: what the answer to `tools/list` may weigh, a model reads all of it.
const LARGEST_LIST: usize = 44 * 1024;
/// Every icon's address begins with its origin.
const LONG_ADDRESS: &str = "https://m365-connector.europe.contoso-pharmaceuticals.example/mcp";

/// If this failed, the tools alone would fill much of a model's context, wherever the connector stands.
#[actix_web::test]
async fn the_list_of_tools_stays_short_under_a_long_address() {
    let world = World::start_with(|settings| {
        settings.http.allowed_hosts.push(settings.http.public_address.to_string());
        settings.http.public_url = LONG_ADDRESS.parse().unwrap();
    })
    .await;
    let token = world.token(&world.person(0, 0)).await;
    let listed = send(world.modern(&token, "tools/list", json!({}))).await;
    let tools = listed.json()["result"]["tools"].as_array().map_or(0, Vec::len);
    assert_eq!(tools, Catalogue::MICROSOFT_365.tools.len(), "{}", listed.text);
    assert!(listed.text.contains("https://m365-connector.europe.") && tools <= 25);
    assert!(listed.text.len() <= LARGEST_LIST, "{} bytes", listed.text.len());
}

/// If this failed, a page of hits would fill much of a model's context.
#[rstest]
#[case::mail("outlook_email_search", json!({}))]
#[case::events("outlook_calendar_search", json!({ "afterDateTime": "40 days ago" }))]
#[case::chats("chat_message_search", json!({ "query": "option" }))]
#[case::files("sharepoint_search", json!({ "query": "*", "kind": "file" }))]
#[actix_web::test]
async fn twenty_five_hits_stay_short(#[case] tool: &str, #[case] mut arguments: Value) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    arguments["limit"] = json!(25);
    let answer = world.call(&token, tool, arguments).await;
    assert_eq!(answer["structuredContent"]["completeness"]["returned"], 25, "{answer}");
    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.len() <= LONGEST, "{} bytes", text.len());
}

/// Of a message or an event, as long as Exchange makes them.
fn outlook_id(number: usize) -> String {
    URL_SAFE.encode(format!("{number:0>114}"))
}

const SITE: &str =
    "contoso.sharepoint.com,f3b1c2d4-0a1b-4c2d-8e3f-0123456789ab,0f9e8d7c-6b5a-4c3d-9e2f-ba9876543210";
const LIST_ID: &str = "5e7a9c1b-3d5f-4a7b-8c9d-1e3f5a7b9c1d";
const TEAM: &str = "8f1e2d3c-4b5a-4968-8776-655443322110";
const CHAT: &str =
    "19:2b6d0f4e-1c3a-4b5d-8e7f-901a2b3c4d5e_7c8d9e0f-1a2b-4c3d-9e5f-6a7b8c9d0e1f@unq.gbl.spaces";

/// So many times the sign.
pub(crate) fn line(sign: char, length: usize) -> String {
    std::iter::repeat_n(sign, length).collect()
}

fn person(sign: char) -> Value {
    let address = format!("{}@contoso.example", "a".repeat(64));
    json!({ "emailAddress": { "name": line(sign, 256), "address": address } })
}

fn message(number: usize, sign: char) -> Value {
    json!({
        "id": outlook_id(number), "subject": line(sign, 255), "bodyPreview": line(sign, 255), "from": person(sign),
        "toRecipients": [person(sign), person(sign), person(sign), person(sign)], "isRead": false,
        "receivedDateTime": "2026-11-23T10:00:00Z", "importance": "high", "hasAttachments": true,
    })
}

fn event(number: usize, sign: char) -> Value {
    let attendee = || json!({ "type": "required", "emailAddress": person(sign)["emailAddress"] });
    json!({
        "id": outlook_id(number), "subject": line(sign, 255), "bodyPreview": line(sign, 255),
        "start": { "dateTime": "2026-11-23T10:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2026-11-23T11:00:00.0000000", "timeZone": "UTC" },
        "organizer": person(sign), "attendees": [attendee(), attendee(), attendee(), attendee()],
        "locations": [{ "displayName": line(sign, 255) }, { "displayName": format!("2{}", line(sign, 255)) }],
        "isCancelled": true, "isOnlineMeeting": true, "hasAttachments": true, "type": "occurrence",
        "sensitivity": "confidential", "showAs": "workingElsewhere",
        "responseStatus": { "response": "tentativelyAccepted" },
    })
}

fn hit(resource: &Value, sign: char) -> Value {
    json!({ "hitId": resource["id"], "rank": 1, "summary": line(sign, 4_000), "resource": resource })
}

fn chat_message(number: usize, sign: char) -> Value {
    let place = json!({ "teamId": TEAM, "channelId": format!("19:{number:0>48}@thread.tacv2") });
    hit(
        &json!({
            "@odata.type": "#microsoft.graph.chatMessage", "id": format!("{:0>13}", number + 2),
            "replyToId": format!("{:0>13}", 1), "channelIdentity": place, "from": person(sign),
            "subject": line(sign, 1_000), "createdDateTime": "2026-11-23T10:00:00.123Z", "webLink": "https://teams.example",
        }),
        sign,
    )
}

fn direct_message(number: usize, sign: char) -> Value {
    let mut hit = chat_message(number, sign);
    hit["resource"]["channelIdentity"] = json!({});
    hit["resource"]["chatId"] = json!(CHAT);
    hit
}

fn changed_by(sign: char) -> Value {
    json!({ "user": { "displayName": line(sign, 256), "email": "adele@contoso.example" } })
}

fn file(number: usize, sign: char) -> Value {
    hit(
        &json!({
            "@odata.type": "#microsoft.graph.driveItem", "id": format!("01{number:0>32}"),
            "name": format!("{}.docx", line(sign, 395)), "size": 123_456_789_012_u64, "lastModifiedBy": changed_by(sign),
            "lastModifiedDateTime": "2026-11-23T10:00:00Z",
            "parentReference": { "driveId": format!("b!{number:0>64}"), "siteId": SITE },
        }),
        sign,
    )
}

fn folder(number: usize, sign: char) -> Value {
    let mut hit = file(number, sign);
    hit["resource"]["name"] = json!(line(sign, 400));
    hit
}

fn list_item(number: usize, sign: char) -> Value {
    hit(
        &json!({
            "@odata.type": "#microsoft.graph.listItem", "id": format!("{number:0>36}"), "lastModifiedBy": changed_by(sign),
            "lastModifiedDateTime": "2026-11-23T10:00:00Z", "parentReference": { "siteId": SITE },
            "sharepointIds": { "listId": LIST_ID, "listItemId": number.to_string() },
            "fields": { "title": line(sign, 255) },
        }),
        sign,
    )
}

fn page(number: usize, sign: char) -> Value {
    let mut hit = list_item(number, sign);
    hit["resource"]["fields"]["contentclass"] = json!("STS_ListItem_WebPageLibrary");
    hit
}

fn profile(number: usize, sign: char) -> Value {
    json!({
        "id": format!("{number:0>36}"), "displayName": line(sign, 256), "jobTitle": line(sign, 128),
        "officeLocation": line(sign, 128), "mail": person(sign)["emailAddress"]["address"],
        "userPrincipalName": format!("{}@contoso.onmicrosoft.example", "b".repeat(64)),
    })
}

fn search_of(hits: &[Value]) -> Value {
    json!({ "value": [{ "hitsContainers": [{ "hits": hits, "total": 25, "moreResultsAvailable": false }] }] })
}

pub(crate) fn page_of(items: &[Value]) -> Value {
    json!({ "value": items })
}

/// If this failed, whoever writes long texts could fill much of a model's context, in Japanese sooner than in English.
#[rstest]
#[case::mail("outlook_email_search", json!({}), "/me/messages", message, page_of)]
#[case::events("outlook_calendar_search", json!({}), "/me/calendarView", event, page_of)]
#[case::posts("chat_message_search", json!({ "query": "a" }), "/search/query", chat_message, search_of)]
#[case::chats("chat_message_search", json!({ "query": "a" }), "/search/query", direct_message, search_of)]
#[case::files("sharepoint_search", json!({ "query": "a", "kind": "file" }), "/search/query", file, search_of)]
#[case::pages("sharepoint_search", json!({ "query": "a", "kind": "page" }), "/search/query", page, search_of)]
#[case::entries("sharepoint_search", json!({ "query": "a", "kind": "listItem" }), "/search/query", list_item, search_of)]
#[case::folders("sharepoint_folder_search", json!({ "name": "a" }), "/search/query", folder, search_of)]
#[case::people("search_people", json!({ "query": "a" }), "/users", profile, page_of)]
#[actix_web::test]
async fn twenty_five_hits_stay_short_whatever_was_written(
    #[case] tool: &str,
    #[case] mut arguments: Value,
    #[case] path: &str,
    #[case] item: fn(usize, char) -> Value,
    #[case] answer_of: fn(&[Value]) -> Value,
    #[values('語', '"', 'a')] sign: char,
) {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let items: Vec<Value> = (0..25).map(|number| item(number, sign)).collect();
    let body = answer_of(&items);
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": body })).await;
    arguments["limit"] = json!(25);
    let answer = world.call(&token, tool, arguments).await;
    assert_eq!(answer["structuredContent"]["completeness"]["returned"], 25, "{answer}");
    let text = answer["content"][0]["text"].as_str().unwrap();
    assert!(text.len() <= LONGEST, "{} bytes", text.len());
    for item in answer["structuredContent"]["items"].as_array().unwrap() {
        let name = item.get("subject").or(item.get("name")).and_then(Value::as_str).unwrap();
        assert!(name.ends_with('…') && name.starts_with(sign) && item["uri"].is_string(), "{item}");
    }
}

/// Entries of one list of Graph's, and posts, which have replies.
const ENTRIES: usize = 60;
const POSTS: usize = 15;
/// Replies of one post, more than a list gives.
const REPLIES: usize = 25;

/// As many of the signs as take about so many bytes.
pub(crate) fn bytes_of(sign: char, bytes: usize) -> String {
    line(sign, bytes / sign.len_utf8())
}

fn list_row(number: usize, sign: char) -> Value {
    let mut fields = json!({ "Title": format!("{number} {}", bytes_of(sign, 500)), "Amount": 4_711.5 });
    for column in 0..12 {
        fields[format!("Remark{column}")] = json!(bytes_of(sign, 520));
    }
    fields["People"] = vec![json!({ "LookupId": 1, "LookupValue": line(sign, 5) }); 60].into();
    json!({
        "id": number.to_string(), "fields": fields, "lastModifiedBy": changed_by(sign),
        "lastModifiedDateTime": "2026-11-23T10:00:00Z", "parentReference": { "siteId": SITE },
        "webUrl": format!("https://contoso.sharepoint.com/{}", line('a', 400)),
    })
}

fn drive_entry(number: usize, sign: char) -> Value {
    let mut entry = file(number, sign)["resource"].clone();
    entry["file"] = json!({ "mimeType": "application/octet-stream" });
    entry["webUrl"] = json!(format!("https://contoso.sharepoint.com/{}", line('a', 400)));
    entry
}

fn chat(number: usize, sign: char) -> Value {
    let member = |seat: usize| json!({ "displayName": line(sign, 256), "email": format!("{seat}{}@contoso.example", line('a', 60)) });
    json!({
        "id": format!("19:{number:0>32}@thread.v2"), "topic": line(sign, 250), "chatType": "group",
        "members": (0..9).map(member).collect::<Vec<_>>(),
        "lastMessagePreview": {
            "createdDateTime": "2026-11-23T10:00:00Z", "body": { "contentType": "text", "content": line(sign, 300) },
            "from": { "user": { "displayName": line(sign, 256), "id": TEAM } },
        },
    })
}

fn said(number: usize, sign: char) -> Value {
    let mention = |place: usize| json!({ "id": place, "mentionText": line(sign, 100) });
    json!({
        "id": (1_795_000_000_000 - number).to_string(), "subject": line(sign, 200),
        "createdDateTime": "2026-11-23T10:00:00Z", "body": { "contentType": "text", "content": line(sign, 1_600) },
        "from": { "user": { "displayName": line(sign, 256), "id": TEAM } },
        "mentions": (0..20).map(mention).collect::<Vec<_>>(),
    })
}

fn answered(number: usize, sign: char) -> Value {
    json!({
        "id": (1_795_000_000_000 - number).to_string(), "createdDateTime": "2026-11-23T10:00:00Z",
        "body": { "contentType": "text", "content": line(sign, 400) },
        "from": { "user": { "displayName": line(sign, 20), "id": TEAM } },
    })
}

fn post(number: usize, sign: char) -> Value {
    let mut post = said(number, sign);
    let replies = (0..REPLIES).map(|reply| answered(1_000_000 + number * REPLIES + reply, sign));
    post["replies"] = replies.collect::<Vec<_>>().into();
    post
}

fn team(number: usize, sign: char) -> Value {
    json!({
        "id": format!("{number:0>8}-4b5a-4968-8776-655443322110"), "displayName": line(sign, 256),
        "description": line(sign, 1_024),
    })
}

fn channel(number: usize, sign: char) -> Value {
    let mut channel = team(number, sign);
    channel["id"] = json!(format!("19:{number:0>32}@thread.tacv2"));
    channel
}

fn mail_folder(number: usize, sign: char) -> Value {
    json!({ "id": outlook_id(number), "displayName": format!("{number} {}", line(sign, 250)), "totalItemCount": 4_711 })
}

/// If this failed, whoever gives long names or writes much could fill a model's context with one list, or an entry be lost
/// where an answer ends because it is long.
#[rstest]
#[case::rows("sharepoint_list_items", json!({ "site": "root", "list": LIST_ID, "limit": 200 }), "/sites/root/lists", list_row)]
#[case::files("sharepoint_list_folder", json!({ "uri": "me", "limit": 200 }), "/me/drive/root/children", drive_entry)]
#[case::chats("teams_list_chats", json!({ "limit": 50 }), "/me/chats", chat)]
#[case::messages("teams_list_chat_messages", json!({ "chatId": CHAT, "limit": 50 }), "/chats/", said)]
#[case::posts("teams_list_channel_messages", json!({ "teamId": TEAM, "channelId": "19:a@thread.tacv2", "includeReplies": true, "limit": 50 }), "/teams/", post)]
#[case::teams("teams_list_teams", json!({ "limit": 50 }), "/me/joinedTeams", team)]
#[case::channels("teams_list_channels", json!({ "teamId": TEAM, "limit": 50 }), "/teams/", channel)]
#[case::folders("outlook_list_folders", json!({}), "/me/mailFolders", mail_folder)]
#[actix_web::test]
async fn a_list_stays_short_and_loses_nothing(
    #[case] tool: &str,
    #[case] mut arguments: Value,
    #[case] path: &str,
    #[case] entry: fn(usize, char) -> Value,
    #[values('語', '"', 'a')] sign: char,
) {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let has_replies = arguments["includeReplies"] == true;
    let count = if has_replies { POSTS } else { ENTRIES };
    let entries: Vec<Value> = (0..count).map(|number| entry(number, sign)).collect();
    let columns = format!("/sites/root/lists/{LIST_ID}/columns");
    world
        .fault(json!({ "service": "graph", "path_prefix": columns, "status": 200, "body": page_of(&[]) }))
        .await;
    let body = page_of(&entries);
    world.fault(json!({ "service": "graph", "path_prefix": path, "status": 200, "body": body })).await;
    let (mut keys, mut replies) = (Vec::new(), 0);
    loop {
        let answer = world.call(&token, tool, arguments.clone()).await;
        let text = answer["content"][0]["text"].as_str().unwrap();
        assert!(text.len() <= LONGEST, "{} bytes: {answer}", text.len());
        let list = &answer["structuredContent"];
        for item in list["items"].as_array().unwrap_or_else(|| panic!("{answer}")) {
            let key = item.get("uri").or(item.get("teamId")).unwrap();
            replies += usize::from(item["replyTo"].is_string());
            replies += item["moreReplies"].as_u64().map_or(0, |more| usize::try_from(more).unwrap());
            keys.extend(item.get("replyTo").is_none().then(|| key.to_string()));
        }
        let Some(cursor) = list["nextCursor"].as_str() else {
            assert_eq!(list["completeness"]["state"], "complete", "{answer}");
            break;
        };
        assert!(list["completeness"]["reason"].as_str().unwrap().contains("nextCursor"), "{answer}");
        arguments["cursor"] = json!(cursor);
    }
    let told = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((told, keys.len()), (count, count), "{keys:?}");
    assert_eq!(replies, if has_replies { POSTS * REPLIES } else { 0 });
}

/// If this failed, a list that ends because it is long would say that it ends for another reason, or count what it does not
/// show.
#[actix_web::test]
async fn what_does_not_fit_is_neither_shown_nor_counted() {
    let world = World::start_with(without_limits).await;
    let token = world.token(&world.person(0, 0)).await;
    let entries: Vec<Value> = (0..ENTRIES)
        .map(|number| {
            let mut folder = mail_folder(number, 'a');
            folder["displayName"] = json!(format!("{number}\u{200b}{}", line('b', 240)));
            folder
        })
        .collect();
    let body = page_of(&entries);
    world
        .fault(json!({ "service": "graph", "path_prefix": "/me/mailFolders", "status": 200, "body": body }))
        .await;
    let list = world.answer(&token, "outlook_list_folders", json!({})).await;
    let given = list["items"].as_array().unwrap().len();
    assert!(given > 10 && given < ENTRIES, "{given}");
    assert_eq!(list["sanitized"]["invisible"], given, "{list}");
    assert!(list["completeness"]["reason"].as_str().unwrap().contains("as long as one may be"), "{list}");
}

/// If this failed, what people usually write would be cut.
#[actix_web::test]
async fn an_ordinary_mail_is_told_as_it_is() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let person = |name: &str| json!({ "emailAddress": { "name": name, "address": format!("{name}@contoso.example") } });
    let mut message = message(0, 'a');
    message["subject"] = json!("Minutes of the steering committee, and what is to be done until Friday");
    message["from"] = person("Maximiliane.Hohenstein");
    message["toRecipients"] = ["Adele.Vance", "Lee.Gu", "Christie.Cline"].map(person).into();
    let body = page_of(std::slice::from_ref(&message));
    world
        .fault(json!({ "service": "graph", "path_prefix": "/me/messages", "status": 200, "body": body }))
        .await;
    let arguments = json!({ "timeZone": "Asia/Tokyo" });
    let hit = world.answer(&token, "outlook_email_search", arguments).await["items"][0].clone();
    let told = (&hit["subject"], &hit["preview"], &hit["to"], &hit["moreTo"]);
    let to: Vec<&Value> =
        message["toRecipients"].as_array().unwrap().iter().map(|to| &to["emailAddress"]).collect();
    assert_eq!(told, (&message["subject"], &message["bodyPreview"], &json!(to), &Value::Null), "{hit}");
}
