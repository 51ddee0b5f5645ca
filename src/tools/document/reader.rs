//! The port for documents that are not read in this process.

use std::fmt;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;

use super::format::DocumentFormat;

/// Makes text of documents. It gets bytes that nobody has looked at: whoever implements it keeps them away from this
/// process's memory and from the network.
pub(in crate::tools) trait DocumentReader: fmt::Debug + Sync {
    /// Whether documents of this format are read at all; where not, their content is not even fetched.
    fn reads(&self, format: DocumentFormat) -> bool;

    /// The text, as Markdown, as it stands in the document: whoever asks cleans it. `None` where there is none in it.
    fn read<'a>(&'a self, format: DocumentFormat, content: &'a Bytes) -> LocalBoxFuture<'a, Option<String>>;
}

/// The reader in use.
pub(in crate::tools) const DOCUMENTS: &dyn DocumentReader = &NoneRead;

/// Where no format is read.
#[derive(Debug)]
struct NoneRead;

impl DocumentReader for NoneRead {
    fn reads(&self, _: DocumentFormat) -> bool {
        false
    }

    fn read<'a>(&'a self, _: DocumentFormat, _: &'a Bytes) -> LocalBoxFuture<'a, Option<String>> {
        Box::pin(std::future::ready(None))
    }
}
