//! Posts, their tags, and the slugs they once had.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE posts (
        id {id},
        author_id BIGINT NOT NULL REFERENCES users (id),
        title TEXT NOT NULL,
        slug TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        published_at BIGINT,
        body_markdown TEXT NOT NULL,
        body_html TEXT NOT NULL,
        summary TEXT NOT NULL,
        comments TEXT NOT NULL,
        linkbacks TEXT NOT NULL,
        revision BIGINT NOT NULL,
        edited_by BIGINT REFERENCES users (id),
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE INDEX posts_by_day ON posts (state, published_at DESC, id DESC)",
    "CREATE INDEX posts_by_author ON posts (author_id, state, published_at DESC)",
    "CREATE INDEX posts_by_change ON posts (updated_at DESC, id DESC)",
    "CREATE TABLE former_slugs (
        slug TEXT PRIMARY KEY,
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE
    )",
    "CREATE INDEX former_slugs_by_post ON former_slugs (post_id)",
    "CREATE TABLE tags (
        id {id},
        slug TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL
    )",
    "CREATE TABLE post_tags (
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
        PRIMARY KEY (post_id, tag_id)
    )",
    "CREATE INDEX post_tags_by_tag ON post_tags (tag_id, post_id)",
];

pub const SAMPLE: &str = "INSERT INTO posts
    (id, author_id, title, slug, state, published_at, body_markdown, body_html, summary,
     comments, linkbacks, revision, created_at, updated_at)
    VALUES (1, 1, 'First', 'first', 'published', 1700000000000, 'Text', '<p>Text</p>', 'Text',
     'open', 'open', 1, 1700000000000, 1700000000000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
