//! `$search` on messages.

use rstest::rstest;
use serde_json::Value;

use crate::world::{WORLD, encoded, ids};

fn lower(message: &Value, pointer: &str) -> String {
    message.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

fn subject(message: &Value) -> String {
    lower(message, "/subject")
}

fn body(message: &Value) -> String {
    lower(message, "/body/content")
}

fn from(message: &Value) -> String {
    format!("{} {}", lower(message, "/from/emailAddress/name"), lower(message, "/from/emailAddress/address"))
}

fn copied(message: &Value) -> String {
    message["ccRecipients"].to_string().to_lowercase()
}

fn received(message: &Value) -> String {
    message["receivedDateTime"].as_str().unwrap_or_default().to_owned()
}

fn anywhere(message: &Value, word: &str) -> bool {
    subject(message).contains(word) || body(message).contains(word) || from(message).contains(word)
}

/// Fails when a search finds other messages than a plain reading of the query would. The words are chosen so that
/// they stand only at the beginning of words.
#[rstest]
#[case("budget", |m: &Value| anywhere(m, "budget"))]
#[case("budg", |m: &Value| anywhere(m, "budg"))]
#[case("budg*", |m: &Value| anywhere(m, "budg"))]
#[case("workshop aurora", |m: &Value| anywhere(m, "workshop") && anywhere(m, "aurora"))]
#[case("steering AND pilot", |m: &Value| anywhere(m, "steering") && anywhere(m, "pilot"))]
#[case("harbour OR specification", |m: &Value| anywhere(m, "harbour") || anywhere(m, "specification"))]
#[case("invoice NOT reminder", |m: &Value| anywhere(m, "invoice") && !anywhere(m, "reminder"))]
#[case("invoice -reminder", |m: &Value| anywhere(m, "invoice") && !anywhere(m, "reminder"))]
#[case(r#"\"steering group decides\""#, |m: &Value| body(m).contains("steering group decides"))]
#[case("subject:invoice", |m: &Value| subject(m).contains("invoice"))]
#[case(r#"subject:\"budget review\""#, |m: &Value| subject(m).contains("budget review"))]
#[case("subject:(budget OR forecast)", |m: &Value| subject(m).contains("budget") || subject(m).contains("forecast"))]
#[case("body:harbour", |m: &Value| body(m).contains("harbour"))]
#[case("from:amadou", |m: &Value| from(m).contains("amadou"))]
#[case("from:amadou@sahelspedition.example", |m: &Value| from(m).contains("amadou@sahelspedition.example"))]
#[case(r#"from:\"Amadou Diallo\""#, |m: &Value| from(m).contains("amadou diallo"))]
#[case("from:Tomás", |m: &Value| from(m).contains("tomás"))]
#[case("to:tomas.ferreira@larkmoor.example", |m: &Value| m["toRecipients"].to_string().contains("tomas.ferreira"))]
#[case("cc:huong.nguyen", |m: &Value| copied(m).contains("huong.nguyen"))]
#[case("participants:huong.nguyen", |m: &Value| from(m).contains("huong.nguyen") || copied(m).contains("huong.nguyen") || m["toRecipients"].to_string().contains("huong.nguyen"))]
#[case("hasAttachments:true", |m: &Value| m["hasAttachments"] == true)]
#[case("hasAttachment:false", |m: &Value| m["hasAttachments"] == false)]
#[case("attachment:figures", |m: &Value| m["hasAttachments"] == true && figures(m))]
#[case("importance:high", |m: &Value| m["importance"] == "high")]
#[case("received>=2026-11-01", |m: &Value| received(m).as_str() >= "2026-11-01")]
#[case("received<2026-11-01", |m: &Value| received(m).as_str() < "2026-11-01")]
#[case("received>2026-11-01", |m: &Value| received(m).as_str() >= "2026-11-02")]
#[case("received<=10/31/2026", |m: &Value| received(m).as_str() < "2026-11-01")]
#[case("received:2026-10-01..2026-10-31", |m: &Value| received(m).starts_with("2026-10"))]
#[case("sent>=2026-11-10T12:00:00Z", |m: &Value| lower(m, "/sentDateTime").as_str() >= "2026-11-10t12:00:00z")]
#[case("(subject:status OR subject:workshop) aurora", |m: &Value| (subject(m).contains("status") || subject(m).contains("workshop")) && anywhere(m, "aurora"))]
#[case("subject:invoice OR subject:budget AND importance:high", |m: &Value| subject(m).contains("invoice") || subject(m).contains("budget") && m["importance"] == "high")]
fn a_search_finds_what_it_says(#[case] query: &str, #[case] expected: fn(&Value) -> bool) {
    let target = format!("/me/messages?$top=1000&$search={}", encoded(&format!("\"{query}\"")));
    let answer = WORLD.get(&target);
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let mailbox = WORLD.whole_mailbox();
    let mut wanted: Vec<&Value> = mailbox.iter().filter(|message| expected(message)).collect();
    assert!(!wanted.is_empty() && wanted.len() < mailbox.len(), "the case would prove nothing");
    wanted.sort_by_key(|message| std::cmp::Reverse(message["sentDateTime"].as_str()));
    let wanted: Vec<Value> = wanted.into_iter().cloned().collect();
    assert_eq!(ids(answer.entries()), ids(&wanted));
}

fn figures(message: &Value) -> bool {
    let id = message["id"].as_str().expect("an id");
    let answer = WORLD.get(&format!("/me/messages/{}/attachments?$select=name", encoded(id)));
    answer.entries().iter().any(|attachment| attachment["name"] == "figures.csv")
}

/// Fails when a combination that Graph can't serve is served, or a broken query is guessed at.
#[rstest]
#[case("$search=\"a\"&$orderby=receivedDateTime", "SearchWithOrderBy")]
#[case("$search=\"a\"&$filter=isRead eq true", "SearchWithFilter")]
#[case("$search=\"a\"&$skip=10", "SearchWithSkip")]
#[case("$search=budget", "BadRequest")]
#[case("$search=\"budget", "BadRequest")]
#[case("$search=\"\"", "BadRequest")]
#[case("$search=\"a\"b\"", "BadRequest")]
#[case("$search=\"(budget\"", "BadRequest")]
#[case("$search=\"budget)\"", "BadRequest")]
#[case("$search=\"budget OR\"", "BadRequest")]
#[case("$search=\"subject:\"", "BadRequest")]
#[case("$search=\"received>=someday\"", "BadRequest")]
#[case("$search=\"hasAttachment:perhaps\"", "BadRequest")]
#[case("$search=\"\\\"open phrase\"", "BadRequest")]
#[case("$search=\"a\"&$skiptoken=xyz", "BadRequest")]
fn a_search_that_graph_refuses_is_refused(#[case] query: &str, #[case] code: &str) {
    let answer = WORLD.get(&format!("/me/messages?{}", query.replace(' ', "%20").replace('"', "%22")));
    assert_eq!((answer.status, answer.error_code()), (400, code), "{:?}", answer.body);
}

/// Fails when nesting is followed down the stack: a short request would end the simulator.
#[test]
fn a_search_nested_without_end_is_refused() {
    let query = format!("\"{}a{}\"", "(".repeat(50_000), ")".repeat(50_000));
    let answer = WORLD.get(&format!("/me/messages?$search={}", encoded(&query)));
    assert_eq!((answer.status, answer.error_code()), (400, "BadRequest"));
}

/// Fails when a search within a folder looks outside of it.
#[test]
fn a_search_stays_in_its_folder() {
    let found = WORLD.get("/me/mailFolders/sentitems/messages?$search=%22the%22&$top=1000");
    assert!(!found.entries().is_empty());
    let own = WORLD.user(0, 0).upn.as_str();
    assert!(found.entries().iter().all(|message| message["from"]["emailAddress"]["address"] == own));
}
