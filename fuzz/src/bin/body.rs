//! libFuzzer's way into [`m365_fuzz::body`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    m365_fuzz::body::check(data);
});
