//! Which format a file has: by the ending of its name, by its media type where it has none, and of images by how they
//! begin.

/// What can be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum Format {
    /// Read here.
    Text(TextFormat),
    /// Shown as it is.
    Image,
    /// For a `DocumentReader`.
    Document(DocumentFormat),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum TextFormat {
    Plain,
    Markdown,
    Csv,
    Html,
    /// A message (RFC 5322).
    Mail,
    /// A calendar (RFC 5545).
    Calendar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum DocumentFormat {
    /// Word, also of before 2007, OpenDocument text and rich text.
    Text,
    /// Excel, also of before 2007, and OpenDocument spreadsheets.
    Spreadsheet,
    /// PowerPoint, also of before 2007, and OpenDocument presentations.
    Presentation,
    Pdf,
    OutlookMessage,
}

/// Images that clients show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tools) enum ImageFormat {
    Png,
    Jpeg,
    Gif,
    WebP,
}

/// By the ending of the name, lower case.
const ENDINGS: &[(&[&str], Format)] = &[
    (&["md", "markdown"], Format::Text(TextFormat::Markdown)),
    (&["csv", "tsv"], Format::Text(TextFormat::Csv)),
    (&["html", "htm", "xhtml"], Format::Text(TextFormat::Html)),
    (&["eml"], Format::Text(TextFormat::Mail)),
    (&["ics", "ical", "ifb"], Format::Text(TextFormat::Calendar)),
    (
        &[
            "txt",
            "text",
            "log",
            "json",
            "jsonl",
            "ndjson",
            "xml",
            "yaml",
            "yml",
            "toml",
            "ini",
            "conf",
            "cfg",
            "properties",
            "env",
            "sql",
            "rst",
            "adoc",
            "tex",
            "srt",
            "vtt",
            "vcf",
            "diff",
            "patch",
            "rs",
            "py",
            "js",
            "mjs",
            "ts",
            "jsx",
            "tsx",
            "css",
            "scss",
            "java",
            "kt",
            "swift",
            "c",
            "h",
            "cpp",
            "hpp",
            "cs",
            "go",
            "rb",
            "php",
            "pl",
            "lua",
            "r",
            "sh",
            "bash",
            "ps1",
            "psm1",
            "bat",
            "cmd",
            "tf",
            "gradle",
            "bicep",
        ],
        Format::Text(TextFormat::Plain),
    ),
    (&["png", "jpg", "jpeg", "gif", "webp"], Format::Image),
    (
        &["docx", "docm", "dotx", "dotm", "doc", "dot", "odt", "ott", "rtf"],
        Format::Document(DocumentFormat::Text),
    ),
    (&["xlsx", "xlsm", "xltx", "xlsb", "xls", "ods", "ots"], Format::Document(DocumentFormat::Spreadsheet)),
    (
        &["pptx", "pptm", "potx", "ppsx", "ppt", "pps", "odp", "otp"],
        Format::Document(DocumentFormat::Presentation),
    ),
    (&["pdf"], Format::Document(DocumentFormat::Pdf)),
    (&["msg"], Format::Document(DocumentFormat::OutlookMessage)),
];

/// By the media type, where the name says nothing.
const MEDIA_TYPES: &[(&str, Format)] = &[
    ("text/markdown", Format::Text(TextFormat::Markdown)),
    ("text/csv", Format::Text(TextFormat::Csv)),
    ("text/html", Format::Text(TextFormat::Html)),
    ("application/xhtml+xml", Format::Text(TextFormat::Html)),
    ("message/rfc822", Format::Text(TextFormat::Mail)),
    ("text/calendar", Format::Text(TextFormat::Calendar)),
    ("application/json", Format::Text(TextFormat::Plain)),
    ("application/xml", Format::Text(TextFormat::Plain)),
    ("application/pdf", Format::Document(DocumentFormat::Pdf)),
    ("application/rtf", Format::Document(DocumentFormat::Text)),
    ("application/msword", Format::Document(DocumentFormat::Text)),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml",
        Format::Document(DocumentFormat::Text),
    ),
    ("application/vnd.oasis.opendocument.text", Format::Document(DocumentFormat::Text)),
    ("application/vnd.ms-excel", Format::Document(DocumentFormat::Spreadsheet)),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml",
        Format::Document(DocumentFormat::Spreadsheet),
    ),
    ("application/vnd.oasis.opendocument.spreadsheet", Format::Document(DocumentFormat::Spreadsheet)),
    ("application/vnd.ms-powerpoint", Format::Document(DocumentFormat::Presentation)),
    (
        "application/vnd.openxmlformats-officedocument.presentationml",
        Format::Document(DocumentFormat::Presentation),
    ),
    ("application/vnd.oasis.opendocument.presentation", Format::Document(DocumentFormat::Presentation)),
    ("application/vnd.ms-outlook", Format::Document(DocumentFormat::OutlookMessage)),
    ("image/", Format::Image),
    ("text/", Format::Text(TextFormat::Plain)),
];

