//! Whose mailbox a path names.

/// What the view by which mailboxes are exported begins with.
pub(super) const EXPORTED: [&str; 3] = ["admin", "exchange", "mailboxes"];

/// The key of a path below `/users`: an object id or a principal name, percent-encoded as it came.
pub fn named_owner(path: &str) -> Option<&str> {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let first = segments.next()?;
    first.eq_ignore_ascii_case("users").then(|| segments.next())?
}

/// The id of a mailbox in a path below `/admin/exchange/mailboxes`, percent-encoded as it came.
pub fn named_mailbox(path: &str) -> Option<&str> {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let is_exported =
        EXPORTED.iter().all(|name| segments.next().is_some_and(|word| word.eq_ignore_ascii_case(name)));
    if is_exported { segments.next() } else { None }
}
