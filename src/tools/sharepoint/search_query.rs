//! What is looked for, as KQL.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::site_address::SiteAddress;
use crate::graph::{EntityType, kql_value};
use crate::tools::error::ToolError;
use crate::tools::kql::{self, balanced};
use crate::tools::person::PersonQuery;

/// What is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    File,
    Page,
    List,
    ListItem,
    Site,
}

impl Kind {
    pub(super) const fn entity(self) -> EntityType {
        match self {
            Self::File => EntityType::DriveItem,
            Self::Page | Self::ListItem => EntityType::ListItem,
            Self::List => EntityType::List,
            Self::Site => EntityType::Site,
        }
    }

    /// What tells these apart from others of their type.
    const fn clause(self) -> Option<&'static str> {
        match self {
            Self::File => Some("isDocument:true"),
            Self::Page => Some("contentclass:STS_ListItem_WebPageLibrary"),
            Self::ListItem => Some(
                "NOT isDocument:true AND NOT contentclass:STS_ListItem_WebPageLibrary AND NOT \
                 contentclass:STS_ListItem_DocumentLibrary AND NOT contentclass:STS_ListItem_MySiteDocumentLibrary",
            ),
            Self::List | Self::Site => None,
        }
    }
}

/// All of them hold at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions<'a> {
    /// The user's own words, which may be KQL.
    pub(super) query: Option<&'a str>,
    /// Endings of names, without a point; any of them.
    pub(super) file_types: Vec<String>,
    pub(super) author: Option<PersonQuery<'a>>,
    pub(super) site: Option<SiteAddress>,
    /// Addresses, each with everything below it; any of them.
    pub(super) folders: Vec<String>,
    /// Changed then or later.
    pub(super) after: Option<Timestamp>,
    /// Changed earlier.
    pub(super) before: Option<Timestamp>,
    pub(super) kind: Option<Kind>,
}

impl Conditions<'_> {
    /// Only `query` is KQL; every other text is a phrase.
    pub(super) fn query_string(&self) -> String {
        let mut clauses: Vec<String> = Vec::new();
        clauses.extend(self.query.map(|query| format!("({})", balanced(query))));
        clauses.extend(any_of("filetype", &self.file_types));
        clauses.extend(self.author.iter().flat_map(|author| kql::person("author", author)));
        clauses.extend(self.site.as_ref().map(SiteAddress::clause));
        clauses.extend(any_of("path", &self.folders));
        clauses.extend(self.after.map(|after| format!("LastModifiedTime>={after}")));
        clauses.extend(self.before.map(|before| format!("LastModifiedTime<{before}")));
        clauses.extend(self.kind.and_then(Kind::clause).map(str::to_owned));
        clauses.join(" AND ")
    }
}

fn any_of(property: &str, values: &[String]) -> Option<String> {
    let terms: Vec<String> = values.iter().map(|value| format!("{property}:{}", kql_value(value))).collect();
    match terms.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        several => Some(format!("({})", several.join(" OR "))),
    }
}

/// `docx`, `.docx`, or several with commas between them.
pub(super) fn file_types(text: &str) -> Result<Vec<String>, ToolError> {
    let types: Vec<String> = text
        .split([',', ' '])
        .map(|ending| ending.trim().trim_start_matches(['*', '.']).to_ascii_lowercase())
        .filter(|ending| !ending.is_empty())
        .collect();
    let is_ending =
        |ending: &String| ending.len() <= 12 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if types.is_empty() || types.len() > 10 || !types.iter().all(is_ending) {
        return Err(ToolError::invalid_argument(
            "fileType",
            "not the ending of a file's name.",
            "Give it without the name, as docx; several with commas between them.",
        ));
    }
    Ok(types)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, something else would be looked for than was asked.
    #[rstest]
    #[case::query(Conditions { query: Some("budget OR plan"), ..Conditions::default() }, "(budget OR plan)")]
    #[case::all(
        Conditions {
            query: Some("budget"), file_types: vec!["docx".to_owned(), "pdf".to_owned()], author: Some(PersonQuery::Words("Adele V")),
            site: Some(SiteAddress::Below("https://contoso.example/sites/a".to_owned())),
            after: Some("2026-11-01T00:00:00Z".parse().unwrap()), kind: Some(Kind::File), ..Conditions::default()
        },
        "(budget) AND (filetype:\"docx\" OR filetype:\"pdf\") AND author:\"Adele*\" AND author:\"V*\" AND \
         path:\"https://contoso.example/sites/a\" AND LastModifiedTime>=2026-11-01T00:00:00Z AND isDocument:true"
    )]
    #[case::site(Conditions { query: Some("a"), kind: Some(Kind::Site), ..Conditions::default() }, "(a)")]
    #[case::injection(
        Conditions { query: Some("a) OR (b"), author: Some(PersonQuery::Words("x\" OR \"y")), ..Conditions::default() },
        "(a  OR  b) AND author:\"x*\" AND author:\"OR*\" AND author:\"y*\""
    )]
    fn conditions_become_a_query(#[case] conditions: Conditions<'_>, #[case] expected: &str) {
        assert_eq!(conditions.query_string(), expected);
    }

    /// If this failed, an ending could bring a search of its own.
    #[rstest]
    #[case::one("docx", Some(vec!["docx"]))]
    #[case::with_a_point(".PDF", Some(vec!["pdf"]))]
    #[case::several("docx, *.xlsx", Some(vec!["docx", "xlsx"]))]
    #[case::injection("docx\" OR path:\"x", None)]
    #[case::nothing(",", None)]
    fn endings_are_endings(#[case] text: &str, #[case] expected: Option<Vec<&str>>) {
        let types = file_types(text).ok();
        assert_eq!(types, expected.map(|types| types.into_iter().map(str::to_owned).collect()));
    }
}
