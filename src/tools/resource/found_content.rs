//! What stands in a file or an attachment: text as text, an image as an image, and of everything else why it is not given.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;

use super::body::{Body, Position, piece_of};
use super::lines::{Lines, LinesShown};
use super::{Part, Reading, no_parts};
use crate::graph::{ByteRange, GraphRequest, Wanted};
use crate::tools::content::Content;
use crate::tools::document::{DOCUMENTS, Format, ImageFormat, text_of};
use crate::tools::error::ToolError;
use crate::tools::read_alone::ReadAlone;
use crate::tools::review::Review;
use crate::tools::text::{CleanText, Fence};

/// In bytes: how much of a file of text is read.
const MOST_TEXT: usize = 8 * 1024 * 1024;
/// In bytes: larger images are not shown. Base64 makes a third more of them.
const MOST_IMAGE: usize = 3 * 1024 * 1024;

const NOT_READ_YET: &str = "Files of this format can't be read here yet: nothing but what describes it is given. Have the user \
                            open the file itself.";
const UNKNOWN_FORMAT: &str =
    "What is in a file of this format can't be told as text: nothing but what describes it is given.";
const NO_TEXT: &str = "There is no text in the file, whatever its name says.";
const EMPTY: &str = "The file is empty.";
const NO_IMAGE: &str = "What the file holds is none of the images that can be shown (PNG, JPEG, GIF, WebP).";

/// What stands in a file, as far as one answer goes.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    /// Which lines were asked for, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<LinesShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Cow<'static, str>>,
    /// Stands beside the answer.
    #[serde(skip)]
    image: Option<Content>,
}

impl ReadAlone for Found {
    fn enclose(&mut self, fence: Fence) {
        self.body.enclose(fence);
    }
}

/// What stands under `request`, by its format. `size` is of the whole, in bytes, where that is known.
pub(super) async fn content(
    reading: &Reading<'_>,
    format: Format,
    request: &GraphRequest,
    size: Option<u64>,
    review: &Review<'_>,
) -> Result<Found, ToolError> {
    let is_text = is_given(format) && format != Format::Image;
    if !is_text && reading.part.is_some() {
        return Err(no_parts());
    }
    match format {
        Format::Unknown => Ok(Found::noting(UNKNOWN_FORMAT)),
        Format::Document(_) if !is_given(format) => Ok(Found::noting(NOT_READ_YET)),
        Format::Image => image(reading, request, size).await,
        Format::Document(document) => {
            let (bytes, _) = fetch(reading, request, size).await?;
            let text = DOCUMENTS.read(document, &bytes).await;
            let clean =
                text.map(|text| CleanText { text: review.clean(text.into()).into_owned(), is_cut: false });
            written(reading, clean)
        }
        Format::Text(format) => {
            let (bytes, is_cut) = fetch(reading, request, size).await?;
            let clean = text_of(format, &bytes, review);
            written(reading, clean.map(|clean| CleanText { is_cut: is_cut || clean.is_cut, ..clean }))
        }
    }
}

/// Whether anything of a file of this format is given but what describes it.
pub(super) fn is_given(format: Format) -> bool {
    match format {
        Format::Text(_) | Format::Image => true,
        Format::Document(document) => DOCUMENTS.reads(document),
        Format::Unknown => false,
    }
}

/// `range` of a text.
pub(super) fn rows(range: &str) -> Result<Part, ToolError> {
    Lines::parse(range).map(Part::Rows)
}

/// The file, or as much of it as is read at all, and whether that is not all of it.
pub(super) async fn fetch(
    reading: &Reading<'_>,
    request: &GraphRequest,
    size: Option<u64>,
) -> Result<(Bytes, bool), ToolError> {
    let most = u64::try_from(MOST_TEXT).unwrap_or(u64::MAX);
    let is_large = size.is_some_and(|size| size > most);
    reading.call.progress.step("Reading what stands in the file.");
    let range = is_large.then_some(ByteRange { first: 0, last: most - 1 });
    let download = reading.call.graph.fetch(request, Wanted { limit: MOST_TEXT, range }).await?;
    Ok((download.bytes, is_large))
}

/// The text that was read, where there is one, as far as one answer goes.
pub(super) fn written(reading: &Reading<'_>, clean: Option<CleanText>) -> Result<Found, ToolError> {
    let Some(clean) = clean else { return Ok(Found::noting(NO_TEXT)) };
    if clean.text.is_empty() {
        return Ok(Found::noting(EMPTY));
    }
    let position = Position::of(reading)?;
    let (window, lines) = match reading.part {
        Some(Part::Rows(lines)) => lines.within(&clean.text)?,
        Some(Part::Times(_)) | None => (0..clean.text.len(), None),
    };
    let piece = piece_of(&clean, window, position, reading)?;
    let notes = piece.note.into_iter().map(Cow::Borrowed).collect();
    Ok(Found { body: Some(piece.body), lines, next_cursor: piece.next_cursor, notes, image: None })
}

async fn image(reading: &Reading<'_>, request: &GraphRequest, size: Option<u64>) -> Result<Found, ToolError> {
    let most = u64::try_from(MOST_IMAGE).unwrap_or(u64::MAX);
    if size.is_some_and(|size| size > most) {
        return Ok(Found::noting(too_large_an_image()));
    }
    let download = reading.call.graph.fetch(request, Wanted { limit: MOST_IMAGE, range: None }).await?;
    let Some(format) = ImageFormat::of(&download.bytes) else { return Ok(Found::noting(NO_IMAGE)) };
    let data = STANDARD.encode(&download.bytes).into();
    let image = Content::Image { data, mime_type: format.media_type().into() };
    Ok(Found { image: Some(image), ..Found::default() })
}

fn too_large_an_image() -> String {
    format!("The image is larger than {} MiB, and is not shown here.", MOST_IMAGE / (1024 * 1024))
}

impl Found {
    pub(super) fn noting(note: impl Into<Cow<'static, str>>) -> Self {
        Self { notes: vec![note.into()], ..Self::default() }
    }

    pub(super) fn take_image(&mut self) -> Option<Content> {
        self.image.take()
    }
}
