#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| storewalk_fuzz::sync_request(bytes));
