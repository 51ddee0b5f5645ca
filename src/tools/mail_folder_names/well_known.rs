//! What stands for a folder without asking Graph: fixed names and ids.

/// Ids of folders are at least this long, in bytes, and no person names a folder so.
const SHORTEST_ID: usize = 60;

/// Folders that Exchange knows by a fixed name in every language.
const WELL_KNOWN: &[&str] = &[
    "inbox",
    "sentitems",
    "drafts",
    "deleteditems",
    "archive",
    "junkemail",
    "outbox",
    "clutter",
    "conversationhistory",
    "recoverableitemsdeletions",
    ROOT,
];

/// What people call some of these where they have no folder of that name.
const ALIASES: &[(&str, &str)] =
    &[("sent", "sentitems"), ("trash", "deleteditems"), ("junk", "junkemail"), ("spam", "junkemail")];

/// The fixed name of the folder that holds the top level.
pub(super) const ROOT: &str = "msgfolderroot";

/// The folder's fixed name. Blanks and case don't count: `Sent Items` is `sentitems`.
pub(super) fn well_known(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    WELL_KNOWN.iter().find(|known| **known == plain).copied()
}

/// The fixed name of the folder that people may mean.
pub(super) fn alias(name: &str) -> Option<&'static str> {
    let plain = plain(name);
    ALIASES.iter().find(|(written, _)| *written == plain).map(|(_, known)| *known)
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| *letter != ' ').map(|letter| letter.to_ascii_lowercase()).collect()
}

pub(super) fn is_id(name: &str) -> bool {
    name.len() >= SHORTEST_ID
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// If this failed, the commonest folders would cost a request more, or be looked for under English names.
    #[rstest]
    #[case::plain("inbox", Some("inbox"))]
    #[case::as_shown("Sent Items", Some("sentitems"))]
    #[case::own("Projects", None)]
    #[case::nested("Inbox/Projects", None)]
    #[case::own_folder_of_that_name("Spam", None)]
    fn well_known_folders_are_known_by_their_fixed_names(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(well_known(name), expected);
    }

    /// If this failed, an id would be looked for as a name, or a path taken for an id.
    #[test]
    fn an_id_is_told_from_a_name() {
        assert!(is_id(&format!("AAMkAGVmMDEzMTM4-_{}AAAAAAEMAAA=", "x".repeat(60))));
        assert!(!is_id("A rather long folder name that a person with much time on their hands has given"));
        assert!(!is_id("Projects"));
        assert!(!is_id(&format!("{}/{}", "Projects".repeat(5), "Aurora".repeat(5))));
        assert!(!is_id(&"Sales+Marketing".repeat(5)));
    }
}
