//! Paging to the end, without loss and without anything twice.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use crate::world::{BASE_URL, WORLD, ids};

fn list() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "/me/messages?$select=subject",
        "/me/messages?$filter=isRead%20eq%20true&$select=id",
        "/me/messages?$orderby=subject&$select=subject",
        "/me/messages?$search=%22the%22&$select=subject",
        "/me/mailFolders/inbox/messages?$select=subject",
        "/me/mailFolders?includeHiddenFolders=true",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fails when a page boundary loses or repeats an entry, for any page size.
    #[test]
    fn pages_of_any_size_make_up_the_whole(target in list(), size in 1_usize..400) {
        let caller = WORLD.caller(0, 0);
        let whole = WORLD.get(&format!("{target}&$top=1000"));
        let paged = WORLD.every_page(&caller, &format!("{target}&$top={size}"));
        prop_assert_eq!(ids(&paged), ids(whole.entries()));
        let distinct: BTreeSet<&str> = ids(&paged).into_iter().collect();
        prop_assert_eq!(distinct.len(), paged.len());
    }
}

/// Fails when the default page grows, or when the next link forgets what was asked.
#[test]
fn a_next_link_is_absolute_and_repeats_the_query() {
    let answer = WORLD.get("/me/messages?$select=subject&$filter=isRead%20eq%20true");
    assert_eq!(answer.entries().len(), 10);
    let link = answer.body["@odata.nextLink"].as_str().unwrap();
    let wanted = format!("{BASE_URL}/me/messages?$select=subject&$filter=isRead%20eq%20true&%24skip=10");
    assert_eq!(link, wanted);
}

/// Fails when a search pages by counting: its token must be opaque.
#[test]
fn a_search_pages_by_token() {
    let answer = WORLD.get("/me/messages?$search=%22the%22");
    let link = answer.body["@odata.nextLink"].as_str().unwrap();
    assert!(link.contains("%24skiptoken=") && !link.contains("%24skip="), "{link}");
}

/// Fails when `@odata.count` is repeated on later pages, which Graph does not do.
#[test]
fn the_count_stands_on_the_first_page_alone() {
    let first = WORLD.get("/me/mailFolders?$count=true");
    let folders = first.body["@odata.count"].as_u64().unwrap();
    assert!(folders > 10, "the folders must need a second page");
    let second = WORLD.get(&first.next_target().unwrap());
    assert_eq!(second.body["@odata.count"], Value::Null);
    assert_eq!(second.entries().len() as u64, folders - 10);
}
