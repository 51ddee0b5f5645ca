//! The form of a token: its header, its encoding, and what two readers could read in two ways.

use rstest::rstest;
use serde_json::json;

use super::*;

const NOT_BASE64URL: TokenRefusal = TokenRefusal::Malformed("a part is not base64url");
const NO_HEADER: TokenRefusal = TokenRefusal::Malformed("its header is not a JSON object with unique keys");
const NO_PAYLOAD: TokenRefusal = TokenRefusal::Malformed("its payload is not a JSON object with unique keys");

/// If this failed, a token could choose how, and by which key, it is checked.
#[rstest]
#[case::none(json!({"alg": "none", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::symmetric(json!({"alg": "HS256", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::stronger(json!({"alg": "RS512", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::pss(json!({"alg": "PS256", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::other_case(json!({"alg": "rs256", "kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::no_alg(json!({"kid": "key-1"}), TokenRefusal::UnsupportedAlgorithm)]
#[case::no_kid(json!({"alg": "RS256"}), TokenRefusal::Malformed("kid must be a short string"))]
#[case::empty_kid(json!({"alg": "RS256", "kid": ""}), TokenRefusal::Malformed("kid must be a short string"))]
#[case::kid_is_a_number(json!({"alg": "RS256", "kid": 1}), TokenRefusal::Malformed("kid must be a short string"))]
#[case::kid_is_a_path(json!({"alg": "RS256", "kid": "../../key-1"}), TokenRefusal::UnknownKey)]
#[case::other_typ(json!({"alg": "RS256", "kid": "key-1", "typ": "JWE"}), TokenRefusal::Malformed("typ must be JWT"))]
#[case::typ_is_a_number(json!({"alg": "RS256", "kid": "key-1", "typ": 1}), TokenRefusal::Malformed("typ must be JWT"))]
fn a_token_with_a_wrong_header_is_refused(#[case] header: Value, #[case] expected: TokenRefusal) {
    let token = sign(&KEY, &header.to_string(), &claims().to_string());
    assert_eq!(check(&token), Err(expected));
}

/// If this failed, a token could bring its own key, or extensions that this service does not know.
#[rstest]
#[case::crit("crit", json!(["exp"]))]
#[case::empty_crit("crit", json!([]))]
#[case::jku("jku", json!("https://evil.example/keys"))]
#[case::jwk("jwk", jwk(&FOREIGN_KEY))]
#[case::x5u("x5u", json!("https://evil.example/cert"))]
#[case::x5c("x5c", json!(["MIID"]))]
#[case::unencoded("b64", json!(false))]
#[case::compressed("zip", json!("DEF"))]
#[case::encrypted("enc", json!("A256GCM"))]
#[case::nested("cty", json!("JWT"))]
fn a_header_parameter_that_changes_the_rules_is_refused(#[case] name: &str, #[case] value: Value) {
    let mut header = header(&KEY);
    header[name] = value;
    let token = sign(&KEY, &header.to_string(), &claims().to_string());
    assert_eq!(
        check(&token),
        Err(TokenRefusal::Malformed("its header holds a parameter that is not accepted"))
    );
}

