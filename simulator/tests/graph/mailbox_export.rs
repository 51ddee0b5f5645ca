//! The view of a mailbox by which it is exported.

use std::collections::BTreeSet;

use m365_simulator::directory::EVERY_SCOPE;
use m365_simulator::graph::{MailboxKind, mailbox_id};
use rstest::rstest;
use serde_json::Value;

use crate::world::{BASE_URL, WORLD, encoded, ids};

fn mailbox(tenant: usize, seat: usize, kind: MailboxKind) -> String {
    mailbox_id(WORLD.tenant(tenant).id, WORLD.user(tenant, seat).id, kind)
}

fn base(kind: MailboxKind) -> String {
    format!("/admin/exchange/mailboxes/{}", mailbox(0, 0, kind))
}

fn named<'a>(entries: &'a [Value], name: &str) -> &'a str {
    entries.iter().find(|entry| entry["displayName"] == name).unwrap()["id"].as_str().unwrap()
}

/// Fails when the folders or items differ from those of the mailbox itself, or tell more than they should.
#[test]
fn the_view_shows_what_lies_in_the_mailbox() {
    let base = base(MailboxKind::Primary);
    let folders = WORLD.every_page(&WORLD.caller(0, 0), &format!("{base}/folders"));
    let mail = WORLD.get("/me/mailFolders?$top=100");
    assert_eq!(ids(&folders), ids(mail.entries()));
    let inbox = folders.iter().find(|folder| folder["wellKnownName"] == "inbox").unwrap();
    assert_eq!((&inbox["type"], inbox["totalItemCount"].is_u64()), (&Value::from("IPF.Note"), true));
    let id = encoded(inbox["id"].as_str().unwrap());
    let single = WORLD.get(&format!("{base}/folders/{id}"));
    assert_eq!(single.body["displayName"], "Inbox");
    let children = WORLD.get(&format!("{base}/folders/{id}/childFolders"));
    assert_eq!(children.entries()[0]["displayName"], "Projects");
    let items = WORLD.every_page(&WORLD.caller(0, 0), &format!("{base}/folders/{id}/items?$top=50"));
    let messages = WORLD.get("/me/mailFolders/inbox/messages?$top=1000");
    assert_eq!(ids(&items), ids(messages.entries()));
    assert_eq!(inbox["totalItemCount"], items.len());
    let item = &items[0];
    assert!(item["type"] == "IPM.Note" && item["size"].is_u64() && item["subject"].is_null());
    let alone = WORLD.get(&format!("{base}/folders/{id}/items/{}", encoded(ids(&items)[0])));
    assert_eq!((alone.status, &alone.body["changeKey"]), (200, &item["changeKey"]));
    let next = WORLD.get(&format!("{base}/folders/{id}/items"));
    let link = next.body["@odata.nextLink"].as_str().unwrap();
    assert!(link.starts_with(BASE_URL) && link.ends_with("?%24skip=10"), "{link}");
}

/// Fails when a subject can't be read by its tag.
#[test]
fn extended_properties_tell_the_subject() {
    let base = base(MailboxKind::Primary);
    let expand = "singleValueExtendedProperties($filter=id eq 'String 0x0037' or id eq 'SystemTime 0x0E06' or id eq 'Binary 0x1')";
    let folders = WORLD.get(&format!("{base}/folders?$top=100"));
    let inbox = encoded(named(folders.entries(), "Inbox"));
    let items = WORLD.get(&format!("{base}/folders/{inbox}/items?$top=1&$expand={}", encoded(expand)));
    assert_eq!(items.status, 200, "{:?}", items.body);
    let extended = items.entries()[0]["singleValueExtendedProperties"].as_array().unwrap();
    let message = WORLD.get(&format!("/me/messages/{}", encoded(ids(items.entries())[0]))).body;
    assert_eq!(extended.len(), 2);
    assert_eq!(
        (&extended[0]["id"], &extended[0]["value"]),
        (&Value::from("String 0x0037"), &message["subject"])
    );
    assert_eq!(extended[1]["value"], message["receivedDateTime"]);
}

/// Fails when options are passed over instead of done or refused.
#[test]
fn lists_are_filtered_sorted_and_counted() {
    let base = base(MailboxKind::Primary);
    let filter = encoded("startswith(displayName,'Inb')");
    let folders = WORLD.get(&format!("{base}/folders?$filter={filter}&$count=true&$select=displayName"));
    assert_eq!((folders.entries().len(), &folders.body["@odata.count"]), (1, &Value::from(1)));
    let items = format!("{base}/folders/{}/items", encoded(ids(folders.entries())[0]));
    let sorted = WORLD.get(&format!("{items}?$orderby=size&$top=100"));
    let sizes: Vec<u64> = sorted.entries().iter().map(|item| item["size"].as_u64().unwrap()).collect();
    assert!(sizes.is_sorted() && sizes.len() > 10);
    assert_eq!(WORLD.get(&format!("{items}?$filter=subject%20eq%20'a'")).status, 400);
    assert_eq!(WORLD.get(&format!("{items}?$search=%22a%22")).status, 400);
    assert_eq!(WORLD.get(&format!("{items}?$expand=attachments")).status, 400);
}

