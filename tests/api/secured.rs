//! The process itself before a Microsoft 365 that is reached over TLS, with a certificate of a CA of its own: as on Linux, where
//! the environment can name whom to trust, and every 127.x.x.x is this machine.

use std::net::{Ipv4Addr, TcpStream};

use m365_simulator::{Simulator, SimulatorOptions, TlsOptions};
use rstest::rstest;
use serde_json::{Value, json};

use crate::running::{Running, ScratchDirectory, write_configuration};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:1";

/// The address of the certificate, and one that is not in it.
const CERTIFIED: Ipv4Addr = Ipv4Addr::LOCALHOST;
const ANOTHER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Where the process learns whom to trust, and which proxy leads out of its network.
#[derive(Debug, Clone, Copy)]
enum Surroundings {
    Machine,
    TestCa,
    TestCaBehindAProxy,
}

/// A connector that asks Graph over TLS at this address, and Entra in plain text, so that Graph is what fails where one does.
async fn before_graph_over_tls(name: &str, address: Ipv4Addr, surroundings: Surroundings) -> Running {
    let tls = TlsOptions { address: (address, 0).into(), ..TlsOptions::default() };
    let options = SimulatorOptions { tls: Some(tls), ..SimulatorOptions::default() };
    let simulator = Simulator::start(options).await.unwrap();
    let directory = ScratchDirectory::new(name);
    write_configuration(&directory.0, &simulator);
    let path = directory.0.join("connector.toml");
    let plain = format!("graph_base = \"{}/v1.0\"", simulator.base_url());
    let port = simulator.secure_base_url().unwrap().rsplit_once(':').unwrap().1;
    let listens = TcpStream::connect(format!("{address}:{port}"));
    assert!(listens.is_ok(), "{listens:?}");
    let secured = format!("graph_base = \"https://{address}:{port}/v1.0\"");
    let configuration = std::fs::read_to_string(&path).unwrap();
    assert!(configuration.contains(&plain));
    std::fs::write(&path, configuration.replace(&plain, &secured)).unwrap();

    let authority = directory.0.join("ca.pem");
    std::fs::write(&authority, simulator.ca_certificate_pem().unwrap()).unwrap();
    let authority = authority.into_os_string().into_string().unwrap();
    let trust = ("SSL_CERT_FILE", authority.as_str());
    let proxies = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    let exceptions = [("NO_PROXY", ""), ("no_proxy", "")];
    let environment = match surroundings {
        Surroundings::Machine => Vec::new(),
        Surroundings::TestCa => vec![trust],
        Surroundings::TestCaBehindAProxy => {
            proxies.map(|name| (name, NOWHERE)).into_iter().chain(exceptions).chain([trust]).collect()
        }
    };
    Running::configured_in(directory, simulator, &environment)
}

async fn mails(running: &Running) -> Value {
    let token = running.token().await;
    running.caller().call(&token, "outlook_email_search", json!({ "limit": 3 })).await
}

/// How often Graph was asked.
async fn asked_graph(running: &Running) -> usize {
    running.requests().await.iter().filter(|request| request["service"] == "graph").count()
}

/// How often a token for Graph was won.
async fn exchanges(running: &Running) -> usize {
    let is_exchange = |request: &&Value| request["form"]["requested_token_use"] == "on_behalf_of";
    running.requests().await.iter().filter(is_exchange).count()
}

/// If this failed, no Graph could be asked at all, for it is asked over TLS alone; or a proxy that leads out of a network
/// would be asked for what is on this machine.
#[rstest]
#[case::directly("secured", Surroundings::TestCa)]
#[case::whatever_proxy_leads_out("secured-proxy", Surroundings::TestCaBehindAProxy)]
#[actix_web::test]
async fn graph_is_asked_over_tls(#[case] name: &str, #[case] surroundings: Surroundings) {
    let running = before_graph_over_tls(name, CERTIFIED, surroundings).await;
    let found = mails(&running).await;
    assert_eq!(found["result"]["structuredContent"]["items"].as_array().map(Vec::len), Some(3), "{found}");
    assert!(asked_graph(&running).await > 0);
    running.stop().await;
}

/// If this failed, whoever stands between could read what users read, and act with their tokens.
#[rstest]
#[case::whom_nobody_vouches_for("secured-unknown", CERTIFIED, Surroundings::Machine)]
#[case::who_is_somebody_else("secured-other", ANOTHER, Surroundings::TestCa)]
#[actix_web::test]
async fn a_graph_that_cannot_prove_itself_is_told_nothing(
    #[case] name: &str,
    #[case] address: Ipv4Addr,
    #[case] surroundings: Surroundings,
) {
    let running = before_graph_over_tls(name, address, surroundings).await;
    let refused = mails(&running).await;
    assert_eq!(refused["result"]["_meta"]["m365-connector/error"]["code"], "unavailable", "{refused}");
    assert_eq!((exchanges(&running).await, asked_graph(&running).await), (1, 0));
    running.stop().await;
}
