//! Revocations in the database.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use connector_actors::clock::Timestamp;
use connector_actors::identity::Principal;
use connector_actors::revocation::{
    LastShutdown, RecentSnapshot, RecentToken, Revocation, RevocationStore, RevocationStoreError, Subject,
    TokenId, VolatileRevocations,
};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::database::{Database, StateError, StateLocation};

/// The store of revocations at `location`.
pub fn open_revocations(location: &StateLocation) -> Result<Arc<dyn RevocationStore>, StateError> {
    match location {
        StateLocation::Directory(directory) => Ok(Arc::new(StoredRevocations::open(directory)?)),
        StateLocation::Nowhere => Ok(Arc::new(VolatileRevocations)),
    }
}

#[derive(Debug)]
struct StoredRevocations {
    database: Database,
}

impl StoredRevocations {
    fn open(directory: &Path) -> Result<Self, StateError> {
        Ok(Self { database: Database::open(directory)? })
    }
}

impl RevocationStore for StoredRevocations {
    fn load(&self) -> Result<Vec<Revocation>, RevocationStoreError> {
        self.database.write(load).map_err(store_error)
    }

    fn record(&self, revocation: &Revocation, forget_before: Timestamp) -> Result<(), RevocationStoreError> {
        self.database.write(|connection| record(connection, revocation, forget_before)).map_err(store_error)
    }

    fn mark_in_use(&self) -> Result<LastShutdown, RevocationStoreError> {
        self.database.write(mark_in_use).map_err(store_error)
    }

    fn mark_clean(&self, recent: &RecentSnapshot) -> Result<(), RevocationStoreError> {
        self.database.write(|connection| mark_clean(connection, recent)).map_err(store_error)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn store_error(error: rusqlite::Error) -> RevocationStoreError {
    RevocationStoreError(error.to_string())
}

fn load(connection: &Connection) -> rusqlite::Result<Vec<Revocation>> {
    let mut statement = connection.prepare(
        "SELECT id, kind, tenant, user, client, token, at_ms, issued_before_s FROM revocation ORDER BY at_ms, id",
    )?;
    let mut named = connection.prepare("SELECT token FROM revoked_token WHERE revocation = ?1")?;
    let mut rows = statement.query([])?;
    let mut revocations = Vec::new();
    while let Some(row) = rows.next()? {
        let tokens = named.query_map([row.get::<_, i64>(0)?], |row| parsed(row, 0))?;
        revocations.push(Revocation {
            subject: subject(row)?,
            at: Timestamp::from_unix_millis(row.get(6)?),
            issued_before: Timestamp::from_unix_seconds(row.get(7)?),
            tokens: tokens.collect::<rusqlite::Result<_>>()?,
        });
    }
    Ok(revocations)
}

fn subject(row: &Row<'_>) -> rusqlite::Result<Subject> {
    match row.get_ref(1)?.as_str()? {
        "tenant" => Ok(Subject::Tenant(parsed(row, 2)?)),
        "user" => Ok(Subject::User(parsed(row, 2)?, parsed(row, 3)?)),
        "client" => Ok(Subject::Client(Principal {
            tenant: parsed(row, 2)?,
            user: parsed(row, 3)?,
            client: parsed(row, 4)?,
        })),
        _ => Ok(Subject::Token(parsed(row, 5)?)),
    }
}

/// A column of text as the type that it was written from.
fn parsed<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let text = row.get_ref(column)?.as_str()?;
    text.parse().map_err(|error: T::Err| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
    })
}

fn record(
    connection: &Connection,
    revocation: &Revocation,
    forget_before: Timestamp,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM revocation WHERE at_ms < ?1", [forget_before.unix_millis()])?;
    let subject = &revocation.subject;
    let (user, client) = match subject {
        Subject::User(_, user) => (Some(user), None),
        Subject::Client(principal) => (Some(&principal.user), Some(&principal.client)),
        Subject::Tenant(_) | Subject::Token(_) => (None, None),
    };
    let token = match subject {
        Subject::Token(token) => Some(token.as_str()),
        _ => None,
    };
    connection.execute(
        "INSERT INTO revocation (kind, tenant, user, client, token, at_ms, issued_before_s) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            subject.kind(),
            subject.tenant().map(|tenant| tenant.to_string()),
            user.map(ToString::to_string),
            client.map(ToString::to_string),
            token,
            revocation.at.unix_millis(),
            revocation.issued_before.unix_seconds(),
        ],
    )?;
    let id = connection.last_insert_rowid();
    let mut name = connection.prepare("INSERT INTO revoked_token (revocation, token) VALUES (?1, ?2)")?;
    for token in revocation.tokens.iter().map(TokenId::as_str) {
        name.execute(params![id, token])?;
    }
    Ok(())
}

