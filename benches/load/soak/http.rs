//! A blocking HTTP/1.1 client that speaks from a loopback address of its choice, with a limit on every wait.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// The longest wait for an answer.
const WAIT: Duration = Duration::from_secs(20);

/// One connection.
pub struct Connection(TcpStream);

impl Connection {
    /// From `from`, an address in 127.0.0.0/8, to this machine's `port`.
    pub fn open(from: Ipv4Addr, port: u16) -> Result<Self> {
        assert!(from.is_loopback(), "traffic stays on this machine");
        let socket = socket2::Socket::new(
            socket2::Domain::IPV4,
            socket2::Type::STREAM,
            Some(socket2::Protocol::TCP),
        )?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        socket.connect_timeout(&server.into(), WAIT)?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(WAIT))?;
        stream.set_write_timeout(Some(WAIT))?;
        Ok(Self(stream))
    }

    /// Sends bytes and reads nothing.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.write_all(bytes)
    }

    /// Whether the server still holds the connection: it has neither closed it nor said anything.
    pub fn is_held(&mut self) -> bool {
        let mut byte = [0];
        let _ = self.0.set_nonblocking(true);
        let held =
            matches!(self.0.peek(&mut byte), Err(error) if error.kind() == ErrorKind::WouldBlock);
        let _ = self.0.set_nonblocking(false);
        held
    }

    /// Sends a request and reads the whole answer; returns its status.
    pub fn ask(&mut self, request: &[u8]) -> Result<u16> {
        self.send(request)?;
        let mut answer = Vec::new();
        let mut chunk = [0; 64 * 1024];
        let mut whole = None;
        while whole.is_none_or(|whole| answer.len() < whole) {
            let read = self.0.read(&mut chunk)?;
            if read == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            answer.extend_from_slice(&chunk[..read]);
            if whole.is_none() {
                whole = length(&answer)?;
            }
        }
        std::str::from_utf8(&answer[9..12])
            .ok()
            .and_then(|status| status.parse().ok())
            .ok_or_else(|| Error::from(ErrorKind::InvalidData))
    }
}

/// How long the whole answer is, once its head is there.
fn length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| ErrorKind::InvalidData)?;
    let body = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(Ok(0), str::parse)
        .map_err(|_| ErrorKind::InvalidData)?;
    Ok(Some(end + 4 + body))
}
