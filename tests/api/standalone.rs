//! The example in `docs/examples/simulator`: a configured connector and a simulator that know nothing of each other but
//! what is written there.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use connector_observability::TelemetryHandle;
use m365_connector::{Application, Catalogue, Listeners, Settings};
use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};

/// A copy of the example, gone when it is dropped.
struct Example(PathBuf);

impl Example {
    /// What the simulator's README tells people to do.
    fn copy(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (from, to) = (
            root.join("docs/examples/simulator"),
            std::env::temp_dir().join(format!("m365-connector-example-{name}-{}", std::process::id())),
        );
        fs::create_dir_all(to.join("tenants.d")).unwrap();
        fs::copy(from.join("connector.toml"), to.join("connector.toml")).unwrap();
        for file in fs::read_dir(from.join("tenants.d")).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), to.join("tenants.d").join(file.file_name())).unwrap();
        }
        for file in ["connector.crt.pem", "connector.key.pem"] {
            fs::copy(root.join("simulator/keys").join(file), to.join(file)).unwrap();
            fs::set_permissions(to.join(file), fs::Permissions::from_mode(0o600)).unwrap();
        }
        Self(to)
    }

    /// The example's settings, with free ports in the place of its own.
    fn settings(&self, simulator: &str) -> Settings {
        let cloud = format!(
            r#"{{ authority = "{simulator}", graph_base = "{simulator}/v1.0", graph_resource = "https://graph.microsoft.com" }}"#
        );
        let free = "127.0.0.1:0".to_owned();
        let environment = [
            ("CONNECTOR__CLOUD", cloud),
            ("CONNECTOR__LISTEN__PUBLIC", free.clone()),
            ("CONNECTOR__LISTEN__OPERATIONS", free),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        m365_connector::load(&self.0.join("connector.toml"), environment).unwrap()
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

async fn get_me(http: &Client, address: SocketAddr, token: &str) -> Value {
    let params = json!({ "name": "get_me", "arguments": {} });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = http
        .post(format!("http://{address}/mcp"))
        .header("host", "127.0.0.1:8080")
        .header("content-type", "application/json")
        .header("accept", "application/json, text/event-stream")
        .bearer_auth(token);
    serde_json::from_str(&request.body(body.to_string()).send().await.unwrap().text().await.unwrap()).unwrap()
}

async fn token(http: &Client, simulator: &str, order: Value) -> String {
    let request = http.post(format!("{simulator}/_sim/token")).body(order.to_string());
    let minted: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    minted["access_token"].as_str().unwrap().to_owned()
}

/// If this failed, whoever follows the simulator's README would end before a closed door.
#[rstest]
#[case::first(0)]
#[case::second(1)]
#[case::third(2)]
#[actix_web::test]
async fn the_example_serves_every_tenant_of_the_simulators_first_world(#[case] place: usize) {
    let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let example = Example::copy(&place.to_string());
    let settings = example.settings(simulator.base_url());
    let listeners = Listeners::bind(settings.http.public_address, settings.http.operations_address).unwrap();
    let address = listeners.public_address().unwrap();
    let connector =
        Application::start(Catalogue::MICROSOFT_365, &settings, listeners, TelemetryHandle::disabled())
            .unwrap();
    let http = Client::builder().build().unwrap();
    let tenant = &simulator.directory().tenants[place];
    for client in &simulator.directory().clients {
        let order = json!({ "tenant": tenant.id, "user": tenant.users[0].id, "client": client.id });
        let token = token(&http, simulator.base_url(), order).await;
        let answer = get_me(&http, address, &token).await;
        let found = answer["result"]["structuredContent"].to_string();
        assert!(found.contains(&tenant.users[0].upn), "{}: {answer}", client.name);
    }
    connector.stop().await;
    simulator.stop().await;
}

/// If this failed, the written addresses would not be the ones that the simulator has and expects by default.
#[test]
fn the_example_names_the_simulators_own_defaults() {
    let example = Example::copy("defaults");
    let settings = m365_connector::load(&example.0.join("connector.toml"), []).unwrap();
    assert_eq!(settings.http.public_url.as_str(), "http://127.0.0.1:8080/mcp");
    assert_eq!(settings.http.public_address, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(
        settings.cloud.discovery_url(),
        "http://127.0.0.1:8081/common/v2.0/.well-known/openid-configuration"
    );
}
