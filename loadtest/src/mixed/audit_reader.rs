//! Whoever reads the audit records: a program at the other end of a pipe, which may be slow, or away for a while.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

type Failure = Box<dyn std::error::Error>;

/// What the reader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Reading,
    /// It takes nothing, and the pipe fills.
    Nothing,
    /// It has gone: writing fails.
    Away,
}

/// Of Linux, where this runs.
const O_NONBLOCK: i32 = 0o4000;

/// Reads on a thread of its own, which ends with the process.
pub(crate) struct AuditReader {
    shared: Arc<Shared>,
    pipe: PathBuf,
}

struct Shared {
    doing: Mutex<Doing>,
    changed: Condvar,
    records: AtomicUsize,
}

impl AuditReader {
    /// Makes the pipe, and waits in the background for somebody to write.
    pub(super) fn of_pipe(path: &Path) -> Result<Self, Failure> {
        if !Command::new("mkfifo").arg("-m").arg("600").arg(path).status()?.success() {
            return Err(format!("mkfifo {} failed", path.display()).into());
        }
        let shared = Arc::new(Shared {
            doing: Mutex::new(Doing::Reading),
            changed: Condvar::new(),
            records: AtomicUsize::new(0),
        });
        let (reader, pipe) = (Arc::clone(&shared), path.to_owned());
        let path = pipe.clone();
        thread::Builder::new().name("audit-reader".to_owned()).spawn(move || reader.read(&path))?;
        Ok(Self { shared, pipe })
    }

    pub(super) fn turn_to(&self, doing: Doing) {
        *self.shared.doing.lock().unwrap_or_else(PoisonError::into_inner) = doing;
        self.shared.changed.notify_all();
    }

    /// Reads nothing any more, and lets nobody write: the pipe is full to its end, with empty lines.
    pub(super) fn stop_reading(&self) -> Result<(), Failure> {
        self.turn_to(Doing::Nothing);
        let mut pipe = OpenOptions::new().append(true).custom_flags(O_NONBLOCK).open(&self.pipe)?;
        loop {
            match pipe.write(&[b'\n'; 512]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// How many records have come.
    pub(crate) fn records(&self) -> usize {
        self.shared.records.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn read(&self, path: &Path) {
        loop {
            self.wait_while(Doing::Away);
            let Ok(pipe) = File::open(path) else { return };
            if !self.read_pipe(pipe) {
                return;
            }
        }
    }

    /// Until the writer has gone, or the reader is told to go: then true.
    fn read_pipe(&self, pipe: File) -> bool {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { return false };
            self.records.fetch_add(usize::from(!line.is_empty()), Ordering::Relaxed);
            self.wait_while(Doing::Nothing);
            if self.is(Doing::Away) {
                return true;
            }
        }
        false
    }

    fn is(&self, doing: Doing) -> bool {
        *self.doing.lock().unwrap_or_else(PoisonError::into_inner) == doing
    }

    fn wait_while(&self, doing: Doing) {
        let is = self.doing.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_while(is, |is| *is == doing).unwrap_or_else(PoisonError::into_inner));
    }
}
