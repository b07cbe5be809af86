//! Queries on pictures and documents.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::markup::fold;
use crate::store::entity::ids::{MediaId, UserId};
use crate::store::entity::media::{ActiveModel, Column, Entity, MediaKind, Model};
use crate::store::entity::media_variant;
use crate::store::{paging, search_text};

/// The texts of a picture or document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediaTexts {
    pub alt: String,
    pub caption: String,
    pub credit: String,
}

/// A row to be added.
#[derive(Clone, Debug)]
pub struct NewMedia {
    pub token: String,
    pub kind: MediaKind,
    pub file_name: String,
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// Width and height in pixels.
    pub pixels: Option<(i64, i64)>,
    pub color: Option<String>,
    pub is_animated: bool,
    pub texts: MediaTexts,
    pub uploaded_by: Option<UserId>,
    pub variants: Vec<NewVariant>,
}

/// A smaller size of a picture.
#[derive(Clone, Copy, Debug)]
pub struct NewVariant {
    /// In pixels.
    pub width: i64,
    pub height: i64,
    /// In bytes.
    pub size: i64,
}

/// The texts that a search looks into.
pub(super) fn searchable(file_name: &str, texts: &MediaTexts) -> String {
    fold::for_search(&format!(
        "{file_name}\n{}\n{}\n{}",
        texts.alt, texts.caption, texts.credit
    ))
}

fn matching(phrase: &str) -> Select<Entity> {
    let query = Entity::find();
    match phrase.trim() {
        "" => query,
        phrase => {
            let like = search_text::like(&fold::for_search(phrase));
            query.filter(Expr::col((Entity, Column::SearchText)).like(like))
        }
    }
}

/// The file with this key.
pub async fn find(db: &impl ConnectionTrait, id: MediaId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The file with this token.
pub async fn find_by_token(db: &impl ConnectionTrait, token: &str) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Token.eq(token))
        .one(db)
        .await?)
}

/// A page of the files whose texts contain `phrase`, the newest first; pages count from 1.
pub async fn page(
    db: &impl ConnectionTrait,
    phrase: &str,
    page: u64,
    size: u64,
) -> Result<Vec<Model>> {
    Ok(matching(phrase)
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .offset(paging::rows_before(page, size))
        .limit(size)
        .all(db)
        .await?)
}

/// The newest pictures.
pub async fn list_newest_pictures(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Kind.eq(MediaKind::Picture))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// How many files have texts that contain `phrase`.
pub async fn count(db: &impl ConnectionTrait, phrase: &str) -> Result<u64> {
    Ok(matching(phrase).count(db).await?)
}

/// The files with these tokens, in no order.
pub async fn list_by_tokens(db: &impl ConnectionTrait, tokens: &[String]) -> Result<Vec<Model>> {
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::Token.is_in(tokens))
        .all(db)
        .await?)
}

/// The files with these keys, in no order.
pub async fn list_by_ids(db: &impl ConnectionTrait, ids: &[MediaId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .all(db)
        .await?)
}

/// The sizes of these pictures, the narrowest first.
pub async fn list_variants(
    db: &impl ConnectionTrait,
    ids: &[MediaId],
) -> Result<Vec<media_variant::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(media_variant::Entity::find()
        .filter(media_variant::Column::MediaId.is_in(ids.iter().copied()))
        .order_by_asc(media_variant::Column::Width)
        .all(db)
        .await?)
}

/// One size of a picture.
pub async fn find_variant(
    db: &impl ConnectionTrait,
    id: MediaId,
    width: i64,
) -> Result<Option<media_variant::Model>> {
    Ok(media_variant::Entity::find_by_id((id, width))
        .one(db)
        .await?)
}

pub async fn insert(db: &impl ConnectionTrait, new: NewMedia, now: Moment) -> Result<Model> {
    let row = ActiveModel {
        search_text: Set(searchable(&new.file_name, &new.texts)),
        token: Set(new.token),
        kind: Set(new.kind),
        file_name: Set(new.file_name),
        media_type: Set(new.media_type),
        size: Set(new.size),
        width: Set(new.pixels.map(|(width, _)| width)),
        height: Set(new.pixels.map(|(_, height)| height)),
        color: Set(new.color),
        is_animated: Set(new.is_animated),
        alt: Set(new.texts.alt),
        caption: Set(new.texts.caption),
        credit: Set(new.texts.credit),
        uploaded_by: Set(new.uploaded_by),
        created_at: Set(now),
        ..Default::default()
    };
    let row = row.insert(db).await?;
    insert_variants(db, row.id, new.variants).await?;
    Ok(row)
}

pub(super) async fn insert_variants(
    db: &impl ConnectionTrait,
    id: MediaId,
    variants: Vec<NewVariant>,
) -> Result<()> {
    if variants.is_empty() {
        return Ok(());
    }
    let variants = variants
        .into_iter()
        .map(|variant| media_variant::ActiveModel {
            media_id: Set(id),
            width: Set(variant.width),
            height: Set(variant.height),
            size: Set(variant.size),
        });
    media_variant::Entity::insert_many(variants)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The file with this key, which nobody else changes until the transaction ends.
pub async fn lock(tx: &impl ConnectionTrait, id: MediaId) -> Result<Option<Model>> {
    let mut query = Entity::find_by_id(id);
    // SQLite needs no lock: it has one writer.
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    Ok(query.one(tx).await?)
}

/// The files with these keys, which nobody changes or deletes until the transaction ends.
pub async fn lock_shared(tx: &impl ConnectionTrait, ids: &[MediaId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    // In one order everywhere: two transactions wait for each other one way only.
    let mut query = Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::Id);
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_shared();
    }
    Ok(query.all(tx).await?)
}

/// Replaces the texts of a file.
pub async fn set_texts(db: &impl ConnectionTrait, media: &Model, texts: MediaTexts) -> Result<()> {
    let row = ActiveModel {
        search_text: Set(searchable(&media.file_name, &texts)),
        alt: Set(texts.alt),
        caption: Set(texts.caption),
        credit: Set(texts.credit),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(media.id))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes the row with its sizes; the files are left to the caller.
pub async fn delete(db: &impl ConnectionTrait, id: MediaId) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Those of these tokens that a row has.
pub async fn list_known_tokens(
    db: &impl ConnectionTrait,
    tokens: &[String],
) -> Result<Vec<String>> {
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .select_only()
        .column(Column::Token)
        .filter(Column::Token.is_in(tokens))
        .into_tuple()
        .all(db)
        .await?)
}
