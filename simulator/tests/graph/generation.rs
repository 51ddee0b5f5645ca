//! What is generated: the same every time, and worth looking at.

use std::collections::BTreeSet;

use m365_simulator::directory::{Consent, Directory};
use rstest::rstest;
use serde_json::Value;

use crate::world::{SEED, WORLD, World, encoded, ids};

/// Fails when a run can't be repeated: a seed that found a fault must find it again.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (again, other) = (World::generate(SEED), World::generate(SEED + 1));
    assert_eq!(*WORLD.directory, *again.directory);
    assert_ne!(*WORLD.directory, *other.directory);
    for target in ["/me", "/me/mailFolders?includeHiddenFolders=true", "/me/messages?$top=1000"] {
        let body = |world: &World| world.raw(&world.caller(2, 3), target, &[]).body;
        assert_eq!(body(&WORLD), body(&again));
        assert_ne!(body(&WORLD), body(&other));
    }
}

/// Fails when the cast changes in a way that the demo, the tests of isolation or the sign-in page rely on.
#[test]
fn the_cast_is_as_documented() {
    let Directory { tenants, clients, connector, .. } = Directory::generate(SEED);
    assert_eq!(tenants.iter().map(|tenant| tenant.users.len()).collect::<Vec<_>>(), [12, 13, 12]);
    for tenant in &tenants {
        assert_eq!(tenant.users[0].consent, Consent::Full);
        assert_eq!(tenant.users[11].consent, Consent::Full);
        let ids: BTreeSet<_> = tenant.users.iter().map(|user| user.id).collect();
        assert_eq!(ids.len(), tenant.users.len());
        assert!(tenant.users.iter().all(|user| user.upn.ends_with(&format!("@{}", tenant.domain))));
    }
    let all = || tenants.iter().flat_map(|tenant| &tenant.users);
    assert_eq!(all().filter(|user| user.consent == Consent::None).count(), 1);
    assert_eq!(all().filter(|user| matches!(user.consent, Consent::Partial(_))).count(), 1);
    assert!(tenants.iter().all(|tenant| tenant.users[1].id == tenants[0].users[1].id));
    assert_eq!(all().map(|user| user.id).collect::<BTreeSet<_>>().len(), 35);
    let guests: Vec<_> = all().filter(|user| user.guest.is_some()).collect();
    assert_eq!(guests, [&tenants[1].users[12]]);
    assert_eq!(guests[0].upn, "jeanluc.beranger_larkmoor.example#EXT#@quillonvane.example");
    let home = guests[0].guest.as_ref().unwrap();
    assert_eq!((home.home_tenant, &home.mail), (tenants[0].id, &tenants[0].users[8].upn));
    assert!(clients[0].redirect_uris.contains(&"http://127.0.0.1/callback".to_owned()));
    assert_eq!(connector.scope, "access_as_user");
}

/// Fails when people or tenants can't be found by the names that clients use.
#[test]
fn tenants_and_users_are_found_without_regard_to_case() {
    let directory = &WORLD.directory;
    let tenant = directory.tenant("LARKMOOR.example").unwrap();
    assert_eq!(directory.tenant(&tenant.id.to_string()), Some(tenant.clone()));
    let maja = directory.user(tenant.id, "Maja.Lindqvist@Larkmoor.example").unwrap();
    assert_eq!(directory.user(tenant.id, &maja.user().id.to_string()), Some(maja.clone()));
    assert_eq!(directory.user(WORLD.tenant(1).id, &maja.user().upn), None);
}

/// Fails when a mailbox is too small to page through, too large to hold, or all of one kind.
#[test]
fn a_mailbox_is_worth_searching() {
    for (tenant, seat) in [(0, 0), (1, 1), (2, 11)] {
        let answer = WORLD.get_as(&WORLD.caller(tenant, seat), "/me/messages?$top=1000");
        let messages = answer.entries();
        assert!((120..=410).contains(&messages.len()), "{}", messages.len());
        assert_eq!(ids(messages).into_iter().collect::<BTreeSet<_>>().len(), messages.len());
        let oldest = messages.last().unwrap()["receivedDateTime"].as_str().unwrap();
        assert!(oldest >= "2026-07-25", "{oldest}");
        assert!(
            messages.iter().all(|message| message["bodyPreview"].as_str().unwrap().chars().count() <= 255)
        );
        let conversations: BTreeSet<_> =
            messages.iter().map(|message| message["conversationId"].as_str()).collect();
        assert!(conversations.len() < messages.len(), "there are no threads");
        let times = |name: &str| messages.iter().filter(|message| message[name] == true).count();
        assert!(times("isRead") > 0 && times("hasAttachments") > 0 && times("isDraft") > 0);
        let hostile = |letter: char| messages.iter().any(|message| message.to_string().contains(letter));
        assert!(hostile('\u{202e}') && hostile('\u{200b}') && hostile('\u{e0069}'));
    }
}

