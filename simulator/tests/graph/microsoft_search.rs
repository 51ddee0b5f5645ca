//! `POST /search/query`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::searching::{PATH, ask, of, search, text, uuid};
use crate::world::{WORLD, encoded};

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

/// Fails when nothing found is told otherwise than by a container without hits.
#[test]
fn nothing_found_is_a_container_without_hits() {
    let container = search(&WORLD.caller(0, 0), &of(&["driveItem"], "xyzzyx"));
    assert_eq!(container, json!({ "total": 0, "moreResultsAvailable": false }));
}

/// Fails when a client that reckons its own places can begin in the middle: Microsoft refuses that.
#[rstest]
#[case("message", "budget OR meeting", "Mail.Read")]
#[case("event", "organizer:maja OR attendees:maja", "Calendars.Read")]
fn mail_and_events_are_searched_from_the_first_page_on(
    #[case] entity: &str,
    #[case] query: &str,
    #[case] scope: &str,
) {
    let caller = WORLD.caller_with(0, 3, &[scope]);
    let page = |from: usize| {
        let mut request = of(&[entity], query);
        (request["from"], request["size"]) = (from.into(), 2.into());
        let body = json!({ "requests": [request] }).to_string();
        WORLD.post_as(&caller, "/search/query", &[], &body)
    };
    let refused = page(2);
    assert_eq!((refused.status, refused.error_code()), (400, "BadRequest"), "{:?}", refused.body);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("'from' must be 0"));
    for from in [0, 2, 4, 2] {
        assert_eq!(page(from).status, 200, "{from}");
    }
    assert_eq!(page(7).status, 400, "a page was left out");
}

/// Fails when the rule of mail and events is one of files too, whose pages may be asked for in any order.
#[test]
fn files_are_searched_from_anywhere() {
    let mut request = of(&["driveItem"], "notes");
    request["from"] = 40.into();
    let body = json!({ "requests": [request] }).to_string();
    assert_eq!(WORLD.post_as(&WORLD.caller(0, 0), "/search/query", &[], &body).status, 200);
}
