//! Messages of the Model Context Protocol.
//!
//! Bytes that begin with `>` bring headers along: the protocol version behind it, the method and the name on the lines
//! that follow (an empty line is a header that is absent), then the body.

use m365_connector::mcp::{Answer, HeaderField, Message, Offered, Request, TransportHeaders, parse};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// What an answer may be longer than what it answers: its own words, and names that it lists.
const WORDS: usize = 1_024;

/// A header's text comes back with its quotes and backslashes escaped.
const ESCAPING: usize = 2;

/// Every kind of params has a reader to reach.
pub(crate) const EVERYTHING: Offered = Offered { resources: true, prompts: true, completions: true };

/// Sends `data` through the parser. Says whether it was accepted.
pub fn check(data: &[u8]) -> bool {
    let (headers, body) = split_headers(data);
    match parse(body, &headers, EVERYTHING) {
        Ok(Message::Request(request)) => assert_is_the_request(&request, body),
        Ok(Message::Notification) => {
            assert!(Reading::of(body).unwrap().id.is_none(), "a request was taken for a notification");
        }
        Err(answer) => {
            assert_is_an_answer(&answer, data, body);
            return false;
        }
    }
    true
}

fn split_headers(data: &[u8]) -> (TransportHeaders<'_>, &[u8]) {
    let Some(mut rest) = data.strip_prefix(b">") else { return (TransportHeaders::default(), data) };
    let mut line = || {
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        HeaderField::read(Some(line).filter(|line| !line.is_empty()))
    };
    let (protocol_version, method, name) = (line(), line(), line());
    (TransportHeaders { protocol_version, method, name }, rest)
}

/// Reads the accepted request once more, with a reader of its own.
fn assert_is_the_request(request: &Request<'_>, body: &[u8]) {
    let reading = Reading::of(body).unwrap();
    assert_eq!(reading.method.as_deref(), Some(request.method().as_str()));
    let id = reading.id.unwrap();
    assert!(!matches!(id, "null" | "true" | "false"), "an id that is none was taken");
    let answer = request.to_id().refused("ended", "The call has ended.");
    assert_eq!(id_of(&answer), Some(id), "an accepted request carries another id than its body");
}

/// A message as another reader sees it. Its id may be a number that fits no type.
struct Reading<'a> {
    id: Option<&'a str>,
    method: Option<String>,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(default)]
    method: Option<String>,
}

impl<'a> Reading<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        let members: Members<'_> = serde_json::from_slice(text).ok()?;
        Some(Self { id: members.id.map(RawValue::get), method: members.method })
    }
}

/// The id of a body, whatever else is wrong with it, as long as it is one JSON object that names one id.
fn id_of(body: &[u8]) -> Option<&str> {
    #[derive(Deserialize)]
    struct OnlyId<'a> {
        #[serde(borrow, default)]
        id: Option<&'a RawValue>,
    }
    let members: OnlyId<'_> = serde_json::from_slice(body).ok()?;
    members.id.map(RawValue::get)
}

#[derive(Deserialize)]
struct Reply {
    jsonrpc: String,
    error: Value,
}

fn assert_is_an_answer(answer: &Answer, data: &[u8], body: &[u8]) {
    assert!(answer.body.len() <= ESCAPING * data.len() + WORDS, "the answer outgrows what it answers");
    let reply: Reply = serde_json::from_slice(&answer.body).unwrap();
    assert!(reply.jsonrpc == "2.0" && reply.error["code"].is_i64() && reply.error["message"].is_string());
    let id = Reading::of(&answer.body).unwrap().id.filter(|id| *id != "null");
    if id.is_some() {
        assert_eq!(id, id_of(body), "an answer carries another id than its request");
    }
    assert!(matches!(answer.status.as_u16(), 200 | 400 | 404));
}
