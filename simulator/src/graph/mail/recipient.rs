//! Who writes a mail, or gets it.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipient {
    pub(super) name: String,
    pub(super) address: String,
}
