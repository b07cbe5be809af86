//! How much memory the bodies of active requests may use, in all and for each client. Counts only: it never
//! holds a body.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ipnet::IpNet;

use crate::net::client_network;

/// For all bodies, in bytes.
const MAX_BYTES: usize = 128 * 1024 * 1024;
pub(super) const MAX_BYTES_PER_CLIENT: usize = 16 * 1024 * 1024;
/// A body up to this size is small, as almost all are; large ones leave some memory for these alone, so
/// that a few clients who send slowly do not keep everybody else from sending anything.
pub(super) const SMALL_BODY: usize = 64 * 1024;
const RESERVED_FOR_SMALL: usize = 32 * 1024 * 1024;
/// How many times the limits of one household (/64) an organisation's IPv6 network (/48) has.
const ORGANISATION_FACTOR: usize = 4;

/// Whom connections are counted for: one household, and the organisation that it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum CountedClient {
    Household(IpNet),
    Organisation(IpNet),
}

impl CountedClient {
    pub(super) fn all_of(address: IpAddr) -> Vec<Self> {
        let household = Self::Household(client_network::household(address));
        let organisation = client_network::organisation(address).map(Self::Organisation);
        std::iter::once(household).chain(organisation).collect()
    }

    /// How many times the limits of one household it has.
    pub(super) fn factor(self) -> usize {
        match self {
            Self::Household(_) => 1,
            Self::Organisation(_) => ORGANISATION_FACTOR,
        }
    }
}

/// A connection's part in what its client uses.
#[derive(Debug)]
pub(super) struct ClientShare {
    pub(super) client: CountedClient,
    /// Of the bodies of all requests of this client, in bytes.
    pub(super) body_bytes: Arc<AtomicUsize>,
}

/// How many bytes all bodies hold.
#[derive(Debug, Default)]
pub(super) struct BodyMemory {
    bytes: AtomicUsize,
}

impl BodyMemory {
    /// Adds `bytes` to a body that held `held` before; false where that is more than allowed, counted all
    /// the same until [`BodyMemory::release`].
    pub(super) fn reserve(&self, clients: &[ClientShare], held: usize, bytes: usize) -> bool {
        let limit = if held + bytes <= SMALL_BODY {
            MAX_BYTES + RESERVED_FOR_SMALL
        } else {
            MAX_BYTES
        };
        let mut fits = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= limit;
        for share in clients {
            let used = share.body_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
            fits &= used <= MAX_BYTES_PER_CLIENT * share.client.factor();
        }
        fits
    }

    pub(super) fn release(&self, clients: &[ClientShare], bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        for share in clients {
            share.body_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }
}
