//! Tests of `xml_rpc`.

use super::*;
use crate::linkbacks::protocol::xml::MAX_DEPTH;

fn method(body: &[u8], charset: Option<&str>) -> Result<String, XmlRpcError> {
    parse_call(body, charset).map(|call| call.method)
}

#[test]
fn a_charset_that_nobody_knows_leaves_the_word_to_the_declaration() {
    let body =
        b"<?xml version='1.0' encoding = 'latin1'?><methodCall><methodName>\xfc</methodName></methodCall>";
    assert_eq!(method(body, Some("x-unheard-of")), Ok("ü".into()));
    assert_eq!(method(body, None), Ok("ü".into()));
}

#[test]
fn a_declaration_of_utf_16_in_single_bytes_is_not_believed() {
    let body = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><methodCall><methodName>ü</methodName></methodCall>";
    assert_eq!(method(body.as_bytes(), None), Ok("ü".into()));
    let mut wide = vec![0xfe, 0xff];
    wide.extend(body.encode_utf16().flat_map(u16::to_be_bytes));
    assert_eq!(method(&wide, Some("utf-8")), Ok("ü".into()));
}

#[test]
fn nesting_is_read_to_its_bound_and_no_deeper() {
    let nested = |depth: usize| {
        let (begin, end) = ("<a>".repeat(depth), "</a>".repeat(depth));
        format!("<methodCall><methodName>x</methodName>{begin}{end}</methodCall>")
    };
    assert_eq!(
        method(nested(MAX_DEPTH - 1).as_bytes(), None),
        Ok("x".into())
    );
    assert_eq!(
        method(nested(MAX_DEPTH).as_bytes(), None),
        Err(XmlRpcError::Malformed)
    );
}

#[test]
fn only_strings_are_text() {
    for (value, expected) in [
        ("a", XmlRpcValue::Text("a".into())),
        ("<string>a</string>", XmlRpcValue::Text("a".into())),
        (" \n <string>a</string>\t", XmlRpcValue::Text("a".into())),
        ("<string/>", XmlRpcValue::Text(String::new())),
        (
            "<string><![CDATA[<a>]]>&#x41;&apos;</string>",
            XmlRpcValue::Text("<a>A'".into()),
        ),
        ("<int>1</int>", XmlRpcValue::Other),
        ("<string>a</string><string>b</string>", XmlRpcValue::Other),
        ("<array><data/></array>", XmlRpcValue::Other),
        ("<string><b>a</b></string>", XmlRpcValue::Other),
    ] {
        let body = format!(
            "<methodCall><methodName>x</methodName><params><param><value>{value}</value></param></params></methodCall>"
        );
        let call = parse_call(body.as_bytes(), None).unwrap();
        assert_eq!(call.parameters, [expected], "{value}");
    }
}

proptest::proptest! {
    #[test]
    fn never_panics_on_any_bytes(
        bytes: Vec<u8>,
        markup in "(<|>|/|&|;|#|x|\\?xml|!\\[CDATA\\[|\\]\\]|methodCall|value|\"| ){0,60}",
        charset in proptest::option::of("(utf-8|utf-16|latin1|x)"),
    ) {
        for body in [bytes.as_slice(), markup.as_bytes()] {
            let _ = parse_call(body, charset.as_deref());
            let _ = parse_response(body);
        }
    }

    #[test]
    fn whatever_is_written_is_well_formed(text: String, code: i32) {
        for written in [
            write_call(&text, &[&text, &text]),
            write_string(&text),
            write_strings(&[text.clone(), text.clone()]),
            write_fault(code, &text),
        ] {
            proptest::prop_assert!(parse(written.as_bytes(), None).is_ok(), "{}", written);
        }
        let fault = parse_response(write_fault(code, &text).as_bytes());
        proptest::prop_assert!(matches!(fault, Ok(MethodResponse::Fault(c, _)) if c == code));
    }
}
