//! XML-RPC (xmlrpc.com/spec) as far as Pingback needs it: strings and lists of strings. Knows no method
//! and no fault code.

use crate::linkbacks::protocol::xml::{DECLARATION, XmlElement, escape, parse};

/// More parameters than this are not read.
const MAX_PARAMETERS: usize = 16;

/// A parameter or a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlRpcValue {
    /// A string, with or without its type.
    Text(String),
    /// Any other type; kept, so that it can be refused.
    Other,
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XmlRpcError {
    /// Not well-formed XML, or XML of a kind that is not read.
    Malformed,
    /// Well-formed, and not a message of XML-RPC.
    NotAMessage,
}

/// A `methodCall`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodCall {
    /// `methodName`, trimmed.
    pub method: String,
    /// In order.
    pub parameters: Vec<XmlRpcValue>,
}

/// A `methodResponse`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MethodResponse {
    /// The result of a success.
    Value(XmlRpcValue),
    /// `faultCode` and `faultString`.
    Fault(i32, String),
}

fn read_value(element: &XmlElement) -> XmlRpcValue {
    match element.children.as_slice() {
        [] => XmlRpcValue::Text(element.text.clone()),
        [only] if only.name == "string" && only.children.is_empty() => {
            XmlRpcValue::Text(only.text.clone())
        }
        _ => XmlRpcValue::Other,
    }
}

/// Reads a `methodCall`. `charset` is what the transport says.
pub fn parse_call(body: &[u8], charset: Option<&str>) -> Result<MethodCall, XmlRpcError> {
    let root = parse_message(body, charset, "methodCall")?;
    let method = root.child("methodName").ok_or(XmlRpcError::NotAMessage)?;
    let parameters = match root.child("params") {
        None => Vec::new(),
        Some(params) => params
            .children
            .iter()
            .filter(|child| child.name == "param")
            .take(MAX_PARAMETERS)
            .map(|param| param.child("value").map_or(XmlRpcValue::Other, read_value))
            .collect(),
    };
    Ok(MethodCall {
        method: method.text.trim().to_owned(),
        parameters,
    })
}

/// Reads a `methodResponse`.
pub fn parse_response(body: &[u8]) -> Result<MethodResponse, XmlRpcError> {
    let root = parse_message(body, None, "methodResponse")?;
    if let Some(fault) = root.child("fault") {
        return Ok(read_fault(fault));
    }
    let value = root
        .child("params")
        .and_then(|params| params.child("param"))
        .and_then(|param| param.child("value"))
        .ok_or(XmlRpcError::NotAMessage)?;
    Ok(MethodResponse::Value(read_value(value)))
}

fn parse_message(
    body: &[u8],
    charset: Option<&str>,
    name: &str,
) -> Result<XmlElement, XmlRpcError> {
    let root = parse(body, charset).map_err(|_| XmlRpcError::Malformed)?;
    match root.name == name {
        true => Ok(root),
        false => Err(XmlRpcError::NotAMessage),
    }
}

fn read_fault(fault: &XmlElement) -> MethodResponse {
    let members = fault
        .child("value")
        .and_then(|value| value.child("struct"))
        .map(|members| members.children.as_slice())
        .unwrap_or_default();
    let (mut code, mut text) = (0, String::new());
    for member in members {
        let name = member.child("name").map(|name| name.text.trim());
        let Some(value) = member.child("value") else {
            continue;
        };
        let inner = value.children.first().unwrap_or(value);
        match name {
            Some("faultCode") => code = inner.text.trim().parse().unwrap_or(0),
            Some("faultString") => text.clone_from(&inner.text),
            _ => {}
        }
    }
    MethodResponse::Fault(code, text)
}

/// Writes a call with strings for parameters.
pub fn write_call(method: &str, parameters: &[&str]) -> String {
    let parameters: String = parameters
        .iter()
        .map(|text| format!("<param>{}</param>", string_value(text)))
        .collect();
    let method = escape(method);
    format!(
        "{DECLARATION}<methodCall><methodName>{method}</methodName><params>{parameters}</params></methodCall>\n"
    )
}

/// Writes a response with a string.
pub fn write_string(text: &str) -> String {
    write_result(&string_value(text))
}

/// Writes a response with a list of strings.
pub fn write_strings(texts: &[String]) -> String {
    let items: String = texts.iter().map(|text| string_value(text)).collect();
    write_result(&format!(
        "<value><array><data>{items}</data></array></value>"
    ))
}

/// Writes a response with a fault.
pub fn write_fault(code: i32, text: &str) -> String {
    let text = string_value(text);
    format!(
        "{DECLARATION}<methodResponse><fault><value><struct>\
         <member><name>faultCode</name><value><int>{code}</int></value></member>\
         <member><name>faultString</name>{text}</member>\
         </struct></value></fault></methodResponse>\n"
    )
}

fn write_result(value: &str) -> String {
    format!(
        "{DECLARATION}<methodResponse><params><param>{value}</param></params></methodResponse>\n"
    )
}

fn string_value(text: &str) -> String {
    format!("<value><string>{}</string></value>", escape(text))
}

#[cfg(test)]
mod tests;
