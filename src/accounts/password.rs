//! Passwords: Argon2id with the crate's defaults (OWASP's second choice: 19 MiB, 2 passes).
//! Hashing takes a core for some milliseconds, so it runs beside the async threads, and only so
//! many at once, lest sign-ins crowd out readers.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::{Error, Field, Problem, Result};

/// The shortest password, in characters (NIST SP 800-63B asks for 8, and 15 where nothing else
/// proves who it is).
pub const MIN_CHARS: usize = 10;
/// The longest, so that hashing one cannot be made slow.
const MAX_CHARS: usize = 200;

static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Refuses a password that cannot be a good one.
pub fn check(password: &str) -> Result<()> {
    let problem = match password.chars().count() {
        0 => Problem::Missing,
        n if n < MIN_CHARS => Problem::TooShort { min: MIN_CHARS },
        n if n > MAX_CHARS => Problem::TooLong { max: MAX_CHARS },
        _ => return Ok(()),
    };
    Err(Error::field(Field::Password, problem))
}

/// The hash to keep, in PHC form.
pub async fn hash(password: String) -> Result<String> {
    aside(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| Error::internal("hash a password", error.to_string()))
    })
    .await?
}

/// Whether `password` is the one that `hash` was made from. Without a hash it takes as long and
/// says no, so that an unknown account answers no faster than a known one.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool> {
    if password.chars().count() > MAX_CHARS {
        return Ok(false);
    }
    aside(move || match hash {
        Some(hash) => Argon2::default()
            .verify_password(password.as_bytes(), hash.as_str())
            .is_ok(),
        None => {
            let _ = Argon2::default().hash_password(password.as_bytes());
            false
        }
    })
    .await
}

async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _turn = AT_ONCE
        .acquire()
        .await
        .map_err(|e| Error::internal("wait for a turn", e))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::internal("work on a password", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_fits_its_hash() {
        let hash = hash("correct horse battery".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(
            verify("correct horse battery".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!verify("correct horse".into(), Some(hash)).await.unwrap());
        assert!(!verify("correct horse battery".into(), None).await.unwrap());
    }
}
