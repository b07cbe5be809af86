//! A reader's browser as far as HTTP goes: cookies, pages, and forms that are filled as they stand
//! on the page.

use std::sync::Mutex;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use scraper::{ElementRef, Html, Selector};

/// Somebody with a browser of their own.
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookies: Mutex<Vec<(String, String)>>,
}

/// What came back.
pub struct Page {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The requested path.
    pub path: String,
}

/// What sends requests to this machine: unencrypted, without a proxy, and following no redirect.
pub fn http_client() -> reqwest::Client {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

impl Client {
    /// A visitor of the site at `base`.
    pub fn new(base: &str) -> Self {
        Self {
            http: http_client(),
            base: base.to_owned(),
            cookies: Mutex::default(),
        }
    }

    /// The same browser at another node.
    pub fn copy_at(&self, base: &str) -> Self {
        let copy = Self::new(base);
        copy.cookies
            .lock()
            .unwrap()
            .clone_from(&self.cookies.lock().unwrap());
        copy
    }

    /// `GET path`.
    pub async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, None, &[]).await
    }

    /// `GET path` with these headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        self.send(Method::GET, path, None, headers).await
    }

    /// Any request.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Page {
        self.send(method, path, Some(body.into()), headers).await
    }

    /// `POST` of a form as somebody would make it up, without looking at a page first.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::POST, path, Some(body.into_bytes()), &form)
            .await
    }

    /// Presses the button of a form that was filled; without scripts, as the page has it.
    pub async fn submit(&self, form: &Form) -> Page {
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let path = form.action.split('#').next().unwrap();
        self.post(path, &fields).await
    }

    /// Goes where a redirect leads, until there is none.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..5 {
            let Some(location) = page.header("location").map(str::to_owned) else {
                return page;
            };
            let path = location.strip_prefix(&self.base).unwrap_or(&location);
            page = self.get(path.split('#').next().unwrap()).await;
        }
        panic!("redirects without end");
    }

    /// Signs in by the site's own form.
    pub async fn sign_in(&self, email: &str, password: &str) {
        let form = self.get("/login").await.form("form[action='/login']");
        let answer = self
            .submit(&form.fill("email", email).fill("password", password))
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }

    /// Signs in although somebody is signed in already.
    pub async fn sign_in_again(&self, email: &str, password: &str) {
        let fields = [("email", email), ("password", password)];
        let answer = self.post("/login", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }

    /// What the browser keeps under a cookie's name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        let found = cookies.iter().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone())
    }

    /// All cookies, as the browser sends them.
    pub fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    /// Puts a cookie into the browser.
    pub fn plant(&self, name: &str, value: &str) {
        self.keep(&format!("{name}={value}"));
    }

    /// Throws all cookies away.
    pub fn forget(&self) {
        self.cookies.lock().unwrap().clear();
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                HeaderName::from_bytes(name.as_bytes()).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let cookies: Vec<String> = self
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            map.insert(
                "cookie",
                HeaderValue::from_str(&cookies.join("; ")).unwrap(),
            );
        }
        request = request.headers(map);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{path}: {error:?}"));
        let status = response.status();
        let headers = response.headers().clone();
        for cookie in headers.get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap());
        }
        let bytes = response.bytes().await.unwrap();
        Page {
            status,
            headers,
            body: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
            path: path.to_owned(),
        }
    }

    fn keep(&self, cookie: &str) {
        let (name, rest) = cookie.split_once('=').unwrap();
        let value = rest.split(';').next().unwrap().to_owned();
        let mut cookies = self.cookies.lock().unwrap();
        cookies.retain(|(other, _)| other != name);
        if !value.is_empty() {
            cookies.push((name.to_owned(), value));
        }
    }
}