/// Fails when the numbers of a folder are not those of what lies in it.
#[test]
fn folders_count_what_they_hold() {
    let caller = WORLD.caller(0, 0);
    let folders = WORLD.every_page(&caller, "/me/mailFolders?$top=3");
    let mut total = 0;
    for folder in &folders {
        let id = encoded(folder["id"].as_str().unwrap());
        let messages = WORLD.every_page(&caller, &format!("/me/mailFolders/{id}/messages?$top=100"));
        let unread = messages.iter().filter(|message| message["isRead"] == false).count();
        let children = WORLD.get(&format!("/me/mailFolders/{id}/childFolders"));
        assert_eq!(folder["totalItemCount"], messages.len());
        assert_eq!(folder["unreadItemCount"], unread);
        assert_eq!(folder["childFolderCount"], children.entries().len());
        total += messages.len();
    }
    assert!(total > 100);
}

/// Fails when folders can't be reached by their well-known names, their names, or their parents.
#[rstest]
#[case("inbox", "Inbox")]
#[case("SentItems", "Sent Items")]
#[case("drafts", "Drafts")]
#[case("archive", "Archive")]
#[case("deleteditems", "Deleted Items")]
#[case("junkemail", "Junk Email")]
fn well_known_folders_are_found(#[case] name: &str, #[case] display_name: &str) {
    let folder = WORLD.get(&format!("/me/mailFolders/{name}"));
    assert_eq!(folder.body["displayName"], display_name);
    let filter = encoded(&format!("displayName eq '{display_name}'"));
    let found = WORLD.get(&format!("/me/mailFolders?$filter={filter}"));
    assert_eq!(ids(found.entries()), [folder.body["id"].as_str().unwrap()]);
}

/// Fails when the tree below the inbox breaks, or hidden folders show themselves unasked.
#[test]
fn folders_nest_and_hide() {
    let projects = WORLD.get("/me/mailFolders/inbox/childFolders");
    let id = encoded(ids(projects.entries())[0]);
    let names = |target: &str| -> Vec<Value> {
        WORLD.get(target).entries().iter().map(|folder| folder["displayName"].clone()).collect()
    };
    assert_eq!(names(&format!("/me/mailFolders/{id}/childFolders")), ["Aurora", "Birchwood", "Copperline"]);
    assert!(!names("/me/mailFolders?$top=50").contains(&"Sync Issues".into()));
    assert!(names("/me/mailFolders?$top=50&includeHiddenFolders=true").contains(&"Sync Issues".into()));
}

/// Fails when a message can't be read again by either of its ids.
#[test]
fn a_message_is_found_by_both_of_its_ids() {
    let caller = WORLD.caller(0, 0);
    let target = "/me/messages?$top=1&$select=subject";
    let ordinary = WORLD.get_as(&caller, target);
    let immutable = WORLD.get_preferring(&caller, target, &["IdType=\"ImmutableId\""]);
    let (ordinary, immutable) = (ids(ordinary.entries())[0], ids(immutable.entries())[0]);
    assert_ne!(ordinary, immutable);
    let read =
        |id: &str| WORLD.get(&format!("/me/messages/{}", encoded(id))).body["internetMessageId"].clone();
    assert!(read(ordinary).is_string());
    assert_eq!(read(ordinary), read(immutable));
}

/// Fails when a text body is asked for and HTML comes, or the answer does not say what was applied.
#[test]
fn bodies_come_as_text_where_text_is_preferred() {
    let caller = WORLD.caller(0, 0);
    let text = WORLD.get_preferring(&caller, "/me/messages?$top=5", &["outlook.body-content-type=\"text\""]);
    assert_eq!(text.header("preference-applied"), Some("outlook.body-content-type=\"text\""));
    let html = WORLD.get_as(&caller, "/me/messages?$top=5");
    assert_eq!(html.header("preference-applied"), None);
    for (text, html) in text.entries().iter().zip(html.entries()) {
        assert_eq!(text["body"]["contentType"], "text");
        assert!(!text["body"]["content"].as_str().unwrap().contains("<p>"));
        assert_eq!(html["body"]["contentType"], "html");
        assert!(html["body"]["content"].as_str().unwrap().starts_with("<html>"));
    }
}

/// Fails when an attachment can't be listed, or its content is not what its size says.
#[test]
fn attachments_can_be_read() {
    let found = WORLD.get("/me/messages?$filter=hasAttachments%20eq%20true&$top=1");
    let id = encoded(ids(found.entries())[0]);
    let list = WORLD.get(&format!("/me/messages/{id}/attachments"));
    let attachment = &list.entries()[0];
    let single =
        WORLD.get(&format!("/me/messages/{id}/attachments/{}", encoded(attachment["id"].as_str().unwrap())));
    assert_eq!(single.body["contentBytes"], attachment["contentBytes"]);
    let size = attachment["size"].as_u64().unwrap();
    assert_eq!(attachment["contentBytes"].as_str().unwrap().len() as u64, size.div_ceil(3) * 4);
}
