//! The one way out for letters.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// The longest that the server may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Why a letter was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The settings, or an address, cannot be used.
    #[error("{0}")]
    Address(String),
    /// The server did not take it.
    #[error("the mail server did not take it: {0}")]
    Server(String),
}

/// Sends letters.
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

    /// Sends a letter of plain text.
    pub async fn send(&self, to: &str, subject: &str, text: String) -> Result<(), MailError> {
        let to = to
            .parse()
            .map_err(|error| MailError::Address(format!("{to}: {error}")))?;
        let letter = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|error| MailError::Address(error.to_string()))?;
        self.transport
            .send(letter)
            .await
            .map_err(|error| MailError::Server(error.to_string()))?;
        Ok(())
    }
}
