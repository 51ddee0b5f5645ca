//! Pages that lead to themselves or to each other: each is read once.

use serde_json::{Value, json};

use super::lists::Lists;
use super::{Row, coming_into};
use crate::calls::Known;

/// Lists whose next page is named by a link; of hits in chats, the next ones are asked for by number.
fn linked(known: &Known) -> impl Iterator<Item = (&'static Row, Value)> {
    let rows = coming_into(|row| row.several_requests, known).into_iter();
    rows.filter(|(row, _)| row.path != "/search/query").flat_map(|(row, arguments)| {
        let mut all = vec![(row, arguments)];
        if row.tool == "outlook_email_search" {
            all.push((row, json!({ "limit": 50 })));
            all.push((row, json!({ "query": "report", "order": "oldest", "limit": 50 })));
        }
        all
    })
}

/// What is answered, and what was asked of the list meanwhile.
async fn answered(lists: &Lists, row: &Row, arguments: &Value) -> (Value, Vec<String>) {
    let before = lists.world.requests().await.len();
    let answer = lists.answer(row.tool, arguments).await;
    let address = |request: &Value| {
        let (path, query) = (request["path"].as_str()?, request["query"].as_str().unwrap_or_default());
        let address = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        row.asks_for(path).then_some(address)
    };
    let asked = lists.world.requests().await[before..].iter().filter_map(address).collect();
    (answer, asked)
}

fn assert_cannot_be_continued(list: &Value, row: &Row) {
    assert_eq!(list["completeness"]["state"], "partial", "{}: {list}", row.label());
    let reason = list["completeness"]["reason"].as_str().unwrap();
    assert!(reason.contains("can't be continued"), "{}: {reason}", row.label());
    assert!(list.get("nextCursor").is_none(), "{}: {list}", row.label());
}

/// If this failed, a page that names itself would be given again and again, or cost as many requests as there may be.
#[actix_web::test]
async fn a_page_that_names_itself_is_read_once() {
    let lists = Lists::new().await;
    for (row, arguments) in linked(&lists.known) {
        let mut loops = row.fault();
        loops["distort"] = json!("next_link_loop");
        lists.world.fault(loops).await;
        let (list, asked) = answered(&lists, row, &arguments).await;
        lists.world.clear_faults().await;
        assert_eq!(asked.len(), 1, "{}: {asked:?}", row.label());
        assert!(!list["items"].as_array().unwrap().is_empty(), "{}: {list}", row.label());
        if arguments["order"] == "oldest" {
            let reason = list["completeness"]["reason"].as_str().unwrap();
            assert!(reason.contains("were looked at: these are the oldest of those"), "{reason}");
        } else {
            assert_cannot_be_continued(&list, row);
        }
    }
}

/// If this failed, two pages that name each other would be read in turns until the answer has taken all it may.
#[actix_web::test]
async fn pages_that_name_each_other_are_read_once() {
    let lists = Lists::new().await;
    for (row, arguments) in linked(&lists.known) {
        let (_, asked) = answered(&lists, row, &arguments).await;
        let first = format!("{}{}", lists.world.stage.simulator_url(), asked[0]);
        let separator = if first.contains('?') { '&' } else { '?' };
        for next in [format!("{first}{separator}page=2"), first] {
            let body = json!({ "value": [], "@odata.nextLink": next });
            let mut page = row.fault();
            page["times"] = json!(1);
            page["body"] = body;
            lists.world.fault(page).await;
        }
        let (list, asked) = answered(&lists, row, &arguments).await;
        assert_eq!(lists.world.faults().await, json!([]), "{}: {asked:?}", row.label());
        assert_eq!(asked.len(), 2, "{}: {asked:?}", row.label());
        assert_cannot_be_continued(&list, row);
    }
}
