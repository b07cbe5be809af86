//! The initial schema.
//!
//! Times are milliseconds since 1970 in UTC. Enums are text in snake_case. Lists are ordered by time and
//! then by id, so that what is imported with an old date stands where it belongs.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, big_pk_auto, binary, boolean, boolean_null, text, text_null,
    text_uniq,
};

use crate::build::{NewTable, OnDelete};
use crate::dialect::{self, Dialect};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            accounts(),
            media(),
            posts(),
            site(),
            responses(),
            linkbacks(),
            moderation(),
            filter(),
            jobs(),
        ];
        for table in tables.into_iter().flatten() {
            table.create(manager).await?;
        }
        dialect::run(manager, Dialect::of(manager).statements()).await
    }
}

/// A key that is not numbered by the database.
fn key(mut column: ColumnDef) -> ColumnDef {
    column.primary_key();
    column
}

fn accounts() -> Vec<NewTable> {
    vec![
        NewTable::new("users").columns([
            big_pk_auto("id"),
            text_uniq("email"),
            text("name"),
            text_uniq("slug"),
            text("role"),
            text("password_hash"),
            // What readers learn of the person under their posts.
            text("bio").default("").to_owned(),
            // Counts up when the account's sessions end: sessions of an earlier epoch are invalid.
            big_integer("session_epoch"),
            big_integer("created_at"),
            big_integer_null("disabled_at"),
        ]),
        NewTable::new("sessions")
            .columns([
                key(text("id")),
                text("data"),
                big_integer_null("user_id"),
                big_integer("expires_at"),
            ])
            .refers("user_id", "users", OnDelete::Cascade)
            .index("sessions_by_expiry", &["expires_at"])
            .partial_index("sessions_by_user", &["user_id"], "user_id IS NOT NULL"),
        NewTable::new("settings").columns([key(text("name")), text("value")]),
    ]
}

/// Pictures and documents; the files are beside the database.
fn media() -> Vec<NewTable> {
    vec![
        NewTable::new("media")
            .columns([
                big_pk_auto("id"),
                // In the address, and the name of the folder with the files.
                text_uniq("token"),
                text("kind"),
                text("file_name"),
                text("media_type"),
                big_integer("size"),
                // Of a picture, in pixels, and its average colour.
                big_integer_null("width"),
                big_integer_null("height"),
                text_null("color"),
                boolean("is_animated"),
                text("alt"),
                text("caption"),
                text("credit"),
                text("search_text"),
                big_integer_null("uploaded_by"),
                big_integer("created_at"),
            ])
            .refers("uploaded_by", "users", OnDelete::SetNull)
            .index("media_by_time", &["-created_at", "-id"]),
        NewTable::new("media_variants")
            .columns([
                big_integer("media_id"),
                big_integer("width"),
                big_integer("height"),
                big_integer("size"),
            ])
            .primary_key(&["media_id", "width"])
            .refers("media_id", "media", OnDelete::Cascade),
        // The tokens of files that were replaced.
        NewTable::new("former_media_tokens")
            .columns([key(text("token")), big_integer("media_id")])
            .refers("media_id", "media", OnDelete::Cascade)
            .index("former_media_tokens_by_media", &["media_id"]),
        // Where a picture was taken from, so that it is taken once: an address, or the digest of a file.
        NewTable::new("media_sources")
            .columns([key(big_integer("media_id")), text("source")])
            .refers("media_id", "media", OnDelete::Cascade)
            .index("media_sources_by_source", &["source"]),
    ]
}