fn mark_in_use(connection: &Connection) -> rusqlite::Result<LastShutdown> {
    let last = last_shutdown(connection)?;
    connection.execute("INSERT OR REPLACE INTO last_shutdown (id, is_clean) VALUES (1, 0)", [])?;
    connection.execute("DELETE FROM recent_token", [])?;
    Ok(last)
}

fn last_shutdown(connection: &Connection) -> rusqlite::Result<LastShutdown> {
    let mark = connection.query_row("SELECT is_clean, forgotten_s FROM last_shutdown", [], |row| {
        Ok((row.get::<_, bool>(0)?, row.get::<_, Option<u64>>(1)?))
    });
    let Some((is_clean, forgotten)) = mark.optional()? else { return Ok(LastShutdown::Never) };
    if !is_clean {
        return Ok(LastShutdown::Unclean);
    }
    let mut statement = connection
        .prepare("SELECT token, tenant, user, client, issued_at_s FROM recent_token ORDER BY issued_at_s")?;
    let tokens = statement.query_map([], |row| {
        Ok(RecentToken {
            id: parsed(row, 0)?,
            principal: Principal { tenant: parsed(row, 1)?, user: parsed(row, 2)?, client: parsed(row, 3)? },
            issued_at: Timestamp::from_unix_seconds(row.get(4)?),
        })
    })?;
    Ok(LastShutdown::Clean(RecentSnapshot {
        tokens: tokens.collect::<rusqlite::Result<_>>()?,
        forgotten: forgotten.map(Timestamp::from_unix_seconds),
    }))
}

