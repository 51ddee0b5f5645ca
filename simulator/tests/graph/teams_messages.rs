//! Messages of chats: order, windows, and everything that hangs on a message.

use rstest::rstest;
use serde_json::Value;

use crate::world::{Answer, BASE_URL, WORLD, encoded, ids};

/// The id of the first user's chat whose topic begins so.
fn chat(topic: &str) -> String {
    let all = WORLD.every_page(&WORLD.caller(0, 0), "/me/chats?$top=50");
    let found = all.iter().find(|chat| chat["topic"].as_str().is_some_and(|own| own.starts_with(topic)));
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

fn messages(topic: &str) -> Vec<Value> {
    WORLD.every_page(&WORLD.caller(0, 0), &format!("/chats/{}/messages?$top=50", chat(topic)))
}

fn asked(options: &str) -> Answer {
    WORLD.get(&format!("/chats/{}/messages?{}", chat("Aurora \u{2013} core"), options.replace(' ', "%20")))
}

fn times(entries: &[Value], property: &str) -> Vec<jiff::Timestamp> {
    entries.iter().map(|entry| entry[property].as_str().unwrap().parse().unwrap()).collect()
}

/// Fails when a long chat does not come whole, each message once, newest change first.
#[test]
fn a_long_chat_comes_page_by_page() {
    let first = asked("");
    assert_eq!((first.entries().len(), first.body["@odata.count"].as_u64()), (20, Some(20)));
    let all = messages("Aurora \u{2013} core");
    assert!(all.len() > 100, "{}", all.len());
    let by_pages = WORLD
        .every_page(&WORLD.caller(0, 0), &format!("/me/chats/{}/messages", chat("Aurora \u{2013} core")));
    assert_eq!(ids(&all), ids(&by_pages));
    let modified = times(&all, "lastModifiedDateTime");
    assert!(modified.is_sorted_by(|left, right| left >= right));
    let context = first.body["@odata.context"].as_str().unwrap();
    assert_eq!(
        context,
        format!("{BASE_URL}/$metadata#chats('{}')/messages", encoded_id(&chat("Aurora \u{2013} core")))
    );
}

fn encoded_id(id: &str) -> String {
    id.replace(':', "%3A").replace('@', "%40")
}

/// Fails when a message's id, tag and times do not belong together.
#[test]
fn a_message_is_named_by_its_time() {
    for message in messages("Aurora \u{2013} core") {
        let created: jiff::Timestamp = message["createdDateTime"].as_str().unwrap().parse().unwrap();
        let modified: jiff::Timestamp = message["lastModifiedDateTime"].as_str().unwrap().parse().unwrap();
        assert_eq!(message["id"], created.as_millisecond().to_string());
        assert_eq!(message["etag"], modified.as_millisecond().to_string());
        assert!(modified >= created && modified <= "2026-11-23T18:00:00Z".parse().unwrap());
    }
}

/// Fails when a filter is heeded without the order that belongs to it, or not heeded with it.
#[rstest]
#[case::with_its_order("lastModifiedDateTime", "lastModifiedDateTime gt {middle}", true)]
#[case::before("lastModifiedDateTime", "lastModifiedDateTime lt {middle}", true)]
#[case::created("createdDateTime", "createdDateTime lt {middle}", true)]
#[case::another_order("createdDateTime", "lastModifiedDateTime gt {middle}", false)]
#[case::no_order("", "lastModifiedDateTime gt {middle}", false)]
fn a_filter_counts_only_with_the_same_order(#[case] order: &str, #[case] filter: &str, #[case] counts: bool) {
    let all = messages("Aurora \u{2013} core");
    let middle = all[all.len() / 2]["createdDateTime"].as_str().unwrap();
    let order = if order.is_empty() { String::new() } else { format!("&$orderby={order}%20desc") };
    let filter = encoded(&filter.replace("{middle}", middle));
    let target = format!("/chats/{}/messages?$top=50&$filter={filter}{order}", chat("Aurora \u{2013} core"));
    let kept = WORLD.every_page(&WORLD.caller(0, 0), &target);
    assert_eq!(kept.len() < all.len(), counts, "{} of {}", kept.len(), all.len());
    assert!(!kept.is_empty());
}

/// Fails when a window between two times holds what lies outside of it.
#[test]
fn a_window_has_two_ends() {
    let all = messages("Aurora \u{2013} core");
    let modified = times(&all, "lastModifiedDateTime");
    let (late, early) = (modified[10], modified[30]);
    let filter = encoded(&format!("lastModifiedDateTime gt {early} and lastModifiedDateTime lt {late}"));
    let order = "$orderby=lastModifiedDateTime%20desc";
    let kept = asked(&format!("$top=50&{order}&$filter={filter}"));
    let expected: Vec<_> = modified.iter().filter(|time| **time > early && **time < late).copied().collect();
    assert_eq!(times(kept.entries(), "lastModifiedDateTime"), expected);
}

/// Fails when an option that Teams refuses for messages is taken.
#[rstest]
#[case("$top=51", "The limit of '50' for Top query has been exceeded.")]
#[case("$select=id", "Query option 'Select' is not allowed.")]
#[case("$expand=replies", "Query option 'Expand' is not allowed.")]
#[case("$search=x", "Query option 'Search' is not allowed.")]
#[case("$skip=1", "Query option 'Skip' is not allowed.")]
#[case("$orderby=createdDateTime asc", "The query specified in the URI is not valid.")]
#[case("$orderby=subject desc", "The query specified in the URI is not valid.")]
#[case(
    "$orderby=createdDateTime desc&$filter=createdDateTime gt 2026-01-01T00:00:00Z",
    "The query specified in the URI is not valid."
)]
#[case(
    "$filter=lastModifiedDateTime ge 2026-01-01T00:00:00Z",
    "The query specified in the URI is not valid."
)]
#[case("$filter=lastModifiedDateTime gt yesterday", "The query specified in the URI is not valid.")]
fn an_option_is_refused(#[case] option: &str, #[case] message: &str) {
    let answer = asked(option);
    assert_eq!((answer.status, answer.error_code()), (400, "BadRequest"), "{:?}", answer.body);
    assert!(answer.body["error"]["message"].as_str().unwrap().starts_with(message), "{:?}", answer.body);
}

