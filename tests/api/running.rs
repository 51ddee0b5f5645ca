//! The connector's own process: started from a configuration file, called, and stopped by a signal.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// The filter that lets every line of every library through, also of those that are quiet unless they are named.
pub(crate) const EVERYTHING: &str = "trace,actix=trace,actix_http=trace,actix_rt=trace,actix_server=trace,actix_web=trace,\
    h2=trace,hyper=trace,hyper_util=trace,mio=trace,opentelemetry=trace,reqwest=trace,rustls=trace,tokio=trace,tonic=trace,\
    tower=trace";

/// A directory of this test alone, gone when it is dropped.
pub(crate) struct ScratchDirectory(pub(crate) PathBuf);

impl ScratchDirectory {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("m365-connector-{name}-{}", std::process::id()));
        std::fs::create_dir_all(path.join("tenants.d")).unwrap();
        Self(path)
    }
}

impl Drop for ScratchDirectory {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The configuration of a connector in front of `simulator`, which serves the first tenant alone.
pub(crate) fn write_configuration(directory: &Path, simulator: &Simulator) {
    let secret = directory.join("client-secret");
    std::fs::write(&secret, format!("{}\n", simulator.directory().connector.client_secret)).unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).unwrap();
    write_configuration_with(directory, simulator, "client_secret_file = \"client-secret\"");
}

/// The same with these lines about the connector's own credential.
pub(crate) fn write_configuration_with(directory: &Path, simulator: &Simulator, credential: &str) {
    let base = simulator.base_url();
    let connector = &simulator.directory().connector;
    let configuration = format!(
        r#"
        public_url = "http://127.0.0.1/mcp"
        tenants = "tenants.d"
        cloud = {{ authority = "{base}", graph_base = "{base}/v1.0", graph_resource = "https://graph.microsoft.com" }}
        [listen]
        public = "127.0.0.1:0"
        operations = "127.0.0.1:0"
        [entra]
        client_id = "{}"
        {credential}
        [telemetry]
        log = "debug"
        "#,
        connector.client_id
    );
    std::fs::write(directory.join("connector.toml"), configuration).unwrap();
    let tenant = &simulator.directory().tenants[0];
    let client = simulator.directory().clients[0].id;
    let file = format!(
        "id = '{}'\nname = 'First'\ndomains = ['{}']\nclients = ['{client}']\ncalls_per_user_per_minute = 'unlimited'\n",
        tenant.id, tenant.domain
    );
    std::fs::write(directory.join("tenants.d/first.toml"), file).unwrap();
}

/// Has a stop take calls for so many seconds after it has begun.
pub(crate) fn delay_drain(directory: &Path, seconds: u64) {
    let path = directory.join("connector.toml");
    let configuration = std::fs::read_to_string(&path).unwrap();
    let delay = format!("[listen]\ndrain_delay_s = {seconds}");
    std::fs::write(path, configuration.replace("[listen]", &delay)).unwrap();
}

/// What `[telemetry]` says of a connector that pushes everything, metrics each second, and keeps every call.
pub(crate) fn pushing(endpoint: &str, protocol: &str) -> String {
    format!(
        "otlp_endpoint = \"{endpoint}\"\notlp_protocol = \"{protocol}\"\nsample_ratio = 1.0\nmetrics_interval_s = 1\n"
    )
}

/// Writes these lines into `[telemetry]` of a configuration, where it is the last table.
pub(crate) fn add_telemetry(directory: &Path, lines: &str) {
    let path = directory.join("connector.toml");
    let configuration = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{}{lines}\n", configuration.trim_end_matches(' '))).unwrap();
}

/// Has the audit journal of a configuration written to `file`.
pub(crate) fn keep_journal_in(file: &Path, directory: &Path) {
    let path = directory.join("connector.toml");
    let configuration = std::fs::read_to_string(&path).unwrap();
    let audit = format!("[audit]\ntarget = '{}'\n[telemetry]", file.display());
    std::fs::write(path, configuration.replace("[telemetry]", &audit)).unwrap();
}

/// A connector's own process in front of a simulator of its own.
pub(crate) struct Running {
    pub(crate) simulator: Simulator,
    pub(crate) connector: Connector,
    pub(crate) http: Client,
    pub(crate) directory: ScratchDirectory,
    address: String,
}

impl Running {
    /// With these lines more in `[telemetry]`.
    pub(crate) async fn start(name: &str, telemetry: &str) -> Self {
        Self::prepared(name, telemetry, |_| {}).await
    }

    /// The same, in a directory that `prepare` has changed before the start.
    pub(crate) async fn prepared(name: &str, telemetry: &str, prepare: impl FnOnce(&Path)) -> Self {
        let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
        let directory = ScratchDirectory::new(name);
        write_configuration(&directory.0, &simulator);
        add_telemetry(&directory.0, telemetry);
        prepare(&directory.0);
        Self::configured_in(directory, simulator, &[])
    }

