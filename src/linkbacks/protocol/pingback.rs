//! Pingback 1.0 (hixie.ch/specs/pingback/pingback): its one call and its faults. Reads and writes
//! messages; fetches nothing and decides nothing.

use crate::linkbacks::protocol::xml_rpc::{self, MethodResponse, XmlRpcError, XmlRpcValue};

/// A call that this site understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// `pingback.ping(sourceURI, targetURI)` (section 3).
    Ping {
        /// Address of the page that links.
        source: String,
        /// Address of the page here.
        target: String,
    },
    /// `system.listMethods`.
    ListMethods,
    /// `pingback.extensions.getPingbacks(url)`, an extension of WordPress.
    ExtensionsGetPingbacks {
        /// Address of the page here.
        url: String,
    },
}

/// The faults of Pingback (section 3) and, below zero, of XML-RPC
/// (xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultCode {
    /// 0: anything that has no code of its own.
    Generic,
    /// 16: the source does not exist.
    SourceMissing,
    /// 17: the source does not link to the target.
    NoLink,
    /// 32: the target does not exist.
    TargetMissing,
    /// 33: the target cannot be used as one.
    TargetUnusable,
    /// 48: the pingback is registered already.
    AlreadyRegistered,
    /// 49: access is denied.
    AccessDenied,
    /// -32700: not well-formed.
    ParseError,
    /// -32600: not a message of XML-RPC.
    InvalidRequest,
    /// -32601: no such method.
    MethodNotFound,
    /// -32602: wrong parameters.
    InvalidParams,
}

impl FaultCode {
    pub fn code(self) -> i32 {
        match self {
            Self::Generic => 0,
            Self::SourceMissing => 16,
            Self::NoLink => 17,
            Self::TargetMissing => 32,
            Self::TargetUnusable => 33,
            Self::AlreadyRegistered => 48,
            Self::AccessDenied => 49,
            Self::ParseError => -32700,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::InvalidParams => -32602,
        }
    }
}

/// A fault, with what the sender must fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: FaultCode,
    pub message: String,
}

