//! The columns of a list's items, as they are shown.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::column_times::ColumnTimes;
use crate::graph::Fields;
use crate::tools::review::Review;
use crate::tools::text::TextRoom;

/// In bytes: how much of a text one cell of a list shows.
pub(super) const LONGEST_CELL: usize = 500;
/// In bytes: what the columns of one item of a list take together, but for numbers and what is no text.
const LONGEST_ROW: usize = 8 * 1024;
/// In bytes: about what holds a value together with the next one.
const FRAME: usize = 6;
/// How deep a value is looked into.
const DEEPEST: usize = 4;
/// Columns that SharePoint keeps for itself.
const OWN: &[&str] = &[
    "LinkTitle",
    "LinkTitleNoMenu",
    "LinkFilename",
    "LinkFilenameNoMenu",
    "Edit",
    "ItemChildCount",
    "FolderChildCount",
    "AppAuthorLookupId",
    "AppEditorLookupId",
    "DocIcon",
    "SelectTitle",
    "SelectFilename",
    "ParentVersionStringLookupId",
    "ParentLeafNameLookupId",
];

/// Whether whole texts are shown, or the beginnings of long ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Cut {
    Whole,
    Beginnings,
}

/// What was made of the columns of an item.
#[derive(Debug)]
pub(in crate::tools) struct Cells {
    pub(in crate::tools) values: Map<String, Value>,
    /// Of those that are times, as they are told.
    pub(in crate::tools) times: Map<String, Value>,
    /// Whether some text is longer than it is shown, or values are left out.
    pub(in crate::tools) is_cut: bool,
    /// Whether a day among them is another one on sites of some zones.
    pub(in crate::tools) has_doubtful_day: bool,
    room: TextRoom,
}

/// The columns, clean: those in `asked`, or where none are asked for all but SharePoint's own.
pub(in crate::tools) fn cells(
    fields: Fields,
    asked: &[String],
    cut: Cut,
    times: ColumnTimes<'_>,
    review: &Review<'_>,
) -> Cells {
    let room = TextRoom::of(if cut == Cut::Whole { usize::MAX } else { LONGEST_ROW });
    let (values, times_told) = (Map::new(), Map::new());
    let mut cells = Cells { values, times: times_told, is_cut: false, has_doubtful_day: false, room };
    for (name, value) in fields.0 {
        let is_own = name.starts_with(['_', '@']) || OWN.contains(&name.as_str());
        let is_wanted = if asked.is_empty() { !is_own } else { asked.contains(&name) };
        if value.is_null() || !is_wanted {
            continue;
        }
        let (day, time) = (times.day(&name, &value), times.time(&name, &value));
        let name = cells.name(name, review);
        if let Some(day) = day {
            let told = day.told();
            cells.has_doubtful_day |= day.is_doubtful();
            cells.room.give(told.len() + FRAME);
            cells.values.insert(name, told.into());
            continue;
        }
        if let Some(time) = time {
            cells.room.give(name.len() + time.len() + FRAME);
            cells.times.insert(name.clone(), time.into());
        }
        let value = cells.cell(value, cut, review, 0);
        cells.values.insert(name, value);
    }
    cells
}

impl Cells {
    fn name(&mut self, name: String, review: &Review<'_>) -> String {
        let name = review.clean_line(Cow::Owned(name)).into_owned();
        self.room.give(name.len() + FRAME);
        name
    }

    /// Whether one of several values is still shown.
    fn has_room(&mut self) -> bool {
        self.is_cut |= self.room.is_over();
        self.room.give(FRAME);
        !self.room.is_over()
    }

    fn cell(&mut self, value: Value, cut: Cut, review: &Review<'_>, depth: usize) -> Value {
        match value {
            Value::String(text) => {
                let text = readable(&text, review);
                if cut == Cut::Whole {
                    return text.into();
                }
                let shown = self.room.text(Cow::Borrowed(&text), LONGEST_CELL);
                self.is_cut |= *shown != text;
                shown.into()
            }
            Value::Array(values) if depth < DEEPEST => {
                let mut shown = Vec::new();
                for value in values {
                    if !self.has_room() {
                        break;
                    }
                    shown.push(self.cell(value, cut, review, depth + 1));
                }
                shown.into()
            }
            Value::Object(members) if depth < DEEPEST => {
                let members = members.into_iter().filter(|(name, _)| !name.contains('@'));
                let cell = |(name, value)| {
                    let name = self.name(name, review);
                    (name, self.cell(value, cut, review, depth + 1))
                };
                Value::Object(members.map(cell).collect())
            }
            Value::Array(_) | Value::Object(_) => Value::Null,
            plain => plain,
        }
    }
}

/// A text that may be marked up, as its reader would see it: nothing says whether a column or a summary is HTML.
pub(in crate::tools) fn readable(text: &str, review: &Review<'_>) -> String {
    if is_marked_up(text) {
        return review.texts().clean_html(text).text;
    }
    review.clean(Cow::Borrowed(text)).into_owned()
}

/// Whether something in it opens or closes an element.
fn is_marked_up(text: &str) -> bool {
    memchr::memchr_iter(b'<', text.as_bytes()).any(|at| {
        matches!(text.as_bytes().get(at + 1), Some(next) if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?'))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, rich text would be shown as its source, or a plain sentence lose its signs.
    #[rstest]
    #[case::rich("<div>a</div>", true)]
    #[case::script("a <script>b</script>", true)]
    #[case::closing("a</p>", true)]
    #[case::comment("a<!-- b -->", true)]
    #[case::less("a < b, c <3", false)]
    #[case::arrow("a <- b", false)]
    fn markup_is_told_from_signs(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_marked_up(text), expected);
    }
}
