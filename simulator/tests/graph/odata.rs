//! `$filter`, `$orderby`, `$select`, `$top` and what they refuse.

use rstest::rstest;
use serde_json::Value;

use crate::world::{WORLD, encoded, ids};

fn text<'a>(message: &'a Value, pointer: &str) -> &'a str {
    message.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn is_from(message: &Value, address: &str) -> bool {
    text(message, "/from/emailAddress/address").eq_ignore_ascii_case(address)
}

fn is_to(message: &Value, part: &str) -> bool {
    message["toRecipients"]
        .as_array()
        .expect("recipients")
        .iter()
        .any(|recipient| text(recipient, "/emailAddress/address").contains(part))
}

/// Fails when the filter evaluator lets through other messages than a plain reading of the filter would.
#[rstest]
#[case("isRead eq false", |m: &Value| m["isRead"] == false)]
#[case("isRead", |m: &Value| m["isRead"] == true)]
#[case("not (isRead eq true)", |m: &Value| m["isRead"] == false)]
#[case("not isRead", |m: &Value| m["isRead"] == false)]
#[case("isDraft ne true and hasAttachments eq true", |m: &Value| m["isDraft"] == false && m["hasAttachments"] == true)]
#[case("importance eq 'high' or importance eq 'low'", |m: &Value| m["importance"] != "normal")]
#[case("'HIGH' eq importance", |m: &Value| m["importance"] == "high")]
#[case("receivedDateTime ge 2026-11-01T00:00:00Z", |m: &Value| text(m, "/receivedDateTime") >= "2026-11-01T00:00:00Z")]
#[case("2026-11-01T00:00:00Z le receivedDateTime", |m: &Value| text(m, "/receivedDateTime") >= "2026-11-01T00:00:00Z")]
#[case("ReceivedDateTime ge 2026-10-01 AND receivedDateTime lt 2026-11-01", |m: &Value| text(m, "/receivedDateTime").starts_with("2026-10"))]
#[case("receivedDateTime gt 2026-11-01T02:00:00+02:00", |m: &Value| text(m, "/receivedDateTime") > "2026-11-01T00:00:00Z")]
#[case("from/emailAddress/address eq 'amadou@sahelspedition.example'", |m: &Value| is_from(m, "amadou@sahelspedition.example"))]
#[case("from/emailAddress/address eq 'aoife.odonnell@larkmoor.example'", |m: &Value| is_from(m, "aoife.odonnell@larkmoor.example"))]
#[case("from/emailAddress/name eq 'Aoife O''Donnell'", |m: &Value| is_from(m, "aoife.odonnell@larkmoor.example"))]
#[case("startswith(subject,'budget')", |m: &Value| text(m, "/subject").starts_with("Budget"))]
#[case("startswith(subject,'budget') eq true", |m: &Value| text(m, "/subject").starts_with("Budget"))]
#[case("startswith(subject,'budget') eq false", |m: &Value| !text(m, "/subject").starts_with("Budget"))]
#[case("endswith(from/emailAddress/address,'larkmoor.example')", |m: &Value| text(m, "/from/emailAddress/address").ends_with("@larkmoor.example"))]
#[case("contains(subject,'aurora')", |m: &Value| text(m, "/subject").contains("Aurora"))]
#[case("toRecipients/any(r:r/emailAddress/address eq 'maja.lindqvist@larkmoor.example')", |m: &Value| is_to(m, "maja.lindqvist@larkmoor.example"))]
#[case("toRecipients/any(r: contains(r/emailAddress/address,'tomas') or contains(r/emailAddress/address,'soren'))", |m: &Value| is_to(m, "tomas") || is_to(m, "soren"))]
#[case("categories/any(c:c eq 'Finance')", |m: &Value| m["categories"].as_array().unwrap().iter().any(|c| c == "Finance"))]
#[case("ccRecipients/any()", |m: &Value| !m["ccRecipients"].as_array().unwrap().is_empty())]
#[case("flag/flagStatus eq 'flagged'", |m: &Value| m["flag"]["flagStatus"] == "flagged")]
#[case("isRead eq false and (importance eq 'high' or hasAttachments eq true)", |m: &Value| m["isRead"] == false && (m["importance"] == "high" || m["hasAttachments"] == true))]
fn a_filter_keeps_what_it_says(#[case] filter: &str, #[case] expected: fn(&Value) -> bool) {
    let answer = WORLD.get(&format!("/me/messages?$top=1000&$filter={}", encoded(filter)));
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let mailbox = WORLD.whole_mailbox();
    let wanted: Vec<Value> = mailbox.iter().filter(|message| expected(message)).cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < mailbox.len(), "the case would prove nothing");
    assert_eq!(ids(answer.entries()), ids(&wanted));
}

