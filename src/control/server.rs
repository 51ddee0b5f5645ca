//! The serving process's side of the socket.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::SOCKET_NAME;
use super::protocol::{ControlAnswer, ControlRequest, MAX_REQUEST_BYTES};

/// Commands at once.
const CONNECTIONS: usize = 8;

/// For the request to come, and for the answer to be taken.
const PATIENCE: Duration = Duration::from_secs(5);

/// Carries out commands. May block for as long as a disk does.
pub(crate) trait Commands: Send + Sync + 'static {
    fn carry_out(&self, request: ControlRequest) -> ControlAnswer;
}

/// The open socket. Closed, and taken away, when it is dropped.
#[derive(Debug)]
pub(crate) struct ControlSocket {
    path: PathBuf,
    server: JoinHandle<()>,
}

impl ControlSocket {
    /// Opens the socket in `directory` and serves it on `io`: beside all calls, so that no load keeps a revocation
    /// waiting. A socket that an earlier process left behind is replaced.
    pub(crate) fn open(directory: &Path, commands: Arc<impl Commands>, io: &Handle) -> io::Result<Self> {
        let path = directory.join(SOCKET_NAME);
        let listener = listen(directory, &path, io)?;
        let server = io.spawn(serve(listener, commands));
        Ok(Self { path, server })
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        self.server.abort();
        drop(fs::remove_file(&self.path));
    }
}

/// The socket gets its mode under a name that nobody knows, and its own name then: it is never open to others.
fn listen(directory: &Path, path: &Path, io: &Handle) -> io::Result<UnixListener> {
    let unready = directory.join(format!(".{SOCKET_NAME}.{}", std::process::id()));
    drop(fs::remove_file(&unready));
    let _runtime = io.enter();
    let listener = UnixListener::bind(&unready)?;
    fs::set_permissions(&unready, Permissions::from_mode(0o600))?;
    fs::rename(&unready, path)?;
    Ok(listener)
}

async fn serve(listener: UnixListener, commands: Arc<impl Commands>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        // An error of one connection (it is gone already, or there are no descriptors) ends no other.
        let Ok((connection, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let commands = Arc::clone(&commands);
        tokio::spawn(async move {
            // Whoever sends nothing, or takes nothing, is left.
            drop(converse(connection, commands).await);
            drop(place);
        });
    }
}

async fn converse(mut connection: UnixStream, commands: Arc<impl Commands>) -> io::Result<()> {
    let (reading, mut writing) = connection.split();
    let mut line = Vec::new();
    let mut request = BufReader::new(reading.take(MAX_REQUEST_BYTES));
    timeout(PATIENCE, request.read_until(b'\n', &mut line)).await??;
    let answer = match serde_json::from_slice(&line) {
        Ok(request) => tokio::task::spawn_blocking(move || commands.carry_out(request)).await?,
        Err(error) => ControlAnswer::Failed { reason: format!("the command is not understood: {error}") },
    };
    let mut answer = serde_json::to_vec(&answer)?;
    answer.push(b'\n');
    timeout(PATIENCE, writing.write_all(&answer)).await??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream as BlockingStream;

    use rstest::rstest;

    use super::*;
    use crate::control::{ControlError, ask};

    /// A directory of this test alone, gone when it is dropped.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("m365-connector-control-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn socket(&self) -> ControlSocket {
            ControlSocket::open(&self.0, Arc::new(Nothing), &Handle::current()).unwrap()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    /// Knows of no revocation.
    struct Nothing;

    impl Commands for Nothing {
        fn carry_out(&self, _: ControlRequest) -> ControlAnswer {
            ControlAnswer::Revocations { revocations: Vec::new(), total: 0 }
        }
    }

    fn nothing_is_revoked(answer: &Result<ControlAnswer, ControlError>) -> bool {
        matches!(answer, Ok(ControlAnswer::Revocations { total: 0, .. }))
    }

    /// If this failed, other accounts of the machine could give commands, or a crash keep the next process from opening
    /// its door.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_socket_is_its_owners_alone_and_replaces_one_that_was_left_behind() {
        let scratch = Scratch::new("owner");
        std::mem::forget(std::os::unix::net::UnixListener::bind(scratch.0.join(SOCKET_NAME)).unwrap());
        let socket = scratch.socket();
        assert_eq!(fs::metadata(&socket.path).unwrap().permissions().mode() & 0o777, 0o600);
        let directory = scratch.0.clone();
        let answer = tokio::task::spawn_blocking(move || ask(&directory, &ControlRequest::ListRevocations));
        assert!(nothing_is_revoked(&answer.await.unwrap()));

        drop(socket);
        let gone = ask(&scratch.0, &ControlRequest::ListRevocations).unwrap_err();
        assert!(gone.to_string().contains("no connector is running"), "{gone}");
    }

    /// If this failed, a slip would be answered with silence, or a flood of bytes fill the memory.
    #[rstest]
    #[case::no_json("revoke everybody\n".to_owned())]
    #[case::unknown_command("{\"command\":\"forgive\"}\n".to_owned())]
    #[case::no_tenant("{\"command\":\"revoke\",\"subject\":{\"kind\":\"tenant\"}}\n".to_owned())]
    #[case::endless("x".repeat(5_000))]
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_not_understood_is_said_to_be(#[case] request: String) {
        let scratch = Scratch::new(&format!("wrong-{}-{}", request.len(), request.as_bytes()[0]));
        let socket = scratch.socket();
        let path = socket.path.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut connection = BlockingStream::connect(path).unwrap();
            connection.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            // What was not read of the request resets the connection behind the answer.
            drop(connection.read_to_string(&mut answer));
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("{\"failed\":{\"reason\":\"the command is not understood"), "{answer}");
    }
}
