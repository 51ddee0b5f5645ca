//! Chats, teams, channels and what was said in them.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Expected, Graph, fits, is_within, text};
use crate::matrix::honoured::{holds, is_person, moment};

/// Of one post at most so many replies are given, the newest.
const REPLIES: usize = 20;

/// `chat_message_search`. What words find is the index's to say; all else is looked at here.
pub(super) async fn found(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let hits = graph.hits(&["chatMessage"], text(arguments, "query")).await;
    let mentioning = graph.hits(&["chatMessage"], "IsMentioned:true").await;
    let mentioning: BTreeSet<String> = mentioning.iter().map(uri_of_hit).collect();
    let is_asked_for = |hit: &&Value| {
        let is_of_chat = hit["chatId"].is_string();
        is_within(moment(&hit["createdDateTime"]), arguments)
            && fits(arguments, "sender", |wanted| is_person(&hit["from"]["emailAddress"], wanted))
            && fits(arguments, "mentionsMe", |wanted| *wanted == mentioning.contains(&uri_of_hit(hit)))
            && fits(arguments, "where", |place| match place.as_str().unwrap() {
                "chats" => is_of_chat,
                "channels" => !is_of_chat,
                _ => true,
            })
    };
    let found = hits.iter().filter(is_asked_for);
    Expected::latest_first(found.map(|hit| (uri_of_hit(hit), moment(&hit["createdDateTime"]))))
}

fn uri_of_hit(hit: &Value) -> String {
    let id = text(hit, "id");
    if let Some(chat) = hit["chatId"].as_str() {
        return format!("teams:///chats/{chat}/messages/{id}");
    }
    let place = &hit["channelIdentity"];
    let channel = format!("teams:///teams/{}/channels/{}", text(place, "teamId"), text(place, "channelId"));
    match hit["replyToId"].as_str() {
        Some(post) => format!("{channel}/messages/{post}/replies/{id}"),
        None => format!("{channel}/messages/{id}"),
    }
}

/// `teams_list_chats`: those with the latest message first.
pub(super) async fn chats(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let order = "$orderby=lastMessagePreview/createdDateTime%20desc";
    let all = graph.all(&format!("/me/chats?$expand=members&$top=50&{order}")).await;
    let is_asked_for = |chat: &&Value| {
        let mut members = chat["members"].as_array().into_iter().flatten();
        let is_member = |member: &Value, wanted: &Value| {
            let person = serde_json::json!({ "name": member["displayName"], "address": member["email"] });
            is_person(&person, wanted)
        };
        fits(arguments, "type", |wanted| chat["chatType"] == *wanted)
            && fits(arguments, "topic", |words| holds(&chat["topic"], words))
            && fits(arguments, "member", |wanted| members.any(|member| is_member(member, wanted)))
    };
    let found = all.iter().filter(is_asked_for);
    Expected::in_turn(found.map(|chat| format!("teams:///chats/{}", text(chat, "id"))))
}

/// `teams_list_chat_messages`: the newest first.
pub(super) async fn chat_messages(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let chat = text(arguments, "chatId");
    let chat = chat.strip_prefix("teams:///chats/").unwrap_or(chat);
    let chat = percent_decode_str(chat).decode_utf8_lossy();
    let all = graph.all(&format!("/chats/{chat}/messages?$top=50")).await;
    let all = all.iter().map(|message| (message, moment(&message["createdDateTime"])));
    let found = all.filter(|(_, at)| is_within(*at, arguments));
    Expected::latest_first(
        found.map(|(message, at)| (format!("teams:///chats/{chat}/messages/{}", text(message, "id")), at)),
    )
}

/// `teams_list_teams`.
pub(super) async fn teams(graph: &Graph<'_>) -> Expected {
    let all = graph.all("/me/joinedTeams").await;
    Expected::in_turn(all.iter().map(|team| text(team, "id").to_owned()))
}

/// `teams_list_channels`.
pub(super) async fn channels(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let team = text(arguments, "teamId");
    let all = graph.all(&format!("/teams/{team}/allChannels")).await;
    Expected::in_turn(
        all.iter().map(|channel| format!("teams:///teams/{team}/channels/{}", text(channel, "id"))),
    )
}

/// `teams_list_channel_messages`: posts by their latest activity, each followed by its newest replies.
pub(super) async fn channel_messages(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let (team, channel) = (text(arguments, "teamId"), text(arguments, "channelId"));
    let path = format!("/teams/{team}/channels/{channel}/messages");
    let posts = graph.all(&format!("{path}?$top=50")).await;
    let mut found = Vec::new();
    for post in posts.iter() {
        let id = text(post, "id");
        let replies = graph.all(&format!("{path}/{id}/replies?$top=50")).await;
        let is_fresh = |message: &&Value| is_within(moment(&message["lastModifiedDateTime"]), arguments);
        let mut fresh: Vec<&Value> = replies.iter().filter(is_fresh).collect();
        if !is_fresh(&post) && fresh.is_empty() {
            continue;
        }
        let uri = format!("teams:///teams/{team}/channels/{channel}/messages/{id}");
        fresh.sort_by_key(|reply| moment(&reply["createdDateTime"]));
        let newest = fresh.split_off(fresh.len().saturating_sub(REPLIES));
        found.push(uri.clone());
        if arguments["includeReplies"] == true {
            found.extend(newest.iter().map(|reply| format!("{uri}/replies/{}", text(reply, "id"))));
        }
    }
    Expected::in_turn(found)
}
