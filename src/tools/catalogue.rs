//! The list of tools.

use super::tool::Tool;
use super::{identity, mail_folders, mail_search, read_resource};

/// In the order in which `tools/list` gives them.
static CATALOGUE: [Tool; 5] = [
    identity::GET_ME,
    identity::GET_GRANTED_SCOPES,
    mail_search::OUTLOOK_EMAIL_SEARCH,
    mail_folders::OUTLOOK_LIST_FOLDERS,
    read_resource::READ_RESOURCE,
];

/// Every tool there is.
pub fn catalogue() -> &'static [Tool] {
    &CATALOGUE
}

/// The tool of this name.
pub fn find(name: &str) -> Option<&'static Tool> {
    CATALOGUE.iter().find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this failed, clients would refuse a tool, or mistake one for another.
    #[test]
    fn every_tool_has_a_good_name_and_object_schemas() {
        for tool in catalogue() {
            assert!((1..=64).contains(&tool.name.len()), "{}", tool.name);
            assert!(tool.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", tool.name);
            assert!(std::ptr::eq(find(tool.name).unwrap(), tool));
            for schema in [(tool.input_schema)(), (tool.output_schema)()] {
                assert_eq!(schema["type"], "object", "{}", tool.name);
                assert!(!schema.to_string().contains("$ref"), "{}", tool.name);
            }
            assert_eq!((tool.input_schema)()["additionalProperties"], false, "{}", tool.name);
        }
    }

    /// If this failed, the tools alone would fill much of a model's context.
    #[test]
    fn the_tools_stay_short() {
        let size: usize = catalogue()
            .iter()
            .map(|tool| {
                let schemas = [(tool.input_schema)(), (tool.output_schema)()];
                tool.description.len() + schemas.iter().map(|schema| schema.to_string().len()).sum::<usize>()
            })
            .sum();
        assert!(size < 10 * 1024, "{size} bytes");
    }
}