    /// One before this simulator, by what stands in `directory` and in its environment.
    pub(crate) fn configured_in(
        directory: ScratchDirectory,
        simulator: Simulator,
        environment: &[(&str, &str)],
    ) -> Self {
        let (connector, address) = Connector::start_in(&directory.0, environment);
        let http = Client::builder().build().unwrap();
        Self { simulator, connector, http, directory, address }
    }

    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { http: &self.http, simulator: self.simulator.base_url(), connector: self.address.clone() }
    }

    /// A token of the first user of the tenant that is served.
    pub(crate) async fn token(&self) -> String {
        self.token_with(json!({})).await
    }

    /// The same with these claims more.
    pub(crate) async fn token_with(&self, claims: Value) -> String {
        let tenant = &self.simulator.directory().tenants[0];
        let order = json!({ "tenant": tenant.id, "user": tenant.users[0].id, "claims": claims });
        let minted = self.caller().control("token", order).await;
        minted["access_token"].as_str().unwrap().to_owned()
    }

    /// Waits until the process has ended, however it does, and starts the next one in its directory.
    pub(crate) fn start_again(&mut self) {
        self.connector.process.wait().unwrap();
        (self.connector, self.address) = Connector::start(&self.directory.0);
    }

    /// Everything that Entra and Graph were asked, in order.
    pub(crate) async fn requests(&self) -> Vec<Value> {
        let url = format!("{}/_sim/requests", self.simulator.base_url());
        let requests = self.http.get(url).send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&requests).unwrap()
    }

    pub(crate) async fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.connector.operations);
        self.http.get(url).send().await.unwrap().text().await.unwrap()
    }

    /// Stops everything, and gives what the connector wrote.
    pub(crate) async fn stop(self) -> String {
        let log = self.connector.stop();
        self.simulator.stop().await;
        log
    }
}

/// The connector's own process, ended with the test at the latest.
pub(crate) struct Connector {
    pub(crate) process: Child,
    /// Where the operations listener is.
    pub(crate) operations: String,
    /// What it has written so far.
    log: Arc<Mutex<String>>,
    /// Reads as it comes, for it stops where nobody reads; until it has ended.
    reader: Option<JoinHandle<()>>,
}

impl Connector {
    /// Starts it and reads its log until both listeners are there; gives the address of the public one.
    pub(crate) fn start(directory: &Path) -> (Self, String) {
        Self::start_in(directory, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn start_in(directory: &Path, environment: &[(&str, &str)]) -> (Self, String) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_m365-connector"))
            .args(["--config".as_ref(), directory.join("connector.toml").as_os_str()])
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let (mut public, mut log) = (String::new(), String::new());
        let mut connector = Self { process, operations: String::new(), log: Arc::default(), reader: None };
        loop {
            let mut line = String::new();
            if output.read_line(&mut line).unwrap() == 0 {
                let errors = connector.errors();
                panic!("the process ended: {log}{errors}");
            }
            log.push_str(&line);
            let event: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
            let address = || event["listener.address"].as_str().unwrap().to_owned();
            if event["listener.name"] == "public" {
                public = address();
            }
            if event["listener.name"] == "operations" {
                connector.operations = address();
                connector.log = Arc::new(Mutex::new(log));
                let log = Arc::clone(&connector.log);
                connector.reader = Some(std::thread::spawn(move || {
                    for line in output.lines() {
                        let mut log = log.lock().unwrap();
                        log.push_str(&line.unwrap());
                        log.push('\n');
                    }
                }));
                return (connector, public);
            }
        }
    }

    pub(crate) fn errors(&mut self) -> String {
        let mut errors = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        errors
    }

    /// Whether this stands in what it has written so far.
    pub(crate) fn has_written(&self, words: &str) -> bool {
        self.log.lock().unwrap().contains(words)
    }

    /// If this failed, a crash would write every user's tokens to a disk.
    pub(crate) fn dumps_no_core(&self) {
        assert!(dumps_no_core(&self.process));
    }

    pub(crate) fn signal(&self, signal: &str) {
        let asked = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(asked.success());
    }

    /// Asks it to stop, waits until it has, and gives everything that it wrote.
    pub(crate) fn stop(self) -> String {
        self.signal("-TERM");
        self.ended()
    }

    /// Waits until it has stopped in order, and gives everything that it wrote.
    pub(crate) fn ended(mut self) -> String {
        self.reader.take().unwrap().join().unwrap();
        let mut log = std::mem::take(&mut *self.log.lock().unwrap());
        let errors = self.errors();
        assert!(self.process.wait().unwrap().success(), "{errors}");
        log.push_str(&errors);
        log
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Whether neither limit lets this process write its memory to a disk.
pub(crate) fn dumps_no_core(process: &Child) -> bool {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    limit.split_whitespace().skip(4).take(2).all(|number| number == "0")
}

/// Speaks to a connector at `connector`, and orders tokens and faults of the simulator.
pub(crate) struct Caller<'a> {
    pub(crate) http: &'a Client,
    pub(crate) simulator: &'a str,
    pub(crate) connector: String,
}

impl Caller<'_> {
    pub(crate) async fn control(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/_sim/{path}", self.simulator)).body(body.to_string());
        let text =
            request.header("content-type", "application/json").send().await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) async fn call(&self, token: &str, tool: &str, arguments: Value) -> Value {
        self.ask(token, json!({ "name": tool, "arguments": arguments })).await
    }

    /// Calls a tool with these parameters.
    pub(crate) async fn ask(&self, token: &str, params: Value) -> Value {
        self.ask_with(token, params, &[]).await
    }

    /// The same with these headers more.
    pub(crate) async fn ask_with(&self, token: &str, params: Value, headers: &[(&str, &str)]) -> Value {
        let request = self.request(token, &params);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap_or(Value::Null)
    }

    /// What calls a tool with these parameters.
    pub(crate) fn request(&self, token: &str, params: &Value) -> RequestBuilder {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        self.http
            .post(format!("http://{}/mcp", self.connector))
            .header("host", "127.0.0.1")
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .bearer_auth(token)
            .body(body.to_string())
    }
}

/// Runs a command of the connector with the configuration in `directory`.
pub(crate) fn command(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_m365-connector"))
        .args(arguments)
        .args(["--config".as_ref(), directory.join("connector.toml").as_os_str()])
        .output()
        .unwrap()
}
