//! A mail server on loopback: it keeps what it is sent, and refuses or keeps waiting whom a test
//! names.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The server.
pub struct MailServer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    kept: Arc<Kept>,
}

#[derive(Default)]
struct Kept {
    emails: Mutex<Vec<String>>,
    answers: Mutex<HashMap<String, &'static str>>,
}

impl MailServer {
    /// Starts one that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Kept::default());
        let taken = Arc::clone(&kept);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take_emails(stream, Arc::clone(&taken)));
            }
        });
        Self { port, kept }
    }

    /// The settings by which a site sends by this server.
    pub fn settings(&self) -> String {
        format!(
            "[mail]\nserver = \"smtp://127.0.0.1:{}\"\nfrom = \"News <news@news.example>\"\ndigest_minutes = 15\n",
            self.port
        )
    }

    /// Answers so where `recipient` is named; "hang" answers nothing for a long time.
    pub fn answer(&self, recipient: &str, answer: &'static str) {
        let mut answers = self.kept.answers.lock().unwrap();
        answers.insert(recipient.to_owned(), answer);
    }

    /// What was sent, headers and text, with the soft line breaks of quoted-printable taken out.
    pub fn emails(&self) -> Vec<String> {
        let emails = self.kept.emails.lock().unwrap();
        emails.iter().map(|email| plain(email)).collect()
    }

    /// What was sent to one address.
    pub fn emails_to(&self, recipient: &str) -> Vec<String> {
        let to = format!("To: {recipient}\n");
        let mut emails = self.emails();
        emails.retain(|email| email.contains(&to));
        emails
    }
}

/// Undoes quoted-printable.
fn plain(email: &str) -> String {
    let joined = email.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, tail @ ..] = rest {
        let decoded = (*first == b'=')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| hex::decode(digits).ok());
        match decoded {
            Some(byte) => {
                bytes.extend(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of a header.
pub fn header(email: &str, name: &str) -> String {
    let start = format!("{name}: ");
    let line = email.lines().find(|line| line.starts_with(&start));
    line.unwrap_or_else(|| panic!("no {name}: {email}"))[start.len()..].to_owned()
}

/// Enough of RFC 5321 for an email.
async fn take_emails(stream: TcpStream, kept: Arc<Kept>) {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    if writing.write_all(b"220 test\r\n").await.is_err() {
        return;
    }
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.split(' ').next().unwrap_or_default() {
            "DATA" => {
                if writing.write_all(b"354 go on\r\n").await.is_err() {
                    return;
                }
                let mut email = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    email.push_str(&line);
                    email.push('\n');
                }
                kept.emails.lock().unwrap().push(email);
                "250 taken"
            }
            "RCPT" => {
                let answers = kept.answers.lock().unwrap().clone();
                let named = answers.iter().find(|(to, _)| line.contains(*to));
                named.map_or("250 fine", |(_, answer)| *answer)
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        if answer == "hang" {
            tokio::time::sleep(Duration::from_secs(300)).await;
            return;
        }
        let answer = format!("{answer}\r\n");
        if writing.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