/// If this failed, two readers of one token could see two different things.
#[test]
fn a_key_that_occurs_twice_is_refused() {
    let good = claims().to_string();
    let twice_in_header = sign(&KEY, r#"{"alg":"RS256","kid":"key-1","kid":"key-1"}"#, &good);
    assert_eq!(
        check(&twice_in_header),
        Err(TokenRefusal::Malformed("its header is not a JSON object with unique keys"))
    );
    let twice_in_payload = good.replacen('{', r#"{"tid":"x","#, 1);
    assert_eq!(
        check(&sign(&KEY, &header(&KEY).to_string(), &twice_in_payload)),
        Err(TokenRefusal::Malformed("its payload is not a JSON object with unique keys"))
    );
}

/// If this failed, malformed tokens would be decoded leniently, and one token could be written in many ways.
#[rstest]
#[case::nothing("", TokenRefusal::Malformed("it must have three parts"))]
#[case::one_part("a", TokenRefusal::Malformed("it must have three parts"))]
#[case::two_parts("a.b", TokenRefusal::Malformed("it must have three parts"))]
#[case::five_parts("a.b.c.d.e", TokenRefusal::Malformed("it must have three parts"))]
#[case::empty_parts("..", TokenRefusal::Malformed("a part is empty"))]
#[case::not_base64("a*.b.c", TokenRefusal::Malformed("a part is not base64url"))]
fn a_malformed_token_is_refused(#[case] token: &str, #[case] expected: TokenRefusal) {
    assert_eq!(UnverifiedToken::read(token).unwrap_err(), expected);
}

/// If this failed, padding, the standard alphabet, an unsigned token or an oversized one would be let through.
#[test]
fn a_good_token_written_otherwise_is_refused() {
    let token = mint(&KEY, &claims());
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(check(&format!("{signed}.")), Err(TokenRefusal::Malformed("a part is empty")));
    assert_eq!(check(&format!("{token}==")), Err(TokenRefusal::Malformed("a part is not base64url")));
    assert_eq!(check(&format!("{token}A")), Err(TokenRefusal::BadSignature));
    let too_long = "a".repeat(MAX_TOKEN_BYTES + 1);
    assert_eq!(check(&too_long), Err(TokenRefusal::Malformed("it is too long")));
    let not_json = sign(&KEY, "[]", &claims().to_string());
    assert_eq!(
        check(&not_json),
        Err(TokenRefusal::Malformed("its header is not a JSON object with unique keys"))
    );
}

/// If this failed, a typ that is none of an access token would pass, or one that Entra may write would not.
#[rstest]
#[case::usual(json!("JWT"), true)]
#[case::lower_case(json!("jwt"), true)]
#[case::of_access_tokens(json!("at+jwt"), true)]
#[case::proof_of_possession(json!("pop"), false)]
#[case::dpop(json!("dpop+jwt"), false)]
#[case::logout(json!("logout+jwt"), false)]
#[case::introspection(json!("token-introspection+jwt"), false)]
#[case::empty(json!(""), false)]
#[case::blank_after(json!("JWT "), false)]
#[case::null(json!(null), false)]
#[case::list(json!(["JWT"]), false)]
fn typ_must_be_that_of_a_token(#[case] typ: Value, #[case] accepted: bool) {
    let mut header = header(&KEY);
    header["typ"] = typ;
    let checked = check(&sign(&KEY, &header.to_string(), &claims().to_string()));
    assert_eq!(checked.err(), (!accepted).then_some(TokenRefusal::Malformed("typ must be JWT")));
}

/// If this failed, a crafted `kid` would be more than a name to look up.
#[rstest]
#[case::path(json!("../../../../etc/passwd"), TokenRefusal::UnknownKey)]
#[case::query(json!("key-1' OR '1'='1"), TokenRefusal::UnknownKey)]
#[case::nul(json!("key-1\0"), TokenRefusal::UnknownKey)]
#[case::blank_after(json!("key-1 "), TokenRefusal::UnknownKey)]
#[case::other_case(json!("KEY-1"), TokenRefusal::UnknownKey)]
#[case::line_break(json!("key-1\r\nx: y"), TokenRefusal::UnknownKey)]
#[case::as_long_as_may_be(json!("k".repeat(MAX_KEY_ID_BYTES)), TokenRefusal::UnknownKey)]
#[case::too_long(json!("k".repeat(MAX_KEY_ID_BYTES + 1)), TokenRefusal::Malformed("kid must be a short string"))]
#[case::empty(json!(""), TokenRefusal::Malformed("kid must be a short string"))]
#[case::number(json!(1), TokenRefusal::Malformed("kid must be a short string"))]
#[case::null(json!(null), TokenRefusal::Malformed("kid must be a short string"))]
#[case::list(json!(["key-1"]), TokenRefusal::Malformed("kid must be a short string"))]
fn kid_is_a_name_and_nothing_else(#[case] kid: Value, #[case] expected: TokenRefusal) {
    let mut header = header(&KEY);
    header["kid"] = kid;
    assert_eq!(check(&sign(&KEY, &header.to_string(), &claims().to_string())), Err(expected));
}

/// If this failed, two readers of one token could believe two different things, however the key is spelt.
#[rstest]
#[case::claim(r#""aud":"other","#)]
#[case::claim_escaped(r#""\u0061ud":"other","#)]
#[case::escaped_otherwise(r#""a\u0075\u0064":"other","#)]
#[case::the_same_value(r#""idtyp":"user","#)]
#[case::deep(r#""x":{"a":1,"\u0061":1},"#)]
#[case::in_a_list(r#""x":[{"a":1,"a":1}],"#)]
fn a_claim_that_occurs_twice_is_refused(#[case] inserted: &str) {
    let payload = claims().to_string().replacen('{', &format!("{{{inserted}"), 1);
    assert_eq!(check(&sign(&KEY, &header(&KEY).to_string(), &payload)), Err(NO_PAYLOAD));
}

/// As above, for the header.
#[rstest]
#[case::algorithm(r#"{"alg":"none","alg":"RS256","kid":"key-1"}"#)]
#[case::algorithm_last(r#"{"alg":"RS256","kid":"key-1","alg":"none"}"#)]
#[case::algorithm_escaped(r#"{"alg":"RS256","kid":"key-1","\u0061lg":"none"}"#)]
#[case::kid_escaped(r#"{"alg":"RS256","kid":"key-1","k\u0069d":"key-1"}"#)]
#[case::nested(r#"{"alg":"RS256","kid":"key-1","x":{"a":1,"a":2}}"#)]
fn a_header_parameter_that_occurs_twice_is_refused(#[case] header: &str) {
    assert_eq!(check(&sign(&KEY, header, &claims().to_string())), Err(NO_HEADER));
}

/// If this failed, a part that is not one JSON object would be read as one.
#[rstest]
#[case::list("[]")]
#[case::text("\"a.b.c\"")]
#[case::number("1")]
#[case::null("null")]
#[case::byte_order_mark("\u{feff}{}")]
#[case::two_objects("{}{}")]
#[case::cut_off("{")]
#[case::comma_at_the_end(r#"{"a":1,}"#)]
#[case::nul_after("{}\0")]
#[case::blank_of_unicode("\u{a0}{}")]
fn a_part_must_be_one_json_object(#[case] text: &str) {
    assert_eq!(check(&sign(&KEY, text, &claims().to_string())), Err(NO_HEADER));
    assert_eq!(check(&sign(&KEY, &header(&KEY).to_string(), text)), Err(NO_PAYLOAD));
}

/// If this failed, a byte order mark or bad UTF-8 before good claims would be skipped, as some readers do.
#[test]
fn bytes_that_are_no_json_are_not_skipped() {
    let marked = format!("\u{feff}{}", claims());
    assert_eq!(check(&sign(&KEY, &header(&KEY).to_string(), &marked)), Err(NO_PAYLOAD));
    let marked = format!("\u{feff}{}", header(&KEY));
    assert_eq!(check(&sign(&KEY, &marked, &claims().to_string())), Err(NO_HEADER));
}

/// If this failed, deep nesting could end the thread that reads a token.
#[rstest]
#[case::lists("[", "]")]
#[case::objects("{\"a\":", "}")]
fn deep_nesting_is_refused(#[case] open: &str, #[case] close: &str) {
    let deep = format!("{{\"x\":{}1{}}}", open.repeat(1_500), close.repeat(1_500));
    assert_eq!(check(&sign(&KEY, &deep, &claims().to_string())), Err(NO_HEADER));
    assert_eq!(check(&sign(&KEY, &header(&KEY).to_string(), &deep)), Err(NO_PAYLOAD));
}

/// If this failed, one token could be written in many ways: what names a token in memory and logs would not be one.
#[rstest]
#[case::padding(1, |part: &str| format!("{part}="), NOT_BASE64URL)]
#[case::padding_of_the_header(0, |part: &str| format!("{part}=="), NOT_BASE64URL)]
#[case::padding_of_the_signature(2, |part: &str| format!("{part}=="), NOT_BASE64URL)]
#[case::escaped_padding(1, |part: &str| format!("{part}%3D"), NOT_BASE64URL)]
#[case::blank(1, |part: &str| format!(" {part}"), NOT_BASE64URL)]
#[case::line_break(1, |part: &str| format!("{}\n{}", &part[..4], &part[4..]), NOT_BASE64URL)]
#[case::line_break_at_the_end(2, |part: &str| format!("{part}\r\n"), NOT_BASE64URL)]
#[case::tabulator(0, |part: &str| format!("{part}\t"), NOT_BASE64URL)]
#[case::nul(2, |part: &str| format!("{part}\0"), NOT_BASE64URL)]
#[case::byte_order_mark(0, |part: &str| format!("\u{feff}{part}"), NOT_BASE64URL)]
#[case::wide_characters(0, |part: &str| part.replace('e', "\u{ff45}"), NOT_BASE64URL)]
#[case::one_character_more(0, |part: &str| format!("{part}A"), NO_HEADER)]
#[case::fourth_part(2, |part: &str| format!("{part}.e30"), TokenRefusal::Malformed("it must have three parts"))]
#[case::dot_at_the_end(2, |part: &str| format!("{part}."), TokenRefusal::Malformed("it must have three parts"))]
#[case::dot_at_the_beginning(0, |part: &str| format!(".{part}"), TokenRefusal::Malformed("it must have three parts"))]
#[case::no_header(0, |_: &str| String::new(), TokenRefusal::Malformed("a part is empty"))]
#[case::no_payload(1, |_: &str| String::new(), TokenRefusal::Malformed("a part is empty"))]
#[case::no_signature(2, |_: &str| String::new(), TokenRefusal::Malformed("a part is empty"))]
fn a_good_token_that_is_spelt_otherwise_is_refused(
    #[case] part: usize,
    #[case] spelling: fn(&str) -> String,
    #[case] expected: TokenRefusal,
) {
    let token = mint(&KEY, &claims());
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[part] = spelling(&parts[part]);
    assert_eq!(check(&parts.join(".")), Err(expected));
}

/// If this failed, the standard alphabet would be taken for that of URLs.
#[test]
fn the_alphabet_is_that_of_urls() {
    let standard = mint(&KEY, &claims_with("x", json!("\u{3ff}\u{3ff}\u{3fe}??>>~~")))
        .replace('-', "+")
        .replace('_', "/");
    assert!(standard.contains('+') || standard.contains('/'));
    assert_eq!(check(&standard), Err(NOT_BASE64URL));
}

/// If this failed, the bits at the end of a part that mean nothing could be set, and a token have twins.
#[test]
fn bits_that_mean_nothing_must_not_be_set() {
    let token = mint(&KEY, &claims());
    let last = token.chars().next_back().unwrap();
    // 256 bytes leave four unused bits in the last character of a signature.
    for twin in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let written = format!("{}{twin}", &token[..token.len() - 1]);
        assert_eq!(check(&written).is_ok(), twin == last, "{twin}");
    }
}

/// If this failed, a token inside a token would be unpacked.
#[test]
fn a_token_inside_a_token_is_not_unpacked() {
    let inner = mint(&KEY, &claims());
    assert_eq!(check(&sign(&KEY, &header(&KEY).to_string(), &inner)), Err(NO_PAYLOAD));
    assert_eq!(check(&sign(&KEY, &header(&KEY).to_string(), &format!("\"{inner}\""))), Err(NO_PAYLOAD));
}

/// If this failed, the cap would be off by one, or good tokens with many claims would be refused.
#[test]
fn a_token_may_be_as_long_as_the_cap_and_no_longer() {
    let of_filling = |length: usize| mint(&KEY, &claims_with("x", json!("x".repeat(length))));
    let room = (MAX_TOKEN_BYTES - of_filling(0).len()) / 4 * 3;
    let longest = (room - 4..room + 8)
        .map(of_filling)
        .filter(|token| token.len() <= MAX_TOKEN_BYTES)
        .max_by_key(String::len);
    assert!(check(&longest.unwrap()).is_ok());
    let at_the_cap = "a".repeat(MAX_TOKEN_BYTES);
    assert_eq!(check(&at_the_cap), Err(TokenRefusal::Malformed("it must have three parts")));
    let too_long = of_filling(room + 8);
    assert!(too_long.len() > MAX_TOKEN_BYTES);
    assert_eq!(check(&too_long), Err(TokenRefusal::Malformed("it is too long")));
}
