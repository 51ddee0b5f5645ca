//! The formats in which a document is filed.

use super::document::Document;
use super::{office, pdf, slides};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) enum Format {
    Text,
    Markdown,
    Csv,
    Html,
    Docx,
    Xlsx,
    Pptx,
    Pdf,
}

impl Format {
    pub(super) const ALL: [Self; 8] =
        [Self::Docx, Self::Markdown, Self::Xlsx, Self::Pdf, Self::Csv, Self::Pptx, Self::Html, Self::Text];

    pub(in crate::graph) const fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Csv => "csv",
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Pdf => "pdf",
        }
    }

    /// The type of a file with that extension, as SharePoint says it.
    pub(in crate::graph) fn mime_type(extension: &str) -> &'static str {
        match extension {
            "txt" => "text/plain",
            "md" => "text/markdown",
            "csv" => "text/csv",
            "html" => "text/html",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "pdf" => "application/pdf",
            _ => "application/octet-stream",
        }
    }

    pub(in crate::graph) fn write(self, document: &Document) -> Vec<u8> {
        match self {
            Self::Text => document.text().into_bytes(),
            Self::Markdown => document.markdown().into_bytes(),
            Self::Csv => document.csv().into_bytes(),
            Self::Html => document.html().into_bytes(),
            Self::Docx => office::docx(document),
            Self::Xlsx => office::xlsx(document),
            Self::Pptx => slides::pptx(document),
            Self::Pdf => pdf::pdf(&document.text()),
        }
    }
}
