//! Passwords: Argon2id with the crate's defaults (OWASP's second choice: 19 MiB, 2 passes).
//!
//! A hash takes a core for some milliseconds and 19 MiB, so it never runs on the async threads,
//! only a few run at once, and the queues for them are short. The memory is returned to the system
//! soon after.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::{Error, Field, Problem, Result};
use crate::texts::Message;

/// The shortest password, in characters (NIST SP 800-63B asks for 8, and 15 where nothing else
/// proves who it is).
pub const MIN_CHARS: usize = 10;
/// The longest, in characters, so that hashing one cannot be made slow.
const MAX_CHARS: usize = 200;
/// The longest password that is verified, in bytes.
pub const MAX_BYTES: usize = 1024;
/// How many may wait in one queue, and for how long.
const MAX_QUEUED: usize = 32;
const QUEUE_TIMEOUT: Duration = Duration::from_secs(10);
/// At least 40 MiB are allocated: above 32 MiB the GNU allocator maps each allocation by
/// itself and returns it whole, while smaller ones stay with the thread.
const MIN_BLOCKS: usize = 40 * 1024;
/// The most memory and passes that a stored hash may ask for.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;

/// The two queues for hashing, so that strangers never delay staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordQueue {
    /// Attempts from unknown browsers.
    Untrusted,
    /// Known browsers, signed-in staff and the operator.
    Trusted,
}

struct HashingSlots {
    running: Arc<Semaphore>,
    queued: Semaphore,
}

impl HashingSlots {
    fn new(at_once: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            queued: Semaphore::new(MAX_QUEUED),
        }
    }
}

static UNTRUSTED: LazyLock<HashingSlots> = LazyLock::new(|| HashingSlots::new(2));
static TRUSTED: LazyLock<HashingSlots> = LazyLock::new(|| HashingSlots::new(1));

/// The hash that is verified for an unknown account, which takes as long as any other.
static DUMMY_HASH: LazyLock<String> = LazyLock::new(|| {
    let salt = [0_u8; 16];
    let hash = Argon2::default().hash_password_with_salt(b"nobody has this password", &salt);
    hash.map(|hash| hash.to_string()).unwrap_or_default()
});

/// Fails where a new password is too short or too long.
pub fn check(password: &str) -> Result<()> {
    let problem = match password.chars().take(MAX_CHARS + 1).count() {
        0 => Problem::Missing,
        n if n < MIN_CHARS => Problem::TooShort { min: MIN_CHARS },
        n if n > MAX_CHARS => Problem::TooLong { max: MAX_CHARS },
        _ => return Ok(()),
    };
    Err(Error::field(Field::Password, problem))
}

/// The hash to store, as a PHC string.
pub async fn hash(password: String) -> Result<String> {
    let hashed = run_queued(PasswordQueue::Trusted, move || {
        let salt: [u8; 16] = rand::random();
        let params = Params::default();
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        fill(
            &params,
            Algorithm::Argon2id,
            Version::V0x13,
            password.as_bytes(),
            &salt,
            &mut output,
        )?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: (&params).try_into().ok()?,
            salt: Some(salt.as_slice().try_into().ok()?),
            hash: Some(output.as_slice().try_into().ok()?),
        };
        Some(hash.to_string())
    });
    hashed
        .await?
        .ok_or_else(|| Error::internal("hash a password", "its parameters do not fit"))
}

/// Whether `hash` is of `password`. Without a hash it takes as long and returns false, so that an
/// unknown account is not answered faster than a known one.
pub async fn verify(queue: PasswordQueue, password: String, hash: Option<String>) -> Result<bool> {
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    run_queued(queue, move || {
        let fits = |hash: &str| is_same(password.as_bytes(), hash).unwrap_or(false);
        match hash {
            Some(hash) => fits(&hash),
            None => {
                fits(&DUMMY_HASH);
                false
            }
        }
    })
    .await
}

fn is_same(password: &[u8], hash: &str) -> Option<bool> {
    let hash = PasswordHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = Version::try_from(hash.version?).ok()?;
    let params = Params::try_from(&hash).ok()?;
    if params.m_cost() > MAX_MEMORY_KIB || params.t_cost() > MAX_PASSES {
        return None;
    }
    let expected = hash.hash?;
    let mut output = vec![0; expected.as_bytes().len()];
    fill(
        &params,
        algorithm,
        version,
        password,
        hash.salt?.as_ref(),
        &mut output,
    )?;
    Some(output.ct_eq(expected.as_bytes()).into())
}

fn fill(
    params: &Params,
    algorithm: Algorithm,
    version: Version,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
) -> Option<()> {
    let count = params.block_count();
    let mut blocks = Vec::with_capacity(count.max(MIN_BLOCKS));
    blocks.resize(count, Block::new());
    Argon2::new(algorithm, version, params.clone())
        .hash_password_into_with_memory(password, salt, output, &mut blocks)
        .ok()
}

async fn run_queued<T: Send + 'static>(
    queue: PasswordQueue,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let slots: &HashingSlots = match queue {
        PasswordQueue::Untrusted => &UNTRUSTED,
        PasswordQueue::Trusted => &TRUSTED,
    };
    let permit = {
        let busy = || Error::Unavailable(Message::new("unavailable-many-sign-ins"));
        let _queued = slots.queued.try_acquire().map_err(|_| busy())?;
        timeout(QUEUE_TIMEOUT, slots.running.clone().acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|error| Error::internal("wait for a permit", error))?
    };
    // The permit stays with the work: a cancelled request does not let another one start beside it.
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    })
    .await
    .map_err(|error| Error::internal("run a password hash", error))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    /// Tests that run at once would take each other's permits.
    static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

    #[tokio::test]
    async fn only_the_same_password_fits_its_hash() {
        let _alone = ALONE.lock().await;
        let hash = hash("correct horse battery".into()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = async |password: &str, hash: Option<&str>| {
            verify(
                PasswordQueue::Untrusted,
                password.to_owned(),
                hash.map(str::to_owned),
            )
            .await
            .unwrap()
        };
        assert!(verify("correct horse battery", Some(&hash)).await);
        assert!(!verify("correct horse", Some(&hash)).await);
        assert!(!verify("correct horse battery", None).await);
        assert!(!verify("nobody has this password", None).await);
        assert!(!verify(&"x".repeat(MAX_BYTES + 1), Some(&hash)).await);
    }

    #[tokio::test]
    async fn hashes_are_those_of_the_crate() {
        let _alone = ALONE.lock().await;
        let ours = hash("correct horse battery".into()).await.unwrap();
        let argon2 = Argon2::default();
        let password = b"correct horse battery";
        assert!(argon2.verify_password(password, ours.as_str()).is_ok());
        let theirs = argon2.hash_password_with_salt(password, &[7; 16]).unwrap();
        assert_eq!(is_same(password, &theirs.to_string()), Some(true));
    }

    #[tokio::test]
    async fn the_queue_is_limited() {
        let _alone = ALONE.lock().await;
        let many = (0..200).map(|_| verify(PasswordQueue::Untrusted, "guess".to_owned(), None));
        let mut tasks = tokio::task::JoinSet::new();
        for one in many {
            tasks.spawn(one);
        }
        let outcomes = tasks.join_all().await;
        let busy = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Err(Error::Unavailable(_))))
            .count();
        assert!((1..200).contains(&busy), "{busy} were refused");
        assert!(outcomes.iter().flatten().all(|fits| !fits));
    }
}
