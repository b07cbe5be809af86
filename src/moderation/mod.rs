//! Reviewing responses: the queue, decisions and undoing them, bulk tasks, the log, rules, sender policies,
//! and training the filter. Pages are in `web::moderator`, verdicts in `judge`.

pub mod bulk;
pub mod claims;
pub mod decide;
pub mod dry_run;
pub mod edit;
pub mod email_link;
pub mod entry;
pub mod held_email;
pub mod learn;
pub mod log;
pub mod privacy;
pub mod profile;
pub mod queue;
pub mod reply;
pub mod rule_draft;
pub mod rules;
pub mod sender_policy;
pub mod spam_checker;
pub mod statistics;
pub mod undo;
pub mod undo_preview;
