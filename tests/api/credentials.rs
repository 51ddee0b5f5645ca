//! How the connector proves to Entra who it is: each kind of credential, from the file or the machine that gives it to an
//! answer of Graph, and what becomes of it when the file changes.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use m365_simulator::{Simulator, SimulatorOptions};
use reqwest::Client;
use rstest::rstest;
use serde_json::{Value, json};

use crate::running::{Caller, Connector, ScratchDirectory, command, write_configuration_with};
use crate::world::eventually;

const ISSUER: &str = "https://cluster.example";
const SUBJECT: &str = "system:serviceaccount:m365:connector";
const AUDIENCE: &str = "api://AzureADTokenExchange";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secret,
    Certificate,
    FederatedToken,
    ManagedIdentity,
}

/// Whether Entra takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    InForce,
    /// The secret or certificate of last year, a token that nobody has renewed.
    Stale,
}

impl Kind {
    /// What `[entra]` says of it.
    fn configuration(self) -> &'static str {
        match self {
            Self::Secret => "client_secret_file = 'secret'\nclient_secret_expires = '2126-10-30'",
            Self::Certificate => "certificate_file = 'certificate.pem'\nprivate_key_file = 'key.pem'",
            Self::FederatedToken => "federated_token_file = 'token'",
            Self::ManagedIdentity => "managed_identity = 'system'",
        }
    }
}

/// A connector with one kind of credential, and its Entra.
struct House {
    simulator: Simulator,
    http: Client,
    directory: ScratchDirectory,
    kind: Kind,
}

impl House {
    async fn with(kind: Kind, age: Age) -> Self {
        let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
        let directory = ScratchDirectory::new(&format!("credential-{kind:?}-{age:?}"));
        write_configuration_with(&directory.0, &simulator, kind.configuration());
        let http = Client::builder().build().unwrap();
        let house = Self { simulator, http, directory, kind };
        let credential = json!({ "issuer": ISSUER, "subject": SUBJECT, "audience": AUDIENCE });
        house.caller(String::new()).control("federated-credentials", credential).await;
        house.put(age).await;
        house
    }

    fn start(&self) -> (Connector, Caller<'_>) {
        let endpoint = format!("{}/msi/token", self.simulator.base_url());
        // Harmless to the other kinds.
        let environment =
            [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "simulated-identity-header")];
        let (connector, address) = Connector::start_in(&self.directory.0, &environment);
        (connector, self.caller(address))
    }

    fn caller(&self, connector: String) -> Caller<'_> {
        Caller { http: &self.http, simulator: self.simulator.base_url(), connector }
    }

    /// Puts the credential's files in place, each whole.
    async fn put(&self, age: Age) {
        for (name, text) in self.files(age).await {
            let unready = self.directory.0.join("unready");
            fs::write(&unready, text).unwrap();
            fs::set_permissions(&unready, fs::Permissions::from_mode(0o600)).unwrap();
            fs::rename(unready, self.directory.0.join(name)).unwrap();
        }
    }

    async fn files(&self, age: Age) -> Vec<(&'static str, String)> {
        let (certificate, key) = match age {
            Age::InForce => (
                include_str!("../../simulator/keys/connector.crt.pem"),
                include_str!("../../simulator/keys/connector.key.pem"),
            ),
            Age::Stale => (
                include_str!("../../src/entra/testdata/client.cert.pem"),
                include_str!("../../src/entra/testdata/client.key.pem"),
            ),
        };
        match (self.kind, age) {
            (Kind::Secret, Age::InForce) => {
                vec![("secret", self.simulator.directory().connector.client_secret.clone())]
            }
            (Kind::Secret, Age::Stale) => vec![("secret", "the-secret-of-last-year".to_owned())],
            (Kind::Certificate, _) => {
                vec![("certificate.pem", certificate.to_owned()), ("key.pem", key.to_owned())]
            }
            (Kind::FederatedToken, Age::InForce) => vec![("token", self.projected_token(3_600).await)],
            (Kind::FederatedToken, Age::Stale) => vec![("token", self.projected_token(-3_600).await)],
            (Kind::ManagedIdentity, _) => Vec::new(),
        }
    }

    /// What a cluster puts into the file of a service account.
    async fn projected_token(&self, lifetime_s: i64) -> String {
        let claims = json!({ "iss": ISSUER, "sub": SUBJECT, "aud": AUDIENCE, "scp": null });
        self.mint(json!({ "claims": claims, "lifetime_s": lifetime_s })).await
    }

    async fn mint(&self, more: Value) -> String {
        let tenant = &self.simulator.directory().tenants[0];
        let mut order = json!({ "tenant": tenant.id, "user": tenant.users[0].id });
        order.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let minted = self.caller(String::new()).control("token", order).await;
        minted["access_token"].as_str().unwrap_or_else(|| panic!("no token: {minted}")).to_owned()
    }

    /// A call of somebody who has just signed in.
    async fn call(&self, caller: &Caller<'_>) -> Value {
        caller.call(&self.mint(json!({})).await, "get_me", json!({})).await["result"].clone()
    }

    /// What the metrics say of the credential's end: the gauge's label, and the days.
    async fn days_left(&self, connector: &Connector) -> Option<(String, i64)> {
        let metrics = self.http.get(format!("http://{}/metrics", connector.operations)).send().await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let mut lines = metrics.lines();
        let days = lines.find_map(|line| line.strip_prefix("connector_credential_days_left_days{"))?;
        let (label, days) = days.split_once("} ").unwrap();
        Some((label.to_owned(), days.parse().unwrap()))
    }

    /// The form of the last exchange that Entra was asked for.
    async fn last_exchange(&self) -> Value {
        let address = format!("{}/_sim/requests", self.simulator.base_url());
        let text = self.http.get(address).send().await.unwrap().text().await.unwrap();
        let requests: Vec<Value> = serde_json::from_str(&text).unwrap();
        let is_exchange = |request: &&Value| request["form"]["requested_token_use"] == "on_behalf_of";
        requests.iter().rfind(is_exchange).unwrap()["form"].clone()
    }
}