impl Format {
    /// `media_type` without parameters.
    pub(in crate::tools) fn of(name: Option<&str>, media_type: Option<&str>) -> Self {
        let ending =
            name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
        let by_ending = ending.and_then(|ending| {
            ENDINGS.iter().find(|(endings, _)| endings.contains(&ending.as_str())).map(|(_, format)| *format)
        });
        by_ending.unwrap_or_else(|| Self::of_media_type(media_type.unwrap_or_default()))
    }

    fn of_media_type(media_type: &str) -> Self {
        let media_type = media_type.to_ascii_lowercase();
        let known = MEDIA_TYPES.iter().find(|(beginning, _)| media_type.starts_with(beginning));
        known.map_or(Self::Unknown, |(_, format)| *format)
    }
}

impl ImageFormat {
    /// By its first bytes: what a name or a server says of an image need not be so.
    pub(in crate::tools) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    pub(in crate::tools) const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, a file would be read as what it is not, or not at all.
    #[rstest]
    #[case::text("a.txt", "application/octet-stream", Format::Text(TextFormat::Plain))]
    #[case::capitals("A.MD", "", Format::Text(TextFormat::Markdown))]
    #[case::two_points("a.tar.csv", "", Format::Text(TextFormat::Csv))]
    #[case::name_before_type("a.html", "text/plain", Format::Text(TextFormat::Html))]
    #[case::by_type("no ending", "text/calendar", Format::Text(TextFormat::Calendar))]
    #[case::any_text("no ending", "text/x-log", Format::Text(TextFormat::Plain))]
    #[case::word("a.docx", "", Format::Document(DocumentFormat::Text))]
    #[case::sheet_by_type(
        "no ending",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Document(DocumentFormat::Spreadsheet)
    )]
    #[case::pdf("a.pdf", "", Format::Document(DocumentFormat::Pdf))]
    #[case::picture("a.JPeG", "", Format::Image)]
    #[case::drawing("a.svg", "image/svg+xml", Format::Image)]
    #[case::program("a.exe", "application/octet-stream", Format::Unknown)]
    #[case::nothing("", "", Format::Unknown)]
    fn a_name_or_a_type_says_the_format(
        #[case] name: &str,
        #[case] media_type: &str,
        #[case] expected: Format,
    ) {
        assert_eq!(Format::of(Some(name), Some(media_type)), expected);
    }

    /// If this failed, a client would be given something else than an image under an image's name.
    #[rstest]
    #[case::png(b"\x89PNG\r\n\x1a\n\0\0", Some(ImageFormat::Png))]
    #[case::jpeg(b"\xff\xd8\xff\xe0", Some(ImageFormat::Jpeg))]
    #[case::gif(b"GIF89a", Some(ImageFormat::Gif))]
    #[case::webp(b"RIFF\0\0\0\0WEBPVP8 ", Some(ImageFormat::WebP))]
    #[case::svg(b"<svg onload=alert(1)>", None)]
    #[case::short(b"GIF8", None)]
    #[case::nothing(b"", None)]
    fn an_image_is_known_by_its_first_bytes(#[case] bytes: &[u8], #[case] expected: Option<ImageFormat>) {
        assert_eq!(ImageFormat::of(bytes), expected);
    }
}
