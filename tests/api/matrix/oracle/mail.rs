//! Messages of the user's mailbox and of a shared one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Expected, Graph, fits, is_within, text};
use crate::matrix::honoured::{holds, is_person, moment};

const FIELDS: &str = "id,subject,from,toRecipients,ccRecipients,bccRecipients,receivedDateTime,isRead,hasAttachments,\
                      importance,parentFolderId";

/// `outlook_email_search`. What words find is the index's to say; all else is looked at here.
pub(super) async fn found(graph: &Graph<'_>, arguments: &Value) -> Expected {
    let root = match arguments["mailboxOwnerEmail"].as_str() {
        Some(owner) => format!("/users/{owner}"),
        None => "/me".to_owned(),
    };
    let all = graph.all(&format!("{root}/messages?$top=1000&$select={FIELDS}")).await;
    let folder = match arguments["folderName"].as_str() {
        Some(name) => Some(graph.one(&format!("{root}/mailFolders/{}", name.replace(' ', ""))).await),
        None => None,
    };
    let by_words = match arguments["query"].as_str() {
        Some(words) => {
            let found = graph.all(&format!("{root}/messages?$search=\"{words}\"&$top=250&$select=id")).await;
            Some(found.iter().map(|message| text(message, "id").to_owned()).collect::<BTreeSet<_>>())
        }
        None => None,
    };
    let is_asked_for = |message: &&Value| {
        is_wanted(message, arguments)
            && folder.as_ref().is_none_or(|folder| message["parentFolderId"] == folder["id"])
            && by_words.as_ref().is_none_or(|found| found.contains(text(message, "id")))
    };
    let found = all.iter().filter(is_asked_for).map(|message| {
        (format!("mail:///messages/{}", text(message, "id")), moment(&message["receivedDateTime"]))
    });
    if arguments["order"] == "oldest" {
        Expected::earliest_first(found)
    } else {
        Expected::latest_first(found)
    }
}

fn is_wanted(message: &Value, arguments: &Value) -> bool {
    let people = ["toRecipients", "ccRecipients", "bccRecipients"];
    let mut recipients = people.iter().flat_map(|name| message[name].as_array().into_iter().flatten());
    is_within(moment(&message["receivedDateTime"]), arguments)
        && fits(arguments, "isUnread", |wanted| message["isRead"] == !wanted.as_bool().unwrap())
        && fits(arguments, "hasAttachments", |wanted| message["hasAttachments"] == *wanted)
        && fits(arguments, "importance", |wanted| message["importance"] == *wanted)
        && fits(arguments, "subject", |words| holds(&message["subject"], words))
        && fits(arguments, "sender", |wanted| is_person(&message["from"]["emailAddress"], wanted))
        && fits(arguments, "recipient", |wanted| {
            recipients.any(|one| is_person(&one["emailAddress"], wanted))
        })
}
