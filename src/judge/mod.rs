//! What becomes of a response, and why: a submission and its context to a verdict with reasons.
//! Pure: reads nothing, writes nothing, and knows no kind that has a path of its own.

pub mod burst;
pub mod cost;
pub mod features;
pub mod filter;
pub mod prepared;
pub mod reason;
pub mod rule;
pub mod submission;
pub mod verdict;

pub use reason::{Place, Quote, Reason, Rule};
pub use submission::{SourceSigns, Submission};
pub use verdict::{Context, Outcome, Verdict, judge};