impl Fault {
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Why a ping that was answered was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PingError {
    /// The other blog answered with a fault.
    Fault {
        /// May be a number that [`FaultCode`] does not know.
        code: i32,
        /// `faultString`.
        message: String,
    },
    /// Not an answer of XML-RPC.
    NotXmlRpc,
}

/// Reads a call. `charset` is what the transport says.
pub fn parse_call(body: &[u8], charset: Option<&str>) -> Result<Call, Fault> {
    let call = xml_rpc::parse_call(body, charset).map_err(|error| match error {
        XmlRpcError::Malformed => Fault::new(
            FaultCode::ParseError,
            "The request is not well-formed XML, or has a DOCTYPE, which is not accepted.",
        ),
        XmlRpcError::NotAMessage => Fault::new(
            FaultCode::InvalidRequest,
            "The request is not a methodCall with a methodName.",
        ),
    })?;
    match call.method.as_str() {
        "pingback.ping" => {
            let [source, target] = strings(&call.parameters).ok_or_else(|| {
                Fault::new(
                    FaultCode::InvalidParams,
                    "pingback.ping takes two strings: the address of the source and that of the target.",
                )
            })?;
            Ok(Call::Ping { source, target })
        }
        "pingback.extensions.getPingbacks" => {
            let [url] = strings(&call.parameters).ok_or_else(|| {
                Fault::new(
                    FaultCode::InvalidParams,
                    "pingback.extensions.getPingbacks takes one string: the address of a page here.",
                )
            })?;
            Ok(Call::ExtensionsGetPingbacks { url })
        }
        "system.listMethods" => Ok(Call::ListMethods),
        _ => Err(Fault::new(
            FaultCode::MethodNotFound,
            "This site has no such method. Call system.listMethods to list its methods.",
        )),
    }
}

fn strings<const N: usize>(parameters: &[XmlRpcValue]) -> Option<[String; N]> {
    let texts: Vec<String> = parameters
        .iter()
        .map(|value| match value {
            XmlRpcValue::Text(text) => Some(text.trim().to_owned()),
            XmlRpcValue::Other => None,
        })
        .collect::<Option<_>>()?;
    texts.try_into().ok()
}

pub fn fault_response(fault: &Fault) -> String {
    xml_rpc::write_fault(fault.code.code(), &fault.message)
}

pub fn string_response(text: &str) -> String {
    xml_rpc::write_string(text)
}

pub fn string_list_response(texts: &[String]) -> String {
    xml_rpc::write_strings(texts)
}

/// Writes a `pingback.ping` call.
pub fn ping_request(source: &str, target: &str) -> String {
    xml_rpc::write_call("pingback.ping", &[source, target])
}

/// Reads what the other blog answered; the text of a success may be empty.
pub fn parse_response(body: &[u8]) -> Result<String, PingError> {
    match xml_rpc::parse_response(body) {
        Ok(MethodResponse::Value(XmlRpcValue::Text(text))) => Ok(text),
        Ok(MethodResponse::Value(XmlRpcValue::Other)) => Ok(String::new()),
        Ok(MethodResponse::Fault(code, message)) => Err(PingError::Fault { code, message }),
        Err(_) => Err(PingError::NotXmlRpc),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping() -> Call {
        Call::Ping {
            source: "http://a.example/?x=1&y=2".into(),
            target: "http://b.example/ü".into(),
        }
    }

    #[test]
    fn a_call_is_read_in_all_the_forms_that_blogs_send() {
        let forms = [
            ping_request("http://a.example/?x=1&y=2", "http://b.example/ü"),
            "\u{feff}<methodCall>\n <methodName> pingback.ping\n</methodName><params>\n<param><value>http://a.example/?x=1&#38;y=2</value></param>\n<param> <value>\n<string><![CDATA[http://b.example/ü]]></string></value></param></params></methodCall>".into(),
            "<?xml version='1.0'?><!-- hello --><methodCall><methodName>pingback.ping</methodName><params><param><value><string>http://a.example/?x=1&amp;y=2</string></value></param><param><value>http://b.example/&#xFC;</value></param></params></methodCall>".into(),
        ];
        for form in forms {
            assert_eq!(parse_call(form.as_bytes(), None), Ok(ping()), "{form}");
        }
    }

    #[test]
    fn other_encodings_are_read() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><methodCall><methodName>pingback.ping</methodName><params><param><value>http://a.example/?x=1&amp;y=2</value></param><param><value>http://b.example/\xfc</value></param></params></methodCall>";
        assert_eq!(parse_call(latin, None), Ok(ping()));
        assert_eq!(parse_call(latin, Some("iso-8859-1")), Ok(ping()));
        let text = "<methodCall><methodName>pingback.ping</methodName><params><param><value>http://a.example/?x=1&amp;y=2</value></param><param><value>http://b.example/ü</value></param></params></methodCall>";
        let mut wide = vec![0xff, 0xfe];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(parse_call(&wide, None), Ok(ping()));
    }

    fn code(body: &str) -> i32 {
        parse_call(body.as_bytes(), None).unwrap_err().code.code()
    }

    #[test]
    fn what_is_no_call_gets_the_fault_for_it() {
        let call = |name: &str, params: &str| {
            format!(
                "<methodCall><methodName>{name}</methodName><params>{params}</params></methodCall>"
            )
        };
        let text = "<param><value>x</value></param>";
        assert_eq!(code(""), -32700);
        assert_eq!(code("hello"), -32700);
        assert_eq!(code("<methodCall><methodName>x</methodCall>"), -32700);
        assert_eq!(
            code("<!DOCTYPE x [<!ENTITY a \"b\">]><methodCall/>"),
            -32700
        );
        assert_eq!(
            code(&call(
                "pingback.ping",
                "<param><value>&evil;</value></param>"
            )),
            -32700
        );
        assert_eq!(code(&"<a>".repeat(100)), -32700);
        assert_eq!(code("<methodResponse/>"), -32600);
        assert_eq!(code("<methodCall></methodCall>"), -32600);
        assert_eq!(code(&call("wp.getUsers", "")), -32601);
        assert_eq!(code(&call("system.multicall", "")), -32601);
        assert_eq!(code(&call("pingback.ping", text)), -32602);
        assert_eq!(code(&call("pingback.ping", &text.repeat(3))), -32602);
        assert_eq!(
            code(&call(
                "pingback.ping",
                &format!("{text}<param><value><int>1</int></value></param>")
            )),
            -32602
        );
    }

    #[test]
    fn answers_are_read_back_as_they_were_written() {
        assert_eq!(
            parse_response(string_response("fine <&> \u{1}").as_bytes()),
            Ok("fine <&> ".into())
        );
        let fault = Fault::new(FaultCode::NoLink, "no <link>");
        assert_eq!(
            parse_response(fault_response(&fault).as_bytes()),
            Err(PingError::Fault {
                code: 17,
                message: "no <link>".into()
            })
        );
        assert_eq!(parse_response(b"<html>"), Err(PingError::NotXmlRpc));
        assert!(parse_response(string_list_response(&["a".into()]).as_bytes()).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(body: Vec<u8>) {
            let _ = parse_call(&body, None);
            let _ = parse_response(&body);
        }

        #[test]
        fn any_address_is_read_back_as_it_was_written(source in "[ -~]{1,80}", target in "\\PC{1,80}") {
            let body = ping_request(&source, &target);
            let call = parse_call(body.as_bytes(), Some("utf-8"));
            proptest::prop_assert_eq!(
                call,
                Ok(Call::Ping { source: source.trim().into(), target: target.trim().into() })
            );
        }
    }
}
