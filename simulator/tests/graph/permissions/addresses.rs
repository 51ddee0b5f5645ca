//! What stands for the names in braces: things that really are there.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m365_simulator::graph::{MailboxKind, mailbox_id};
use serde_json::Value;

use super::Whose;
use crate::meetings::{ORGANIZER, series};
use crate::world::{WORLD, encoded};

/// Shares the default calendar and the inbox with the first user.
const SHARER: usize = 11;
/// Has a picture, as `SHARER` has not.
const PICTURED: usize = 1;
/// What has no value.
const REFERENCE: &str = "#microsoft.graph.referenceAttachment";

/// An address of the table with everything filled in.
pub(super) fn filled(path: &str, whose: Whose) -> String {
    let values = if path.contains("/onlineMeetings") {
        meeting()
    } else if path.contains("/chats") {
        chat()
    } else if path.contains("/teams") {
        channel(path)
    } else if path.starts_with("/admin") {
        export()
    } else if path.contains("/messages") || path.contains("/mailFolders") {
        mail(path, whose)
    } else if path.contains("/events") || path.to_lowercase().contains("/calendar") {
        calendar(path, whose)
    } else if path.contains("/photo") {
        let seat = if whose == Whose::Shared { PICTURED } else { 0 };
        vec![("{user}", WORLD.user(0, seat).upn.clone()), ("{size}", "48x48".to_owned())]
    } else {
        files(path, whose)
    };
    let user = WORLD.user(0, if whose == Whose::Shared { SHARER } else { 0 }).upn.clone();
    replaced(&replaced(path, &values), &[("{user}", user)])
}

