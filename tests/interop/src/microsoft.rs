//! Microsoft's own clients, which must not be able to tell the simulator from the real service. They insist on HTTPS.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use m365_simulator::{Simulator, SimulatorOptions, TlsOptions};
use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::child::{self, ChildError, Finished};
use crate::outcome::{Checks, Outcome, ensure};
use crate::workshop::Workshop;

/// The connector is only known to the simulator here: nobody calls it.
const CONNECTOR_URL: &str = "http://127.0.0.1:8080/mcp";
/// Nothing listens there: the programs' browser reads the redirect, and does not follow it.
const REDIRECT_URI: &str = "http://127.0.0.1:49152/callback";
/// The compiler of TypeScript alone takes a quarter of it where the machine has much else to do.
const LIMIT: Duration = Duration::from_secs(180);

/// Every address of the simulated Graph, with what opens it.
const ADDRESSES: &str = include_str!("../../../simulator/data/permissions.txt");

/// A library by Microsoft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Library {
    MsalNode,
    MsalPython,
    GraphJavaScript,
    GraphPython,
    GraphTypes,
    /// MSAL and the Graph client for JavaScript, in an application that is registered with the simulator.
    Application,
}

impl Library {
    pub(crate) const ALL: [Self; 6] = [
        Self::MsalNode,
        Self::MsalPython,
        Self::GraphJavaScript,
        Self::GraphPython,
        Self::GraphTypes,
        Self::Application,
    ];

    /// For the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MsalNode => "microsoft msal node",
            Self::MsalPython => "microsoft msal python",
            Self::GraphJavaScript => "microsoft graph javascript",
            Self::GraphPython => "microsoft graph python",
            Self::GraphTypes => "microsoft graph types",
            Self::Application => "microsoft application",
        }
    }

    /// The interpreter, and the script.
    fn parts(self, workshop: &Workshop) -> (PathBuf, PathBuf) {
        match self {
            Self::MsalNode => (workshop.node(), workshop.typescript_client("msal.mjs")),
            Self::MsalPython => (workshop.python(), workshop.source("clients/python/msal_client.py")),
            Self::GraphJavaScript => (workshop.node(), workshop.typescript_client("graph.mjs")),
            Self::GraphPython => (workshop.python(), workshop.source("clients/python/graph_client.py")),
            Self::GraphTypes => (workshop.node(), workshop.typescript_client("types.mjs")),
            Self::Application => (workshop.node(), workshop.typescript_client("application.mjs")),
        }
    }
}

#[derive(Debug, Error)]
enum MicrosoftError {
    #[error("the simulator, or a file for the program: {0}")]
    Io(#[from] std::io::Error),
    #[error("the briefing is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the simulator lacks {0}")]
    Lacking(&'static str),
    #[error(transparent)]
    Child(#[from] ChildError),
}

/// What a program reads.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Briefing {
    /// Origin of everything, over HTTPS.
    base: String,
    tenant: String,
    user: String,
    client_id: String,
    redirect_uri: &'static str,
    /// The connector's own scope, with its resource.
    scope: String,
    connector_id: String,
    client_secret: String,
    certificate: Value,
    addresses: &'static str,
}

/// Runs a program against a simulator of its own.
pub(crate) async fn run(library: Library, workshop: &Workshop) -> Outcome {
    let mut checks = Checks::of(library.name());
    if let Some(finished) = checks.note("it runs", visit(library, workshop).await) {
        let before = checks.all_held();
        checks.note_lines(&finished.stdout);
        let reported = ensure(!finished.stdout.is_empty(), || finished.last_words());
        checks.note("it reports", reported);
        let explained = finished.code == Some(0) || (before && !checks.all_held());
        checks.note("it ends well", ensure(explained, || finished.last_words()));
    }
    checks.end()
}

async fn visit(library: Library, workshop: &Workshop) -> Result<Finished, MicrosoftError> {
    let folder = workshop.folder(&library.name().replace(' ', "-"))?;
    let ca_file = folder.join("ca.pem");
    let simulator = Simulator::start(SimulatorOptions {
        connector_app_id_uris: vec![CONNECTOR_URL.to_owned()],
        tls: Some(TlsOptions { ca_file: Some(ca_file.clone()), ..TlsOptions::default() }),
        ..SimulatorOptions::default()
    })
    .await?;
    let finished = start(library, workshop, &folder, &ca_file, &briefing(&simulator)?).await;
    simulator.stop().await;
    finished
}

async fn start(
    library: Library,
    workshop: &Workshop,
    folder: &Path,
    ca_file: &Path,
    briefing: &Briefing,
) -> Result<Finished, MicrosoftError> {
    let file = folder.join("cloud.json");
    fs::write(&file, serde_json::to_vec_pretty(briefing)?)?;
    let (interpreter, script) = library.parts(workshop);
    let mut command = child::command(&interpreter, folder);
    // Each runtime is told in its own way whom to trust.
    for variable in ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"] {
        command.env(variable, ca_file);
    }
    command.arg(script).arg(file);
    Ok(child::finish(child::start(&mut command)?, LIMIT).await?)
}

fn briefing(simulator: &Simulator) -> Result<Briefing, MicrosoftError> {
    let directory = simulator.directory();
    let tenant = directory.tenants.first().ok_or(MicrosoftError::Lacking("a tenant"))?;
    let user = tenant.users.first().ok_or(MicrosoftError::Lacking("a user"))?;
    let client = directory.clients.first().ok_or(MicrosoftError::Lacking("a client"))?;
    let credentials = simulator.connector_credentials();
    Ok(Briefing {
        base: simulator.secure_base_url().ok_or(MicrosoftError::Lacking("HTTPS"))?.to_owned(),
        tenant: tenant.id.to_string(),
        user: user.upn.clone(),
        client_id: client.id.to_string(),
        redirect_uri: REDIRECT_URI,
        scope: format!("{CONNECTOR_URL}/{}", directory.connector.scope),
        connector_id: credentials.client_id.to_string(),
        client_secret: credentials.client_secret,
        certificate: json!({
            "certificate": credentials.certificate_pem,
            "privateKey": credentials.private_key_pem,
            "thumbprintSha256": credentials.certificate_thumbprint_sha256,
        }),
        addresses: ADDRESSES,
    })
}
