//! What pictures are drawn from: a test finds by it those that show another dashboard than there is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::boards::Board;

type Failure = Box<dyn std::error::Error>;

const FILE: &str = "drawn-from.sha256";

/// Writes the digests of the dashboards into `directory`, as `sha256sum --check` reads them at the repository's root.
pub(super) fn write(boards: &[Board], directory: &Path) -> Result<(), Failure> {
    let mut lines = String::new();
    for Board { uid, digest, .. } in boards {
        for byte in digest.as_ref() {
            write!(lines, "{byte:02x}")?;
        }
        writeln!(lines, "  observability/dashboards/{uid}.json")?;
    }
    Ok(fs::write(directory.join(FILE), lines)?)
}
