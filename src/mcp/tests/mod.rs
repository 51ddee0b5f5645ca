//! The protocol against a host without a network: both steps, as the transport takes them.

mod any_message;
mod call;
mod envelope;
mod era;
mod host;
mod list;
mod offers;

use serde_json::{Value, json};

use self::host::Host;
use super::{Answer, HeaderField, McpServer, Message, Offered, ServerInfo, TransportHeaders, parse};
use crate::tools::Catalogue;

const MODERN: TransportHeaders<'_> = TransportHeaders {
    protocol_version: HeaderField::Value("2026-07-28"),
    method: HeaderField::Absent,
    name: HeaderField::Absent,
};
const LEGACY: TransportHeaders<'_> = TransportHeaders {
    protocol_version: HeaderField::Value("2025-11-25"),
    method: HeaderField::Absent,
    name: HeaderField::Absent,
};

fn modern(method: &'static str) -> TransportHeaders<'static> {
    TransportHeaders { method: HeaderField::Value(method), ..MODERN }
}

fn modern_call(tool: &'static str) -> TransportHeaders<'static> {
    TransportHeaders { name: HeaderField::Value(tool), ..modern("tools/call") }
}

/// The `_meta` that a modern request owes.
fn modern_meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// A request with the id 7. `params` gets the modern `_meta`.
fn modern_request(method: &str, mut params: Value) -> String {
    params["_meta"] = modern_meta();
    legacy_request(method, &params)
}

fn legacy_request(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string()
}

fn server() -> McpServer {
    server_of(Catalogue::of_tools(&host::TOOLS))
}

fn server_of(catalogue: Catalogue) -> McpServer {
    let info = ServerInfo {
        name: "m365-connector".to_owned(),
        title: "Microsoft 365".to_owned(),
        version: "1.2.3".to_owned(),
        instructions: "Reads.".to_owned(),
        website: Some("https://connector.example".to_owned()),
        icons: Some("https://connector.example/icons/1/".to_owned()),
    };
    McpServer::new(&info, catalogue).unwrap()
}

/// Both steps in one; `None` for a notification that is accepted.
async fn exchange(body: &[u8], headers: &TransportHeaders<'_>, host: &Host) -> Option<Answer> {
    match parse(body, headers, Offered::default()) {
        Ok(Message::Request(request)) => Some(server().answer(&request, host).await),
        Ok(Message::Notification) => None,
        Err(answer) => Some(answer),
    }
}

/// As [`exchange`], of a server that offers `catalogue`.
async fn ask(catalogue: Catalogue, body: &str, headers: &TransportHeaders<'_>, host: &Host) -> Answer {
    let server = server_of(catalogue);
    match parse(body.as_bytes(), headers, server.offered()) {
        Ok(Message::Request(request)) => server.answer(&request, host).await,
        Ok(Message::Notification) => panic!("no request"),
        Err(answer) => answer,
    }
}

async fn answer(body: &str, headers: &TransportHeaders<'_>, host: &Host) -> (u16, Value, Answer) {
    let answer = exchange(body.as_bytes(), headers, host).await.unwrap();
    (answer.status.as_u16(), serde_json::from_slice(&answer.body).unwrap(), answer)
}

/// Status and JSON-RPC code of an error.
async fn refusal(body: &str, headers: &TransportHeaders<'_>) -> (u16, i64) {
    let (status, reply, _) = answer(body, headers, &Host::default()).await;
    (status, reply["error"]["code"].as_i64().unwrap())
}
