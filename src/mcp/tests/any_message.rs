//! Messages that nobody has thought of, as often of the modern era as of the legacy one: generated whole, damaged on
//! their way, or bytes of any kind.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connector_observability::CallOutcome;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::value::RawValue;

use super::offers::offering;
use super::*;

/// A request, and the headers that come with it.
#[derive(Debug, Clone)]
struct Sent {
    id: String,
    body: Vec<u8>,
    /// `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`.
    headers: [Option<String>; 3],
    asked: Asked,
}

/// What is asked for, as far as that is sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// What both eras have and this server offers.
    Something,
    PerhapsNothing,
}

/// A method, what `Mcp-Name` mirrors of its params, and the params.
#[derive(Debug, Clone)]
struct Called {
    method: &'static str,
    mirrored: Option<String>,
    params: Value,
    asked: Asked,
}

impl Sent {
    fn headers(&self) -> TransportHeaders<'_> {
        let [protocol_version, method, name] =
            self.headers.each_ref().map(|value| HeaderField::read(value.as_deref().map(str::as_bytes)));
        TransportHeaders { protocol_version, method, name }
    }

    fn len(&self) -> usize {
        self.body.len() + self.headers.iter().flatten().map(String::len).sum::<usize>()
    }

    /// The whole answer, or `None` where the message is a notification.
    fn exchange(&self) -> Option<Answer> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let server = server_of(offering());
        match parse(&self.body, &self.headers(), server.offered()) {
            Ok(Message::Request(request)) => {
                Some(runtime.block_on(server.answer(&request, &Host::default())))
            }
            Ok(Message::Notification) => None,
            Err(answer) => Some(answer),
        }
    }
}

/// What a client may put where an id belongs.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,4})?",
        ".{0,40}".prop_map(|text| json!(text).to_string()),
    ]
}

/// A name that there is, or any.
fn name(there: &'static [&'static str]) -> impl Strategy<Value = (Asked, String)> {
    prop_oneof![
        select(there).prop_map(|name| (Asked::Something, name.to_owned())),
        ".{0,20}".prop_map(|name| (Asked::PerhapsNothing, name)),
    ]
}

/// Each has a decoy where an id might be looked for.
fn called() -> impl Strategy<Value = Called> {
    prop_oneof![
        2 => named("tools/call", "name", &["search_mail", "get_me", "about"]),
        1 => named("prompts/get", "name", &["greet"]),
        1 => named("resources/read", "uri", &["note:///welcome"]),
        1 => completion(),
        2 => nameless(),
    ]
}

fn named(
    method: &'static str,
    member: &'static str,
    there: &'static [&'static str],
) -> impl Strategy<Value = Called> {
    (name(there), any::<i64>()).prop_map(move |((asked, name), decoy)| {
        let arguments = json!({ "who": "Ada", "id": decoy.to_string() });
        let params = json!({ "id": decoy, member: name, "arguments": arguments });
        Called { method, mirrored: Some(name), params, asked }
    })
}

fn completion() -> impl Strategy<Value = Called> {
    let reference = select(vec![
        json!({ "type": "ref/prompt", "name": "greet", "id": 1 }),
        json!({ "type": "ref/resource", "uri": "note:///{name}", "id": 1 }),
    ]);
    (reference, "[a-z\"]{0,8}", any::<i64>()).prop_map(|(reference, value, decoy)| {
        let argument = json!({ "name": "name", "value": value, "id": decoy });
        let params = json!({ "id": decoy, "ref": reference, "argument": argument });
        Called { method: "completion/complete", mirrored: None, params, asked: Asked::Something }
    })
}

fn nameless() -> impl Strategy<Value = Called> {
    const LISTS: [&str; 4] = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"];
    const OTHERS: [&str; 4] = ["ping", "server/discover", "initialize", "nothing"];
    let method = prop_oneof![
        select(&LISTS).prop_map(|method| (Asked::Something, method)),
        select(&OTHERS).prop_map(|method| (Asked::PerhapsNothing, method)),
    ];
    (method, any::<i64>()).prop_map(|((asked, method), decoy)| {
        let initialize = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {} });
        let mut params = if method == "initialize" { initialize } else { json!({}) };
        params["id"] = decoy.into();
        Called { method, mirrored: None, params, asked }
    })
}

/// Members in an order in which the id comes last.
fn body(id: &str, method: &str, params: &Value) -> Vec<u8> {
    format!(r#"{{"params":{params},"jsonrpc":"2.0","method":"{method}","id":{id}}}"#).into_bytes()
}

/// As a client of the legacy era sends it: what says the version may be missing.
fn legacy() -> impl Strategy<Value = Sent> {
    let version = select(vec![Some("2025-06-18"), Some("2025-11-25"), None]);
    (id(), called(), version).prop_map(|(id, called, version)| Sent {
        body: body(&id, called.method, &called.params),
        headers: [version.map(str::to_owned), None, None],
        asked: called.asked,
        id,
    })
}

/// As a client of the modern era sends it: with its `_meta`, and every header that mirrors the body.
fn modern() -> impl Strategy<Value = Sent> {
    (id(), called(), any::<bool>()).prop_map(|(id, called, encodes_all)| {
        let Called { method, mirrored: name, mut params, asked } = called;
        params["_meta"] = modern_meta();
        let name = name.map(|name| mirrored(name, encodes_all));
        Sent {
            body: body(&id, method, &params),
            headers: [Some("2026-07-28".to_owned()), Some(method.to_owned()), name],
            asked,
            id,
        }
    })
}

/// The name as a header carries it; plain where it can be, unless the client encodes everything.
fn mirrored(name: String, encodes_all: bool) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic()) && !name.starts_with("=?");
    if is_plain && !encodes_all { name } else { format!("=?base64?{}?=", STANDARD.encode(name)) }
}

