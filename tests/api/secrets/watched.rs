//! A connector with all of its telemetry switched on, and everything that it writes anywhere.

use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::rt::task::JoinHandle;
use connector_observability::{OtlpProtocol, Telemetry, TelemetrySettings};
use flate2::read::GzDecoder;
use m365_connector::{AuditTarget, ClientCredential, CpuProfiles, StateLocation};

use crate::calls::without_limits;
use crate::otlp::{Carrier, Receiver};
use crate::running::{EVERYTHING, ScratchDirectory};
use crate::world::{World, send};

const CERTIFICATE: &str = include_str!("../../../simulator/keys/connector.crt.pem");
const PRIVATE_KEY: &str = include_str!("../../../simulator/keys/connector.key.pem");

/// Where something was written, and what.
pub(super) type Written = (&'static str, String);

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Telemetry is installed once a process: one test alone may start this.
pub(super) struct Watched {
    pub(super) world: World,
    pub(super) receiver: Receiver,
    telemetry: Telemetry,
    lines: Lines,
    directory: ScratchDirectory,
    scraped: Vec<Written>,
}

impl Watched {
    /// Its credential is a certificate, whose proofs are made anew for each exchange.
    pub(super) async fn start() -> Self {
        let receiver = Receiver::start(Carrier::Http);
        let lines = Lines::default();
        let telemetry = Telemetry::install_to(
            TelemetrySettings {
                log_filter: EVERYTHING.to_owned(),
                otlp_endpoint: Some(receiver.endpoint.clone()),
                otlp_protocol: OtlpProtocol::HttpProtobuf,
                metrics_interval: Duration::from_secs(1),
                sample_ratio: 1.0,
                ..TelemetrySettings::default()
            },
            lines.clone(),
        )
        .unwrap();
        let directory = ScratchDirectory::new("secrets");
        let file = |name: &str| directory.0.join(name);
        for (name, text) in [("certificate.pem", CERTIFICATE), ("key.pem", PRIVATE_KEY)] {
            std::fs::write(file(name), text).unwrap();
            std::fs::set_permissions(file(name), std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let credential =
            ClientCredential::from_certificate_files(&file("certificate.pem"), &file("key.pem")).unwrap();
        let world = World::watched_by(telemetry.handle(), |settings| {
            without_limits(settings);
            settings.entra.credential = credential.into();
            settings.audit.target = AuditTarget::File(file("audit.jsonl"));
            settings.telemetry.cpu_profiles = CpuProfiles::OnRequest;
            settings.state = StateLocation::Directory(directory.0.clone());
        })
        .await;
        Self { world, receiver, telemetry, lines, directory, scraped: Vec::new() }
    }

    /// Begins to look at what it works on for some seconds.
    pub(super) fn profile(&self) -> JoinHandle<Written> {
        let profile = self.world.http.get(format!("{}/debug/profile?seconds=5", self.operations()));
        actix_web::rt::spawn(async move {
            let packed = profile.send().await.unwrap().bytes().await.unwrap();
            let mut functions = Vec::new();
            GzDecoder::new(&packed[..]).read_to_end(&mut functions).unwrap();
            ("a profile", String::from_utf8_lossy(&functions).into_owned())
        })
    }

    /// Keeps what operators can ask for while it runs: the profile, and the metrics.
    pub(super) async fn scrape(&mut self, profile: JoinHandle<Written>) {
        let metrics = self.world.http.get(format!("{}/metrics", self.operations()));
        self.scraped.push(("the metrics", send(metrics).await.text));
        self.scraped.push(profile.await.unwrap());
    }

    fn operations(&self) -> String {
        format!("http://{}", self.world.stage.connector.operations_address())
    }

    /// Where its state is, and the socket for operators' commands.
    pub(super) fn state(&self) -> &Path {
        &self.directory.0
    }

    /// Stops it, and gives everything that it has written.
    pub(super) async fn stop(self) -> Vec<Written> {
        self.world.stage.stop().await;
        self.telemetry.shutdown();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut written = self.scraped;
        written.push(("the log", text(&self.lines.0.lock().unwrap())));
        written.push(("what was pushed", text(&self.receiver.bytes())));
        written
            .push(("the audit journal", text(&std::fs::read(self.directory.0.join("audit.jsonl")).unwrap())));
        written
    }
}
