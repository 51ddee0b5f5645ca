//! How the sensitivity label of something in SharePoint or OneDrive is learned: one rule for files, entries and hits.

use crate::policy::Label;

/// The column that names the label.
pub(super) const COLUMN: &str = "_DisplayName";

/// The label that an item's columns name. Where nobody has given the columns, nobody knows.
pub(super) fn learned<'c, C>(
    columns: Option<&'c C>,
    name: impl FnOnce(&'c C) -> Option<&'c str>,
) -> Label<'c> {
    let Some(columns) = columns else { return Label::Unknown };
    let name = name(columns).filter(|name| !name.is_empty());
    name.map_or(Label::None, |name| Label::Known { id: None, name: Some(name) })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Columns of which one names the label, or none does.
    struct Columns(Option<&'static str>);

    /// If this failed, a file whose columns did not come would pass for one without a label.
    #[rstest]
    #[case::no_columns(None, Label::Unknown)]
    #[case::no_label(Some(Columns(None)), Label::None)]
    #[case::blank(Some(Columns(Some(""))), Label::None)]
    #[case::named(Some(Columns(Some("Secret"))), Label::Known { id: None, name: Some("Secret") })]
    fn what_is_not_said_is_not_known(#[case] columns: Option<Columns>, #[case] expected: Label<'_>) {
        assert_eq!(learned(columns.as_ref(), |columns| columns.0), expected);
    }
}
