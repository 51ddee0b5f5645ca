//! The columns of a list, by the names that people give them.

use crate::graph::Column;
use crate::tools::error::ToolError;

/// The column of this name, as requests or as people call it. Graph's own name is what is asked with: nothing that a
/// caller writes gets there.
pub(super) fn column_of<'c, 'a>(
    argument: &'static str,
    name: &str,
    columns: &'c [Column<'a>],
) -> Result<&'c Column<'a>, ToolError> {
    let by_name = columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
    let shown = |column: &&Column<'_>| {
        column.display_name.as_deref().is_some_and(|known| known.to_lowercase() == name.to_lowercase())
    };
    let found = by_name.or_else(|| columns.iter().find(shown));
    found.filter(|column| is_plain(&column.name)).ok_or_else(|| {
        let known: Vec<&str> = columns
            .iter()
            .filter(|column| column.hidden != Some(true) && is_plain(&column.name))
            .take(40)
            .map(|column| &*column.name)
            .collect();
        ToolError::invalid_argument(
            argument,
            "the list has no column of that name.",
            format!("Its columns: {}.", known.join(", ")),
        )
    })
}

/// SharePoint's internal names hold nothing else: what is none is not written into a query.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 128
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_'))
}