fn posts() -> Vec<NewTable> {
    vec![
        NewTable::new("posts")
            .columns([
                big_pk_auto("id"),
                big_integer("author_id"),
                // A post, or a page with the page above it and the slugs down to it.
                text("kind").default("post").to_owned(),
                big_integer_null("parent_id"),
                text_null("page_path"),
                text("title"),
                text_uniq("slug"),
                text("state"),
                big_integer_null("published_at"),
                text_null("permalink_day"),
                text("body_markdown"),
                text("body_html"),
                text("summary"),
                text("comments"),
                text("linkbacks"),
                text("sends_linkbacks"),
                big_integer("revision"),
                big_integer_null("edited_by"),
                text_uniq("guid"),
                big_integer("created_at"),
                big_integer("updated_at"),
            ])
            .refers("author_id", "users", OnDelete::Restrict)
            .refers("edited_by", "users", OnDelete::SetNull)
            .refers("parent_id", "posts", OnDelete::SetNull)
            .index("posts_by_day", &["kind", "state", "-published_at", "-id"])
            .partial_index("posts_by_parent", &["parent_id"], "parent_id IS NOT NULL")
            .index("posts_by_author", &["author_id", "state", "-published_at"])
            .index("posts_by_change", &["-updated_at", "-id"]),
        NewTable::new("former_slugs")
            .columns([key(text("slug")), big_integer("post_id")])
            .refers("post_id", "posts", OnDelete::Cascade)
            .index("former_slugs_by_post", &["post_id"]),
        // Without a reference: the slug of a deleted post answers 410 from then on.
        NewTable::new("gone_slugs")
            .columns([key(text("slug")), big_integer("post_id")])
            .index("gone_slugs_by_post", &["post_id"]),
        NewTable::new("tags").columns([
            big_pk_auto("id"),
            text_uniq("slug"),
            text("name"),
            text_uniq("name_key"),
        ]),
        NewTable::new("post_tags")
            .columns([big_integer("post_id"), big_integer("tag_id")])
            .primary_key(&["post_id", "tag_id"])
            .refers("post_id", "posts", OnDelete::Cascade)
            .refers("tag_id", "tags", OnDelete::Cascade)
            .index("post_tags_by_tag", &["tag_id", "post_id"]),
        NewTable::new("inner_links")
            .columns([big_integer("from_id"), big_integer("to_id")])
            .primary_key(&["from_id", "to_id"])
            .refers("from_id", "posts", OnDelete::Cascade)
            .refers("to_id", "posts", OnDelete::Cascade)
            .index("inner_links_to", &["to_id", "from_id"]),
        // The picture above a post, which lists show too.
        NewTable::new("featured_pictures")
            .columns([key(big_integer("post_id")), big_integer("media_id")])
            .refers("post_id", "posts", OnDelete::Cascade)
            .refers("media_id", "media", OnDelete::Cascade)
            .index("featured_pictures_by_media", &["media_id"]),
        // Which posts show a picture or link to a document.
        NewTable::new("media_uses")
            .columns([big_integer("media_id"), big_integer("post_id")])
            .primary_key(&["media_id", "post_id"])
            .refers("media_id", "media", OnDelete::Cascade)
            .refers("post_id", "posts", OnDelete::Cascade)
            .index("media_uses_by_post", &["post_id"]),
        // Pages of other sites that posts show as cards.
        NewTable::new("link_cards")
            .columns([
                big_pk_auto("id"),
                text_uniq("url"),
                text("state"),
                text("title"),
                text("description"),
                text("site_name"),
                big_integer_null("media_id"),
                // Fetches in a row that failed.
                big_integer("failures"),
                big_integer_null("fetched_at"),
                // When a post that shows it was last saved.
                big_integer("wanted_at"),
            ])
            .refers("media_id", "media", OnDelete::SetNull)
            .index("link_cards_by_media", &["media_id"])
            .index("link_cards_by_time", &["wanted_at"]),
        NewTable::new("link_card_uses")
            .columns([big_integer("card_id"), big_integer("post_id")])
            .primary_key(&["card_id", "post_id"])
            .refers("card_id", "link_cards", OnDelete::Cascade)
            .refers("post_id", "posts", OnDelete::Cascade)
            .index("link_card_uses_by_post", &["post_id"]),
    ]
}