fn mark_clean(connection: &Connection, recent: &RecentSnapshot) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO last_shutdown (id, is_clean, forgotten_s) VALUES (1, 1, ?1)",
        [recent.forgotten.map(Timestamp::unix_seconds)],
    )?;
    let mut keep = connection.prepare(
        "INSERT INTO recent_token (token, tenant, user, client, issued_at_s) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for RecentToken { principal: Principal { tenant, user, client }, issued_at, id } in &recent.tokens {
        keep.execute(params![
            id.as_str(),
            tenant.to_string(),
            user.to_string(),
            client.to_string(),
            issued_at.unix_seconds(),
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use std::time::Duration;

    use connector_actors::identity::{ClientId, ObjectId, TenantId};
    use uuid::Uuid;

    use super::*;
    use crate::state::database::MIGRATIONS;

    const EPOCH: Timestamp = Timestamp::from_unix_seconds(1_900_000_000);

    /// A directory of this test alone, gone when it is dropped.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("m365-connector-state-{}-{name}", std::process::id())))
        }

        fn open(&self) -> Result<StoredRevocations, StateError> {
            StoredRevocations::open(&self.0)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            drop(fs::remove_dir_all(&self.0));
        }
    }

    fn principal() -> Principal {
        Principal {
            tenant: TenantId::from_uuid(Uuid::from_u128(1)),
            user: ObjectId::from_uuid(Uuid::from_u128(2)),
            client: ClientId::from_uuid(Uuid::from_u128(3)),
        }
    }

    fn everything() -> Vec<Revocation> {
        let principal = principal();
        let subjects = [
            Subject::Tenant(principal.tenant),
            Subject::User(principal.tenant, principal.user),
            Subject::Client(principal),
            Subject::Token("AbC-_9".parse().unwrap()),
        ];
        let revocations = (0..).zip(subjects).map(|(minute, subject)| Revocation {
            subject,
            at: EPOCH + Duration::from_millis(60_000 * minute + 7),
            issued_before: EPOCH,
            tokens: vec!["first".parse().unwrap(), "second".parse().unwrap()],
        });
        revocations.collect()
    }

    /// If this failed, a restart would let revoked tokens in again.
    #[test]
    fn every_revocation_is_there_after_a_restart() {
        let scratch = Scratch::new("restart");
        let store = scratch.open().unwrap();
        for revocation in everything() {
            store.record(&revocation, EPOCH).unwrap();
        }
        drop(store);
        assert_eq!(scratch.open().unwrap().load().unwrap(), everything());
    }

    /// If this failed, a token that was used before a restart would pass a revocation that follows it; or sign-ins of after
    /// a stop in order, and of the first start of all, be refused as those of after a crash are.
    #[test]
    fn tokens_in_use_are_left_to_the_next_process_alone() {
        let scratch = Scratch::new("in-use");
        let told = || scratch.open().unwrap().mark_in_use().unwrap();
        assert_eq!(told(), LastShutdown::Never);
        assert_eq!(told(), LastShutdown::Unclean);

        let token =
            |id: &str, issued_at| RecentToken { principal: principal(), issued_at, id: id.parse().unwrap() };
        let tokens = vec![token("AbC-_9", EPOCH), token("AbC-_8", EPOCH + Duration::from_secs(1))];
        for forgotten in [Some(EPOCH), None] {
            let recent = RecentSnapshot { tokens: tokens.clone(), forgotten };
            scratch.open().unwrap().mark_clean(&recent).unwrap();
            assert_eq!(told(), LastShutdown::Clean(recent));
            assert_eq!(told(), LastShutdown::Unclean, "the next process has crashed");
        }
        let nothing = RecentSnapshot { tokens: Vec::new(), forgotten: None };
        scratch.open().unwrap().mark_clean(&nothing).unwrap();
        assert_eq!(told(), LastShutdown::Clean(nothing), "nothing is left of what was taken up");
    }

    /// If this failed, an update would lose what was revoked before it, not start, or take tokens that the former version
    /// saw for tokens that nobody has used.
    #[test]
    fn a_file_of_the_version_before_is_taken_over() {
        let scratch = Scratch::new("former");
        fs::create_dir_all(&scratch.0).unwrap();
        let former = Connection::open(scratch.0.join("connector.sqlite3")).unwrap();
        former.execute_batch(MIGRATIONS[0]).unwrap();
        former.pragma_update(None, "user_version", 1).unwrap();
        let revocation = everything().remove(0);
        record(&former, &revocation, EPOCH).unwrap();
        drop(former);
        let store = scratch.open().unwrap();
        assert_eq!(store.load().unwrap(), [revocation]);
        assert_eq!(store.mark_in_use().unwrap(), LastShutdown::Unclean);
    }

    /// If this failed, the database would grow for ever.
    #[test]
    fn what_is_old_is_forgotten_with_the_tokens_it_named() {
        let scratch = Scratch::new("old");
        let store = scratch.open().unwrap();
        let [first, second, ..] = &everything()[..] else { unreachable!() };
        store.record(first, EPOCH).unwrap();
        store.record(second, second.at).unwrap();
        assert_eq!(store.load().unwrap(), std::slice::from_ref(second));
        let count = "SELECT count(*) FROM revoked_token";
        let named: i64 =
            store.database.write(|database| database.query_row(count, [], |row| row.get(0))).unwrap();
        assert_eq!(named, 2);
    }

    /// If this failed, two processes would write over each other, and each miss what the other was told.
    #[test]
    fn a_second_process_is_kept_out() {
        let scratch = Scratch::new("second");
        let _first = scratch.open().unwrap();
        let error = scratch.open().unwrap_err();
        assert!(error.to_string().contains("another connector runs with this state directory"), "{error}");
    }

    /// If this failed, an older connector would misread what a newer one wrote.
    #[test]
    fn a_newer_schema_is_not_touched() {
        let scratch = Scratch::new("newer");
        drop(scratch.open().unwrap());
        let database = Connection::open(scratch.0.join("connector.sqlite3")).unwrap();
        database.pragma_update(None, "user_version", 99).unwrap();
        drop(database);
        let error = scratch.open().unwrap_err();
        assert!(error.to_string().contains("is of schema version 99"), "{error}");
    }

    /// If this failed, other accounts of the machine could read who was cut off, or undo it.
    #[test]
    fn the_state_is_private() {
        let scratch = Scratch::new("private");
        let store = scratch.open().unwrap();
        store.record(&everything()[0], EPOCH).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&scratch.0), 0o700);
        for file in fs::read_dir(&scratch.0).unwrap() {
            let file = file.unwrap().path();
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
    }
}
