//! Paging to the end, without loss and without anything twice.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rstest::rstest;
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

/// Fails when more is asked for than a page may hold, and another service's words are said to that.
#[rstest]
#[case(
    "/me/messages?$top=1001",
    "BadRequest",
    "The limit of '1000' for Top query has been exceeded. The value from the incoming request is '1001'."
)]
#[case(
    "/me/events?$top=2000",
    "BadRequest",
    "The limit of '1000' for Top query has been exceeded. The value from the incoming request is '2000'."
)]
#[case(
    "/me/chats?$top=2000",
    "BadRequest",
    "The limit of '50' for Top query has been exceeded. The value from the incoming request is '2000'."
)]
#[case(
    "/users?$top=1000",
    "Request_UnsupportedQuery",
    "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive."
)]
#[case(
    "/users?$top=5000",
    "Request_UnsupportedQuery",
    "Invalid page size specified: '5000'. Must be between 1 and 999 inclusive."
)]
#[case(
    "/me/drive/root/children?$top=1001",
    "invalidRequest",
    "The query specified in the URI is not valid. The limit of '1000' for Top query has been exceeded. The value from the incoming request is '1001'."
)]
#[case(
    "/me/messages?$top=4294967296",
    "BadRequest",
    "Invalid value '4294967296' for $top query option found. The $top query option requires a positive integer value."
)]
fn a_page_that_is_too_long_is_refused_by_each_service(
    #[case] target: &str,
    #[case] code: &str,
    #[case] message: &str,
) {
    let answer = WORLD.get(target);
    assert_eq!((answer.status, answer.error_code()), (400, code));
    assert_eq!(answer.body["error"]["message"], message);
}

/// Fails when items of a list are refused for a length of page that SharePoint is known to pass over.
#[test]
fn items_of_a_list_come_whatever_the_length_of_the_page() {
    let items = WORLD.get("/sites/root/lists/Open%20points/items?$top=2000000");
    assert_eq!((items.status, items.entries().len()), (200, 230));
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