/// What administrators edit of the site itself: its menus, and who changed which setting.
fn site() -> Vec<NewTable> {
    vec![
        NewTable::new("menu_items")
            .columns([
                big_pk_auto("id"),
                text("menu"),
                big_integer("position"),
                text("label"),
                text("target"),
                big_integer_null("parent_id"),
            ])
            .refers("parent_id", "menu_items", OnDelete::Cascade)
            .index("menu_items_in_order", &["menu", "parent_id", "position"]),
        // Each change of a section, with the values before and after it as JSON. The revision counts
        // from 1 in each section: of two changes to the same revision, the second fails.
        NewTable::new("setting_changes")
            .columns([
                big_pk_auto("id"),
                text("section"),
                big_integer("revision"),
                text("value_before"),
                text("value_after"),
                big_integer_null("actor_id"),
                text("actor_name"),
                big_integer_null("undoes"),
                big_integer("changed_at"),
            ])
            .refers("actor_id", "users", OnDelete::SetNull)
            .unique("setting_changes_once", &["section", "revision"]),
    ]
}

fn responses() -> Vec<NewTable> {
    vec![
        NewTable::new("responses")
            .columns([
                big_pk_auto("id"),
                big_integer("post_id"),
                big_integer_null("parent_id"),
                binary("path"),
                text("kind"),
                text_null("mention"),
                // Likes, reposts and bookmarks: shown beside the thread and counted apart.
                boolean("is_reaction"),
                text("state"),
                text("author_name"),
                text_null("author_email"),
                text_null("author_url"),
                text_null("author_photo"),
                big_integer_null("author_id"),
                text("body_markdown"),
                text("body_html"),
                // Name and text, folded; written and read by `store::search_text` alone.
                text("search_text").default("").to_owned(),
                text_null("source_url"),
                text("reasons"),
                text_null("ip"),
                text_null("network"),
                text_null("user_agent"),
                text_null("receipt_hash"),
                text("dedupe_key"),
                text_null("name_key"),
                text_null("proof_key"),
                big_integer_null("sender_policy_id"),
                big_integer("risk"),
                text_null("learned"),
                big_integer("reported"),
                big_integer_null("appealed_at"),
                big_integer_null("gone_since"),
                big_integer_null("content_changed_at"),
                text_uniq("guid"),
                big_integer("created_at"),
            ])
            .refers("post_id", "posts", OnDelete::Cascade)
            .refers("parent_id", "responses", OnDelete::SetNull)
            .refers("author_id", "users", OnDelete::SetNull)
            .unique("responses_once", &["post_id", "dedupe_key"])
            .index("responses_in_thread", &["post_id", "state", "path"])
            .index("responses_in_queue", &["state", "created_at", "id"])
            .index("responses_by_time", &["created_at", "id"])
            .index(
                "responses_of_post_by_time",
                &["post_id", "created_at", "id"],
            )
            .partial_index(
                "responses_by_parent",
                &["parent_id"],
                "parent_id IS NOT NULL",
            )
            .partial_index(
                "responses_by_risk",
                &["-risk", "created_at", "id"],
                "state = 'pending'",
            )
            .partial_index(
                "responses_by_email",
                &["author_email", "created_at", "id"],
                "author_email IS NOT NULL",
            )
            .partial_index(
                "responses_by_network",
                &["network", "created_at", "id"],
                "network IS NOT NULL",
            )
            .partial_index(
                "responses_by_name",
                &["name_key", "created_at", "id"],
                "name_key IS NOT NULL",
            )
            .partial_index(
                "responses_by_ip",
                &["ip", "created_at", "id"],
                "ip IS NOT NULL",
            )
            .partial_index(
                "responses_by_proof",
                &["proof_key", "created_at", "id"],
                "proof_key IS NOT NULL",
            )
            // The history of a sender, read for each verdict: spam by the same sender costs nothing.
            .partial_index(
                "responses_approved_by_proof",
                &["proof_key", "author_email", "id"],
                "state = 'approved' AND proof_key IS NOT NULL",
            )
            .partial_index(
                "responses_by_receipt",
                &["receipt_hash", "created_at", "id"],
                "receipt_hash IS NOT NULL",
            )
            .partial_index(
                "responses_by_sender_policy",
                &["sender_policy_id", "created_at", "id"],
                "sender_policy_id IS NOT NULL",
            )
            .partial_index("responses_reported", &["created_at", "id"], "reported > 0")
            .partial_index(
                "responses_appealed",
                &["created_at", "id"],
                "appealed_at IS NOT NULL",
            ),
        NewTable::new("response_counts")
            .columns([
                big_integer("post_id"),
                text("state"),
                big_integer("n"),
                big_integer("reactions"),
            ])
            .primary_key(&["post_id", "state"])
            .refers("post_id", "posts", OnDelete::Cascade),
        NewTable::new("edits")
            .columns([
                big_pk_auto("id"),
                big_integer("response_id"),
                text("editor_name"),
                text("before_markdown"),
                big_integer("edited_at"),
            ])
            .refers("response_id", "responses", OnDelete::Cascade)
            .index("edits_by_response", &["response_id", "id"]),
        NewTable::new("reports")
            .columns([
                big_pk_auto("id"),
                big_integer("response_id"),
                text("reporter"),
                text("reason"),
                text("note"),
                big_integer("weight"),
                boolean_null("upheld"),
                big_integer("created_at"),
            ])
            .refers("response_id", "responses", OnDelete::Cascade)
            .unique("reports_once", &["response_id", "reporter"])
            .index("reports_by_reporter", &["reporter", "upheld"]),
        NewTable::new("appeals")
            .columns([
                big_pk_auto("id"),
                big_integer("response_id").unique_key().to_owned(),
                text("message"),
                text("answer"),
                big_integer("created_at"),
                big_integer_null("answered_at"),
            ])
            .refers("response_id", "responses", OnDelete::Cascade),
        // A comment that was refused: sent again, it gets the same answer for a short while.
        NewTable::new("comment_refusals")
            .columns([
                key(text("receipt_hash")),
                text("message"),
                big_integer("expires_at"),
            ])
            .index("comment_refusals_by_end", &["expires_at"]),
    ]
}

