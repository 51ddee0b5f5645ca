//! Uris of ids between slashes.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::percent_decode_str;

use crate::graph::PathSegment;
use crate::tools::error::ToolError;

/// A family of uris, for what is said about wrong ones.
#[derive(Debug, Clone, Copy)]
pub(in crate::tools) struct Family {
    /// What every one of them begins with.
    pub(in crate::tools) root: &'static str,
    pub(in crate::tools) forms: &'static str,
}

impl Family {
    /// What stands between the slashes behind the root, decoded; none of them is empty.
    pub(in crate::tools) fn segments<'a>(
        self,
        argument: &'static str,
        uri: &'a str,
    ) -> Result<Vec<Cow<'a, str>>, ToolError> {
        let path = uri.strip_prefix(self.root).filter(|path| !path.contains(['?', '#']));
        let names = path.map(|path| path.trim_end_matches('/').split('/')).into_iter().flatten();
        let decoded: Result<Vec<_>, _> = names.map(|name| percent_decode_str(name).decode_utf8()).collect();
        match decoded {
            Ok(segments)
                if !segments.is_empty() && segments.iter().all(|name| PathSegment::new(name).is_ok()) =>
            {
                Ok(segments)
            }
            _ => Err(self.refused(argument)),
        }
    }

    /// The error that names the forms.
    pub(in crate::tools) fn refused(self, argument: &'static str) -> ToolError {
        let why = format_args!("none of the uris that begin with {}", self.root);
        ToolError::unreadable_uri(argument, why, self.forms)
    }

    /// The uri of these ids. One that can't be a segment can't be read either: nothing in its place says so.
    pub(in crate::tools) fn uri(self, ids: &[&str]) -> String {
        let mut uri =
            String::with_capacity(self.root.len() + ids.iter().map(|id| id.len() + 3).sum::<usize>());
        uri.push_str(self.root);
        for (place, id) in ids.iter().enumerate() {
            if place > 0 {
                uri.push('/');
            }
            if let Ok(segment) = PathSegment::new(id)
                && write!(uri, "{segment}").is_err()
            {
                debug_assert!(false, "a String refused to be written to");
            }
        }
        uri
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FAMILY: Family = Family { root: "file:///", forms: "file:///{drive}/{item}" };

    proptest! {
        /// If this failed, something that a list names could not be read.
        #[test]
        fn what_is_written_is_read_back(ids in prop::collection::vec("\\PC{1,20}", 1..5)) {
            prop_assume!(ids.iter().all(|id| PathSegment::new(id).is_ok()));
            let uri = FAMILY.uri(&ids.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(FAMILY.segments("uri", &uri).unwrap(), ids);
        }
    }

    /// If this failed, a uri that means nothing would be asked of Graph.
    #[test]
    fn anything_else_names_the_forms() {
        for uri in [
            "file:///",
            "file:///a//b",
            "file:///a?b",
            "file:///..",
            "file:///%FF",
            "file://host/a",
            "site:///a",
            "",
        ] {
            let Err(ToolError::Actionable(error)) = FAMILY.segments("uri", uri) else {
                panic!("{uri} was read")
            };
            assert!(error.why().starts_with("uri: ") && error.how.contains(FAMILY.forms), "{uri}");
        }
    }
}
