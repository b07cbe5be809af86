//! XML-RPC calls and responses from any bytes; faults that are written read back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::linkbacks::protocol::pingback::{
    PingError, fault_response, parse_call, parse_response,
};
use rejoinder_fuzz::in_time;

fuzz_target!(|body: &[u8]| in_time(|| {
    for charset in [None, Some("iso-8859-1")] {
        if let Err(fault) = parse_call(body, charset) {
            let answered = parse_response(fault_response(&fault).as_bytes());
            let code = fault.code.code();
            assert!(matches!(answered, Err(PingError::Fault { code: read, .. }) if read == code));
        }
    }
    let _ = parse_response(body);
}));
