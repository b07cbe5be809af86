//! Bytes on a connection, for what no well-behaved client sends.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::site::Site;

/// The longest that a test waits for the server to do something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to a site.
pub struct Wire(TcpStream);

impl Wire {
    /// Connects.
    pub async fn to(site: &Site) -> Self {
        Self(TcpStream::connect(site.socket()).await.unwrap())
    }

    /// Sends bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends the same bytes again and again, and reads nothing, until the server has had enough.
    pub async fn send_until_cut(&mut self, bytes: &[u8]) {
        let cut = async { while self.0.write_all(bytes).await.is_ok() {} };
        timeout(PATIENCE, cut).await.expect("the server goes on");
    }

    /// What comes until the server closes the connection.
    pub async fn read_to_end(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        let read = async {
            // A reset is an end too.
            while let Ok(length @ 1..) = self.0.read(&mut piece).await {
                bytes.extend_from_slice(&piece[..length]);
            }
        };
        timeout(PATIENCE, read)
            .await
            .expect("the server keeps the connection open");
        bytes
    }

    /// Everything received until it contains this text or the server closes the connection.
    pub async fn read_until(&mut self, words: &str) -> String {
        let mut bytes = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        let read = async {
            while !String::from_utf8_lossy(&bytes).contains(words) {
                match self.0.read(&mut piece).await {
                    Ok(length @ 1..) => bytes.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
        };
        timeout(PATIENCE, read)
            .await
            .expect("the server says nothing");
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// What a site answers to these bytes, until it closes the connection.
pub async fn exchange(site: &Site, bytes: impl AsRef<[u8]>) -> String {
    let mut wire = Wire::to(site).await;
    wire.send(bytes).await;
    String::from_utf8_lossy(&wire.read_to_end().await).into_owned()
}
