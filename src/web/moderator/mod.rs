//! The queue: the pages where moderators review responses.

pub mod decision_result;
pub mod decision_table;
pub mod decisions;
pub mod email_links;
pub mod entry;
pub mod labels;
pub mod live;
pub mod log;
pub mod names;
pub mod plot;
pub mod profile;
pub mod queue;
pub mod queue_filter;
pub mod queue_query;
pub mod response;
pub mod rule_form;
pub mod rules;
pub mod sender_policies;
pub mod statistics;
pub mod tasks;
pub mod undo;
