//! A server on loopback that records what it is asked and answers as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::jwks;
use super::mint::TestKey;
use crate::entra::Cloud;

#[derive(Debug, Clone)]
pub(in super::super) struct Received {
    pub(in super::super) path: String,
    /// Counts the connections from 0.
    pub(in super::super) connection: usize,
    pub(in super::super) headers: HashMap<String, String>,
    pub(in super::super) form: HashMap<String, String>,
}

#[derive(Debug, Clone)]
pub(in super::super) enum Answer {
    /// Status, further header lines, body.
    Whole(u16, &'static str, String),
    /// The connection is closed without a word.
    Reset,
    /// No answer ever comes.
    Silence,
}

#[derive(Debug)]
struct Script {
    keys: Answer,
    keys_path: &'static str,
    /// What the place where the keys were before goes on answering.
    left_behind: Option<(&'static str, Answer)>,
    /// Takes the place of the right discovery document.
    discovery: Option<Answer>,
    token: Answer,
    /// Answers of the token endpoint that come before `token`, one request each.
    token_at_first: VecDeque<Answer>,
    received: watch::Sender<Vec<Received>>,
}

/// Plays Entra: discovery, key set and token endpoint.
#[derive(Debug)]
pub(in super::super) struct FakeEntra {
    origin: String,
    script: Arc<Mutex<Script>>,
    accepting: JoinHandle<()>,
}

impl FakeEntra {
    pub(in super::super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(Script {
            keys: Answer::Whole(200, "", jwks(&[&super::KEY])),
            keys_path: "/common/discovery/v2.0/keys",
            left_behind: None,
            discovery: None,
            token: Answer::Whole(500, "", String::new()),
            token_at_first: VecDeque::new(),
            received: watch::Sender::new(Vec::new()),
        }));
        let accepting = tokio::spawn(accept(listener, origin.clone(), Arc::clone(&script)));
        Self { origin, script, accepting }
    }

    pub(in super::super) fn cloud(&self) -> Cloud {
        let resource = Some("https://graph.microsoft.com");
        Cloud::custom(&self.origin, "http://127.0.0.1:1/v1.0", resource).unwrap()
    }

    pub(in super::super) fn publish(&self, keys: &[&TestKey]) {
        self.answer_keys(Answer::Whole(200, "", jwks(keys)));
    }

    pub(in super::super) fn answer_keys(&self, answer: Answer) {
        self.script.lock().unwrap().keys = answer;
    }

    /// Publishes the keys elsewhere; at the former place there is nothing any more.
    pub(in super::super) fn move_keys_to(&self, path: &'static str) {
        self.script.lock().unwrap().keys_path = path;
    }

    /// Publishes the keys elsewhere; the former place answers what it answers now.
    pub(in super::super) fn move_keys_leaving_the_old(&self, path: &'static str) {
        let mut script = self.script.lock().unwrap();
        script.left_behind = Some((script.keys_path, script.keys.clone()));
        script.keys_path = path;
    }

    pub(in super::super) fn answer_discovery(&self, answer: Answer) {
        self.script.lock().unwrap().discovery = Some(answer);
    }

    pub(in super::super) fn answer_token(&self, answer: Answer) {
        self.script.lock().unwrap().token = answer;
    }

    /// Answers the next request to the token endpoint so, and the ones after it as before.
    pub(in super::super) fn answer_token_once(&self, answer: Answer) {
        self.script.lock().unwrap().token_at_first.push_back(answer);
    }

    /// What has been asked of `path`, or of all paths that end so.
    pub(in super::super) fn asked(&self, path: &str) -> Vec<Received> {
        let script = self.script.lock().unwrap();
        script.received.borrow().iter().filter(|request| request.path.ends_with(path)).cloned().collect()
    }

    /// What has been asked of `path`, whatever the query.
    pub(in super::super) fn asked_for(&self, path: &str) -> Vec<Received> {
        let script = self.script.lock().unwrap();
        let is_it = |request: &&Received| request.path.split('?').next() == Some(path);
        script.received.borrow().iter().filter(is_it).cloned().collect()
    }

    /// Waits until `path` has been asked for `times` times.
    pub(in super::super) async fn until_asked(&self, path: &str, times: usize) {
        let mut received = self.script.lock().unwrap().received.subscribe();
        let count = |all: &Vec<Received>| all.iter().filter(|request| request.path.ends_with(path)).count();
        received.wait_for(|all| count(all) >= times).await.unwrap();
    }
}

impl Drop for FakeEntra {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, origin: String, script: Arc<Mutex<Script>>) {
    let mut connection = 0;
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, connection, origin.clone(), Arc::clone(&script)));
        connection += 1;
    }
}

async fn serve(stream: TcpStream, connection: usize, origin: String, script: Arc<Mutex<Script>>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = receive(&mut stream, connection).await {
        let answer = {
            let mut script = script.lock().unwrap();
            script.received.send_modify(|all| all.push(request.clone()));
            answer_to(&request.path, &origin, &mut script)
        };
        match answer {
            Answer::Reset => return,
            Answer::Silence => std::future::pending().await,
            Answer::Whole(status, headers, body) => {
                let length = body.len();
                let text = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn answer_to(path: &str, origin: &str, script: &mut Script) -> Answer {
    if let Some((former_path, answer)) = &script.left_behind
        && path == *former_path
    {
        return answer.clone();
    }
    match path {
        "/common/v2.0/.well-known/openid-configuration" => script.discovery.clone().unwrap_or_else(|| {
            Answer::Whole(200, "", format!(r#"{{"issuer":"x","jwks_uri":"{origin}{}"}}"#, script.keys_path))
        }),
        path if path == script.keys_path => script.keys.clone(),
        path if path.split('?').next().is_some_and(|path| path.ends_with("/oauth2/v2.0/token")) => {
            script.token_at_first.pop_front().unwrap_or_else(|| script.token.clone())
        }
        _ => Answer::Whole(404, "", String::new()),
    }
}

async fn receive(stream: &mut BufReader<TcpStream>, connection: usize) -> Option<Received> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let form = url::form_urlencoded::parse(&body).into_owned().collect();
    Some(Received { path, connection, headers, form })
}