fn linkbacks() -> Vec<NewTable> {
    vec![
        NewTable::new("linkbacks")
            .columns([
                big_pk_auto("id"),
                big_integer("post_id"),
                text("protocol"),
                text("source_url"),
                text("source_key"),
                text("target_url"),
                text("state"),
                text_null("refusal"),
                big_integer_null("response_id"),
                text_null("ip"),
                text_null("status_token"),
                text("sender_claims"),
                big_integer("generation"),
                big_integer("tries"),
                big_integer("deferrals"),
                text_null("etag"),
                text_null("last_modified"),
                big_integer_null("recheck_at"),
                big_integer("recheck_interval_days"),
                big_integer_null("failing_since"),
                big_integer("failures"),
                big_integer("received_at"),
                big_integer_null("checked_at"),
            ])
            .refers("post_id", "posts", OnDelete::Cascade)
            .refers("response_id", "responses", OnDelete::SetNull)
            .unique("linkbacks_once", &["post_id", "source_key"])
            .unique("linkbacks_by_status_token", &["status_token"])
            .partial_index(
                "linkbacks_by_response",
                &["response_id"],
                "response_id IS NOT NULL",
            )
            .partial_index(
                "linkbacks_to_recheck",
                &["recheck_at"],
                "recheck_at IS NOT NULL",
            ),
        // Without a reference: what a deleted post linked to is notified of its end.
        NewTable::new("outgoing_linkbacks")
            .columns([
                big_pk_auto("id"),
                big_integer("post_id"),
                text("source_url"),
                text("target_url"),
                text("target_key"),
                text("title"),
                text("excerpt"),
                boolean("is_linked"),
                text("state"),
                text_null("protocol"),
                text_null("endpoint_url"),
                big_integer_null("endpoint_known_until"),
                big_integer_null("status"),
                text("answer"),
                text_null("status_url"),
                big_integer("round"),
                big_integer("tries"),
                big_integer("deferrals"),
                big_integer("deliveries_begun"),
                big_integer_null("next_try"),
                big_integer("created_at"),
                big_integer("updated_at"),
            ])
            .unique("outgoing_linkbacks_once", &["post_id", "target_key"]),
    ]
}