/// If this failed, a customer whose rules allow one kind of credential alone could not run the connector; or nobody be told
/// that it ends.
#[rstest]
#[case::secret(Kind::Secret, "client_secret")]
#[case::certificate(Kind::Certificate, "client_assertion")]
#[case::federated_token(Kind::FederatedToken, "client_assertion")]
#[case::managed_identity(Kind::ManagedIdentity, "client_assertion")]
#[actix_web::test]
async fn a_user_is_served_with_each_kind_of_credential(#[case] kind: Kind, #[case] proof: &str) {
    let house = House::with(kind, Age::InForce).await;
    let checked = command(&house.directory.0, &["check-config"]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success(), "{said}");
    let knows_its_end = kind != Kind::ManagedIdentity;
    assert_eq!(said.contains("the credential is good for another"), knows_its_end, "{said}");

    let (connector, caller) = house.start();
    let answer = house.call(&caller).await;
    assert!(answer["structuredContent"].is_object(), "{answer}");
    let exchange = house.last_exchange().await;
    for field in ["client_secret", "client_assertion"] {
        assert_eq!(exchange[field].is_string(), field == proof, "{field}: {exchange}");
    }
    let warned_of = house.days_left(&connector).await;
    match kind {
        Kind::Secret | Kind::Certificate => {
            let (label, days) = warned_of.unwrap();
            let word = if kind == Kind::Secret { "secret" } else { "certificate" };
            assert_eq!(label, format!("credential_kind=\"{word}\""));
            assert!(days > 30_000, "it ends in a hundred years: {days}");
        }
        _ => assert_eq!(warned_of, None, "nobody has to see to the end of it"),
    }
    let log = connector.stop();
    assert!(!log.contains(exchange[proof].as_str().unwrap()), "the proof is in the log:\n{log}");
    house.simulator.stop().await;
}

/// If this failed, a credential could only be replaced by a restart, with all its lost sessions; or a token file that is
/// written anew each hour would take the service down after the first one.
#[rstest]
#[case::secret(Kind::Secret)]
#[case::certificate(Kind::Certificate)]
#[case::federated_token(Kind::FederatedToken)]
#[actix_web::test]
async fn a_replaced_file_is_used_by_the_next_exchange_without_a_restart(#[case] kind: Kind) {
    let house = House::with(kind, Age::Stale).await;
    let (connector, caller) = house.start();
    // Files are looked at each second: an Entra that takes its time is asked only a few times until then.
    let slow = json!({ "service": "entra", "path_prefix": "/oauth2/v2.0/token", "delay_ms": 200 });
    caller.control("faults", slow).await;
    let refused = house.call(&caller).await;
    assert_eq!(refused["_meta"]["m365-connector/error"]["code"], "credential_refused", "{refused}");

    house.put(Age::InForce).await;
    eventually("the new credential is in use", async || {
        house.call(&caller).await["structuredContent"].is_object()
    })
    .await;
    let log = connector.stop();
    assert_eq!(log.matches("credential reloaded").count(), 1, "{log}");
    house.simulator.stop().await;
}

/// If this failed, the days of a credential would be those of the last call, and on a quiet weekend nobody be told that it
/// ends, or be told so long after somebody has renewed it.
#[actix_web::test]
async fn a_credential_is_looked_after_while_nobody_calls() {
    let house = House::with(Kind::FederatedToken, Age::Stale).await;
    let (connector, _) = house.start();
    let label = r#"credential_kind="federated_token""#.to_owned();
    assert_eq!(house.days_left(&connector).await, Some((label, -1)));
    house.put(Age::InForce).await;
    eventually("the new token is read", async || house.days_left(&connector).await.is_none()).await;
    let log = connector.stop();
    assert!(log.contains("credential expiring"), "{log}");
    house.simulator.stop().await;
}
