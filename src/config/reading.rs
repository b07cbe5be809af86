//! Reads settings from files and the environment, and explains what is wrong with one: its name, what
//! it allows and where it was set. Decides nothing about what the settings mean.

use figment::error::{Actual, Kind};
use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Error, Figment, Metadata, Profile, Provider, Source};
use url::Url;

/// `config/rejoinder.toml`: the defaults with comments.
pub const DEFAULTS: &str = include_str!("../../config/rejoinder.toml");

/// Invalid settings; the text says what to fix.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub(super) String);

/// The prefix of environment variables that are settings.
const PREFIX: &str = "REJOINDER_";
const ENVIRONMENT: &str = "environment";

/// Settings from environment variables. A value is read as the type that the setting has: a name made of
/// digits stays a name, and a list may be written without brackets.
pub struct Variables(Vec<(String, String)>);

impl Variables {
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
                .filter(|(name, _)| name.to_ascii_uppercase().starts_with(PREFIX))
                .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
                .collect(),
        )
    }
}

impl Provider for Variables {
    fn metadata(&self) -> Metadata {
        Metadata::named(ENVIRONMENT)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let defaults = defaults();
        let mut values = Dict::new();
        for (name, text) in &self.0 {
            let keys: Vec<String> = name[PREFIX.len()..]
                .split("__")
                .map(str::to_ascii_lowercase)
                .collect();
            let value = read_as(text, find(&defaults, &keys));
            put(&mut values, &keys, value);
        }
        Ok(Profile::Default.collect(values))
    }
}

fn read_as(text: &str, default: Option<&Value>) -> Value {
    let Ok(value) = text.parse::<Value>();
    match (default, &value) {
        (Some(Value::String(..)), Value::String(..))
        | (Some(Value::Array(..)), Value::Array(..)) => value,
        (Some(Value::String(..)), _) => Value::from(text),
        (Some(Value::Array(..)), _) => Value::from(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| match part.parse::<Value>() {
                    Ok(value) => value,
                    Err(never) => match never {},
                })
                .collect::<Vec<Value>>(),
        ),
        _ => value,
    }
}

fn put(values: &mut Dict, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => {
            values.insert(key.clone(), value);
        }
        [key, rest @ ..] => {
            let inner = values
                .entry(key.clone())
                .or_insert_with(|| Value::from(Dict::new()));
            if !matches!(inner, Value::Dict(..)) {
                *inner = Value::from(Dict::new());
            }
            if let Value::Dict(_, inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn find<'a>(values: &'a Dict, keys: &[String]) -> Option<&'a Value> {
    let (key, rest) = keys.split_first()?;
    let value = values.get(key)?;
    if rest.is_empty() {
        return Some(value);
    }
    find(value.as_dict()?, rest)
}

fn defaults() -> Dict {
    Figment::from(Toml::string(DEFAULTS))
        .extract()
        .unwrap_or_default()
}

/// Rejects keys that the defaults do not have: a misspelt setting must not be ignored silently.
pub fn reject_unknown(figment: &Figment, values: &Dict) -> Result<(), ConfigError> {
    let known = defaults();
    let known_names = names(&known);
    for (section, value) in values {
        if known.contains_key(section) && value.as_dict().is_none() {
            let place = place(
                figment.find_metadata(section),
                std::slice::from_ref(section),
            );
            return Err(ConfigError(format!(
                "[{section}] must be a section with its own settings, not {}{place}",
                display(value)
            )));
        }
    }
    for name in names(values) {
        if known_names.contains(&name) {
            continue;
        }
        let nearest = known_names
            .iter()
            .max_by(|a, b| similarity(a, &name).total_cmp(&similarity(b, &name)))
            .map_or("", String::as_str);
        let keys: Vec<String> = name.split('.').map(str::to_owned).collect();
        let place = place(figment.find_metadata(&name), &keys);
        return Err(ConfigError(format!(
            "unknown setting {name}{place}: did you mean {nearest}?"
        )));
    }
    Ok(())
}

/// How similar two setting names are, from 0 to 1; a name without a section is also compared with the
/// last part.
fn similarity(known: &str, typed: &str) -> f64 {
    let last = known.rsplit('.').next().unwrap_or(known);
    let by_last = if typed.contains('.') {
        0.0
    } else {
        strsim::jaro_winkler(last, typed)
    };
    strsim::jaro_winkler(known, typed).max(by_last)
}

fn names(values: &Dict) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in values {
        match value {
            Value::Dict(_, inner) => {
                found.extend(inner.keys().map(|inner_key| format!("{key}.{inner_key}")));
            }
            _ => found.push(key.clone()),
        }
    }
    found
}

