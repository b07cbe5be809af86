//! The open connections: how many there may be, in all and for each client, and which are closed when a
//! timeout passes or the limit is reached. Knows no sockets and no HTTP, only times and counts.

pub mod active_request;
mod body_memory;
pub mod connection;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use crate::web::connections::active_request::ActiveRequest;
use crate::web::connections::body_memory::{BodyMemory, ClientShare, CountedClient};
use crate::web::connections::connection::{
    Connection, ConnectionTimeouts, TimeoutAction, lock, millis, now,
};

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// From one client; 0 for no limit.
    pub per_client: usize,
}

/// All open connections.
#[derive(Debug)]
pub struct Connections {
    limits: ConnectionLimits,
    timeouts: ConnectionTimeouts,
    memory: Arc<BodyMemory>,
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
    by_client: HashMap<CountedClient, ClientUsage>,
}

#[derive(Debug, Default)]
struct ClientUsage {
    connections: usize,
    body_bytes: Arc<AtomicUsize>,
}

/// An open connection; freed for another one when it is dropped.
#[derive(Debug)]
pub struct ConnectionSlot {
    all: Arc<Connections>,
    pub connection: Arc<Connection>,
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        lock(&self.all.open).remove(self.connection.number);
    }
}

impl ConnectionSlot {
    pub fn begin_request(&self, is_http2: bool) -> ActiveRequest {
        let memory = Arc::clone(&self.all.memory);
        ActiveRequest::begin(memory, Arc::clone(&self.connection), is_http2)
    }
}

impl Connections {
    pub fn new(limits: ConnectionLimits, timeouts: ConnectionTimeouts) -> Self {
        Self {
            limits,
            timeouts,
            memory: Arc::default(),
            open: Mutex::default(),
        }
    }

    pub fn timeouts(&self) -> ConnectionTimeouts {
        self.timeouts
    }

    /// Registers a new connection. Where the limit is reached, the connection that has been idle for
    /// longest is closed, one that never sent a request first: the client's own if it has too many, else
    /// any. None where all are busy. `address` is None for a trusted proxy, whose connections are many
    /// readers'.
    pub fn open(self: &Arc<Self>, address: Option<IpAddr>) -> Option<ConnectionSlot> {
        let clients = address.map(CountedClient::all_of).unwrap_or_default();
        let now = now();
        let mut open = lock(&self.open);
        for client in &clients {
            let limit = self.limits.per_client.saturating_mul(client.factor());
            let used = open
                .by_client
                .get(client)
                .map_or(0, |usage| usage.connections);
            if limit > 0 && used >= limit && !open.close_idle(now, Some(*client)) {
                return None;
            }
        }
        if open.all.len() >= self.limits.total && !open.close_idle(now, None) {
            return None;
        }
        open.next += 1;
        let mut shares = Vec::with_capacity(clients.len());
        for client in clients {
            let usage = open.by_client.entry(client).or_default();
            usage.connections += 1;
            let body_bytes = Arc::clone(&usage.body_bytes);
            shares.push(ClientShare { client, body_bytes });
        }
        let connection = Arc::new(Connection::new(open.next, shares, now));
        open.all.insert(connection.number, Arc::clone(&connection));
        Some(ConnectionSlot {
            all: Arc::clone(self),
            connection,
        })
    }

    /// Closes the connection that has been idle for longest; false where all are busy.
    pub fn close_idle(&self) -> bool {
        lock(&self.open).close_idle(now(), None)
    }

    /// Finishes and closes the connections whose timeout has passed.
    pub fn enforce_timeouts(&self) {
        let now = now();
        for connection in lock(&self.open).all.values() {
            match connection.check_timeouts(now, &self.timeouts) {
                TimeoutAction::Keep => {}
                TimeoutAction::Finish => connection.finish.notify_one(),
                TimeoutAction::Close => connection.close.notify_one(),
            }
        }
    }
}

impl OpenConnections {
    fn remove(&mut self, number: u64) {
        let Some(connection) = self.all.remove(&number) else {
            return;
        };
        for share in &connection.clients {
            if let Some(usage) = self.by_client.get_mut(&share.client) {
                usage.connections -= 1;
                if usage.connections == 0 {
                    self.by_client.remove(&share.client);
                }
            }
        }
    }

    /// Closes the client's, or anybody's, connection that has been idle for longest; false for none.
    fn close_idle(&mut self, now: u64, client: Option<CountedClient>) -> bool {
        let is_theirs = |connection: &Connection| {
            client.is_none_or(|client| {
                let mut shares = connection.clients.iter();
                shares.any(|share| share.client == client)
            })
        };
        let oldest = self
            .all
            .values()
            .filter(|connection| is_theirs(connection))
            .filter_map(|connection| {
                let since = connection.idle_since();
                let current = connection.current_use()?;
                (now.saturating_sub(since) >= millis(current.min_age()))
                    .then_some((current, since, connection))
            })
            .min_by_key(|(current, since, connection)| (*current, *since, connection.number))
            .map(|(.., connection)| Arc::clone(connection));
        let Some(oldest) = oldest else { return false };
        oldest.close.notify_one();
        self.remove(oldest.number);
        true
    }
}

#[cfg(test)]
mod tests;