fn moderation() -> Vec<NewTable> {
    vec![
        NewTable::new("decisions")
            .columns([
                big_pk_auto("id"),
                big_integer("response_id"),
                big_integer_null("actor_id"),
                text("actor_name"),
                text("from_state"),
                text("to_state"),
                text("batch"),
                text("note"),
                big_integer_null("undoes").unique_key().to_owned(),
                big_integer("decided_at"),
            ])
            .refers("response_id", "responses", OnDelete::Cascade)
            .refers("actor_id", "users", OnDelete::SetNull)
            .refers("undoes", "decisions", OnDelete::Cascade)
            .index("decisions_by_response", &["response_id", "id"])
            .index("decisions_by_batch", &["batch", "id"])
            .index("decisions_by_time", &["decided_at"]),
        // Moderators' rules.
        NewTable::new("rules").columns([
            big_pk_auto("id"),
            text("name"),
            big_integer("priority"),
            text("conditions"),
            text("action"),
            text("message"),
            boolean("is_on"),
            big_integer("hits"),
            text("changed_by"),
            big_integer("changed_at"),
        ]),
        // Who is always approved, always held, or blocked.
        NewTable::new("sender_policies")
            .columns([
                big_pk_auto("id"),
                text("scope"),
                text("subject"),
                text("match_key"),
                text("policy"),
                big_integer_null("until"),
                text("note"),
                big_integer_null("set_by"),
                text("set_by_name"),
                big_integer("set_at"),
            ])
            .refers("set_by", "users", OnDelete::SetNull)
            .unique("sender_policies_once", &["scope", "subject"])
            .index("sender_policies_by_match_key", &["scope", "match_key"]),
        // Post 0 is the whole site.
        NewTable::new("bursts").columns([
            key(big_integer("post_id")),
            big_integer("since"),
            big_integer("until"),
        ]),
        // Work on many responses: deciding on all that match, undoing that, testing a rule.
        NewTable::new("tasks")
            .columns([
                big_pk_auto("id"),
                text_uniq("token"),
                text("kind"),
                text("work"),
                big_integer_null("actor_id"),
                text("actor_name"),
                text("actor_role"),
                big_integer("total"),
                big_integer("seen"),
                big_integer("moved"),
                // Where the next chunk begins, in the form that the kind of work gives it; empty at the start.
                text("place"),
                text("result"),
                text("error"),
                big_integer("created_at"),
                big_integer_null("ended_at"),
            ])
            .refers("actor_id", "users", OnDelete::SetNull),
        // Who is looking at a response in the queue just now.
        NewTable::new("claims")
            .columns([
                key(big_integer("response_id")),
                big_integer("user_id"),
                text("user_name"),
                big_integer("until"),
            ])
            .refers("response_id", "responses", OnDelete::Cascade)
            .refers("user_id", "users", OnDelete::Cascade),
        // Held responses that moderators are still to be emailed about.
        NewTable::new("held_notifications")
            .columns([key(big_integer("response_id"))])
            .refers("response_id", "responses", OnDelete::Cascade),
    ]
}

fn filter() -> Vec<NewTable> {
    vec![
        NewTable::new("filter_buckets").columns([
            key(big_integer("bucket")),
            big_integer("spam"),
            big_integer("ham"),
        ]),
        // How the filter's opinion compared with moderators' decisions, a row a day (days since 1970).
        NewTable::new("filter_days").columns([
            key(big_integer("day")),
            big_integer("spam_caught"),
            big_integer("spam_missed"),
            big_integer("ham_held"),
            big_integer("ham_passed"),
        ]),
        // Responses that were decided on and that the filter has not learned from. Claimed and deleted,
        // so that a decision that commits late is not passed over.
        NewTable::new("lessons")
            .columns([big_pk_auto("id"), big_integer("response_id")])
            .refers("response_id", "responses", OnDelete::Cascade)
            .index("lessons_by_response", &["response_id"]),
        // The buckets that were learned from a response, so that exactly those can be unlearned.
        NewTable::new("learned_features")
            .columns([key(big_integer("response_id")), binary("buckets")])
            .refers("response_id", "responses", OnDelete::Cascade),
    ]
}

