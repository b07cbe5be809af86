//! Sending email over SMTP. Never decides what is sent, or to whom.

use std::time::{Duration, SystemTime};

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// For each step of the conversation with the server.
const TIMEOUT: Duration = Duration::from_secs(15);
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Reply codes about authentication, not about the email or its recipient (RFC 4954, section 6).
const AUTHENTICATION_CODES: [&str; 5] = ["530", "534", "535", "538", "524"];

/// Why an email was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// A setting or an address that cannot be used.
    #[error("{0}")]
    Address(String),
    /// The server refused it permanently: a retry would not help.
    #[error("the mail server refused the email: {0}")]
    Refused(String),
    /// A temporary failure: a retry may help.
    #[error("the mail server did not accept the email: {0}")]
    Server(String),
}

impl MailError {
    fn of(error: &SmtpError) -> Self {
        let code = error.status().map(|code| code.to_string());
        let is_authentication =
            code.is_some_and(|code| AUTHENTICATION_CODES.contains(&code.as_str()));
        let text = explain(error);
        // Authentication fails because of the settings, which the operator can fix; the email waits for that.
        if error.is_permanent() && !is_authentication {
            Self::Refused(text)
        } else {
            Self::Server(text)
        }
    }
}

/// The error with its causes.
fn explain(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

/// Whether emails can be sent from `address`.
pub fn is_address(address: &str) -> bool {
    address.parse::<Address>().is_ok()
}

/// An email in plain text.
#[derive(Clone, Debug)]
pub struct Email {
    /// The recipient's address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text, its lines ended by CRLF.
    pub text: String,
    /// The local part of its Message-ID, the same in every attempt, so that the recipient's system can
    /// drop a copy.
    pub id: String,
    pub written_at: SystemTime,
}

#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// `url` is the server, such as `smtp://name:password@mail.example.org:587?tls=required`.
    pub fn new(url: &str, from: &str) -> Result<Self, MailError> {
        let from = from
            .parse()
            .map_err(|error| MailError::Address(format!("from: {error}")))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| MailError::Address(format!("server: {error}")))?
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Self { transport, from })
    }

    /// The same server with another sender; `name` may be empty.
    pub fn with_sender(&self, name: &str, address: &str) -> Result<Self, MailError> {
        let email = address
            .parse()
            .map_err(|error| MailError::Address(format!("from: {error}")))?;
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self {
            transport: self.transport.clone(),
            from: Mailbox::new(name, email),
        })
    }

    pub async fn send(&self, email: Email) -> Result<(), MailError> {
        let Email {
            to,
            subject,
            text,
            id,
            written_at,
        } = email;
        let to = to
            .parse()
            .map_err(|error| MailError::Address(format!("{to}: {error}")))?;
        let id = format!("<{id}@{}>", self.from.email.domain());
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(id))
            .date(written_at)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|error| MailError::Address(error.to_string()))?;
        self.transport
            .send(message)
            .await
            .map_err(|error| MailError::of(&error))?;
        Ok(())
    }

    /// Connects, signs in where the URL has a name and a password, and sends nothing.
    pub async fn test(&self) -> Result<(), MailError> {
        match tokio::time::timeout(TEST_TIMEOUT, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailError::Server(
                "the server closed the connection".to_owned(),
            )),
            Ok(Err(error)) => Err(MailError::Server(explain(&error))),
            Err(_) => Err(MailError::Server("the server does not answer".to_owned())),
        }
    }
}
