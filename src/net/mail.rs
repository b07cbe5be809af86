//! The one way out for email.

use std::time::{Duration, SystemTime};

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error as SmtpError;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// The longest that the server may take for one step.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The longest that a test of the server may take.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);
/// Reply codes that speak of signing in, not of the email or its recipient (RFC 4954, section 6).
const SIGNING_IN: [&str; 5] = ["530", "534", "535", "538", "524"];

/// Why an email was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The settings, or an address, cannot be used.
    #[error("{0}")]
    Address(String),
    /// The server refused it for good: trying again would not help.
    #[error("the mail server refused the email: {0}")]
    Refused(String),
    /// It did not get through; it may later.
    #[error("the mail server did not take the email: {0}")]
    Server(String),
}

impl MailError {
    fn of(error: &SmtpError) -> Self {
        let code = error.status().map(|code| code.to_string());
        let is_sign_in = code.is_some_and(|code| SIGNING_IN.contains(&code.as_str()));
        let text = explain(error);
        // Signing in fails by the settings, which the operator can change; the email waits for that.
        if error.is_permanent() && !is_sign_in {
            Self::Refused(text)
        } else {
            Self::Server(text)
        }
    }
}

/// What went wrong, with its causes.
fn explain(error: &SmtpError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

/// An email of plain text.
#[derive(Clone, Debug)]
pub struct Email {
    /// Whom it goes to.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text, its lines ended by CRLF.
    pub text: String,
    /// Names it, the same in every try, so that a recipient's system can tell that it came twice.
    pub id: String,
    /// When it was written.
    pub written_at: SystemTime,
}

/// Sends email.
#[derive(Clone, Debug)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// To the server at `url`, such as `smtp://name:password@mail.example.org:587?tls=required`.
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

    /// Sends an email.
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

    /// Connects, signs in where there is a name and a password, and sends nothing.
    pub async fn test(&self) -> Result<(), MailError> {
        match tokio::time::timeout(TEST_TIMEOUT, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(MailError::Server("it hung up".to_owned())),
            Ok(Err(error)) => Err(MailError::Server(explain(&error))),
            Err(_) => Err(MailError::Server("it does not answer".to_owned())),
        }
    }
}