impl Page {
    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The texts of all elements that match.
    pub fn all(&self, css: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&Selector::parse(css).unwrap())
            .map(|element| text_of(&element))
            .collect()
    }

    /// The text of the one element that matches.
    pub fn one(&self, css: &str) -> String {
        let mut all = self.all(css);
        assert_eq!(
            all.len(),
            1,
            "{css} on {}: {all:?}\n{}",
            self.path,
            self.text()
        );
        all.remove(0)
    }

    /// Whether any element matches.
    pub fn has(&self, css: &str) -> bool {
        !self.all(css).is_empty()
    }

    /// An attribute of the first element that matches.
    pub fn attribute(&self, css: &str, name: &str) -> Option<String> {
        let html = Html::parse_document(&self.body);
        html.select(&Selector::parse(css).unwrap())
            .next()
            .and_then(|element| element.value().attr(name).map(str::to_owned))
    }

    /// An attribute of every element that matches.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let html = Html::parse_document(&self.body);
        html.select(&Selector::parse(css).unwrap())
            .filter_map(|element| element.value().attr(name).map(str::to_owned))
            .collect()
    }

    /// All the text on the page.
    pub fn text(&self) -> String {
        let html = Html::parse_document(&self.body);
        let body = Selector::parse("body").unwrap();
        html.select(&body)
            .next()
            .map_or_else(|| self.body.clone(), |body| text_of(&body))
    }

    /// A form with what its fields hold.
    pub fn form(&self, css: &str) -> Form {
        let html = Html::parse_document(&self.body);
        let selector = Selector::parse(css).unwrap();
        let form = html.select(&selector).next().unwrap_or_else(|| {
            panic!(
                "no {css} on {} ({}):\n{}",
                self.path,
                self.status,
                self.text()
            )
        });
        let field = Selector::parse("input, textarea, select").unwrap();
        let mut fields = Vec::new();
        for element in form.select(&field) {
            let value = element.value();
            let Some(name) = value.attr("name") else {
                continue;
            };
            let filled = match (value.name(), value.attr("type")) {
                ("textarea", _) => {
                    // HTML drops the first line break of a textarea.
                    let text = element.text().collect::<String>();
                    Some(text.strip_prefix('\n').unwrap_or(&text).to_owned())
                }
                ("select", _) => element
                    .select(&Selector::parse("option[selected]").unwrap())
                    .next()
                    .or_else(|| element.select(&Selector::parse("option").unwrap()).next())
                    .and_then(|option| option.value().attr("value"))
                    .map(str::to_owned),
                (_, Some("checkbox" | "radio")) => value
                    .attr("checked")
                    .map(|_| value.attr("value").unwrap_or("on").to_owned()),
                _ => Some(value.attr("value").unwrap_or_default().to_owned()),
            };
            if let Some(filled) = filled {
                fields.push((name.to_owned(), filled));
            }
        }
        let buttons = form
            .select(&Selector::parse("button").unwrap())
            .map(|button| {
                let value = button.value();
                Button {
                    words: text_of(&button),
                    name: value.attr("name").unwrap_or_default().to_owned(),
                    value: value.attr("value").unwrap_or_default().to_owned(),
                    action: value.attr("formaction").map(str::to_owned),
                }
            })
            .collect();
        Form {
            action: form.value().attr("action").unwrap_or(&self.path).to_owned(),
            fields,
            buttons,
        }
    }
}

/// A form of a page that is being filled.
#[derive(Clone, Debug)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// What it holds.
    pub fields: Vec<(String, String)>,
    buttons: Vec<Button>,
}

#[derive(Clone, Debug)]
struct Button {
    words: String,
    name: String,
    value: String,
    /// Where it goes, if not where the form goes.
    action: Option<String>,
}

impl Form {
    /// Fills a field in; one that the form lacks is added, as an attacker would.
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        match self.fields.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    /// What a field holds.
    pub fn value(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(other, _)| other == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Chooses the first button with this label.
    pub fn press(self, words: &str) -> Self {
        let button = self
            .buttons
            .iter()
            .find(|button| button.words == words)
            .unwrap_or_else(|| panic!("no button “{words}” in {:?}", self.buttons))
            .clone();
        let mut form = self.fill(&button.name, &button.value);
        form.action = button.action.unwrap_or(form.action);
        form
    }

    /// Adds a field although there is one of this name already.
    pub fn add(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

fn text_of(element: &ElementRef<'_>) -> String {
    // Elements are separated like words, except those that only mark a name in a sentence.
    let mut words = String::new();
    let mut before = None;
    for node in element.descendants() {
        let Some(text) = node.value().as_text() else {
            continue;
        };
        let parent = node.parent();
        let is_name = parent
            .and_then(ElementRef::wrap)
            .is_some_and(|parent| parent.value().name() == "bdi");
        let sentence = if is_name {
            parent.and_then(|name| name.parent())
        } else {
            parent
        };
        let sentence = sentence.map(|element| element.id());
        let is_joined =
            before.is_some_and(|(other, was_name)| other == sentence && (is_name || was_name));
        if !is_joined {
            words.push(' ');
        }
        words.push_str(text);
        before = Some((sentence, is_name));
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
