//! The two servers that are measured.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use actix_web::web::{self, Bytes};
use actix_web::{App, HttpResponse, HttpServer, rt};
use m365_simulator::directory::TenantGroup;
use m365_simulator::{Simulator, SimulatorOptions};

/// The simulator, its request log off, with so many further tenants of 100 users.
pub(crate) fn simulator(tenants: u32) -> io::Result<()> {
    first_line()?;
    rt::System::new().block_on(async {
        let simulator = Simulator::start(SimulatorOptions {
            tenants: vec![TenantGroup { tenants, users: 100 }],
            recording: false,
            ..SimulatorOptions::default()
        })
        .await?;
        println!("ready {}", simulator.address());
        input_ends().await?;
        simulator.stop().await;
        Ok(())
    })
}

/// actix-web alone: one handler that sends the line it was given.
pub(crate) fn bare() -> io::Result<()> {
    let body = Bytes::from(first_line()?);
    rt::System::new().block_on(async {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let server = HttpServer::new(move || {
            let body = body.clone();
            let answer = move || {
                let body = body.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(body) }
            };
            App::new().route("/v1.0/me/messages", web::get().to(answer))
        })
        .workers(2)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        rt::spawn(server);
        println!("ready {address}");
        input_ends().await?;
        handle.stop(false).await;
        Ok(())
    })
}

fn first_line() -> io::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches('\n').to_owned())
}

/// Waits until the parent closes our input.
async fn input_ends() -> io::Result<()> {
    let ended = rt::task::spawn_blocking(|| io::copy(&mut io::stdin().lock(), &mut io::sink()));
    ended.await.map_err(io::Error::other)?.map(drop)
}
