//! What reading costs at most, counted: memory in bytes, time in allocations and instructions.

#![expect(
    clippy::unwrap_used,
    reason = "a test that meets what it did not expect should end there and say so"
)]

use std::hint::black_box;
use std::process::Command;

use allocation_counter::measure;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use m365_connector::entra::bearer_token;
use m365_connector::entra::jwt::{KeySet, MAX_TOKEN_BYTES};
use m365_fuzz::large::{families, read};
use m365_fuzz::{modern, token};
use rstest::rstest;

/// The body limit as it is delivered.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// What may be held at once beside the message, in lengths of the message: a text with escapes while it is decoded, its
/// decoded form, and a copy that stands on its own.
const HELD: u64 = 4;

/// Allocations, whatever the size: nothing is allocated for each of many things.
const ALLOCATIONS: u64 = 100;

/// Bytes held for an answer's own words.
const WORDS: u64 = 4_096;

/// If this failed, a client could make the connector hold many times what it sends, or do work for each of a million
/// things in it.
#[test]
fn a_message_is_read_in_a_few_allocations_and_a_few_times_its_size() {
    for family in families() {
        let message = family.message(BODY_LIMIT);
        assert_eq!(message.len(), BODY_LIMIT);
        assert_reads_within_bounds(family.name, || read(&message));
    }
}

/// The same for a client of the modern era, whose headers are held against what is long.
#[test]
fn a_modern_message_is_read_in_a_few_allocations_and_a_few_times_its_size() {
    for family in modern::FAMILIES {
        let message = family.message(BODY_LIMIT);
        assert_eq!(message.len(), BODY_LIMIT);
        assert_reads_within_bounds(family.name, || family.read(&message));
    }
}

fn assert_reads_within_bounds(name: &str, read: impl FnOnce()) {
    let spent = measure(read);
    let held = spent.bytes_max / BODY_LIMIT as u64;
    assert!(spent.bytes_max <= HELD * BODY_LIMIT as u64 + WORDS, "{name}: {held} times its size");
    assert!(spent.count_total <= ALLOCATIONS, "{name}: {} allocations", spent.count_total);
    assert_eq!(spent.bytes_current, 0, "{name}: something is kept");
}

/// If this failed, a message could take time that grows faster than its size. Instructions, as valgrind counts them: the
/// same on every machine, however busy.
#[test]
#[ignore = "needs valgrind: scripts/linear.sh runs it where that is, and says so where not"]
fn four_times_the_message_takes_four_times_the_instructions() {
    const QUARTER: usize = 16 * 1024;
    let (quarter, whole) = (instructions(QUARTER), instructions(4 * QUARTER));
    assert!(quarter > 1_000_000, "nothing was counted: {quarter}");
    assert!(whole * 10 <= quarter * 41, "{quarter} instructions for a quarter, {whole} for the whole");
}

