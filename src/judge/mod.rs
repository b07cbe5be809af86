//! Decides what happens to a response, and why: a submission and its context become a verdict with
//! reasons. Pure: it reads nothing, writes nothing, and takes no path of its own for a kind of response.

pub mod burst;
pub mod features;
pub mod filter;
pub mod pattern_cost;
pub mod prepared;
pub mod reason;
pub mod rule;
pub mod rule_conditions;
pub mod rule_set;
pub mod submission;
pub mod verdict;

pub use reason::{Check, MatchedField, Quote, Reason};
pub use submission::{SourceSignals, Submission};
pub use verdict::{JudgeContext, Verdict, VerdictAction, judge};
