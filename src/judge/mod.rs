//! What becomes of a response, and why: a submission and its context to a verdict with reasons.
//! Pure: reads nothing, writes nothing, and knows no kind that has a path of its own.

pub mod verdict;

pub use verdict::{Context, Outcome, Reason, Rule, Submission, Verdict, judge};