fn of_either_era() -> impl Strategy<Value = Sent> {
    prop_oneof![legacy(), modern()]
}

/// What happens to a message on its way.
#[derive(Debug, Clone)]
enum Damage {
    /// The byte of the body at that place is another one.
    Byte(Index, u8),
    CutOff(Index),
    /// A quoted text of the body is another one: a member's name, a version, a method.
    Word(&'static str, &'static str),
    HeaderLost(Index),
    HeaderChanged(Index, String),
}

fn damage() -> impl Strategy<Value = Damage> {
    let words = vec![
        ("2026-07-28", "2025-11-25"),
        ("2026-07-28", "2099-01-01"),
        ("io.modelcontextprotocol/protocolVersion", "x"),
        ("io.modelcontextprotocol/clientCapabilities", "io.modelcontextprotocol/protocolVersion"),
        ("_meta", "name"),
        ("params", "id"),
        ("id", "result"),
        ("jsonrpc", "id"),
        ("method", "params"),
    ];
    let header = select(vec!["2026-07-28", "2025-11-25", "2099-01-01", "?", "tools/call", "=?base64?!?="]);
    let header = prop_oneof![header.prop_map(str::to_owned), ".{0,40}"];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(place, byte)| Damage::Byte(place, byte)),
        any::<Index>().prop_map(Damage::CutOff),
        select(words).prop_map(|(word, other)| Damage::Word(word, other)),
        any::<Index>().prop_map(Damage::HeaderLost),
        (any::<Index>(), header).prop_map(|(which, text)| Damage::HeaderChanged(which, text)),
    ]
}

impl Damage {
    fn apply(self, sent: &mut Sent) {
        let headers = sent.headers.len();
        match self {
            Self::Byte(place, byte) => {
                let place = place.index(sent.body.len());
                sent.body[place] = byte;
            }
            // A byte is left, so that there is a place for the next damage.
            Self::CutOff(place) => sent.body.truncate(place.index(sent.body.len()) + 1),
            Self::Word(word, other) => {
                let text = String::from_utf8_lossy(&sent.body);
                sent.body = text.replace(&format!("\"{word}\""), &format!("\"{other}\"")).into_bytes();
            }
            Self::HeaderLost(which) => sent.headers[which.index(headers)] = None,
            Self::HeaderChanged(which, text) => sent.headers[which.index(headers)] = Some(text),
        }
    }
}

/// The id of a message or an answer, as another reader sees it: where it is one JSON object that names one id.
fn id_of(text: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct OnlyId {
        id: Option<Box<RawValue>>,
    }
    serde_json::from_slice::<OnlyId>(text).ok()?.id.map(|id| id.get().to_owned())
}

/// What an answer may be longer than what it answers, whose texts come back with their escapes: its own words, and the
/// catalogue.
const WORDS: usize = 4_096;

/// What must hold for every answer, whatever has been sent.
fn check(answer: &Answer, sent: &Sent) -> Result<(), TestCaseError> {
    // Not as values: an id may be a number that fits none.
    prop_assert!(serde_json::from_slice::<&RawValue>(&answer.body).is_ok(), "an answer that is not JSON");
    prop_assert!(answer.body.len() <= 6 * sent.len() + WORDS, "the answer outgrows what it answers");
    if let Some(id) = id_of(&answer.body) {
        prop_assert_eq!(Some(id), id_of(&sent.body), "an answer carries another id than its request");
    }
    Ok(())
}

proptest! {
    /// If this failed, an answer could be taken for that of another request, or the headers of an honest client would be
    /// taken for wrong ones.
    #[test]
    fn a_whole_request_is_answered_under_its_own_id(sent in of_either_era()) {
        let answer = sent.exchange().unwrap();
        check(&answer, &sent)?;
        prop_assert_eq!(id_of(&answer.body), Some(sent.id));
        prop_assert!(!matches!(answer.outcome.jsonrpc_code(), Some(-32_020 | -32_022)), "{:?}", answer);
        prop_assert!(
            answer.outcome == CallOutcome::Completed || sent.asked == Asked::PerhapsNothing,
            "{:?}", answer
        );
    }

    /// If this failed, a message that is nearly right could end the worker that reads it, or be answered as another one.
    #[test]
    fn a_damaged_message_gets_a_well_formed_answer(
        mut sent in of_either_era(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        for damage in damages {
            damage.apply(&mut sent);
        }
        let Some(answer) = sent.exchange() else {
            prop_assert_eq!(id_of(&sent.body), None, "a request was taken for a notification");
            return Ok(());
        };
        check(&answer, &sent)?;
    }

    /// If this failed, bytes that are no message could do what damaged ones can't.
    #[test]
    fn any_bytes_get_a_well_formed_answer(
        body in prop::collection::vec(any::<u8>(), 0..400),
        like in of_either_era(),
    ) {
        let sent = Sent { body, ..like };
        if let Some(answer) = sent.exchange() {
            check(&answer, &sent)?;
        }
    }
}