/// Fails when a property that Microsoft documents is missing.
#[test]
fn every_documented_property_is_there() {
    const PROPERTIES: &[&str] = &[
        "id",
        "replyToId",
        "etag",
        "messageType",
        "createdDateTime",
        "lastModifiedDateTime",
        "lastEditedDateTime",
        "deletedDateTime",
        "subject",
        "summary",
        "chatId",
        "importance",
        "locale",
        "webUrl",
        "channelIdentity",
        "policyViolation",
        "eventDetail",
        "from",
        "body",
        "attachments",
        "mentions",
        "reactions",
        "messageHistory",
    ];
    for message in messages("Aurora \u{2013} core") {
        for property in PROPERTIES {
            assert!(message.get(property).is_some(), "{property} of {message}");
        }
        assert_eq!(message["chatId"], chat("Aurora \u{2013} core"));
        assert!(message["channelIdentity"].is_null() && message["policyViolation"].is_null());
    }
}

/// Fails when one of the kinds of messages is not among those of a long chat.
#[rstest]
#[case::mention(|message: &Value| message["mentions"][0]["mentioned"]["user"]["id"].is_string())]
#[case::reaction(|message: &Value| message["reactions"][0]["user"]["user"]["id"].is_string())]
#[case::file(|message: &Value| message["attachments"][0]["contentType"] == "reference")]
#[case::quote(|message: &Value| message["attachments"][0]["contentType"] == "messageReference")]
#[case::urgent(|message: &Value| message["importance"] == "urgent")]
#[case::edited(|message: &Value| message["lastEditedDateTime"].is_string())]
#[case::german(|message: &Value| message["locale"] == "de-de")]
#[case::japanese(|message: &Value| message["locale"] == "ja-jp")]
#[case::text(|message: &Value| message["body"]["contentType"] == "text")]
fn a_long_chat_has_messages_of_every_kind(#[case] is_one: fn(&Value) -> bool) {
    assert!(messages("Aurora \u{2013} core").iter().any(is_one));
}

