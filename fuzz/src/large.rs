//! Messages of any size, by the ways in which a hostile client could make them costly to read.

use m365_connector::mcp::{HeaderField, Message, TransportHeaders, parse};

use crate::envelope::EVERYTHING;

/// A way to fill a message.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    pub name: &'static str,
    before: &'static str,
    /// As often as it fits. `#` stands for a number that is another one each time.
    unit: &'static str,
    after: &'static str,
    /// What a server of the legacy era answers: the status, and the code of the error.
    pub answer: (u16, Option<i64>),
}

impl Family {
    const fn of(
        name: &'static str,
        (before, unit, after): (&'static str, &'static str, &'static str),
        answer: (u16, Option<i64>),
    ) -> Self {
        Self { name, before, unit, after, answer }
    }

    /// A message of exactly `size` bytes: what does not come out even is blanks at its end.
    pub fn message(&self, size: usize) -> Vec<u8> {
        let mut message = Vec::with_capacity(size);
        message.extend_from_slice(self.before.as_bytes());
        let room = size.saturating_sub(self.before.len() + self.after.len());
        if self.unit.contains('#') {
            message.extend(numbered(self.unit, room));
        } else {
            message.extend(self.unit.repeat(room / self.unit.len()).into_bytes());
        }
        message.extend_from_slice(self.after.as_bytes());
        message.resize(size, b' ');
        message
    }
}

/// What `unit` comes to with one number after the other, in at most `room` bytes.
fn numbered(unit: &str, room: usize) -> Vec<u8> {
    let mut units = Vec::with_capacity(room);
    for number in 0_usize.. {
        let unit = unit.replace('#', &number.to_string());
        if units.len() + unit.len() > room {
            break;
        }
        units.extend_from_slice(unit.as_bytes());
    }
    units
}

const RESULT: (u16, Option<i64>) = (200, None);
const MALFORMED: (u16, Option<i64>) = (400, Some(-32_700));
const INVALID_REQUEST: (u16, Option<i64>) = (400, Some(-32_600));
const UNKNOWN_METHOD: (u16, Option<i64>) = (200, Some(-32_601));
/// The method's own rules are not kept.
const INVALID_PARAMS: (u16, Option<i64>) = (200, Some(-32_602));
/// A uri that names nothing.
const NO_SUCH_RESOURCE: (u16, Option<i64>) = (200, Some(-32_002));
/// The params are not formed as those of any method are.
const MALFORMED_PARAMS: (u16, Option<i64>) = (400, Some(-32_602));

/// A request of this method that goes on with these members.
macro_rules! request {
    ($method:literal, $more:literal) => {
        concat!(r#"{"jsonrpc":"2.0","id":7,"method":""#, $method, r#"","#, $more)
    };
}

macro_rules! ping {
    ($more:literal) => {
        request!("ping", $more)
    };
}

/// No message at all, at the length of one.
const NOT_JSON: [Family; 10] = [
    Family::of("lists that are only opened", ("", "[", ""), MALFORMED),
    Family::of("objects that are only opened", ("", r#"{"a":"#, ""), MALFORMED),
    Family::of("lists too deep in the params", (ping!(r#""params":{"x":"#), "[", ""), MALFORMED),
    Family::of("blanks", ("", " ", ""), MALFORMED),
    Family::of("a text without an end", (r#"{"id":""#, r"\\", ""), MALFORMED),
    Family::of("escapes in a text without an end", (r#"{"id":""#, r"\u0000", ""), MALFORMED),
    Family::of("brackets in a text without an end", (r#"{"id":""#, "[", ""), MALFORMED),
    Family::of("a good message and more", (ping!(r#""x":1}"#), "}", ""), MALFORMED),
    Family::of("a fault at the end", (ping!(r#""x":["#), "0,", "]}"), MALFORMED),
    Family::of("a repeated member, and a fault at the end", ("{", r#""id":1,"#, "}"), MALFORMED),
];

/// JSON that is no request.
const NO_REQUEST: [Family; 6] = [
    Family::of("a batch of many", ("[{}", ",{}", "]"), INVALID_REQUEST),
    Family::of("a list of numbers", ("[0", ",0", "]"), INVALID_REQUEST),
    Family::of("a number", ("7", "7", ""), INVALID_REQUEST),
    Family::of("a text", ("\"", "x", "\""), INVALID_REQUEST),
    Family::of("the same id again and again", (r#"{"id":1"#, r#","id":1"#, "}"), INVALID_REQUEST),
    Family::of(
        "an id that is a long list",
        (r#"{"jsonrpc":"2.0","method":"ping","id":[0"#, ",0", "]}"),
        INVALID_REQUEST,
    ),
];

/// Members of the envelope as long as the message.
const ENVELOPES: [Family; 13] = [
    Family::of("a long id", (r#"{"jsonrpc":"2.0","method":"ping","id":""#, "x", "\"}"), RESULT),
    Family::of("an id of escapes", (r#"{"jsonrpc":"2.0","method":"ping","id":""#, r"\u0000", "\"}"), RESULT),
    Family::of("an id of many digits", (r#"{"jsonrpc":"2.0","method":"ping","id":7"#, "7", "}"), RESULT),
    Family::of(
        "an id with a huge exponent",
        (r#"{"jsonrpc":"2.0","method":"ping","id":1e9"#, "9", "}"),
        RESULT,
    ),
    Family::of("a long version", (r#"{"id":7,"method":"ping","jsonrpc":"2.0"#, "0", "\"}"), INVALID_REQUEST),
    Family::of(
        "a version of escapes",
        (r#"{"id":7,"method":"ping","jsonrpc":""#, r"\u0000", "\"}"),
        INVALID_REQUEST,
    ),
    Family::of("a long method", (r#"{"jsonrpc":"2.0","id":7,"method":""#, "x", "\"}"), UNKNOWN_METHOD),
    Family::of(
        "a method of escapes",
        (r#"{"jsonrpc":"2.0","id":7,"method":""#, r"\u0070", "\"}"),
        UNKNOWN_METHOD,
    ),
    Family::of(
        "a long method with an escape",
        (r#"{"jsonrpc":"2.0","id":7,"method":"\n"#, "x", "\"}"),
        UNKNOWN_METHOD,
    ),
    Family::of("many members", (ping!(r#""x":0"#), r#","m#":0"#, "}"), RESULT),
    Family::of("the same unknown member again and again", (ping!(r#""m":0"#), r#","m":0"#, "}"), RESULT),
    Family::of("a long name of a member", (ping!("\""), "x", r#"":0}"#), RESULT),
    Family::of("a name of escapes", (ping!("\""), r"\u0000", r#"":0}"#), RESULT),
];

/// What stands in the params, and nobody reads.
const UNREAD: [Family; 11] = [
    Family::of("many params", (ping!(r#""params":{"x":0"#), r#","m#":0"#, "}}"), RESULT),
    Family::of(
        "the same unknown param again and again",
        (ping!(r#""params":{"m":0"#), r#","m":0"#, "}}"),
        RESULT,
    ),
    Family::of("a name of escapes in the params", (ping!(r#""params":{""#), r"\u0000", r#"":0}}"#), RESULT),
    Family::of("a text of escapes", (ping!(r#""params":{"x":""#), r"\u0000", r#""}}"#), RESULT),
    Family::of("a text beyond ASCII", (ping!(r#""params":{"x":""#), "\u{1f600}", r#""}}"#), RESULT),
    Family::of("a number of many digits", (ping!(r#""params":{"x":0."#), "1", "}}"), RESULT),
    Family::of("a huge exponent", (ping!(r#""params":{"x":-1e-9"#), "9", "}}"), RESULT),
    Family::of("a list of empty lists", (ping!(r#""params":{"x":[[]"#), ",[]", "]}}"), RESULT),
    Family::of(
        "nesting at the limit, side by side",
        (
            ping!(r#""params":{"x":[0"#),
            ",[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
            "]}}",
        ),
        RESULT,
    ),
    Family::of("blanks between everything", (ping!(r#""params":{"x":[0"#), " ,\n\t0\r", "]}}"), RESULT),
    Family::of("params that are a list", (ping!(r#""params":[0"#), ",0", "]}"), MALFORMED_PARAMS),
];

/// What stands in the params, and is read.
const READ: [Family; 20] = [
    Family::of("a wide _meta", (ping!(r#""params":{"_meta":{"x":0"#), r#","m#":0"#, "}}}"), RESULT),
    Family::of(
        "a long traceparent",
        (ping!(r#""params":{"_meta":{"traceparent":""#), r"\u0000", r#""}}}"#),
        RESULT,
    ),
    Family::of(
        "a progress token again and again",
        (ping!(r#""params":{"_meta":{"progressToken":1"#), r#","progressToken":1"#, "}}}"),
        MALFORMED_PARAMS,
    ),
    Family::of(
        "a long progress token",
        (ping!(r#""params":{"_meta":{"progressToken":""#), "x", r#""}}}"#),
        INVALID_PARAMS,
    ),
    Family::of(
        "a progress token of many digits",
        (ping!(r#""params":{"_meta":{"progressToken":7"#), "7", "}}}"),
        INVALID_PARAMS,
    ),
    Family::of(
        "a long version in _meta",
        (ping!(r#""params":{"_meta":{"io.modelcontextprotocol/protocolVersion":""#), "2", r#""}}}"#),
        (400, Some(-32_020)),
    ),
    Family::of(
        "wide capabilities",
        (
            ping!(r#""params":{"_meta":{"io.modelcontextprotocol/clientCapabilities":{"x":0"#),
            r#","m#":[]"#,
            "}}}}",
        ),
        RESULT,
    ),
    Family::of(
        "an initialize with a long version",
        (
            request!("initialize", r#""params":{"capabilities":{},"clientInfo":{},"protocolVersion":""#),
            "9",
            r#""}}"#,
        ),
        RESULT,
    ),
    Family::of(
        "an initialize with a wide clientInfo",
        (
            request!("initialize", r#""params":{"capabilities":{},"protocolVersion":"","clientInfo":{"x":0"#),
            r#","m#":[]"#,
            "}}}",
        ),
        RESULT,
    ),
    Family::of(
        "a long cursor",
        (request!("tools/list", r#""params":{"cursor":""#), r"\u0000", r#""}}"#),
        INVALID_PARAMS,
    ),
    Family::of(
        "a long name of a tool",
        (request!("tools/call", r#""params":{"name":""#), r"\u0000", r#""}}"#),
        INVALID_PARAMS,
    ),
    Family::of(
        "many arguments of a tool",
        (request!("tools/call", r#""params":{"name":"get_me","arguments":{"x":0"#), r#","m#":0"#, "}}}"),
        RESULT,
    ),
    Family::of(
        "the same argument of a tool again and again",
        (
            request!("tools/call", r#""params":{"name":"outlook_email_search","arguments":{"query":"""#),
            r#","query":"""#,
            "}}}",
        ),
        RESULT,
    ),
    Family::of(
        "many arguments of a prompt",
        (request!("prompts/get", r#""params":{"name":"x","arguments":{"x":"""#), r#","m#":"""#, "}}}"),
        INVALID_PARAMS,
    ),
    Family::of(
        "a long argument of a prompt",
        (request!("prompts/get", r#""params":{"name":"x","arguments":{"x":""#), r"\u0000", r#""}}}"#),
        INVALID_PARAMS,
    ),
    Family::of(
        "a long name of a tool with an escape",
        (request!("tools/call", r#""params":{"name":"\n"#), "x", r#""}}"#),
        INVALID_PARAMS,
    ),
    Family::of(
        "a long uri with an escape",
        (request!("resources/read", r#""params":{"uri":"\n"#), "x", r#""}}"#),
        NO_SUCH_RESOURCE,
    ),
    Family::of(
        "a long uri",
        (request!("resources/read", r#""params":{"uri":""#), r"\u00e9", r#""}}"#),
        NO_SUCH_RESOURCE,
    ),
    Family::of(
        "a ref with much beside it",
        (
            request!(
                "completion/complete",
                r#""params":{"argument":{"name":"","value":""},"ref":{"type":"ref/prompt","name":"x","y":[0"#
            ),
            ",0",
            "]}}}",
        ),
        INVALID_PARAMS,
    ),
    Family::of(
        "an argument to complete with much beside it",
        (
            request!(
                "completion/complete",
                r#""params":{"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"","value":"","y":[[]"#
            ),
            ",[]",
            "]}}}",
        ),
        INVALID_PARAMS,
    ),
];

/// All of them.
pub fn families() -> impl Iterator<Item = &'static Family> {
    NOT_JSON.iter().chain(&NO_REQUEST).chain(&ENVELOPES).chain(&UNREAD).chain(&READ)
}

/// Reads `message` as a client of the legacy era sends it, and makes it stand on its own, as what is read on another
/// thread does. Under this name for who counts the instructions of it alone.
#[inline(never)]
pub fn read(message: &[u8]) {
    let headers = TransportHeaders {
        protocol_version: HeaderField::Value("2025-11-25"),
        ..TransportHeaders::default()
    };
    drop(std::hint::black_box(parse(message, &headers, EVERYTHING).map(Message::into_owned)));
}
