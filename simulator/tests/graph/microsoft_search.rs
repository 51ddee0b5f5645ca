//! `POST /search/query`.

use m365_simulator::graph::Caller;
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{Answer, WORLD, encoded};

const PATH: &str = "/search/query";

fn ask(caller: &Caller, request: &Value) -> Answer {
    WORLD.post_as(caller, PATH, &[], &json!({ "requests": [request] }).to_string())
}

/// The one container of a search that is taken.
fn search(caller: &Caller, request: &Value) -> Value {
    let answer = ask(caller, request);
    assert_eq!(answer.status, 200, "{request}: {:?}", answer.body);
    answer.body["value"][0]["hitsContainers"][0].clone()
}

fn of(entities: &[&str], query: &str) -> Value {
    json!({ "entityTypes": entities, "query": { "queryString": query } })
}

/// Up to 500 hits of things in SharePoint.
fn found(caller: &Caller, entities: &[&str], query: &str) -> Vec<Value> {
    let mut request = of(entities, query);
    request["size"] = 500.into();
    search(caller, &request)["hits"].as_array().cloned().unwrap_or_default()
}

fn text<'a>(hit: &'a Value, pointer: &str) -> &'a str {
    hit.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn names(hits: &[Value]) -> Vec<&str> {
    hits.iter().map(|hit| text(hit, "/resource/name")).collect()
}

fn is_kind(hit: &Value, ending: &str) -> bool {
    text(hit, "/resource/name").ends_with(ending)
}

/// Fails when a type is shown otherwise than its own: clients tell hits apart by type and form of id.
#[rstest]
#[case("message", "the", "#microsoft.graph.message", |id: &str| id.starts_with("AAMk"))]
#[case("event", "the", "#microsoft.graph.event", |id: &str| id.starts_with("AAMk"))]
#[case("driveItem", "the", "#microsoft.graph.driveItem", |id: &str| id.starts_with("01") && id.len() == 34)]
#[case("listItem", "the", "#microsoft.graph.listItem", |id: &str| uuid(id))]
#[case("list", "documents", "#microsoft.graph.list", |id: &str| uuid(id))]
#[case("site", "handbook", "#microsoft.graph.site", |id: &str| id.split(',').count() == 3)]
#[case("drive", "onedrive", "#microsoft.graph.drive", |id: &str| id.starts_with("b!"))]
fn every_type_has_its_own_hits(
    #[case] entity: &str,
    #[case] query: &str,
    #[case] type_name: &str,
    #[case] is_id: fn(&str) -> bool,
) {
    let container = search(&WORLD.caller(0, 0), &of(&[entity], query));
    let hits = container["hits"].as_array().unwrap();
    assert!(!hits.is_empty() && hits.len() <= 25);
    for (place, hit) in hits.iter().enumerate() {
        assert_eq!(hit["rank"], place + 1);
        assert_eq!(text(hit, "/resource/@odata.type"), type_name);
        assert!(is_id(text(hit, "/hitId")), "{hit}");
        assert!(hit["summary"].is_string());
    }
}

fn uuid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}

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

/// Fails when top results are not in front: they are the only way to find an old message that fits best.
#[test]
fn the_three_most_relevant_messages_come_first_on_demand() {
    let caller = WORLD.caller(0, 0);
    let mut request = of(&["message"], "budget");
    let usual = search(&caller, &request);
    request["enableTopResults"] = true.into();
    let top = search(&caller, &request);
    let subjects: Vec<&str> =
        top["hits"].as_array().unwrap()[..3].iter().map(|hit| text(hit, "/resource/subject")).collect();
    assert!(subjects.iter().all(|subject| subject.to_lowercase().contains("budget")), "{subjects:?}");
    let times: Vec<&str> =
        usual["hits"].as_array().unwrap().iter().map(|hit| text(hit, "/resource/receivedDateTime")).collect();
    assert!(times.is_sorted_by(|left, right| left >= right));
}

