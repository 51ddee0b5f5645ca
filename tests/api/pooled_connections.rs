//! What hyper's client really does, as far as the threads of the service are built on it: a release that changes it fails here.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Uri};
use http_body_util::Empty;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::yield_now;
use tokio::time::timeout;

/// Answers every request on every connection, and counts the connections.
fn serve() -> (Uri, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    std::thread::spawn(move || {
        for mut connection in listener.incoming().map(Result::unwrap) {
            counted.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut head = [0; 4_096];
                while connection.read(&mut head).is_ok_and(|count| count > 0) {
                    connection.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
                }
            });
        }
    });
    (address, connections)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Fact 16 of actix: if this were not so any more, one client could serve all workers. While it is, a worker that is held up, or ends, would
/// take the requests of all others along: so each has a client of its own, and exchanges have a runtime of their own.
#[test]
fn a_pooled_connection_stands_still_with_the_runtime_that_opened_it() {
    let (address, connections) = serve();
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let (opened, is_open) = std::sync::mpsc::channel();
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let (done, is_done) = oneshot::channel::<()>();
    let (theirs, url) = (client.clone(), address.clone());
    let opener = std::thread::spawn(move || {
        let runtime = runtime();
        runtime.block_on(async {
            assert_eq!(theirs.get(url).await.unwrap().status(), StatusCode::NO_CONTENT);
            // Until the connection is back in the pool.
            for _ in 0..100 {
                yield_now().await;
            }
        });
        opened.send(()).unwrap();
        held.recv().unwrap();
        runtime.block_on(async { is_done.await.unwrap() });
    });
    is_open.recv().unwrap();
    runtime().block_on(async {
        let mut request = pin!(client.get(address));
        let waited = timeout(Duration::from_millis(300), &mut request).await;
        assert!(waited.is_err(), "the request has gone although the thread of its connection is held up");
        let_go.send(()).unwrap();
        assert_eq!(request.await.unwrap().status(), StatusCode::NO_CONTENT);
    });
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    done.send(()).unwrap();
    opener.join().unwrap();
}
