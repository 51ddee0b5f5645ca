//! Long messages of the modern era, each with the headers that mirror it, by what a client could make long.

use m365_connector::mcp::{HeaderField, Message, TransportHeaders, parse};

use crate::envelope::EVERYTHING;

/// A way to fill a message of 2026-07-28.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    pub name: &'static str,
    /// `Mcp-Method`, and `Mcp-Name` where there is one.
    method: &'static str,
    mirrored: Option<&'static str>,
    parts: (&'static str, &'static str, &'static str),
    /// Whether its headers and its params are those of a good request.
    pub is_accepted: bool,
}

impl Family {
    /// A message of exactly `size` bytes: what does not come out even is blanks at its end.
    pub fn message(&self, size: usize) -> Vec<u8> {
        let (before, unit, after) = self.parts;
        let units = size.saturating_sub(before.len() + after.len()) / unit.len();
        let mut message = [before, &unit.repeat(units), after].concat().into_bytes();
        message.resize(size, b' ');
        message
    }

    /// The headers in front of the body, as [`crate::envelope::check`] takes both.
    pub fn with_headers(&self, body: &[u8]) -> Vec<u8> {
        let headers = format!(">2026-07-28\n{}\n{}\n", self.method, self.mirrored.unwrap_or_default());
        [headers.as_bytes(), body].concat()
    }

    /// Reads `message` with this family's headers, and makes it stand on its own, as what is read on another thread does.
    /// Under this name for who counts the instructions of it alone.
    #[inline(never)]
    pub fn read(&self, message: &[u8]) {
        let headers = TransportHeaders {
            protocol_version: HeaderField::Value("2026-07-28"),
            method: HeaderField::Value(self.method),
            name: self.mirrored.map_or(HeaderField::Absent, HeaderField::Value),
        };
        drop(std::hint::black_box(parse(message, &headers, EVERYTHING).map(Message::into_owned)));
    }
}

/// A request with everything that the modern era asks for, whose params go on with these members.
macro_rules! request {
    ($method:literal, $more:literal) => {
        concat!(
            r#"{"jsonrpc":"2.0","id":7,"method":""#,
            $method,
            r#"","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
            r#""io.modelcontextprotocol/clientCapabilities":{}"#,
            $more
        )
    };
}

/// All of them.
pub const FAMILIES: [Family; 14] = [
    Family {
        name: "a wide _meta",
        method: "tools/list",
        mirrored: None,
        parts: (request!("tools/list", ""), r#","x":0"#, "}}}"),
        is_accepted: true,
    },
    Family {
        name: "many params that nobody reads",
        method: "server/discover",
        mirrored: None,
        parts: (request!("server/discover", r#"},"x":0"#), r#","x":[[]]"#, "}}"),
        is_accepted: true,
    },
    Family {
        name: "wide capabilities",
        method: "tools/list",
        mirrored: None,
        parts: (
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"x":0"#,
            r#","x":[]"#,
            "}}}}",
        ),
        is_accepted: true,
    },
    Family {
        name: "capabilities that are no object",
        method: "tools/list",
        mirrored: None,
        parts: (
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":[0"#,
            ",0",
            "]}}}",
        ),
        is_accepted: false,
    },
    Family {
        name: "a long version in _meta",
        method: "tools/list",
        mirrored: None,
        parts: (
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":""#,
            r"\u0032",
            r#""}}}"#,
        ),
        is_accepted: false,
    },
    Family {
        name: "the same field of _meta again and again",
        method: "tools/list",
        mirrored: None,
        parts: (request!("tools/list", ""), r#","io.modelcontextprotocol/clientCapabilities":{}"#, "}}}"),
        is_accepted: false,
    },
    Family {
        name: "a long traceparent",
        method: "tools/list",
        mirrored: None,
        parts: (request!("tools/list", r#","traceparent":""#), r"\u0000", r#""}}}"#),
        is_accepted: true,
    },
    Family {
        name: "a long method over a short header",
        method: "tools/list",
        mirrored: None,
        parts: (r#"{"jsonrpc":"2.0","id":7,"params":{},"method":"tools/list"#, r"\u0020", "\"}"),
        is_accepted: false,
    },
    Family {
        name: "many arguments of a tool",
        method: "tools/call",
        mirrored: Some("get_me"),
        parts: (request!("tools/call", r#"},"name":"get_me","arguments":{"x":0"#), r#","x":0"#, "}}}"),
        is_accepted: true,
    },
    Family {
        name: "a long name of a tool over a short header",
        method: "tools/call",
        mirrored: Some("get_me"),
        parts: (request!("tools/call", r#"},"name":"get_me"#), r"\u0020", r#""}}"#),
        is_accepted: false,
    },
    Family {
        name: "a long uri over an encoded header",
        method: "resources/read",
        mirrored: Some("=?base64?eA==?="),
        parts: (request!("resources/read", r#"},"uri":"x"#), r"\u00e9", r#""}}"#),
        is_accepted: false,
    },
    Family {
        name: "a prompt with much beside its name",
        method: "prompts/get",
        mirrored: Some("=?base64?eA==?="),
        parts: (request!("prompts/get", r#"},"name":"x","y":[0"#), ",0", "]}}"),
        is_accepted: true,
    },
    Family {
        name: "a long progress token",
        method: "tools/list",
        mirrored: None,
        parts: (request!("tools/list", r#","progressToken":"x"#), "x", r#""}}}"#),
        is_accepted: false,
    },
    Family {
        name: "a notification with much in it",
        method: "notifications/x",
        mirrored: None,
        parts: (
            r#"{"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},"x":[0"#,
            ",0",
            "]}}",
        ),
        is_accepted: true,
    },
];