/// Fails when something is left of a message that was deleted.
#[test]
fn nothing_is_left_of_a_deleted_message() {
    let all = messages("Aurora \u{2013} core");
    let deleted: Vec<&Value> = all.iter().filter(|message| message["deletedDateTime"].is_string()).collect();
    assert!(!deleted.is_empty());
    for message in deleted {
        assert_eq!(message["body"]["content"], "");
        for collection in ["attachments", "mentions", "reactions"] {
            assert_eq!(message[collection].as_array().map(Vec::len), Some(0), "{message}");
        }
        assert!(message["from"]["user"]["id"].is_string());
    }
}

/// Fails when a mention in the text does not point to one in the list.
#[test]
fn mentions_in_the_text_point_into_the_list() {
    let mut seen = 0;
    for message in messages("Aurora \u{2013} core") {
        for mention in message["mentions"].as_array().unwrap() {
            let tag = format!("<at id=\"{}\">", mention["id"]);
            assert!(message["body"]["content"].as_str().unwrap().contains(&tag), "{message}");
            assert_eq!(mention["mentionText"], mention["mentioned"]["user"]["displayName"]);
            seen += 1;
        }
    }
    assert!(seen > 0);
}

/// Fails when an attachment has no place in the text.
#[test]
fn every_attachment_has_its_place_in_the_text() {
    for message in messages("Aurora \u{2013} core") {
        for attachment in message["attachments"].as_array().unwrap() {
            let place = format!("<attachment id=\"{}\">", attachment["id"].as_str().unwrap());
            assert!(message["body"]["content"].as_str().unwrap().contains(&place), "{message}");
        }
    }
}

/// Fails when a quote does not tell what it quotes.
#[test]
fn a_quote_names_a_message_of_the_same_chat() {
    let all = messages("Aurora \u{2013} core");
    let quotes = all.iter().flat_map(|message| message["attachments"].as_array().unwrap().iter());
    let quotes: Vec<&Value> =
        quotes.filter(|attachment| attachment["contentType"] == "messageReference").collect();
    assert!(!quotes.is_empty());
    for quote in quotes {
        let content: Value = serde_json::from_str(quote["content"].as_str().unwrap()).unwrap();
        assert_eq!(content["messageId"], quote["id"]);
        let quoted = WORLD.get(&format!(
            "/chats/{}/messages/{}",
            chat("Aurora \u{2013} core"),
            quote["id"].as_str().unwrap()
        ));
        assert_eq!(quoted.body["from"], content["messageSender"]);
    }
}

/// Fails when an attached file is none of the simulated drives', or the reader can't open it.
#[test]
fn an_attached_file_can_be_opened() {
    use base64::Engine;
    let all = messages("Aurora \u{2013} core");
    let files: Vec<&Value> = all
        .iter()
        .flat_map(|message| message["attachments"].as_array().unwrap().iter())
        .filter(|attachment| attachment["contentType"] == "reference")
        .collect();
    assert!(!files.is_empty());
    let opened = files.iter().filter(|file| {
        let url = file["contentUrl"].as_str().unwrap();
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(url);
        let response = WORLD.raw(
            &WORLD.caller(0, 0),
            &format!("/shares/u!{token}/driveItem/content"),
            &["redeemSharingLinkIfNecessary"],
        );
        assert_ne!(response.status, 404, "{url}");
        response.status == 302
    });
    assert!(opened.count() > 0, "{files:?}");
}

