//! What the words and restrictions of a `POST /search/query` find.

use rstest::rstest;
use serde_json::Value;

use crate::searching::{ask, every_item, every_page, is_kind, names, of, search, text};
use crate::world::{WORLD, encoded};

/// Fails when the search of mail finds other messages than `$search`, or tells of more hits than the page has.
#[test]
fn a_search_for_messages_finds_what_the_mailbox_has() {
    let caller = WORLD.caller_with(0, 0, &["Mail.Read"]);
    let mut expected: Vec<(String, String)> = WORLD
        .get("/me/messages?$search=%22budget%22&$top=1000&$select=id,receivedDateTime")
        .entries()
        .iter()
        .map(|message| (text(message, "/receivedDateTime").to_owned(), text(message, "/id").to_owned()))
        .collect();
    expected.sort();
    expected.reverse();
    let mut hits = Vec::new();
    loop {
        let mut request = of(&["message"], "budget");
        (request["from"], request["size"]) = (hits.len().into(), 3.into());
        let container = search(&caller, &request);
        let page = container["hits"].as_array().unwrap().clone();
        assert_eq!(container["total"], page.len());
        hits.extend(page);
        if container["moreResultsAvailable"] == false {
            break;
        }
    }
    let seen: Vec<(String, String)> = hits
        .iter()
        .map(|hit| (text(hit, "/resource/receivedDateTime").to_owned(), text(hit, "/hitId").to_owned()))
        .collect();
    assert!(seen.len() > 3);
    assert_eq!(seen, expected);
    assert!(hits.iter().all(|hit| hit["resource"].get("body").is_none()));
}

/// Fails when a mail is not found by what is attached to it, or `$search` looks where it does not look by itself.
#[rstest]
#[case("\"Minutes of the board\"", 1, 0)]
#[case("attachment:\"Minutes of the board\"", 1, 1)]
#[case("attachment:pptx", 1, 1)]
#[case("attachment:entrance hasAttachment:true", 1, 1)]
#[case("attachment:plan hasAttachment:false", 0, 0)]
fn a_mail_is_found_by_its_attachments(#[case] query: &str, #[case] found: usize, #[case] by_mailbox: usize) {
    let container = search(&WORLD.caller_with(0, 0, &["Mail.Read"]), &of(&["message"], query));
    let hits = container["hits"].as_array().map_or(&[][..], Vec::as_slice);
    assert_eq!(hits.len(), found, "{hits:?}");
    assert!(hits.iter().all(|hit| hit["resource"]["hasAttachments"] == true));
    let search = encoded(&format!("\"{}\"", query.replace('"', "\\\"")));
    let listed = WORLD.get(&format!("/me/messages?$search={search}"));
    assert_eq!(listed.entries().len(), by_mailbox, "{:?}", listed.body);
}

/// Fails when a restriction finds other files than a plain reading of it would.
#[rstest]
#[case("filetype:docx", |hit: &Value| is_kind(hit, ".docx"))]
#[case("filetype:docx filetype:pdf", |hit: &Value| is_kind(hit, ".docx") || is_kind(hit, ".pdf"))]
#[case("filetype:docx AND filetype:pdf", |_: &Value| false)]
#[case("isDocument=true", is_file)]
#[case("isDocument:0", |hit: &Value| !is_file(hit))]
#[case("filename:handover", |hit: &Value| text(hit, "/resource/name").starts_with("Handover"))]
#[case("LastModifiedTime>=2026-10-01", |hit: &Value| text(hit, "/resource/lastModifiedDateTime") >= "2026-10-01")]
#[case("created<2026-06-01", |hit: &Value| text(hit, "/resource/createdDateTime") < "2026-06-01")]
#[case("author:maja", |hit: &Value| text(hit, "/resource/createdBy/user/displayName").starts_with("Maja"))]
#[case("path:\"https://larkmoor.sharepoint.example/sites/handbook/\"", |hit: &Value| text(hit, "/resource/webUrl").contains("/sites/handbook/"))]
#[case("path:\"https://larkmoor.sharepoint.example/sites/hand\"", |_: &Value| false)]
#[case("site:\"https://larkmoor.sharepoint.example/sites/aurora\" NOT filetype:md", |hit: &Value| text(hit, "/resource/webUrl").contains("/sites/aurora/") && !is_kind(hit, ".md"))]
#[case("contentclass:STS_ListItem_MySiteDocumentLibrary", |hit: &Value| text(hit, "/resource/webUrl").contains("/personal/"))]
#[case("sitetitle:finance", |hit: &Value| text(hit, "/resource/webUrl").contains("/sites/finance/"))]
#[case("size>100000", |hit: &Value| hit["resource"]["size"].as_u64() > Some(100_000))]
fn a_restriction_finds_the_files_that_it_says(#[case] query: &str, #[case] expected: fn(&Value) -> bool) {
    let caller = WORLD.caller(0, 0);
    let everything = every_item(&caller);
    let mut wanted: Vec<&str> =
        everything.iter().filter(|hit| expected(hit)).map(|hit| text(hit, "/hitId")).collect();
    let hits = every_page(&caller, query);
    let mut seen: Vec<&str> = hits.iter().map(|hit| text(hit, "/hitId")).collect();
    wanted.sort_unstable();
    seen.sort_unstable();
    assert!(seen == wanted, "{} hits instead of {}", seen.len(), wanted.len());
    assert!(seen.len() < everything.len(), "the case would prove nothing");
}

/// One file of the world has no extension.
fn is_file(hit: &Value) -> bool {
    text(hit, "/resource/name").contains('.') || text(hit, "/resource/name") == "no extension"
}

/// Fails when a template is not put round what the user typed.
#[test]
fn a_template_narrows_the_query() {
    let mut request = of(&["driveItem"], "budget");
    request["query"]["queryTemplate"] = "({searchTerms}) filetype:xlsx".into();
    request["size"] = 500.into();
    let container = search(&WORLD.caller(0, 0), &request);
    let hits = container["hits"].as_array().unwrap();
    assert!(!hits.is_empty() && hits.iter().all(|hit| is_kind(hit, ".xlsx")), "{:?}", names(hits));
}

/// Fails when a property of another service is taken for one: in mail `filetype:docx` is words.
#[rstest]
#[case("message", "received>=someday", 400)]
#[case("driveItem", "received>=someday", 200)]
#[case("driveItem", "LastModifiedTime>=someday", 400)]
#[case("chatMessage", "sent>=2026-01-01 from:maja IsMentioned:true hasAttachment:false mentions:0fb8", 200)]
#[case("chatMessage", "IsMentioned:perhaps", 400)]
#[case("event", "start>=2026-11-01 location:room", 200)]
fn every_service_knows_its_own_properties(#[case] entity: &str, #[case] query: &str, #[case] status: u16) {
    assert_eq!(ask(&WORLD.caller(0, 0), &of(&[entity], query)).status, status);
}

/// Fails when mentions of the reader are lost among those of others.
#[test]
fn mentions_of_the_reader_are_found() {
    let caller = WORLD.caller(0, 0);
    let mut request = of(&["chatMessage"], "IsMentioned:true");
    request["size"] = 500.into();
    let mentioned = search(&caller, &request)["hits"].as_array().unwrap().len();
    request["query"]["queryString"] = format!("mentions:{}", caller.user.simple()).into();
    let by_id = search(&caller, &request)["hits"].as_array().unwrap().len();
    assert!(mentioned > 0 && mentioned == by_id, "{mentioned} {by_id}");
}
