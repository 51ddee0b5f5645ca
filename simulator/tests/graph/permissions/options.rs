//! Every list of `data/permissions.txt`, with every query option, one at a time.

use serde_json::Value;

use super::{Row, Table};
use crate::world::{Answer, WORLD};

const TABLE: &str = include_str!("../../../data/options.txt");

/// An option with a value that says something, and one with a value that says nothing.
const OPTIONS: [(&str, &str, &str); 9] = [
    ("$select", "id", "nonsense"),
    ("$filter", "id eq '1'", "nonsense eq 1"),
    ("$orderby", "id", "nonsense"),
    ("$expand", "nonsense", "nonsense"),
    ("$search", "\"a\"", "(\""),
    ("$count", "true", "perhaps"),
    ("$skip", "1", "-1"),
    ("$skiptoken", "nonsense", "nonsense"),
    ("$top", "1", "0"),
];

/// What becomes of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Taken,
    Ignored,
    RefusedByTheService,
    Refused,
}

struct List {
    segments: Vec<&'static str>,
    options: Vec<(&'static str, Fate)>,
}

struct Lists {
    lists: Vec<List>,
    aliases: Vec<(Vec<&'static str>, Vec<&'static str>)>,
}

impl Lists {
    fn read() -> Self {
        let segments = |path: &'static str| path.split('/').skip(1).collect::<Vec<&str>>();
        let mut lists = Self { lists: Vec::new(), aliases: Vec::new() };
        for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                [verb, options @ ..] if line.starts_with(' ') => {
                    let fate = match *verb {
                        "takes" => Fate::Taken,
                        "ignores" => Fate::Ignored,
                        "refuses" => Fate::RefusedByTheService,
                        _ => panic!("{line}"),
                    };
                    let list = lists.lists.last_mut().unwrap();
                    list.options.extend(options.iter().map(|option| (*option, fate)));
                }
                [path] => lists.lists.push(List { segments: segments(path), options: Vec::new() }),
                [alias, "is", other] => lists.aliases.push((segments(alias), segments(other))),
                _ => panic!("{line}"),
            }
        }
        lists
    }

    fn find(&self, path: &'static str) -> Option<&List> {
        let mut segments: Vec<&str> = path.split('/').skip(1).collect();
        for (alias, other) in &self.aliases {
            if segments.len() > alias.len() && segments.starts_with(alias) {
                segments.splice(..alias.len(), other.iter().copied());
            }
        }
        self.lists.iter().find(|list| list.segments == segments)
    }
}

impl List {
    fn fate(&self, option: &str) -> Fate {
        self.options.iter().find(|(known, _)| *known == option).map_or(Fate::Refused, |(_, fate)| *fate)
    }
}

/// Asks with every permission, and with the header by which the directory counts and searches.
fn ask(row: &Row, target: &str) -> Answer {
    let scopes = Table::read().scopes();
    let caller = WORLD.caller_with(0, row.seat(), &scopes);
    WORLD.get_eventually(&caller, target)
}

/// The address with one option more. What an address can't do without makes place for its own kind.
fn with(target: &str, option: &str, value: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let plain = option.trim_start_matches('$');
    let own = |pair: &&str| {
        let (name, _) = pair.split_once('=').unwrap_or((pair, ""));
        !name.trim_start_matches('$').eq_ignore_ascii_case(plain)
    };
    let encoded = value.replace(' ', "%20").replace('"', "%22");
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).filter(own).collect();
    let pairs = kept.iter().map(|pair| (*pair).to_owned()).chain([format!("{option}={encoded}")]);
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Ids of a list, or the entries themselves where they have none.
fn ids(answer: &Answer) -> Vec<&Value> {
    answer.entries().iter().map(|entry| entry.get("id").unwrap_or(entry)).collect()
}

/// Whether an option did what it says, in comparison with the answer without it. Of values that not every list knows, the
/// ones that none knows tell more.
fn is_honoured(option: &str, plain: &Answer, answer: &Answer) -> bool {
    let is_selected = |name: &String| name == "id" || name.contains('@') || name == "fields";
    let counts = match option {
        "$select" => answer.entries().iter().all(|entry| entry.as_object().unwrap().keys().all(is_selected)),
        "$count" => answer.body["@odata.count"].is_number(),
        // What is skipped makes place for what would have been on the next page.
        "$skip" => ids(answer).starts_with(ids(plain).get(1..).unwrap_or_default()),
        "$top" => ids(answer) == ids(plain).into_iter().take(1).collect::<Vec<_>>(),
        _ => return true,
    };
    answer.status == 200 && counts
}

/// Fails when a list passes over an option without a word where the table says that it is taken, or the other way round; or
/// when there is a list that the table does not name.
#[test]
fn every_list_takes_ignores_or_refuses_every_option_as_the_table_says() {
    let (table, lists) = (Table::read(), Lists::read());
    let mut asked = 0;
    for row in table.rows.iter().filter(|row| row.method == "GET" && !row.is_of_content()) {
        let target = row.target(row.owners()[0]);
        let plain = ask(row, &target);
        if !plain.body["value"].is_array() {
            continue;
        }
        let list = lists.find(row.path).unwrap_or_else(|| panic!("{} is not in the table", row.path));
        for (option, value, nonsense) in OPTIONS {
            asked += 1;
            let answer = ask(row, &with(&target, option, value));
            let wrong = ask(row, &with(&target, option, nonsense));
            let what = || format!("{target} {option}: {:?} {:?}", answer.status, answer.body);
            match list.fate(option) {
                Fate::Taken => {
                    assert!(is_honoured(option, &plain, &answer), "{}", what());
                    assert_eq!(wrong.status, 400, "{} {:?}", what(), wrong.body);
                }
                Fate::Ignored => {
                    assert_eq!(
                        (answer.status, &answer.body["value"]),
                        (200, &plain.body["value"]),
                        "{}",
                        what()
                    );
                }
                Fate::RefusedByTheService | Fate::Refused => assert_eq!(answer.status, 400, "{}", what()),
            }
        }
    }
    assert!(asked > 900, "{asked}");
}
