//! Random values that can be reproduced: each test's begin with a seed, which it prints when it
//! fails.

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The variable that names the seed; without it each run has one of its own.
const VARIABLE: &str = "TEST_SEED";

/// A source of random values.
pub fn runner() -> TestRunner {
    let seed: u64 = match std::env::var(VARIABLE) {
        Ok(seed) => seed.parse().expect("TEST_SEED is a number"),
        Err(_) => rand::random(),
    };
    // Shown where the test fails.
    println!("again with {VARIABLE}={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config::default(), rng)
}
