//! Passwords: Argon2id with the crate's defaults (OWASP's second choice: 19 MiB, 2 passes).
//!
//! Hashing takes a core for some milliseconds and 19 MiB, so it runs beside the async threads, only
//! a few at once, and only so many wait for that. The memory goes back to the system after each.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Block, Params, PasswordHasher, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::error::{Error, Field, Problem, Result};

/// The shortest password, in characters (NIST SP 800-63B asks for 8, and 15 where nothing else
/// proves who it is).
pub const MIN_CHARS: usize = 10;
/// The longest, in characters, so that hashing one cannot be made slow.
const MAX_CHARS: usize = 200;
/// The longest that is looked at when somebody signs in, in bytes.
pub const MAX_BYTES: usize = 1024;
/// How many may wait in one line for their turn, and for how long.
const MAX_WAITING: usize = 32;
const MAX_WAIT: Duration = Duration::from_secs(10);
/// Memory is asked for in pieces of at least 32 MiB, above which the system's allocator always maps a
/// piece by itself and gives it back whole; smaller ones stay with the thread that had them.
const MIN_BLOCKS: usize = 40 * 1024;
/// The most memory and work that a kept hash may ask for.
const MAX_MEMORY_KIB: u32 = 256 * 1024;
const MAX_PASSES: u32 = 16;

/// Who waits for whom: strangers never stand before people who are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Anybody who tries a password.
    Strangers,
    /// Known browsers, staff and the operator.
    Known,
}

struct Gate {
    running: Arc<Semaphore>,
    waiting: Semaphore,
}

impl Gate {
    fn new(at_once: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            waiting: Semaphore::new(MAX_WAITING),
        }
    }
}

static STRANGERS: LazyLock<Gate> = LazyLock::new(|| Gate::new(2));
static KNOWN: LazyLock<Gate> = LazyLock::new(|| Gate::new(1));

/// What an unknown account is compared with: the same work as for any other.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    let salt = [0_u8; 16];
    let hash = Argon2::default().hash_password_with_salt(b"nobody has this password", &salt);
    hash.map(|hash| hash.to_string()).unwrap_or_default()
});

/// Refuses a password that cannot be a good one.
pub fn check(password: &str) -> Result<()> {
    let problem = match password.chars().take(MAX_CHARS + 1).count() {
        0 => Problem::Missing,
        n if n < MIN_CHARS => Problem::TooShort { min: MIN_CHARS },
        n if n > MAX_CHARS => Problem::TooLong { max: MAX_CHARS },
        _ => return Ok(()),
    };
    Err(Error::field(Field::Password, problem))
}

/// The hash to keep, in PHC form.
pub async fn hash(password: String) -> Result<String> {
    let hashed = aside(Lane::Known, move || {
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

/// Whether `password` is the one that `hash` was made from. Without a hash it takes as long and
/// says no, so that an unknown account answers no faster than a known one.
pub async fn verify(lane: Lane, password: String, hash: Option<String>) -> Result<bool> {
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    aside(lane, move || {
        let fits = |hash: &str| is_same(password.as_bytes(), hash).unwrap_or(false);
        match hash {
            Some(hash) => fits(&hash),
            None => {
                fits(&NOBODY);
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

async fn aside<T: Send + 'static>(
    lane: Lane,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let gate: &Gate = match lane {
        Lane::Strangers => &STRANGERS,
        Lane::Known => &KNOWN,
    };
    let turn = {
        let busy = || {
            Error::Unavailable(
                "many people are signing in just now: try again in a few seconds".to_owned(),
            )
        };
        let _place = gate.waiting.try_acquire().map_err(|_| busy())?;
        timeout(MAX_WAIT, gate.running.clone().acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|error| Error::internal("wait for a turn", error))?
    };
    // The turn goes with the work: a request that gives up does not let another one begin beside it.
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    })
    .await
    .map_err(|error| Error::internal("work on a password", error))
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier;

    use super::*;

    /// Tests that run at once would take each other's turns.
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
                Lane::Strangers,
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
    async fn only_so_many_wait_for_their_turn() {
        let _alone = ALONE.lock().await;
        let many = (0..200).map(|_| verify(Lane::Strangers, "guess".to_owned(), None));
        let mut tasks = tokio::task::JoinSet::new();
        for one in many {
            tasks.spawn(one);
        }
        let outcomes = tasks.join_all().await;
        let busy = outcomes
            .iter()
            .filter(|outcome| matches!(outcome, Err(Error::Unavailable(_))))
            .count();
        assert!((1..200).contains(&busy), "{busy} were sent away");
        assert!(outcomes.iter().flatten().all(|fits| !fits));
    }
}
