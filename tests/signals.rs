//! What actix-web's server does with signals. In a process of its own, for a signal reaches all that runs in one.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::time::Duration;

use actix_service::fn_service;
use actix_web::dev::Server;
use actix_web::rt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

async fn greet(mut connection: TcpStream) -> io::Result<()> {
    connection.write_all(b"!").await
}

async fn is_greeted_at(address: SocketAddr) -> bool {
    let greeted = async { TcpStream::connect(address).await?.read_u8().await };
    timeout(PATIENCE, greeted).await.is_ok_and(|greeting| greeting.is_ok())
}

fn terminate_this_process() {
    let own = std::process::id().to_string();
    assert!(Command::new("kill").args(["-TERM", &own]).status().unwrap().success());
}

/// Fact 22 of actix: its server leaves the signals to others when it is told to; otherwise it stops at one by itself, and the
/// whole system with it. If this failed, our servers would stop before calls are refused, sessions have ended and telemetry
/// is pushed, or need not be told any more.
#[actix_web::test]
async fn a_server_takes_the_signals_unless_it_is_told_to_leave_them() {
    let mut ours = signal(SignalKind::terminate()).unwrap();
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [leaver_at, taker_at] = listeners.each_ref().map(|listener| listener.local_addr().unwrap());
    let [leaver, taker] = listeners
        .map(|listener| Server::build().workers(1).listen("test", listener, || fn_service(greet)).unwrap());

    let leaver = rt::spawn(leaver.disable_signals().run());
    assert!(is_greeted_at(leaver_at).await);
    terminate_this_process();
    assert!(timeout(PATIENCE, ours.recv()).await.unwrap().is_some());
    assert!(is_greeted_at(leaver_at).await && !leaver.is_finished(), "it has taken the signal all the same");

    let taker = rt::spawn(taker.run());
    assert!(is_greeted_at(taker_at).await);
    terminate_this_process();
    timeout(PATIENCE, taker).await.expect("it has left the signal alone").unwrap().unwrap();
    assert!(!is_greeted_at(taker_at).await);
}