/// Those of reading one message of each family.
fn instructions(size: usize) -> u64 {
    let ended = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--toggle-collect=m365_fuzz::large::read",
            "--toggle-collect=m365_fuzz::modern::Family::read",
        ])
        .args([env!("CARGO_BIN_EXE_read-large"), &size.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    let counted =
        said.lines().find_map(|line| line.split_once("Collected :")).unwrap_or_else(|| panic!("{said}"));
    counted.1.trim().parse().unwrap()
}

/// In bytes: a token's two JSON parts as values, which take many times the space of their text.
const HELD_FOR_A_TOKEN: u64 = 1024 * 1024;

/// Fills the room that `parts` leaves with `unit`.
fn filled((before, unit, after): (&str, &str, &str), size: usize) -> String {
    format!("{before}{}{after}", unit.repeat((size - before.len() - after.len()) / unit.len()))
}

/// What three quarters of the cap hold: base64url takes four characters for three bytes.
const PART: usize = MAX_TOKEN_BYTES * 3 / 4;

/// If this failed, somebody who has no token could make the connector hold or do much by sending what looks like one.
#[rstest]
#[case::dots(("", ".", ""))]
#[case::one_part(("", "A", ""))]
#[case::a_long_header(("", "A", ".e30.AAAA"))]
#[case::a_long_payload(("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.", "A", ".AAAA"))]
#[case::a_long_signature(("eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.e30.", "A", ""))]
fn what_looks_like_a_token_costs_little(#[case] parts: (&str, &str, &str)) {
    let token = filled(parts, MAX_TOKEN_BYTES);
    assert_costs_little(&token);
    let header = format!("Bearer {token}");
    let spent = measure(|| assert!(black_box(bearer_token(&[header.as_bytes()])).is_ok()));
    assert_eq!(spent.count_total, 0, "the header is only looked at");
}

/// The same where a part is JSON: in the header, which anybody can write, and in the payload behind a good signature.
#[rstest]
#[case::lists_that_are_only_opened((r#"{"a":"#, "[", ""))]
#[case::deep_lists((r#"{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["#, "[]", ""))]
#[case::many_numbers((r#"{"a":[0"#, ",0", "]}"))]
#[case::many_lists((r#"{"a":[[]"#, ",[]", "]}"))]
#[case::many_objects((r#"{"a":[{}"#, r#",{"":[]}"#, "]}"))]
#[case::the_same_member((r#"{"a":0"#, r#","a":0"#, "}"))]
#[case::escapes((r#"{"a":""#, r"\u0000", "\"}"))]
#[case::beyond_ascii((r#"{"a":""#, "\u{1f600}", "\"}"))]
#[case::digits((r#"{"exp":1"#, "1", "}"))]
#[case::exponent((r#"{"exp":1e1"#, "1", "}"))]
#[case::groups((r#"{"ver":"2.0","scp":"access_as_user","groups":["""#, r#","""#, "]}"))]
#[case::capabilities((r#"{"ver":"2.0","scp":"access_as_user","xms_cc":["""#, r#","""#, "]}"))]
#[case::scopes((r#"{"ver":"2.0","scp":""#, " a", "\"}"))]
fn the_json_of_a_token_costs_little(#[case] parts: (&str, &str, &str)) {
    // Room for the dots, the other part and a signature of 256 bytes.
    let json = filled(parts, PART - 400);
    let header = URL_SAFE_NO_PAD.encode(&json);
    assert_costs_little(&format!("{header}.e30.AAAA"));
    assert_costs_little(&token::minted(json.as_bytes()));
}

fn assert_costs_little(token: &str) {
    assert!(token.len() <= MAX_TOKEN_BYTES);
    token::read(token);
    let spent = measure(|| token::read(token));
    assert!(spent.bytes_max <= HELD_FOR_A_TOKEN, "{} bytes held", spent.bytes_max);
    assert!(spent.count_total <= MAX_TOKEN_BYTES as u64, "{} allocations", spent.count_total);
    assert_eq!(spent.bytes_current, 0, "something is kept");
}

/// As much as is read of an answer of Entra's.
const LARGEST_KEY_SET: usize = 1024 * 1024;

/// In lengths of the document: its values.
const HELD_FOR_A_KEY_SET: u64 = 64;

/// If this failed, a broken key set would stop the thread that reads it, and with it every sign-in.
#[rstest]
#[case::nothings((r#"{"keys":[0"#, ",0", "]}"))]
#[case::empty_keys((r#"{"keys":[{}"#, ",{}", "]}"))]
#[case::keys_of_one_name((r#"{"keys":[{}"#, r#",{"kty":"RSA","kid":"a"}"#, "]}"))]
fn a_key_set_is_read_in_a_bounded_way(#[case] parts: (&str, &str, &str)) {
    let document = filled(parts, LARGEST_KEY_SET);
    let spent = measure(|| assert!(KeySet::parse(document.as_bytes()).is_err()));
    assert!(spent.bytes_max <= HELD_FOR_A_KEY_SET * LARGEST_KEY_SET as u64, "{} bytes held", spent.bytes_max);
    assert!(spent.count_total <= LARGEST_KEY_SET as u64, "{} allocations", spent.count_total);
    assert_eq!(spent.bytes_current, 0, "something is kept");
}
