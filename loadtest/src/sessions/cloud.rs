//! A cloud with everything prepared: tokens, keys and one page of messages. It knows nobody and keeps nothing, so that a
//! hundred thousand users cost it no more than one.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use serde_json::{Value, json};

use super::signer::Signer;

/// In bytes: what Graph's own tokens of a user with some groups and permissions come to.
pub(super) const GRAPH_TOKEN_BYTES: usize = 2_600;
/// What an administrator who wants every tool consents to.
const SCOPES: [&str; 16] = [
    "Calendars.Read.Shared",
    "ChannelMessage.Read.All",
    "Channel.ReadBasic.All",
    "Chat.Read",
    "Files.Read.All",
    "Mail.Read",
    "Mail.Read.Shared",
    "MailboxSettings.Read",
    "OnlineMeetingArtifact.Read.All",
    "OnlineMeetingRecording.Read.All",
    "OnlineMeetingTranscript.Read.All",
    "OnlineMeetings.Read",
    "People.Read",
    "Sites.Read.All",
    "Team.ReadBasic.All",
    "User.ReadBasic.All",
];
/// Of a page, as a search asks for them.
const MESSAGES: usize = 10;

/// Entra ID and Graph, as far as a search of mail needs them.
pub(super) struct PreparedCloud {
    pub(super) address: SocketAddr,
    server: ServerHandle,
}

struct Answers {
    discovery: Bytes,
    keys: Bytes,
    exchange: Bytes,
    page: Bytes,
}

impl PreparedCloud {
    pub(super) fn start(signer: &Signer) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let answers = Data::new(Answers::at(address, signer));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(Data::clone(&answers))
                .route("/common/v2.0/.well-known/openid-configuration", web::get().to(discovery))
                .route("/common/discovery/v2.0/keys", web::get().to(keys))
                .route("/{tenant}/oauth2/v2.0/token", web::post().to(exchange))
                .default_service(web::get().to(page))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Ok(Self { address, server: handle })
    }

    pub(super) async fn stop(self) {
        self.server.stop(false).await;
    }
}

async fn discovery(answers: Data<Answers>) -> HttpResponse {
    ready(&answers.discovery)
}

async fn keys(answers: Data<Answers>) -> HttpResponse {
    ready(&answers.keys)
}

async fn exchange(answers: Data<Answers>, _form: Bytes) -> HttpResponse {
    ready(&answers.exchange)
}

async fn page(answers: Data<Answers>) -> HttpResponse {
    ready(&answers.page)
}

fn ready(answer: &Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(Bytes::clone(answer))
}

impl Answers {
    fn at(address: SocketAddr, signer: &Signer) -> Self {
        let discovery = json!({
            "issuer": format!("http://{address}/{{tenantid}}/v2.0"),
            "jwks_uri": format!("http://{address}/common/discovery/v2.0/keys"),
        });
        let exchange = json!({
            "token_type": "Bearer",
            "scope": SCOPES.map(|scope| format!("https://graph.microsoft.com/{scope}")).join(" "),
            "expires_in": 4_799,
            "access_token": "x".repeat(GRAPH_TOKEN_BYTES),
        });
        let bytes = |answer: Value| Bytes::from(answer.to_string());
        Self {
            discovery: bytes(discovery),
            keys: bytes(signer.key_set(address)),
            exchange: bytes(exchange),
            page: bytes(messages(address)),
        }
    }
}

/// As Graph gives them: ids and links are long, previews have line breaks.
fn messages(address: SocketAddr) -> Value {
    let id = |number: usize| format!("AAMkAGI2{}AAA{number}=", "TG93YWRqc2thZGprYXNk".repeat(7));
    let person = |name: &str| {
        let address = format!("{}@contoso.example", name.to_lowercase().replace(' ', "."));
        json!({ "emailAddress": { "name": name, "address": address } })
    };
    let message = |number: usize| {
        json!({
            "@odata.etag": "W/\"CQAAABYAAAAiIsqMbYjsT5e/T7KzowPTAAAAAAAA\"",
            "id": id(number),
            "receivedDateTime": format!("2026-11-23T10:{number:02}:00Z"),
            "subject": format!("Budget review {number} for the third quarter"),
            "bodyPreview": "Hello all,\r\n\r\nplease find below what we agreed on this morning – and what is still open. "
                .repeat(3),
            "importance": "normal",
            "hasAttachments": number.is_multiple_of(3),
            "isRead": number.is_multiple_of(2),
            "webLink": format!("https://outlook.office365.com/owa/?ItemID={}&exvsurl=1&viewmodel=ReadMessageItem", id(number)),
            "from": person("Adele Vance"),
            "toRecipients": [person("Alex Wilber"), person("Diego Siciliani")],
        })
    };
    json!({
        "@odata.context": format!("http://{address}/v1.0/$metadata#users('x')/messages"),
        "value": (0..MESSAGES).map(message).collect::<Vec<_>>(),
        "@odata.nextLink": format!("http://{address}/v1.0/me/messages?$top=10&$skip=10"),
    })
}
