//! A Prometheus of the system's package, for as long as a check takes.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::boards::observability;

type Failure = Box<dyn std::error::Error>;

/// How long it may take until it answers.
const START: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// A part of time, in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) begin: f64,
    pub(super) end: f64,
}

pub(super) struct Prometheus {
    process: Child,
    http: Client,
    base: Url,
    directory: PathBuf,
}

impl Prometheus {
    /// Starts one that scrapes `target` each second, with the project's own rules. Ready when this returns.
    pub(super) async fn start(target: SocketAddr) -> Result<Self, Failure> {
        let directory = std::env::temp_dir().join(format!("m365-prometheus-{}", std::process::id()));
        fs::create_dir_all(&directory)?;
        let configuration = directory.join("prometheus.yaml");
        fs::write(&configuration, configured(target)?)?;
        let address = free_address()?;
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("prometheus cannot be started: {error}"))?;
        let base = Url::parse(&format!("http://{address}/"))?;
        let prometheus = Self { process, http: Client::builder().build()?, base, directory };
        tokio::time::timeout(START, prometheus.ready()).await.map_err(|_| "prometheus does not get ready")?;
        Ok(prometheus)
    }

    async fn ready(&self) {
        let scrapes = async || {
            let found = self.query("up == 1").await;
            found.is_ok_and(|series| !series.is_empty())
        };
        while !scrapes().await {
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// The series of an expression over `window`, a point each second.
    pub(super) async fn range(&self, expression: &str, window: Window) -> Result<Vec<Value>, Failure> {
        let (begin, end) = (window.begin.to_string(), window.end.to_string());
        let asked = [("query", expression), ("start", &begin), ("end", &end), ("step", "1")];
        let data = self.ask("api/v1/query_range", &asked).await?;
        Ok(data["result"].as_array().cloned().unwrap_or_default())
    }

    /// The series of an expression as they are now.
    pub(super) async fn query(&self, expression: &str) -> Result<Vec<Value>, Failure> {
        let data = self.ask("api/v1/query", &[("query", expression)]).await?;
        Ok(data["result"].as_array().cloned().unwrap_or_default())
    }

    /// The one number of an expression; 0 where there is no series.
    pub(super) async fn number(&self, expression: &str) -> Result<f64, Failure> {
        let found = self.query(expression).await?;
        Ok(found.first().and_then(|series| series["value"][1].as_str()?.parse().ok()).unwrap_or(0.0))
    }

    /// What it knows of its rules.
    pub(super) async fn rules(&self) -> Result<Value, Failure> {
        self.ask("api/v1/rules", &[]).await
    }

    async fn ask(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Value, Failure> {
        let mut url = self.base.join(path)?;
        url.query_pairs_mut().extend_pairs(parameters);
        let body = self.http.get(url).send().await?.bytes().await?;
        let answer: Value = serde_json::from_slice(&body)?;
        if answer["status"] != "success" {
            return Err(answer["error"].as_str().unwrap_or("prometheus says no").into());
        }
        Ok(answer["data"].clone())
    }

    pub(super) fn stop(self) -> Result<(), Failure> {
        let directory = self.directory.clone();
        drop(self);
        Ok(fs::remove_dir_all(directory)?)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // There is nobody to tell.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn configured(target: SocketAddr) -> Result<String, Failure> {
    let rules = observability().join("alerts").canonicalize()?;
    Ok(format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
         rule_files: ['{}/*.yaml']\n\
         scrape_configs:\n\
         - job_name: connector\n\
         \x20 static_configs: [{{ targets: ['{target}'] }}]\n",
        rules.display()
    ))
}

/// Now, in seconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "Prometheus is asked by the wall clock")]
pub(super) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// Nobody else listens there at this moment.
fn free_address() -> Result<SocketAddr, Failure> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