/// Fails when a request that Graph refuses is answered, or refused with a code that clients don't know.
#[rstest]
#[case("$filter=subjekt eq 'x'", "RequestBroker--ParseUri")]
#[case("$filter=isRead eq", "BadRequest")]
#[case("$filter=isRead eq 'true'", "BadRequest")]
#[case("$filter=receivedDateTime ge 'yesterday'", "BadRequest")]
#[case("$filter=importance eq 'urgent'", "BadRequest")]
#[case("$filter=subject eq 'unclosed", "BadRequest")]
#[case("$filter=(isRead eq true", "BadRequest")]
#[case("$filter=isRead eq true)", "BadRequest")]
#[case("$filter=contains(isRead,'x')", "BadRequest")]
#[case("$filter=matches(subject,'x')", "BadRequest")]
#[case("$filter=toRecipients eq 'x'", "BadRequest")]
#[case("$filter=toRecipients/any(r:r/name eq 'x')", "RequestBroker--ParseUri")]
#[case("$filter=isRead eq false&$orderby=receivedDateTime desc", "InefficientFilter")]
#[case(
    "$filter=isRead eq false and receivedDateTime ge 2026-01-01&$orderby=receivedDateTime",
    "InefficientFilter"
)]
#[case("$filter=receivedDateTime ge 2026-01-01&$orderby=receivedDateTime,subject", "InefficientFilter")]
#[case("$filter=contains(subject,'a')&$orderby=subject", "InefficientFilter")]
#[case("$orderby=subjekt", "RequestBroker--ParseUri")]
#[case("$orderby=subject sideways", "BadRequest")]
#[case("$orderby=toRecipients", "BadRequest")]
#[case("$select=subject,nope", "BadRequest")]
#[case("$top=0", "BadRequest")]
#[case("$top=1001", "BadRequest")]
#[case("$top=-1", "BadRequest")]
#[case("$top=ten", "BadRequest")]
#[case("$top=5&$top=6", "BadRequest")]
#[case("$skip=-1", "BadRequest")]
#[case("$count=maybe", "BadRequest")]
#[case("$nonsense=1", "BadRequest")]
#[case("$filter=%FF", "BadRequest")]
fn what_graph_refuses_is_refused_with_its_code(#[case] query: &str, #[case] code: &str) {
    let answer = WORLD.get(&format!("/me/messages?{query}"));
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
}

/// Fails when nesting is followed down the stack: a short request would end the simulator.
#[rstest]
#[case("(", ")")]
#[case("not ", "")]
fn a_filter_nested_without_end_is_refused(#[case] open: &str, #[case] close: &str) {
    let filter = format!("{}isRead{}", open.repeat(50_000), close.repeat(50_000));
    let answer = WORLD.get(&format!("/me/messages?$filter={}", encoded(&filter)));
    assert_eq!((answer.status, answer.error_code()), (400, "BadRequest"));
}

/// Fails when a long but flat filter, as clients build it out of many ids, stops working.
#[test]
fn a_filter_may_have_many_terms() {
    let terms = vec!["isRead eq true"; 5_000].join(" or ");
    assert_eq!(WORLD.get(&format!("/me/messages?$filter={}", encoded(&terms))).status, 200);
}

/// Fails when the order asked for is not the order given.
#[rstest]
#[case("receivedDateTime desc", "/receivedDateTime", true)]
#[case("sentDateTime", "/sentDateTime", false)]
#[case("subject asc", "/subject", false)]
#[case("from/emailAddress/address desc", "/from/emailAddress/address", true)]
fn messages_come_in_the_order_asked_for(
    #[case] order_by: &str,
    #[case] pointer: &str,
    #[case] descending: bool,
) {
    let answer = WORLD.get(&format!("/me/messages?$top=1000&$orderby={}", encoded(order_by)));
    let keys: Vec<String> =
        answer.entries().iter().map(|message| text(message, pointer).to_lowercase()).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    if descending {
        sorted.reverse();
    }
    assert!(keys.len() > 100);
    assert_eq!(keys, sorted);
}

/// Fails when the rule about `$filter` and `$orderby` also refuses what it allows.
#[rstest]
#[case("$filter=receivedDateTime ge 2026-01-01 and isRead eq false&$orderby=receivedDateTime desc")]
#[case(
    "$filter=from/emailAddress/address eq 'amadou@sahelspedition.example' and receivedDateTime ge 2026-01-01&$orderby=from/emailAddress/address,receivedDateTime desc"
)]
fn a_sort_that_follows_the_filter_is_allowed(#[case] query: &str) {
    assert_eq!(WORLD.get(&format!("/me/messages?{query}")).status, 200);
}

/// Fails when `$select` stops narrowing, or drops the id and etag that Graph always sends.
#[test]
fn a_selection_narrows_and_keeps_the_id() {
    let answer = WORLD.get("/me/messages?$select=subject,isRead&$top=3&$count=true");
    let context = answer.body["@odata.context"].as_str().unwrap();
    assert!(context.ends_with("/messages(subject,isRead)"), "{context}");
    assert_eq!(answer.body["@odata.count"], WORLD.whole_mailbox().len());
    for message in answer.entries() {
        let mut names: Vec<&String> = message.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, ["@odata.etag", "id", "isRead", "subject"]);
    }
}

/// Fails when the options stop working without their dollar sign, which Graph v1.0 allows.
#[test]
fn the_dollar_sign_may_be_missing() {
    let answer = WORLD.get("/me/messages?top=3&select=subject");
    assert_eq!(answer.entries().len(), 3);
}