/// Fails when an inline image can't be fetched from the address in the text, or is no image.
#[test]
fn an_inline_image_is_fetched_from_its_address() {
    let all = messages("Aurora \u{2013} core");
    let pictured: Vec<&Value> = all
        .iter()
        .filter(|message| message["body"]["content"].as_str().unwrap().contains("/hostedContents/"))
        .collect();
    assert!(!pictured.is_empty());
    for message in pictured {
        let body = message["body"]["content"].as_str().unwrap();
        let address = body.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
        let target = address.strip_prefix(BASE_URL).expect("an address below the public one");
        let image = WORLD.raw(&WORLD.caller(0, 0), target, &[]);
        assert_eq!(image.status, 200, "{target}");
        assert!(image.body.starts_with(b"\x89PNG\r\n\x1a\n") && image.body.ends_with(b"IEND\xaeB`\x82"));
        assert!(image.headers.contains(&("content-type", "image/png".to_owned())));
        let list = WORLD.get(
            target
                .split("/hostedContents/")
                .next()
                .map(|own| format!("{own}/hostedContents"))
                .unwrap()
                .as_str(),
        );
        let hosted = &list.entries()[0];
        assert!(hosted["contentBytes"].is_null() && hosted["contentType"].is_null());
        let alone = WORLD.get(target.trim_end_matches("/$value"));
        assert_eq!(alone.body["id"], hosted["id"]);
        let wrong = target.replace(hosted["id"].as_str().unwrap(), "aWQ9");
        assert_eq!(WORLD.get(&wrong).status, 404);
    }
}

/// Fails when what the system tells is not hidden behind the member that old clients know.
#[test]
fn system_messages_have_their_own_type_where_it_is_asked_for() {
    let target = format!("/chats/{}/messages?$top=50", chat("Aurora \u{2013} core"));
    let caller = WORLD.caller(0, 0);
    let mut last = target.clone();
    while let Some(next) = WORLD.get(&last).next_target() {
        last = next;
    }
    let plain = WORLD.get(&last);
    let asked = WORLD.get_preferring(&caller, &last, &["include-unknown-enum-members"]);
    let types = |answer: &Answer| {
        let events = answer.entries().iter().filter(|message| !message["eventDetail"].is_null());
        events.map(|message| message["messageType"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(types(&plain), ["unknownFutureValue", "unknownFutureValue"]);
    assert_eq!(types(&asked), ["systemEventMessage", "systemEventMessage"]);
    let event = asked.entries().last().unwrap();
    assert_eq!(event["eventDetail"]["@odata.type"], "#microsoft.graph.membersAddedEventMessageDetail");
    assert_eq!(event["body"]["content"], "<systemEventMessage/>");
    assert!(event["from"].is_null());
}

/// Fails when pinned messages are not those of the chat.
#[test]
fn pinned_messages_are_messages_of_the_chat() {
    let id = chat("Aurora \u{2013} core");
    let plain = WORLD.get(&format!("/chats/{id}/pinnedMessages"));
    assert_eq!(plain.entries().len(), 2);
    assert!(plain.entries()[0].get("message").is_none());
    let expanded = WORLD.get(&format!("/chats/{id}/pinnedMessages?$expand=message"));
    for pin in expanded.entries() {
        assert_eq!(pin["id"], pin["message"]["id"]);
        let message = WORLD.get(&format!("/chats/{id}/messages/{}", pin["message"]["id"].as_str().unwrap()));
        assert_eq!(message.body["body"], pin["message"]["body"]);
    }
    assert_eq!(WORLD.get(&format!("/chats/{id}/messages/1")).status, 404);
}

/// Fails when the attacks of the corpus do not reach the reader as they were written.
#[rstest]
#[case::instructions("Ignore all previous instructions")]
#[case::bidi("\u{202e}")]
#[case::zero_width("\u{200b}")]
#[case::tags("\u{e0061}")]
#[case::script("<script>")]
#[case::fence("</untrusted_content>")]
#[case::tracking("width=\"1\" height=\"1\"")]
#[case::false_link("micr\u{43e}soft")]
#[case::markdown_image("![parcel](")]
#[case::false_mention("<at id=\"99\">")]
fn a_chat_with_strangers_is_hostile(#[case] mark: &str) {
    let attacked = messages("Ashgrove");
    assert!(attacked.iter().any(|message| message["body"]["content"].as_str().unwrap().contains(mark)));
}
