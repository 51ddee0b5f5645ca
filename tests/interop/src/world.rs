//! The connector and the Microsoft 365 behind it, as the clients are told of them.

use std::time::Duration;

use m365_demo::{SignIn, SignInError, Stage};
use m365_simulator::directory::{Client, Tenant, User};
use reqwest::redirect::Policy;
use serde::Serialize;
use thiserror::Error;

/// Nothing listens there: the programs' browser reads the redirect, and does not follow it.
const REDIRECT_URI: &str = "http://127.0.0.1:49152/callback";

/// As it stands in the simulated directory.
const INSPECTOR: &str = "MCP Inspector";

/// Why there is no world to be in.
#[derive(Debug, Error)]
pub(crate) enum WorldError {
    #[error("the simulated directory lacks {0}")]
    Lacking(&'static str),
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    SignIn(#[from] SignInError),
}

/// Which of the connector's addresses a client is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    Common,
    /// That of the person's tenant.
    Tenants,
}

/// What a client program reads.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Briefing {
    connector_url: String,
    client_id: String,
    redirect_uri: &'static str,
}

/// A running stage, with people to sign in.
#[derive(Debug)]
pub(crate) struct World {
    stage: Stage,
    http: reqwest::Client,
}

impl World {
    pub(crate) fn of(stage: Stage) -> Result<Self, WorldError> {
        let http =
            reqwest::Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(30)).build()?;
        Ok(Self { stage, http })
    }

    /// For what a person's browser does, and for the simulator's control API. Follows no redirect.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The common address, and the resource at every address.
    pub(crate) fn connector_url(&self) -> &str {
        self.stage.connector_url()
    }

    /// What the person of this number gives a client as the connector's address.
    pub(crate) fn address(&self, address: Address, number: usize) -> Result<String, WorldError> {
        match address {
            Address::Common => Ok(self.connector_url().to_owned()),
            Address::Tenants => Ok(format!("{}/{}", self.connector_url(), self.tenant(number)?.id)),
        }
    }

    /// At whose sign-in of Entra's that address ends: with what its path begins.
    pub(crate) fn authority(&self, address: Address, number: usize) -> Result<String, WorldError> {
        match address {
            Address::Common => Ok("organizations".to_owned()),
            Address::Tenants => Ok(self.tenant(number)?.id.to_string()),
        }
    }

    /// The scope that the connector's challenge names.
    pub(crate) fn scope(&self) -> String {
        format!("{}/{}", self.connector_url(), self.stage.simulator.directory().connector.scope)
    }

    pub(crate) fn simulator_url(&self) -> &str {
        self.stage.simulator_url()
    }

    /// The first person of one tenant after the other: they have consented to everything, and have mail.
    pub(crate) fn person(&self, number: usize) -> Result<&User, WorldError> {
        self.tenant(number)?.users.first().ok_or(WorldError::Lacking("a user"))
    }

    fn tenant(&self, number: usize) -> Result<&Tenant, WorldError> {
        let tenants = &self.stage.simulator.directory().tenants;
        let tenant = tenants.get(number % tenants.len().max(1));
        tenant.map(AsRef::as_ref).ok_or(WorldError::Lacking("a tenant"))
    }

    /// The client whose loopback redirects match on any port.
    pub(crate) fn any_client(&self) -> Result<&Client, WorldError> {
        self.stage.simulator.directory().clients.first().ok_or(WorldError::Lacking("a client"))
    }

    pub(crate) fn inspector_client(&self) -> Result<&Client, WorldError> {
        let clients = &self.stage.simulator.directory().clients;
        clients.iter().find(|client| client.name == INSPECTOR).ok_or(WorldError::Lacking(INSPECTOR))
    }

    pub(crate) fn briefing(&self, address: Address, number: usize) -> Result<Briefing, WorldError> {
        Ok(Briefing {
            connector_url: self.address(address, number)?,
            client_id: self.any_client()?.id.to_string(),
            redirect_uri: REDIRECT_URI,
        })
    }

    /// Signs `user` in, and returns the access token.
    pub(crate) async fn token(&self, user: &str) -> Result<String, WorldError> {
        let client = self.any_client()?.id.to_string();
        let sign_in = SignIn::discover(&self.http, self.connector_url()).await?;
        Ok(sign_in.sign_in(&self.http, &client, user).await?)
    }

    pub(crate) async fn stop(self) {
        self.stage.stop().await;
    }
}