fn jobs() -> Vec<NewTable> {
    vec![
        NewTable::new("jobs")
            .columns([
                big_pk_auto("id"),
                text("payload"),
                text("state"),
                text("lane"),
                text("share"),
                big_integer("turn"),
                big_integer("claims"),
                big_integer("run_at"),
                big_integer("attempts"),
                big_integer_null("leased_until"),
                text_null("last_error"),
                big_integer("created_at"),
                big_integer_null("finished_at"),
            ])
            .index("jobs_due", &["lane", "state", "turn", "run_at", "id"])
            .index("jobs_by_share", &["lane", "state", "share", "turn"])
            .index("jobs_by_payload", &["state", "payload"]),
    ]
}

/// Rows that every later step must carry over unharmed: the migration test inserts them on a database
/// of the initial schema and reads them back after the last step.
pub const SAMPLE_ROWS: &[&str] = &[
    "INSERT INTO users (id, email, name, slug, role, password_hash, session_epoch, created_at)
        VALUES (1, 'ada@example.org', 'Ada Okoye', 'ada-okoye', 'administrator', 'x', 0, 1700000000000)",
    "INSERT INTO posts (id, author_id, title, slug, state, published_at, permalink_day, body_markdown,
        body_html, summary, comments, linkbacks, sends_linkbacks, revision, guid, created_at, updated_at)
        VALUES (1, 1, 'First', 'first', 'published', 1700000000000, '2023/11/14', 'Text', '<p>Text</p>', 'Text',
        'open', 'open', 'open', 1, 'urn:uuid:1', 1700000000000, 1700000000000)",
    "INSERT INTO media (id, token, kind, file_name, media_type, size, width, height, color, is_animated, alt,
        caption, credit, search_text, uploaded_by, created_at)
        VALUES (1, '0123456789abcdef0123456789abcdef', 'picture', 'harbour.jpg', 'image/jpeg', 1000, 640, 480,
        '#808080', FALSE, 'Ships', '', '', 'harbour.jpg', 1, 1700000000000)",
    "INSERT INTO media_variants (media_id, width, height, size) VALUES (1, 320, 240, 500)",
    "INSERT INTO former_media_tokens (token, media_id) VALUES ('ffffffffffffffffffffffffffffffff', 1)",
    "INSERT INTO media_uses (media_id, post_id) VALUES (1, 1)",
    "INSERT INTO responses (id, post_id, path, kind, is_reaction, state, author_name, body_markdown,
        body_html, reasons, dedupe_key, risk, reported, guid, created_at)
        VALUES (1, 1, '', 'comment', FALSE, 'approved', 'Ben', 'Hello', '<p>Hello</p>', '[]', 'k', 0, 0,
        'urn:uuid:2', 1700000000000)",
    "INSERT INTO linkbacks (id, post_id, protocol, source_url, source_key, target_url, state,
        sender_claims, generation, tries, deferrals, recheck_interval_days, failures, received_at)
        VALUES (1, 1, 'pingback', 'https://blog.example/a', 'https://blog.example/a',
        'https://news.example/2023/11/14/first/', 'checking', '{}', 0, 0, 0, 0, 0, 1700000000000)",
    "INSERT INTO link_cards (id, url, state, title, description, site_name, failures, wanted_at)
        VALUES (1, 'https://blog.example/a', 'ready', 'A', '', '', 0, 1700000000000)",
    "INSERT INTO rules (id, name, priority, conditions, action, message, is_on, hits, changed_by,
        changed_at)
        VALUES (1, 'Pills', 1, '{}', 'hold', '', TRUE, 0, 'Ada', 1700000000000)",
    "INSERT INTO jobs (id, payload, state, lane, share, turn, claims, run_at, attempts, created_at)
        VALUES (1, '\"learn\"', 'failed', 'bulk', '', 0, 5, 1700000000000, 5, 1700000000000)",
];
