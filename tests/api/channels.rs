//! Teams, channels and their posts.

use rstest::rstest;
use serde_json::{Value, json};

use crate::asking::members;
use crate::world::World;

const POSTS: &str = "teams_list_channel_messages";

fn is_reply(item: &Value) -> bool {
    item["replyTo"].is_string()
}

/// If this failed, nobody would find the channel that they are asked about.
#[actix_web::test]
async fn teams_and_their_channels_are_listed() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let teams = world.answer(&token, "teams_list_teams", json!({})).await;
    assert_eq!(teams["completeness"]["state"], "complete");
    assert_eq!(
        members(teams["items"].as_array().unwrap(), "name"),
        ["Handbook", "Project Aurora", "Finance", "Board"]
    );
    let (by_pages, pages) = world.all_items(&token, "teams_list_teams", json!({ "limit": 3 })).await;
    assert_eq!((json!(by_pages), pages), (teams["items"].clone(), 2));

    let arguments = json!({ "teamId": teams["items"][0]["teamId"], "limit": 4 });
    let (channels, pages) = world.all_items(&token, "teams_list_channels", arguments).await;
    assert!(pages > 1);
    let kinds = members(&channels, "membership");
    for kind in ["standard", "private", "shared"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    for channel in &channels {
        let read = world.answer(&token, "read_resource", json!({ "uri": channel["uri"] })).await;
        assert_eq!(read["kind"], "channel");
    }
}

/// If this failed, a user whose app may not list teams would see none, or take those that were seen for all.
#[actix_web::test]
async fn without_the_permission_teams_are_seen_in_their_channels() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let joined = world.graph(&person, "/me/joinedTeams").await;
    let token = world.token_with_scopes(&person, "ChannelMessage.Read.All").await;
    let seen = world.answer(&token, "teams_list_teams", json!({})).await;
    assert_eq!(seen["completeness"]["state"], "partial", "{seen}");
    assert!(seen["completeness"]["reason"].as_str().unwrap().contains("Team.ReadBasic.All"), "{seen}");
    let known = members(joined["value"].as_array().unwrap(), "id");
    let ids = members(seen["items"].as_array().unwrap(), "teamId");
    assert!(!ids.is_empty() && ids.iter().all(|id| known.contains(id)), "{seen}");
    assert!(!seen["completeness"]["reason"].as_str().unwrap().contains("limit"), "{seen}");
    let first = world.answer(&token, "teams_list_teams", json!({ "limit": 1 })).await;
    assert_eq!(members(first["items"].as_array().unwrap(), "teamId"), ids[..1]);
    let lacking = format!(" {} more teams are known: a higher limit", ids.len() - 1);
    assert!(ids.len() > 1 && first["completeness"]["reason"].as_str().unwrap().contains(&lacking), "{first}");
    let paths = world.graph_paths().await;
    assert!(
        paths.iter().all(|path| path == "/v1.0/search/query" || path == "/v1.0/me/joinedTeams"),
        "{paths:?}"
    );
}

/// A page of a search for messages.
fn hits(resources: &[Value]) -> Value {
    let hits: Vec<Value> = resources.iter().map(|resource| json!({ "resource": resource })).collect();
    json!({ "value": [{ "hitsContainers": [{ "hits": hits, "moreResultsAvailable": true }] }] })
}