fn replaced(path: &str, values: &[(&'static str, String)]) -> String {
    values.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

type Values = Vec<(&'static str, String)>;

fn id_of(value: &Value) -> String {
    encoded(value["id"].as_str().unwrap_or_else(|| panic!("no id: {value}")))
}

fn first(target: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let answer = WORLD.get(target);
    let found = answer.entries().iter().find(|entry| is_wanted(entry)).cloned();
    found.unwrap_or_else(|| panic!("nothing at {target}: {:?}", answer.status))
}

/// Of others, a folder is that which a colleague shares, and everything else lies in a mailbox with members.
fn mail(path: &str, whose: Whose) -> Values {
    static VALUES: LazyLock<[Values; 3]> = LazyLock::new(|| {
        let (own, colleague) = (WORLD.user(0, 0).upn.as_str(), WORLD.user(0, SHARER).upn.as_str());
        let mailboxes = [
            (own, "messages"),
            ("orders@larkmoor.example", "messages"),
            (colleague, "mailFolders/inbox/messages"),
        ];
        mailboxes.map(|(user, messages)| {
            let messages = format!("/users/{user}/{messages}");
            let message = first(&format!("{messages}?$top=1000"), |entry| entry["hasAttachments"] == true);
            let attachments = format!("{messages}/{}/attachments", id_of(&message));
            let attachment = first(&attachments, |entry| entry["@odata.type"] != REFERENCE);
            vec![
                ("{user}", user.to_owned()),
                ("{message}", id_of(&message)),
                ("{attachment}", id_of(&attachment)),
                ("{folder}", encoded(message["parentFolderId"].as_str().unwrap())),
            ]
        })
    });
    let place = match whose {
        Whose::Shared if path.contains("{folder}") => 2,
        Whose::Shared => 1,
        _ => 0,
    };
    VALUES[place].clone()
}

/// The caller's own mailbox, as it is exported.
fn export() -> Values {
    let mailbox = mailbox_id(WORLD.tenant(0).id, WORLD.user(0, 0).id, MailboxKind::Primary);
    let folders = format!("/admin/exchange/mailboxes/{mailbox}/folders");
    let folder = id_of(&first(&folders, |folder| folder["wellKnownName"] == "inbox"));
    let item = id_of(&first(&format!("{folders}/{folder}/items"), |_| true));
    vec![("{mailbox}", mailbox), ("{folder}", folder), ("{item}", item)]
}

/// A meeting that has left everything behind, for its organizer.
fn meeting() -> Values {
    static VALUES: LazyLock<Values> = LazyLock::new(|| {
        let organizer = WORLD.caller(0, ORGANIZER);
        let path = series(&organizer);
        let first = |kind: &str| {
            let answer = WORLD.get_as(&organizer, &format!("{path}/{kind}"));
            id_of(answer.entries().first().unwrap_or_else(|| panic!("no {kind}: {answer:?}")))
        };
        vec![
            ("{user}", WORLD.user(0, ORGANIZER).upn.clone()),
            ("{meeting}", path.rsplit('/').next().unwrap().to_owned()),
            ("{transcript}", first("transcripts")),
            ("{recording}", first("recordings")),
            ("{report}", first("attendanceReports")),
            ("{insight}", first("aiInsights")),
        ]
    });
    VALUES.clone()
}

/// Whether the text of a message shows a picture that Teams keeps.
fn is_pictured(message: &Value) -> bool {
    message["body"]["content"].as_str().is_some_and(|text| text.contains("/hostedContents/"))
}

/// The first entry of all pages.
fn find(target: &str, is_wanted: impl Fn(&Value) -> bool) -> Option<Value> {
    WORLD.every_page(&WORLD.caller(0, 0), target).into_iter().find(is_wanted)
}

/// A chat with a message that shows a picture.
fn chat() -> Values {
    static VALUES: LazyLock<Values> = LazyLock::new(|| {
        let chats = WORLD.every_page(&WORLD.caller(0, 0), "/me/chats?$top=50");
        let (chat, message) = chats
            .iter()
            .map(id_of)
            .find_map(|chat| {
                let message = find(&format!("/chats/{chat}/messages?$top=50"), is_pictured)?;
                Some((chat, id_of(&message)))
            })
            .unwrap();
        let hosted = first(&format!("/chats/{chat}/messages/{message}/hostedContents"), |_| true);
        let member = first(&format!("/chats/{chat}/members"), |_| true);
        vec![
            ("{chat}", chat),
            ("{message}", message),
            ("{hosted}", id_of(&hosted)),
            ("{member}", id_of(&member)),
            ("{operation}", "1".to_owned()),
        ]
    });
    VALUES.clone()
}

/// A channel with a post that shows a picture, or a reply that does.
fn channel(path: &str) -> Values {
    static VALUES: LazyLock<[Values; 2]> = LazyLock::new(|| {
        let team = id_of(&first("/me/joinedTeams", |team| team["displayName"] == "Finance"));
        let channel = id_of(&WORLD.get(&format!("/teams/{team}/primaryChannel")).body);
        let messages = format!("/teams/{team}/channels/{channel}/messages");
        let hosted = |message: &str| id_of(&first(&format!("{messages}/{message}/hostedContents"), |_| true));
        let posts = WORLD.every_page(&WORLD.caller(0, 0), &format!("{messages}?$top=50"));
        let post = id_of(posts.iter().find(|post| is_pictured(post)).unwrap());
        let (answered, reply) = posts
            .iter()
            .map(id_of)
            .find_map(|post| {
                let reply = find(&format!("{messages}/{post}/replies?$top=50"), is_pictured)?;
                Some((post, id_of(&reply)))
            })
            .unwrap();
        let common = [("{team}", team), ("{channel}", channel)];
        let of_post = [("{hosted}", hosted(&post)), ("{message}", post)];
        let of_reply = [
            ("{hosted}", hosted(&format!("{answered}/replies/{reply}"))),
            ("{message}", answered),
            ("{reply}", reply),
        ];
        [common.iter().cloned().chain(of_post).collect(), common.into_iter().chain(of_reply).collect()]
    });
    let mut values = VALUES[usize::from(path.contains("{reply}"))].clone();
    if let Some(members) = path.strip_suffix("/{member}") {
        let members = replaced(members, &values);
        let reader = WORLD.caller_with(0, 0, &["TeamMember.Read.All", "ChannelMember.Read.All"]);
        values.push(("{member}", id_of(&WORLD.get_as(&reader, &members).entries()[0])));
    }
    values
}

fn calendar(path: &str, whose: Whose) -> Values {
    let (shared, is_link) = (whose == Whose::Shared, path.starts_with("/me/calendars/"));
    let user = &WORLD.user(0, if shared { SHARER } else { 0 }).upn;
    let calendar = if shared && is_link {
        first("/me/calendars", |calendar| calendar["owner"]["address"] == user.as_str())
    } else {
        WORLD.get(&format!("/users/{user}/calendar")).body
    };
    let events = match (shared, is_link) {
        (true, true) => format!("/me/calendars/{}/events", id_of(&calendar)),
        _ => format!("/users/{user}/calendar/events"),
    };
    let event = first(&format!("{events}?$top=1000"), |event| {
        event["sensitivity"] == "normal"
            && (!path.contains("/instances") || event["type"] == "seriesMaster")
            && (!path.contains("/attachments") || event["hasAttachments"] == true)
    });
    let mut values = vec![("{calendar}", id_of(&calendar)), ("{event}", id_of(&event))];
    if path.contains("{attachment}") {
        let attachments = format!("{events}/{}/attachments", id_of(&event));
        let attachment = first(&attachments, |entry| entry["@odata.type"] != REFERENCE);
        values.push(("{attachment}", id_of(&attachment)));
    }
    if path.contains("{group}") {
        values.push(("{group}", id_of(&first("/me/calendarGroups", |_| true))));
    }
    values
}

fn files(path: &str, whose: Whose) -> Values {
    let (site, drive) = match whose {
        Whose::Own | Whose::Shared => ("handbook", "/me/drive".to_owned()),
        Whose::Selected => ("handbook", site("handbook") + ":/drive"),
        Whose::Unselected => ("aurora", site("aurora") + ":/drive"),
    };
    let is_container = path.ends_with("/children") || path.contains("/search(");
    let wanted = if is_container { "folder" } else { "file" };
    let item = first(&format!("{drive}/root/search(q='')"), |item| item[wanted].is_object());
    let share = format!("u!{}", URL_SAFE_NO_PAD.encode(item["webUrl"].as_str().unwrap()));
    let mut values = vec![
        ("{drive}", id_of(&WORLD.get(&drive).body)),
        ("{item}", id_of(&item)),
        ("{share}", share),
        ("{list}", "Documents".to_owned()),
        ("{entry}", "1".to_owned()),
        ("{site}", WORLD.get(&self::site(site)).body["id"].as_str().unwrap().to_owned()),
    ];
    if path.contains("{page}") {
        values.push(("{page}", id_of(&first(&(self::site(site) + ":/pages"), |_| true))));
    }
    values
}

fn site(name: &str) -> String {
    format!("/sites/larkmoor.sharepoint.example:/sites/{name}")
}