/// Fails when the id of an event's hit can't be turned into one that Graph takes.
#[test]
fn an_event_is_opened_by_the_converted_id_of_its_hit() {
    let caller = WORLD.caller_with(0, 0, &["Calendars.Read"]);
    let container = search(&caller, &of(&["event"], "organizer:maja"));
    let hits = container["hits"].as_array().unwrap();
    assert!(hits.iter().any(|hit| text(hit, "/hitId").contains(['/', '+'])), "the case would prove nothing");
    for hit in hits {
        let id = text(hit, "/hitId").replace('/', "-").replace('+', "_");
        let event = WORLD.get_as(&caller, &format!("/me/events/{}?$select=subject", encoded(&id)));
        assert_eq!((event.status, &event.body["subject"]), (200, &hit["resource"]["subject"]));
    }
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

fn every_item(caller: &Caller) -> Vec<Value> {
    let everything = every_page(caller, "*");
    assert!(everything.len() > 100);
    everything
}

fn every_page(caller: &Caller, query: &str) -> Vec<Value> {
    let mut hits: Vec<Value> = Vec::new();
    loop {
        let mut request = of(&["driveItem"], query);
        (request["from"], request["size"]) = (hits.len().into(), 200.into());
        let container = search(caller, &request);
        hits.extend(container["hits"].as_array().into_iter().flatten().cloned());
        if container["moreResultsAvailable"] == false {
            assert_eq!(container["total"], hits.len(), "of files the total is that of all pages");
            return hits;
        }
    }
}

/// Fails when a search shows what the caller can't open.
#[rstest]
#[case(0)]
#[case(3)]
#[case(7)]
fn only_what_the_caller_may_read_is_found(#[case] seat: usize) {
    let caller = WORLD.caller_with(0, seat, &["Files.Read.All"]);
    let hits = every_item(&caller);
    for hit in hits.iter().step_by(7) {
        let reference = &hit["resource"]["parentReference"];
        let (drive, item) = (reference["driveId"].as_str().unwrap(), text(hit, "/hitId"));
        assert_eq!(WORLD.get_as(&caller, &format!("/drives/{drive}/items/{item}?$select=id")).status, 200);
    }
    let boards = hits.iter().any(|hit| text(hit, "/resource/webUrl").contains("/sites/board/"));
    assert_eq!(boards, seat < 2, "papers of the board");
    let sites = found(&WORLD.caller(0, seat), &["site"], "*");
    assert_eq!(sites.iter().any(|hit| text(hit, "/resource/displayName") == "Board"), seat < 2);
}

/// Fails when a file that is shared from another's drive is hidden, or what lies beside it is not.
#[test]
fn what_is_shared_with_the_caller_is_found() {
    let hits = every_item(&WORLD.caller(0, 1));
    let of_others: Vec<&Value> =
        hits.iter().filter(|hit| text(hit, "/resource/webUrl").contains("/personal/maja")).collect();
    assert!(of_others.iter().any(|hit| text(hit, "/resource/name") == "Handover notes.docx"));
    assert!(of_others.len() < 20, "{}", of_others.len());
}

/// Fails when a search opens without the permission, or says wrongly what is missing.
#[rstest]
#[case("message", &["Mail.ReadBasic"], "Access to Message in Graph API requires the following permissions: Mail.Read, Mail.ReadWrite. However, the application only has the following permissions granted: Mail.ReadBasic")]
#[case("event", &["Calendars.Read.Shared", "User.Read"], "Access to Event in Graph API requires the following permissions: Calendars.Read, Calendars.ReadWrite. However, the application only has the following permissions granted: Calendars.Read.Shared, User.Read")]
#[case("chatMessage", &["Chat.ReadBasic"], "Access to ChatMessage in")]
#[case("driveItem", &["Files.Read"], "Access to DriveItem in")]
#[case("driveItem", &["Sites.Selected"], "Access to DriveItem in")]
#[case("site", &["Sites.Selected"], "Access to Site in")]
#[case("site", &["Files.Read.All"], "Access to Site in Graph API requires the following permissions: Sites.Read.All, Sites.ReadWrite.All.")]
#[case("listItem", &["Files.Read.All"], "Access to ListItem in")]
#[case("list", &["Files.Read.All"], "Access to List in")]
#[case("drive", &["User.Read"], "Access to Drive in")]
#[case("person", &["User.ReadBasic.All"], "Access to Person in")]
#[case("externalItem", &["Sites.Read.All"], "Access to ExternalItem in")]
fn a_type_needs_its_permission(#[case] entity: &str, #[case] scopes: &[&str], #[case] message: &str) {
    let answer = ask(&WORLD.caller_with(0, 0, scopes), &of(&[entity], "a"));
    assert_eq!((answer.status, answer.error_code()), (403, "Forbidden"));
    assert!(text(&answer.body, "/error/message").starts_with(message), "{:?}", answer.body);
}

/// Fails when one permission opens more types than its own together with another.
#[test]
fn every_type_of_a_search_needs_its_permission() {
    let files = WORLD.caller_with(0, 0, &["Files.Read.All"]);
    assert_eq!(ask(&files, &of(&["driveItem", "drive"], "a")).status, 200);
    assert_eq!(ask(&files, &of(&["driveItem", "listItem"], "a")).status, 403);
    let sites = WORLD.caller_with(0, 0, &["Sites.Read.All"]);
    assert_eq!(ask(&sites, &of(&["driveItem", "listItem", "list", "site", "drive"], "a")).status, 200);
}

/// Fails when the rules of a request are not kept: a client that breaks them would learn of it in production alone.
#[rstest]
#[case(json!({ "entityTypes": ["message", "event"] }), "'Message' and 'Event'")]
#[case(json!({ "entityTypes": ["driveItem", "message"] }), "'DriveItem' and 'Message'")]
#[case(json!({ "entityTypes": ["chatMessage", "person"] }), "'ChatMessage' and 'Person'")]
#[case(json!({ "entityTypes": ["letter"] }), "'letter'")]
#[case(json!({ "entityTypes": [] }), "'entityTypes'")]
#[case(json!({ "entityTypes": "message" }), "'entityTypes'")]
#[case(json!({ "query": {} }), "'query/queryString'")]
#[case(json!({ "query": { "queryString": "  " } }), "'query/queryString'")]
#[case(json!({ "query": { "queryString": "(a" } }), "not valid")]
#[case(json!({ "size": 26 }), "limit of 25")]
#[case(json!({ "entityTypes": ["event"], "size": 26 }), "limit of 25")]
#[case(json!({ "entityTypes": ["driveItem"], "size": 501 }), "limit of 500")]
#[case(json!({ "size": -1 }), "'size'")]
#[case(json!({ "from": "0" }), "'from'")]
#[case(json!({ "region": "NAM" }), "region")]
#[case(json!({ "sharePointOneDriveOptions": { "includeContent": "privateContent" } }), "sharePointOneDriveOptions")]
#[case(json!({ "sortProperties": [{ "name": "receivedDateTime" }] }), "'sortProperties'")]
#[case(json!({ "entityTypes": ["drive"], "sortProperties": [{ "name": "name" }] }), "'sortProperties'")]
#[case(json!({ "entityTypes": ["driveItem"], "sortProperties": [{ "name": "colour" }] }), "'colour'")]
#[case(json!({ "entityTypes": ["driveItem"], "sortProperties": [{}, {}, {}, {}, {}, {}] }), "at most 5")]
#[case(json!({ "entityTypes": ["driveItem"], "enableTopResults": true }), "'enableTopResults'")]
#[case(json!({ "aggregations": [{ "field": "subject" }] }), "'aggregations'")]
#[case(json!({ "top": 5 }), "'top'")]
fn a_search_that_breaks_a_rule_is_refused(#[case] changes: Value, #[case] reason: &str) {
    let mut request = of(&["message"], "a");
    for (name, value) in changes.as_object().unwrap() {
        request[name] = value.clone();
    }
    let answer = ask(&WORLD.caller(0, 0), &request);
    assert_eq!((answer.status, answer.error_code()), (400, "BadRequest"), "{:?}", answer.body);
    assert!(text(&answer.body, "/error/message").contains(reason), "{:?}", answer.body);
}

/// Fails when more than one request is served, which the real service never does, or a body is guessed at.
#[test]
fn a_body_holds_exactly_one_request() {
    let caller = WORLD.caller(0, 0);
    let one = of(&["message"], "a");
    for body in [json!({}), json!({ "requests": [] }), json!({ "requests": [one, one] }), json!([one])] {
        assert_eq!(WORLD.post_as(&caller, PATH, &[], &body.to_string()).status, 400, "{body}");
    }
    assert_eq!(WORLD.post_as(&caller, PATH, &[], "{").status, 400);
    assert_eq!(WORLD.get(PATH).status, 405);
}

/// Fails when what was looked for is not marked in the summary as the real service marks it.
#[test]
fn a_summary_marks_what_was_looked_for() {
    let answer = ask(&WORLD.caller(0, 0), &of(&["driveItem"], "budget filetype:docx"));
    assert_eq!(answer.body["value"][0]["searchTerms"], json!(["budget"]));
    let hits = &answer.body["value"][0]["hitsContainers"][0]["hits"];
    let marked = hits
        .as_array()
        .unwrap()
        .iter()
        .filter(|hit| text(hit, "/summary").to_lowercase().contains("<c0>budget"));
    assert!(marked.count() > 0, "{hits}");
}

/// Fails when hits come in another order than was asked for.
#[rstest]
#[case("lastModifiedDateTime", "/resource/lastModifiedDateTime")]
#[case("name", "/resource/name")]
fn hits_are_sorted_by_what_is_asked_for(#[case] name: &str, #[case] pointer: &str) {
    for is_descending in [false, true] {
        let mut request = of(&["driveItem"], "isDocument:true");
        request["sortProperties"] = json!([{ "name": name, "isDescending": is_descending }]);
        let container = search(&WORLD.caller(0, 0), &request);
        let values: Vec<String> = container["hits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|hit| text(hit, pointer).to_lowercase())
            .collect();
        let is_sorted =
            values.is_sorted_by(|left, right| if is_descending { left >= right } else { left <= right });
        assert!(values.len() == 25 && is_sorted, "{values:?}");
    }
}

/// Fails when fields are lost, or put where clients don't look for them.
#[test]
fn fields_come_with_the_list_item() {
    let caller = WORLD.caller(0, 0);
    let fields = json!(["Title", "contentclass", "fileType", "path", "nonsense"]);
    let ask = |entity: &str, query: &str| {
        let mut request = of(&[entity], query);
        request["fields"] = fields.clone();
        search(&caller, &request)["hits"][0]["resource"].clone()
    };
    let file = ask("driveItem", "filename:handover");
    let shown = &file["listItem"]["fields"];
    assert_eq!((&shown["title"], &shown["fileType"]), (&json!("Handover notes"), &json!("docx")));
    assert_eq!(shown["path"], file["webUrl"]);
    assert_eq!(shown.get("nonsense"), None);
    let page = ask("listItem", "contentclass:STS_ListItem_WebPageLibrary travel");
    assert_eq!(page["fields"]["title"], "Travel rules");
    assert_eq!(page["fields"]["contentclass"], "STS_ListItem_WebPageLibrary");
}

/// Fails when copies are shown though they were to be left out.
#[test]
fn copies_are_left_out_on_demand() {
    let caller = WORLD.caller(0, 0);
    let mut request = of(&["driveItem"], "isDocument:true");
    let all = search(&caller, &request)["total"].as_u64();
    request["trimDuplicates"] = true.into();
    let trimmed = search(&caller, &request)["total"].as_u64();
    assert!(trimmed > Some(0) && trimmed < all, "{trimmed:?} of {all:?}");
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

/// Fails when guests search mail or people, or members can't find each other.
#[test]
fn guests_find_files_alone() {
    let guest = WORLD.caller(1, 12);
    for entity in ["message", "event", "chatMessage"] {
        assert_eq!(ask(&guest, &of(&[entity], "a")).status, 403, "{entity}");
    }
    assert_eq!(ask(&guest, &of(&["driveItem", "site"], "a")).status, 200);
    let member = WORLD.caller_with(0, 0, &["People.Read"]);
    let container = search(&member, &of(&["person"], "tomas"));
    assert_eq!(container["hits"][0]["resource"]["userPrincipalName"], "tomas.ferreira@larkmoor.example");
    let id = text(&container, "/hits/0/hitId").split_once('@').unwrap();
    assert!(uuid(id.0) && id.1 == WORLD.tenant(0).id.to_string());
}

/// Fails when nothing found is told otherwise than by a container without hits.
#[test]
fn nothing_found_is_a_container_without_hits() {
    let container = search(&WORLD.caller(0, 0), &of(&["driveItem"], "xyzzyx"));
    assert_eq!(container, json!({ "total": 0, "moreResultsAvailable": false }));
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

/// Fails when a permission for chats opens channels or the other way round, or a hit can't be read by its ids.
#[rstest]
#[case("Chat.Read", "/resource/chatId", "/resource/channelIdentity/teamId")]
#[case("ChannelMessage.Read.All", "/resource/channelIdentity/teamId", "/resource/chatId")]
fn chats_and_channels_are_searched_by_their_own_permission(
    #[case] scope: &str,
    #[case] present: &str,
    #[case] absent: &str,
) {
    let caller = WORLD.caller_with(0, 0, &[scope]);
    let container = search(&caller, &of(&["chatMessage"], "the"));
    let hits = container["hits"].as_array().unwrap();
    assert_eq!((hits.len(), container["total"].as_u64()), (25, Some(25)));
    let times: Vec<&str> = hits.iter().map(|hit| text(hit, "/resource/createdDateTime")).collect();
    assert!(times.is_sorted_by(|left, right| left >= right));
    for hit in hits {
        assert!(hit.pointer(present).is_some() && hit.pointer(absent).is_none(), "{hit}");
        assert!(hit.pointer("/resource/body").is_none());
        let id = text(hit, "/hitId");
        let target = match hit.pointer("/resource/chatId").and_then(Value::as_str) {
            Some(chat) => format!("/chats/{}/messages/{id}", encoded(chat)),
            None if hit["resource"]["replyToId"].is_string() => continue,
            None => {
                let identity = &hit["resource"]["channelIdentity"];
                let channel = encoded(identity["channelId"].as_str().unwrap());
                format!("/teams/{}/channels/{channel}/messages/{id}", identity["teamId"].as_str().unwrap())
            }
        };
        assert_eq!(WORLD.get_as(&caller, &target).status, 200, "{target}");
    }
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