/// If this failed, somebody who writes in chats would seem to be in few teams, or chats pass for channels that were looked at.
#[actix_web::test]
async fn chats_do_not_crowd_out_the_teams_that_are_seen() {
    let world = World::start().await;
    let scopes = "Chat.Read ChannelMessage.Read.All";
    let token = world.token_with_scopes(&world.person(0, 0), scopes).await;
    let created = json!("2026-11-23T09:00:00Z");
    let of_chat =
        json!({ "id": "1", "createdDateTime": created, "chatId": "19:a@thread.v2", "channelIdentity": {} });
    let channel =
        json!({ "teamId": "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b", "channelId": "19:b@thread.tacv2" });
    let of_channel = json!({ "id": "2", "createdDateTime": created, "channelIdentity": channel });
    let mut last = vec![of_chat.clone(); 24];
    last.push(of_channel);
    for (times, page) in [(4, vec![of_chat; 25]), (1, last)] {
        let body = hits(&page);
        let page =
            json!({ "service": "graph", "path_prefix": "/search/query", "times": times, "body": body });
        world.fault(page).await;
    }
    world.forget_requests().await;
    let seen = world.answer(&token, "teams_list_teams", json!({ "limit": 50 })).await;
    assert_eq!(seen["items"][0]["teamId"], channel["teamId"], "{seen}");
    let searches = world.graph_paths().await.iter().filter(|path| *path == "/v1.0/search/query").count();
    assert!(searches <= 6, "{searches} searches");
    let reason = seen["completeness"]["reason"].as_str().unwrap();
    let rest = reason.split_once("written in (").unwrap().1.split_once(" were looked at, ").unwrap();
    let (looked_at, of_them): (u32, u32) =
        (rest.0.parse().unwrap(), rest.1.split_once(" of them in channels").unwrap().0.parse().unwrap());
    assert!(looked_at >= 125 && (1..=looked_at - 124).contains(&of_them), "{reason}");
}

/// If this failed, posts of a channel would be lost, doubled, or in another order than people see them in.
#[actix_web::test]
async fn pages_of_posts_follow_each_other_to_the_end() {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let general = world.channel(&token, "Handbook", "General").await;
    let (all, pages) = world.all_items(&token, POSTS, general.arguments(json!({ "limit": 20 }))).await;
    assert!(all.len() > 50 && pages > 2, "{} on {pages} pages", all.len());
    let path = format!("/teams/{}/channels/{}/messages?$top=50", general.team, general.channel);
    let given = world.graph(&person, &path).await;
    let uris: Vec<String> = members(given["value"].as_array().unwrap(), "id")
        .into_iter()
        .map(|id| format!("{}/messages/{id}", general.uri()))
        .collect();
    assert_eq!(members(&all, "uri")[..50], uris);
    assert!(!all.iter().any(is_reply));
}

/// If this failed, an answer would stand with the wrong post, or a discussion fill a whole context.
#[actix_web::test]
async fn replies_follow_their_post_and_are_bounded() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let general = world.channel(&token, "Handbook", "General").await;
    let arguments = general.arguments(json!({ "includeReplies": true, "limit": 50 }));
    let (items, _) = world.all_items(&token, POSTS, arguments).await;
    let mut post = &Value::Null;
    let mut last = "";
    for item in &items {
        if is_reply(item) {
            assert_eq!(item["replyTo"], post["uri"]);
            let created = item["createdUtc"].as_str().unwrap();
            assert!(created >= last, "the oldest first");
            last = created;
        } else {
            (post, last) = (item, "");
        }
    }
    let longest = items.iter().max_by_key(|item| item["moreReplies"].as_u64()).unwrap();
    assert!(longest["moreReplies"].as_u64().is_some_and(|more| more >= 980), "{longest}");

    let read = world.answer(&token, "read_resource", json!({ "uri": longest["uri"] })).await;
    assert_eq!(read["replies"]["items"].as_array().unwrap().len(), 25);
    let mut seen = members(read["replies"]["items"].as_array().unwrap(), "uri").len();
    let mut cursor = read["replies"]["nextCursor"].clone();
    let mut last = read["replies"]["items"][24]["createdUtc"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let page =
            world.answer(&token, "read_resource", json!({ "uri": longest["uri"], "cursor": cursor })).await;
        assert_eq!(page["kind"], "replies");
        let times = members(page["items"].as_array().unwrap(), "createdUtc");
        assert!(times.is_sorted_by(|one, other| one >= other) && times[0] <= last.as_str(), "{page}");
        seen += times.len();
        last = times[24].to_owned();
        cursor = page["nextCursor"].clone();
    }
    assert!(seen == 75 && cursor.is_string());
}

