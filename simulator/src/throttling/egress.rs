//! Whose allowances are used by what is sent out. How much that is, is known when it is made: until then every allowance
//! must have room for one byte.

use super::applied::Applied;
use super::holder::Key;
use super::limits::Unit;
use super::meter::Allowance;
use super::workload::Workload;

/// Whose allowances the bytes of an answer use.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "bytes that nobody tells of are not counted"]
pub struct Egress {
    pub(super) workload: Workload,
    pub(super) allowances: Vec<(Key, Allowance)>,
}

impl Egress {
    /// Nothing where no bytes are counted.
    pub(super) fn of(workload: Workload, applied: &[Applied]) -> Option<Self> {
        let counted = applied.iter().filter(|one| one.limit.unit == Unit::ByteOut);
        let allowances: Vec<_> = counted.map(|one| (one.key, one.allowance)).collect();
        (!allowances.is_empty()).then_some(Self { workload, allowances })
    }
}
