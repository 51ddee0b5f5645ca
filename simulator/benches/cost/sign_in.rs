//! The whole way of a person to Graph: signed in, code redeemed, and exchanged On-Behalf-Of by the connector.

use serde_json::Value;

use crate::Failure;
use crate::client::{self, Client};

/// A verifier and its S256 challenge (RFC 7636).
const VERIFIER: &str = "a-verifier-of-a-good-size-0123456789-0123456789";
const CHALLENGE: &str = "vBqZNboNtDfXbXEDm78FipAGXIM7pVKIZA-y_U5p1yg";
const REDIRECT: &str = "http://127.0.0.1/callback";

/// The applications that take part.
pub(crate) struct Applications {
    client: String,
    connector: String,
    secret: String,
}

impl Applications {
    pub(crate) fn registered(client: &mut Client) -> Result<Self, Failure> {
        let directory: Value = serde_json::from_str(&client.send(&client::get("/_sim/directory", ""))?)?;
        let connector: Value = serde_json::from_str(&client.send(&client::get("/_sim/registration", ""))?)?;
        Ok(Self {
            client: text(&directory["clients"][0]["id"])?,
            connector: text(&connector["client_id"])?,
            secret: text(&connector["client_secret"])?,
        })
    }

    /// Signs somebody in, and returns a token for Graph.
    pub(crate) fn sign_in(&self, client: &mut Client, tenant: &str, user: &str) -> Result<String, Failure> {
        let scope = format!("{}/access_as_user+openid+offline_access", self.connector);
        let page = client.send(&client::form(
            &format!("/{tenant}/oauth2/v2.0/authorize"),
            &[
                ("client_id", &self.client),
                ("response_type", "code"),
                ("response_mode", "form_post"),
                ("redirect_uri", REDIRECT),
                ("scope", &scope),
                ("code_challenge", CHALLENGE),
                ("code_challenge_method", "S256"),
                ("user", user),
            ],
        ))?;
        let code = page.split_once("name=\"code\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        let (code, _) = code.ok_or("a page without a code")?;
        let tokens = format!("/{tenant}/oauth2/v2.0/token");
        let assertion = access_token(&client.send(&client::form(
            &tokens,
            &[
                ("client_id", &self.client),
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT),
                ("code_verifier", VERIFIER),
            ],
        ))?)?;
        access_token(&client.send(&client::form(
            &tokens,
            &[
                ("client_id", &self.connector),
                ("client_secret", &self.secret),
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("requested_token_use", "on_behalf_of"),
                ("scope", "https://graph.microsoft.com/.default"),
                ("assertion", &assertion),
            ],
        ))?)
    }
}

fn access_token(answer: &str) -> Result<String, Failure> {
    text(&serde_json::from_str::<Value>(answer)?["access_token"])
}

fn text(value: &Value) -> Result<String, Failure> {
    Ok(value.as_str().ok_or("no text")?.to_owned())
}
