//! The journal: one thread that writes JSON lines, fed through a bounded queue.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, park_timeout};
use std::time::Duration;

use connector_actors::clock::Clock;
use connector_observability::emit;
use connector_observability::event::{AuditRecordsWritten, AuditWriteFailed};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::lag::{Lag, LagReading};
use super::record::AuditRecord;

/// How long a record may wait for others before it is written.
const GATHERING: Duration = Duration::from_millis(10);

/// The writer does not gather records beyond this while others wait.
const UNWRITTEN: Duration = Duration::from_millis(100);

/// Where the records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditTarget {
    /// Appended to; created with mode 0600 when it is missing.
    File(PathBuf),
    StandardOutput,
    /// For demos and measurements alone: written by the same thread, kept by nobody.
    Discard,
}

/// The writer has fallen so far behind that no record would find room.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("the audit journal is full")]
pub struct JournalFull;

/// What travels to the writer.
#[derive(Debug)]
enum Entry {
    /// With the moment at which its call had ended.
    Record(Box<AuditRecord>, Instant),
    End,
}

/// The one writer of audit records.
#[derive(Debug, Clone)]
pub struct AuditJournal {
    queue: mpsc::Sender<Entry>,
    lag: LagReading,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl AuditJournal {
    /// Opens `target` and starts the writer. `capacity` is how many records may wait for it.
    pub fn open(target: &AuditTarget, capacity: usize, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let (queue, entries) = mpsc::channel(capacity.max(1));
        let output = sink(target)?;
        let lag = Lag::new(clock);
        let reading = lag.reading();
        let writer =
            Builder::new().name("audit".to_owned()).spawn(move || write_records(entries, output, &lag))?;
        Ok(Self { queue, lag: reading, writer: Arc::new(Mutex::new(Some(writer))) })
    }

    /// Records that wait for the writer, and room that calls in progress have reserved.
    pub fn waiting(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// How many records may wait.
    pub fn capacity(&self) -> usize {
        self.queue.max_capacity()
    }

    /// How long ago the call ended whose record the writer is at, and has not handed to the system; zero where it has
    /// caught up. What has come within the last [`GATHERING`] may be missing.
    pub fn lag(&self) -> Duration {
        self.lag.now()
    }

    /// Reserves room for the record of a call that is about to start.
    pub fn reserve(&self) -> Result<AuditSlot, JournalFull> {
        let room = self.queue.clone().try_reserve_owned().map_err(|_| JournalFull)?;
        Ok(AuditSlot { room })
    }

    /// Waits until every reserved slot has been used or given back (for `patience` at most) and every record is
    /// written, and ends the writer.
    pub async fn close(&self, patience: Duration) {
        // All the room there is can only be had when no call holds any of it.
        drop(timeout(patience, self.queue.reserve_many(self.queue.max_capacity())).await);
        if self.queue.send(Entry::End).await.is_err() {
            return;
        }
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        let joined = spawn_blocking(move || writer.map(JoinHandle::join)).await;
        if !matches!(joined, Ok(None | Some(Ok(())))) {
            emit(AuditWriteFailed { reason: "the writer panicked" });
        }
    }
}

/// Room for exactly one record.
#[derive(Debug)]
pub struct AuditSlot {
    room: mpsc::OwnedPermit<Entry>,
}

impl AuditSlot {
    /// `ended` is when the call had ended.
    pub fn write(self, record: AuditRecord, ended: Instant) {
        drop(self.room.send(Entry::Record(Box::new(record), ended)));
    }
}

fn sink(target: &AuditTarget) -> io::Result<Box<dyn Write + Send>> {
    Ok(match target {
        AuditTarget::File(path) => Box::new(BufWriter::new(append_to(path)?)),
        AuditTarget::StandardOutput => Box::new(BufWriter::new(io::stdout())),
        AuditTarget::Discard => Box::new(io::sink()),
    })
}

fn append_to(path: &Path) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map_err(|error| io::Error::new(error.kind(), format!("audit file {}: {error}", path.display())))
}

fn write_records(mut entries: mpsc::Receiver<Entry>, mut output: Box<dyn Write + Send>, lag: &Lag) {
    let mut line = Vec::with_capacity(1024);
    while let Some(Entry::Record(record, ended)) = entries.blocking_recv() {
        lag.begin(ended);
        let caught_up = entries.is_empty();
        let is_due = caught_up || lag.now() >= UNWRITTEN;
        if let Err(error) = write_line(&mut *output, &mut line, &record, is_due) {
            emit(AuditWriteFailed { reason: reason(&error) });
        }
        if is_due {
            emit(AuditRecordsWritten { oldest: lag.end() });
        }
        if caught_up {
            // Records gather meanwhile: no call has to wake this thread while it is away.
            park_timeout(GATHERING);
        }
    }
}

fn write_line(
    output: &mut dyn Write,
    line: &mut Vec<u8>,
    record: &AuditRecord,
    is_due: bool,
) -> io::Result<()> {
    line.clear();
    sonic_rs::to_writer(&mut *line, record).map_err(io::Error::other)?;
    line.push(b'\n');
    output.write_all(line)?;
    if is_due { output.flush() } else { Ok(()) }
}

fn reason(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "no space left",
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::BrokenPipe => "the reader has gone",
        _ => "the write failed",
    }
}
