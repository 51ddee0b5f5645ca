//! Documents as text: which format something has, and what is read of it here.
//!
//! Formats of text are read in this process. Those that take a parser of their own (office files, PDF) go to a
//! [`DocumentReader`](reader::DocumentReader), in processes of their own; until there is one, their readers are told so.

mod calendar;
mod charset;
mod format;
mod mail;
mod reader;

use std::borrow::Cow;

pub(super) use format::{Format, ImageFormat, TextFormat};
pub(super) use reader::DOCUMENTS;

use super::review::Review;
use super::text::CleanText;

/// The text of `bytes`, clean; `None` where there is no text in them.
pub(super) fn text_of(format: TextFormat, bytes: &[u8], review: &Review<'_>) -> Option<CleanText> {
    if format == TextFormat::Mail {
        return mail::text_of(bytes, review);
    }
    let text = match format {
        TextFormat::Html => charset::decode_html(bytes)?,
        _ => charset::decode(bytes)?,
    };
    Some(match format {
        TextFormat::Html => review.texts().clean_html(&text),
        TextFormat::Calendar => whole(review.clean(Cow::Owned(calendar::readable(&text)))),
        TextFormat::Plain | TextFormat::Markdown | TextFormat::Csv | TextFormat::Mail => {
            whole(review.clean(text))
        }
    })
}

fn whole(text: Cow<'_, str>) -> CleanText {
    CleanText { text: text.into_owned(), is_cut: false }
}
