//! A connector whose Entra has the name that it has in the public cloud: an outgoing proxy leads from there to the simulator.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use m365_simulator::{Simulator, SimulatorOptions};
use rcgen::{CertificateParams, KeyPair};
use reqwest::Client;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::running::{Caller, Running, ScratchDirectory, write_configuration};

const ENTRA: &str = "login.microsoftonline.com";

/// Starts one in a directory of this name. Graph is the simulator's, on loopback, to which no proxy leads.
pub(crate) async fn start(name: &str) -> Running {
    let simulator = Simulator::start(SimulatorOptions::default()).await.unwrap();
    let directory = ScratchDirectory::new(name);
    write_configuration(&directory.0, &simulator);
    let path = directory.0.join("connector.toml");
    let authority = format!("authority = \"{}\"", simulator.base_url());
    let configuration = std::fs::read_to_string(&path).unwrap();
    assert!(configuration.contains(&authority));
    let named = configuration.replace(&authority, &format!("authority = \"https://{ENTRA}\""));
    std::fs::write(path, named).unwrap();

    // The simulator's own document leads to plain HTTP, where keys of the public cloud are not fetched from.
    let discovery = json!({
        "service": "entra", "path_prefix": "/common/v2.0/.well-known/openid-configuration", "status": 200,
        "body": { "jwks_uri": format!("https://{ENTRA}/common/discovery/v2.0/keys") },
    });
    let http = Client::builder().build().unwrap();
    let caller = Caller { http: &http, simulator: simulator.base_url(), connector: String::new() };
    caller.control("faults", discovery).await;

    let trusted = directory.0.join("entra.pem");
    let proxy = lead_to(simulator.address(), &trusted).await;
    let trusted = trusted.into_os_string().into_string().unwrap();
    let environment = [
        ("SSL_CERT_FILE", trusted.as_str()),
        ("HTTPS_PROXY", proxy.as_str()),
        ("https_proxy", proxy.as_str()),
        ("NO_PROXY", ""),
        ("no_proxy", ""),
    ];
    Running::configured_in(directory, simulator, &environment)
}

/// Starts the proxy, writes the certificate that its Entra has to `certificate`, and gives its address.
async fn lead_to(simulator: SocketAddr, certificate: &Path) -> String {
    let key = KeyPair::generate().unwrap();
    let own = CertificateParams::new(vec![ENTRA.to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(certificate, own.pem()).unwrap();
    let server = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(tunnel(connection, acceptor.clone(), simulator));
        }
    });
    format!("http://{address}")
}

/// One `CONNECT`, behind which the simulator answers as Entra. An error is the end of either side.
async fn tunnel(mut connection: TcpStream, acceptor: TlsAcceptor, simulator: SocketAddr) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await?);
    }
    let wanted = format!("CONNECT {ENTRA}:443 ");
    assert!(head.starts_with(wanted.as_bytes()), "{}", String::from_utf8_lossy(&head));
    connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    let mut inside = acceptor.accept(connection).await?;
    let mut simulator = TcpStream::connect(simulator).await?;
    copy_bidirectional(&mut inside, &mut simulator).await?;
    Ok(())
}
