//! A request from its head to the last byte of its answer: the memory that its body uses, and how far the
//! client has read the answer. Reads and writes nothing by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::web::connections::body_memory::BodyMemory;
use crate::web::connections::connection::{AnswerProgress, Connection};

/// Ends when it is dropped.
#[derive(Debug)]
pub struct ActiveRequest {
    memory: Arc<BodyMemory>,
    connection: Arc<Connection>,
    progress: Arc<AnswerProgress>,
    /// How much of the memory its body holds, in bytes.
    reserved: AtomicUsize,
}

impl ActiveRequest {
    pub(super) fn begin(
        memory: Arc<BodyMemory>,
        connection: Arc<Connection>,
        is_http2: bool,
    ) -> Self {
        Self {
            memory,
            progress: connection.begin_request(is_http2),
            connection,
            reserved: AtomicUsize::new(0),
        }
    }

    /// The client has read some of the answer, or can begin to.
    pub fn note_progress(&self) {
        self.progress.note_read();
    }

    /// The server has to make more of the answer before the client can read on.
    pub fn note_pending(&self) {
        self.progress.note_pending();
    }

    /// The body of the request was not read to its end.
    pub fn note_unread_body(&self) {
        self.connection.note_unread_body();
    }

    /// Reserves memory for `bytes` of the request's body; false where there is none.
    pub fn reserve_body(&self, bytes: usize) -> bool {
        let held = self.reserved.fetch_add(bytes, Ordering::Relaxed);
        self.memory.reserve(&self.connection.clients, held, bytes)
    }

    /// Releases the memory of the request's body except for `answer_size` bytes: the answer may hold what
    /// was sent until it is read.
    pub fn release_body(&self, answer_size: u64) {
        self.shrink_to(usize::try_from(answer_size).unwrap_or(usize::MAX));
    }

    fn shrink_to(&self, bytes: usize) {
        let spare = self.reserved.load(Ordering::Relaxed).saturating_sub(bytes);
        if spare > 0 {
            self.reserved.fetch_sub(spare, Ordering::Relaxed);
            self.memory.release(&self.connection.clients, spare);
        }
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.shrink_to(0);
        self.connection.end_request(&self.progress);
    }
}