/// Fails when the archive is the mailbox itself, or is found among its mail.
#[test]
fn the_archive_is_a_mailbox_of_its_own() {
    let folders = WORLD.get(&format!("{}/folders?$top=100", base(MailboxKind::Archive)));
    let primary = WORLD.get(&format!("{}/folders?$top=100", base(MailboxKind::Primary)));
    let (archived, kept): (BTreeSet<&str>, BTreeSet<&str>) =
        (ids(folders.entries()).into_iter().collect(), ids(primary.entries()).into_iter().collect());
    assert!(archived.len() > 10 && archived.is_disjoint(&kept));
    let inbox = encoded(named(folders.entries(), "Inbox"));
    let items = WORLD.get(&format!("{}/folders/{inbox}/items?$top=1000", base(MailboxKind::Archive)));
    assert!(items.entries().len() > 20);
    assert!(items.entries().iter().all(|item| item["createdDateTime"].as_str().unwrap() < "2025-11-01"));
    let id = encoded(ids(items.entries())[0]);
    assert_eq!(WORLD.get(&format!("/me/messages/{id}")).error_code(), "ErrorItemNotFound");
    let crossed = format!("{}/folders/{inbox}/items", base(MailboxKind::Primary));
    assert_eq!(WORLD.get(&crossed).error_code(), "ErrorItemNotFound");
}

/// Fails when a scope opens more than its half of the view, or a mailbox opens to somebody else.
#[rstest]
#[case(0, 0, &["MailboxFolder.Read"], 200, "none")]
#[case(0, 0, &["MailboxItem.Read"], 403, "ErrorAccessDenied")]
#[case(0, 0, &["Mail.Read", "Mail.Read.Shared"], 403, "ErrorAccessDenied")]
#[case(0, 1, EVERY_SCOPE, 403, "ErrorAccessDenied")]
#[case(1, 1, EVERY_SCOPE, 404, "ErrorInvalidUser")]
#[case(2, 0, EVERY_SCOPE, 404, "ErrorInvalidUser")]
fn folders_open_to_their_owner(
    #[case] tenant: usize,
    #[case] seat: usize,
    #[case] scopes: &[&str],
    #[case] status: u16,
    #[case] code: &str,
) {
    let target = format!("/admin/exchange/mailboxes/{}/folders", mailbox(tenant, seat, MailboxKind::Primary));
    let answer = WORLD.get_as(&WORLD.caller_with(0, 0, scopes), &target);
    assert_eq!((answer.status, answer.error_code()), (status, code), "{:?}", answer.body);
}

/// Fails when items open to the scope of folders alone.
#[test]
fn items_have_a_scope_of_their_own() {
    let base = base(MailboxKind::Primary);
    let folders = WORLD.get(&format!("{base}/folders"));
    let items = format!("{base}/folders/{}/items", encoded(ids(folders.entries())[0]));
    assert_eq!(WORLD.get_as(&WORLD.caller_with(0, 0, &["MailboxFolder.Read"]), &items).status, 403);
    assert_eq!(WORLD.get_as(&WORLD.caller_with(0, 0, &["MailboxItem.Read"]), &items).status, 200);
    let malformed = WORLD.get("/admin/exchange/mailboxes/abc/folders");
    assert_eq!((malformed.status, malformed.error_code()), (400, "ErrorInvalidIdMalformed"));
    assert_eq!(WORLD.get("/admin/exchange/tracing").error_code(), "BadRequest");
}

/// Fails when the id of the mailbox is told to a token that may not read it, or is not the one that opens it.
#[test]
fn the_settings_tell_the_id() {
    let told = WORLD.get_as(&WORLD.caller_with(0, 0, &["User.Read.All"]), "/me/settings/exchange");
    assert_eq!(told.body["primaryMailboxId"], mailbox(0, 0, MailboxKind::Primary));
    assert!(told.body["inPlaceArchiveMailboxId"].is_null(), "only the beta version names it");
    let refused = WORLD.get("/me/settings/exchange");
    assert_eq!((refused.status, refused.error_code()), (403, "Authorization_RequestDenied"));
}
