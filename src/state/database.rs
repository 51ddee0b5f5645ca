//! The SQLite database beside the process: what must outlive it. One process owns it, and one connection writes.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode};
use thiserror::Error;

const FILE_NAME: &str = "connector.sqlite3";

/// Each makes the next version of the schema out of the one before. Only ever appended to.
pub(super) const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE revocation (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('tenant', 'user', 'client', 'token')),
        tenant TEXT,
        user TEXT,
        client TEXT,
        token TEXT,
        at_ms INTEGER NOT NULL,
        issued_before_s INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revocation_at ON revocation (at_ms);
    CREATE TABLE revoked_token (
        revocation INTEGER NOT NULL REFERENCES revocation (id) ON DELETE CASCADE,
        token TEXT NOT NULL,
        PRIMARY KEY (revocation, token)
    ) STRICT, WITHOUT ROWID;
",
    // No row in a new file; a file of the version before was in use, and nothing in it tells how that ended.
    "
    CREATE TABLE last_shutdown (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        is_clean INTEGER NOT NULL CHECK (is_clean IN (0, 1)),
        forgotten_s INTEGER
    ) STRICT;
    INSERT INTO last_shutdown (id, is_clean) SELECT 1, 0 FROM pragma_user_version WHERE user_version > 0;
    CREATE TABLE recent_token (
        token TEXT NOT NULL,
        tenant TEXT NOT NULL,
        user TEXT NOT NULL,
        client TEXT NOT NULL,
        issued_at_s INTEGER NOT NULL
    ) STRICT;
",
];

/// Where state is kept that must outlive the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateLocation {
    /// A directory of this process alone, made with mode 0700 when it is missing.
    Directory(PathBuf),
    /// Nowhere: for demos and measurements.
    Nowhere,
}

/// Why the state could not be opened.
#[derive(Debug, Error)]
pub enum StateError {
    #[error("state directory {}: {source}", path.display())]
    Directory { path: PathBuf, source: io::Error },
    #[error("{} is in use: another connector runs with this state directory", path.display())]
    InUse { path: PathBuf },
    #[error(
        "{} is of schema version {found}, and this connector knows versions up to {known}: it was written by a \
         newer one",
        path.display()
    )]
    Newer { path: PathBuf, found: usize, known: usize },
    #[error("{}: {source}", path.display())]
    Database { path: PathBuf, source: rusqlite::Error },
}

/// The one connection. Whoever uses it may wait for the disk.
#[derive(Debug)]
pub(super) struct Database(Mutex<Connection>);

impl Database {
    /// Opens the database in `directory`, makes both where they are missing, and brings the schema up to date. The
    /// database stays locked until the process ends, however it ends.
    pub(super) fn open(directory: &Path) -> Result<Self, StateError> {
        let path = directory.join(FILE_NAME);
        make_private(directory, &path)
            .map_err(|source| StateError::Directory { path: directory.to_owned(), source })?;
        let connection = Connection::open(&path).and_then(configure);
        let connection = connection.map_err(|source| explain(&path, source))?;
        migrate(connection, &path).map(|connection| Self(Mutex::new(connection)))
    }

    /// Runs `work` in one transaction: all of it is on disk when this returns, or none.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }
}

fn make_private(directory: &Path, file: &Path) -> io::Result<()> {
    if !directory.is_dir() {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(file).map(drop)
}

/// The lock is taken once and kept. A commit is on disk before it is told: `synchronous = FULL`.
fn configure(connection: Connection) -> rusqlite::Result<Connection> {
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // A first write takes the lock, so that a second process learns of it now.
    connection.execute_batch("BEGIN IMMEDIATE; COMMIT")?;
    Ok(connection)
}

/// All that is missing in one transaction: until its end `user_version` says what file was found, 0 of a new one.
fn migrate(mut connection: Connection, path: &Path) -> Result<Connection, StateError> {
    let version = |connection: &Connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get::<_, usize>(0))
    };
    let found = version(&connection).map_err(|source| explain(path, source))?;
    let Some(missing) = MIGRATIONS.get(found..) else {
        return Err(StateError::Newer { path: path.to_owned(), found, known: MIGRATIONS.len() });
    };
    let run = |connection: &mut Connection| {
        let transaction = connection.transaction()?;
        transaction.execute_batch(&missing.concat())?;
        transaction.pragma_update(None, "user_version", MIGRATIONS.len())?;
        transaction.commit()
    };
    run(&mut connection).map_err(|source| explain(path, source))?;
    Ok(connection)
}

fn explain(path: &Path, source: rusqlite::Error) -> StateError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StateError::InUse { path },
        _ => StateError::Database { path, source },
    }
}