/// Says where a file is not TOML, without the line itself: it may have a secret in it.
pub fn unreadable(error: &Error) -> ConfigError {
    let text = error.to_string();
    let is_quoted = |line: &str| {
        line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ')
            .starts_with('|')
    };
    let lines: Vec<&str> = text.lines().filter(|line| !is_quoted(line)).collect();
    ConfigError(format!("cannot read the settings: {}", lines.join("\n")))
}

/// Turns an error of the deserialiser into one that names the setting.
pub fn explain(error: &Error, values: &Dict) -> ConfigError {
    let keys: Vec<String> = error.path.iter().take(2).cloned().collect();
    let name = keys.join(".");
    let defaults = defaults();
    let (Some(default), Some(value)) = (find(&defaults, &keys), find(values, &keys)) else {
        return ConfigError(format!("cannot read the settings: {}", error.kind));
    };
    let allowed = match &error.kind {
        Kind::UnknownVariant(_, names) => one_of(names),
        Kind::InvalidValue(Actual::Unsigned(_) | Actual::Signed(_), _)
        | Kind::ISizeOutOfRange(_)
        | Kind::USizeOutOfRange(_) => "a whole number (0 or more) that is not too large".to_owned(),
        _ => allowed_values(&name, default),
    };
    let place = place(error.metadata.as_ref(), &keys);
    let not = match name.as_str() {
        "media.secret" => "what it is".to_owned(),
        _ => display(value),
    };
    ConfigError(format!("{name} must be {allowed}, not {not}{place}"))
}

fn one_of(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn allowed_values(name: &str, default: &Value) -> String {
    match (name, default) {
        ("server.listen", _) => "an address and a port, such as \"127.0.0.1:8080\"".to_owned(),
        ("server.trusted_proxies" | "server.metrics_from", _) => {
            "a list of networks, such as [\"10.0.0.0/8\", \"192.0.2.1/32\"]".to_owned()
        }
        (_, Value::Bool(..)) => "true or false".to_owned(),
        (_, Value::Num(..)) => format!("a whole number (0 or more), such as {}", display(default)),
        (_, Value::Array(_, items)) if items.is_empty() => "a list in square brackets".to_owned(),
        (_, Value::Array(..)) => format!("a list, such as {}", display(default)),
        (_, Value::String(_, text)) if text.is_empty() => "text in quotes".to_owned(),
        _ => format!("text in quotes, such as {}", display(default)),
    }
}

fn display(value: &Value) -> String {
    match value {
        Value::String(_, text) => format!("{text:?}"),
        Value::Char(_, c) => format!("\"{c}\""),
        Value::Bool(_, value) => value.to_string(),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_u128().map(|number| number.to_string()))
            .or_else(|| number.to_f64().map(|number| number.to_string()))
            .unwrap_or_default(),
        Value::Array(_, items) => {
            let items: Vec<String> = items.iter().map(display).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Dict(..) => "a section".to_owned(),
        Value::Empty(..) => "nothing".to_owned(),
    }
}

/// Where the setting was set, if it was the environment or a file.
fn place(metadata: Option<&Metadata>, keys: &[String]) -> String {
    match metadata {
        Some(metadata) if metadata.name == ENVIRONMENT => {
            format!(" (in {PREFIX}{})", keys.join("__").to_ascii_uppercase())
        }
        Some(Metadata {
            source: Some(Source::File(path)),
            ..
        }) => format!(" (in {})", path.display()),
        _ => String::new(),
    }
}

/// The site's origin as browsers spell it: the host in ASCII, without the default port.
pub fn site_origin(address: &str) -> Result<String, String> {
    let wanted =
        "site.url must be the web address that readers use, such as https://news.example.org";
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| format!("{wanted}, not {address:?}"))?;
    let unwanted = if !url.username().is_empty() || url.password().is_some() {
        "a user name or a password"
    } else if url.query().is_some() {
        "a question mark"
    } else if url.fragment().is_some() {
        "a number sign"
    } else if url.path() != "/" {
        return Err(format!(
            "{wanted}, without a path: the site needs its own host name and does not work under {}",
            url.path()
        ));
    } else {
        return Ok(url.origin().ascii_serialization());
    };
    Err(format!("{wanted}, without {unwanted}"))
}

#[cfg(test)]
mod tests;
