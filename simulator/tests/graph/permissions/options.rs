//! Every address of `data/permissions.txt` that is asked by GET, with every query option, one at a time.

use m365_simulator::graph::Caller;
use serde_json::Value;

use super::Table;
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

struct Address {
    segments: Vec<&'static str>,
    options: Vec<(&'static str, Fate)>,
}

struct Addresses {
    addresses: Vec<Address>,
    aliases: Vec<(Vec<&'static str>, Vec<&'static str>)>,
}

impl Addresses {
    fn read() -> Self {
        let segments = |path: &'static str| path.split('/').skip(1).collect::<Vec<&str>>();
        let mut table = Self { addresses: Vec::new(), aliases: Vec::new() };
        for line in TABLE.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            match line.split_whitespace().collect::<Vec<_>>().as_slice() {
                [verb, options @ ..] if line.starts_with(' ') => {
                    let fate = match *verb {
                        "takes" => Fate::Taken,
                        "ignores" => Fate::Ignored,
                        "refuses" => Fate::RefusedByTheService,
                        _ => panic!("{line}"),
                    };
                    let address = table.addresses.last_mut().unwrap();
                    address.options.extend(options.iter().map(|option| (*option, fate)));
                }
                [path] => table.addresses.push(Address { segments: segments(path), options: Vec::new() }),
                [alias, "is", other] => table.aliases.push((segments(alias), segments(other))),
                _ => panic!("{line}"),
            }
        }
        table
    }

    /// What is said of an address: under its own name, or under that by which an alias calls it.
    fn find(&self, path: &'static str) -> Option<&Address> {
        let mut segments: Vec<&str> = path.split('/').skip(1).collect();
        let named = |segments: &[&str]| self.addresses.iter().find(|address| address.segments == segments);
        if let Some(address) = named(&segments) {
            return Some(address);
        }
        for (alias, other) in &self.aliases {
            if segments.starts_with(alias) {
                segments.splice(..alias.len(), other.iter().copied());
            }
        }
        named(&segments)
    }
}

impl Address {
    fn fate(&self, option: &str) -> Fate {
        self.options.iter().find(|(known, _)| *known == option).map_or(Fate::Refused, |(_, fate)| *fate)
    }
}

/// Asks with the header by which the directory counts and searches. What is no JSON is read as text.
fn ask(caller: &Caller, target: &str) -> Answer {
    let response = WORLD.ask(caller, target, |request| request.consistency_level = Some("eventual"));
    let body = serde_json::from_slice(&response.body)
        .unwrap_or_else(|_| String::from_utf8_lossy(&response.body).into_owned().into());
    Answer { status: response.status, headers: response.headers, body }
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

/// The entries of a list, or the single thing that was asked for.
fn things(answer: &Answer) -> &[Value] {
    if answer.body["value"].is_array() { answer.entries() } else { std::slice::from_ref(&answer.body) }
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
        "$select" => things(answer).iter().all(|entry| entry.as_object().unwrap().keys().all(is_selected)),
        "$count" => answer.body["@odata.count"].is_number(),
        // What is skipped makes place for what would have been on the next page.
        "$skip" => ids(answer).starts_with(ids(plain).get(1..).unwrap_or_default()),
        "$top" => ids(answer) == ids(plain).into_iter().take(1).collect::<Vec<_>>(),
        _ => return true,
    };
    answer.status == 200 && counts
}

/// Fails when an address passes over an option without a word where the table says that it is taken, or the other way round;
/// or when there is an address that the table does not name, which would take whatever it is sent.
#[test]
fn every_address_takes_ignores_or_refuses_every_option_as_the_table_says() {
    let (table, addresses) = (Table::read(), Addresses::read());
    let scopes = table.scopes();
    let mut asked = 0;
    for row in table.rows.iter().filter(|row| row.method == "GET") {
        let target = row.target(row.owners()[0]);
        let caller = WORLD.caller_with(0, row.seat(), &scopes);
        let plain = ask(&caller, &target);
        let address = addresses.find(row.path).unwrap_or_else(|| panic!("{} is not in the table", row.path));
        for (option, value, nonsense) in OPTIONS {
            asked += 1;
            let answer = ask(&caller, &with(&target, option, value));
            let wrong = ask(&caller, &with(&target, option, nonsense));
            let what = || format!("{target} {option}: {:?} {:?}", answer.status, answer.body);
            match address.fate(option) {
                Fate::Taken => {
                    assert!(is_honoured(option, &plain, &answer), "{}", what());
                    assert_eq!(wrong.status, 400, "{} {:?}", what(), wrong.body);
                }
                Fate::Ignored => {
                    assert_eq!((answer.status, things(&answer)), (200, things(&plain)), "{}", what());
                }
                Fate::RefusedByTheService | Fate::Refused => assert_eq!(answer.status, 400, "{}", what()),
            }
        }
    }
    assert!(asked > 2_300, "{asked}");
}