/// If this failed, somebody who catches up would miss posts, be given old ones, or wait for the whole channel.
#[rstest]
#[case::posts(false)]
#[case::with_replies(true)]
#[actix_web::test]
async fn what_is_new_since_a_time_is_given_and_no_more(#[case] include_replies: bool) {
    let world = World::start().await;
    let person = world.person(0, 0);
    let token = world.token(&person).await;
    let general = world.channel(&token, "Project Aurora", "General").await;
    let path =
        format!("/teams/{}/channels/{}/messages?$top=50&$expand=replies", general.team, general.channel);
    let posts = world.graph(&person, &path).await["value"].as_array().unwrap().clone();
    let modified = |message: &Value| message["lastModifiedDateTime"].as_str().unwrap().to_owned();
    let activity = |post: &Value| {
        let replies = post["replies"].as_array().unwrap().iter().map(modified);
        replies.chain([modified(post)]).max().unwrap()
    };
    let since = activity(&posts[6]);
    let arguments =
        general.arguments(json!({ "afterDateTime": since, "includeReplies": include_replies, "limit": 20 }));
    world.answer(&token, POSTS, arguments.clone()).await;
    world.forget_requests().await;
    let found = world.answer(&token, POSTS, arguments).await;
    assert_eq!(world.graph_requests().await, 1);
    assert_eq!(found["completeness"]["state"], "complete", "{found}");
    let items = found["items"].as_array().unwrap();
    let given: Vec<&str> =
        items.iter().filter(|item| !is_reply(item)).map(|item| item["uri"].as_str().unwrap()).collect();
    let expected: Vec<String> = posts[..=6]
        .iter()
        .map(|post| format!("{}/messages/{}", general.uri(), post["id"].as_str().unwrap()))
        .collect();
    assert_eq!(given, expected);
    assert_eq!(items.iter().any(is_reply), include_replies);

    let nothing = general.arguments(json!({ "afterDateTime": "tomorrow" }));
    let nothing = world.answer(&token, POSTS, nothing).await;
    assert_eq!((&nothing["items"], &nothing["completeness"]["state"]), (&json!([]), &json!("complete")));
}

/// If this failed, what applications report would be empty, or pass for the words of a person.
#[actix_web::test]
async fn applications_are_told_and_their_cards_are_read() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let reports = world.channel(&token, "Handbook", "Reports").await;
    let (posts, _) = world.all_items(&token, POSTS, reports.arguments(json!({ "limit": 50 }))).await;
    let report = posts.iter().find(|post| post["from"]["kind"] == "application").unwrap();
    assert_eq!(report["origin"], "unknown");
    assert!(report["text"].as_str().unwrap().contains("Nightly report"), "{report}");
    let read = world.answer(&token, "read_resource", json!({ "uri": report["uri"] })).await;
    assert!(read["body"]["text"].as_str().unwrap().contains("Nightly report"), "{read}");
}

/// If this failed, the uri that a reply is given with would lead to another message, or nowhere.
#[actix_web::test]
async fn a_reply_is_read_by_its_uri() {
    let world = World::start().await;
    let token = world.token(&world.person(0, 0)).await;
    let general = world.channel(&token, "Handbook", "General").await;
    let arguments = general.arguments(json!({ "includeReplies": true, "limit": 50 }));
    let found = world.answer(&token, POSTS, arguments).await;
    let items = found["items"].as_array().unwrap();
    let plain = items.iter().find(|item| is_reply(item) && item["text"].is_string()).unwrap();
    let read = world.answer(&token, "read_resource", json!({ "uri": plain["uri"] })).await;
    assert_eq!((&read["uri"], &read["replyTo"]), (&plain["uri"], &plain["replyTo"]));
    assert!(read["body"]["text"].as_str().unwrap().contains(plain["text"].as_str().unwrap()), "{read}");
    assert!(read["replies"].is_null(), "{read}");
}
