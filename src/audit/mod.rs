//! One port, one writer: every call leaves one record, whatever became of it.
//!
//! Room for the record is reserved before the call starts. When the writer is so far behind that there is none,
//! the call is shed: no call runs unrecorded, and no call waits for a disk.

mod lag;
mod record;
mod writer;

pub use record::AuditRecord;
pub use writer::{AuditJournal, AuditSlot, AuditTarget, JournalFull};
