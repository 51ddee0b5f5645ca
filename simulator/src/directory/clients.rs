//! Registered applications: the public clients of people, and the connector itself.

use uuid::Uuid;

use super::random::SplitMix64;

/// A public client application: it holds no secret and proves itself with PKCE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: Uuid,
    pub name: String,
    /// Registered redirect addresses of programs and servers. The port of a loopback address is not compared (RFC 8252,
    /// section 7.3).
    pub redirect_uris: Vec<String>,
    /// Those of single-page applications, whose scripts redeem their codes from within the browser.
    pub spa_redirect_uris: Vec<String>,
}

/// What a redirect address is registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// A program of its own, or a server.
    Native,
    /// A page in a browser.
    SinglePage,
}

/// The registration of the connector: a confidential client that exposes one delegated scope.
#[derive(Clone, PartialEq, Eq)]
pub struct Connector {
    pub client_id: Uuid,
    /// Simulated, and derived from the seed: it protects nothing real.
    pub client_secret: String,
    /// Short name of the scope that the connector's own API exposes.
    pub scope: &'static str,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Connector")
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Name, redirect addresses, and redirect addresses of single-page applications.
type Registration = (&'static str, &'static [&'static str], &'static [&'static str]);

const CLIENTS: &[Registration] = &[
    (
        "Any MCP client on this machine",
        &[
            "http://127.0.0.1/",
            "http://localhost/",
            "http://127.0.0.1/callback",
            "http://localhost/callback",
            "http://127.0.0.1/oauth/callback",
            "http://localhost/oauth/callback",
        ],
        &[],
    ),
    ("Visual Studio Code", &["http://127.0.0.1:33418/", "https://vscode.dev/redirect"], &[]),
    // Its command line listens by itself. Its page is redirected to, and has its code redeemed by the program that serves it.
    ("MCP Inspector", &["http://127.0.0.1:6276/oauth/callback", "http://127.0.0.1:6274/oauth/callback"], &[]),
    ("Claude", &["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"], &[]),
    // No client that is known redeems its codes on a page. Pages of one's own do.
    ("A page on this machine", &[], &["http://localhost:5173/callback"]),
];

pub(super) fn generate(random: &mut SplitMix64) -> Vec<Client> {
    let owned = |uris: &[&str]| uris.iter().map(|uri| (*uri).to_owned()).collect();
    CLIENTS
        .iter()
        .map(|(name, redirects, of_pages)| Client {
            id: random.uuid(),
            name: (*name).to_owned(),
            redirect_uris: owned(redirects),
            spa_redirect_uris: owned(of_pages),
        })
        .collect()
}

pub(super) fn connector(random: &mut SplitMix64) -> Connector {
    Connector { client_id: random.uuid(), client_secret: secret(random), scope: "access_as_user" }
}

/// Shaped as Entra's own: forty characters, `Q~` near the front.
fn secret(random: &mut SplitMix64) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    let mut letters = |count: usize| -> String {
        (0..count).map(|_| char::from(ALPHABET[random.index(ALPHABET.len())])).collect()
    };
    format!("{}8Q~{}", letters(3), letters(34))
}
