//! Queries on replacing the file behind a row of the library, and on the tokens that it had before.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Set};

use crate::error::Result;
use crate::store::entity::former_media_token::{ActiveModel, Column, Entity};
use crate::store::entity::ids::MediaId;
use crate::store::entity::media;
use crate::store::entity::media_variant;
use crate::store::media::{MediaTexts, NewMedia, insert_variants, searchable};

/// Gives a row, which the caller has locked, the file that `new` describes. Its texts stay.
pub async fn replace(db: &impl ConnectionTrait, old: &media::Model, new: NewMedia) -> Result<()> {
    let former = ActiveModel {
        token: Set(old.token.clone()),
        media_id: Set(old.id),
    };
    Entity::insert(former).exec_without_returning(db).await?;
    let texts = MediaTexts {
        alt: old.alt.clone(),
        caption: old.caption.clone(),
        credit: old.credit.clone(),
    };
    let row = media::ActiveModel {
        search_text: Set(searchable(&new.file_name, &texts)),
        token: Set(new.token),
        file_name: Set(new.file_name),
        media_type: Set(new.media_type),
        size: Set(new.size),
        width: Set(new.pixels.map(|(width, _)| width)),
        height: Set(new.pixels.map(|(_, height)| height)),
        color: Set(new.color),
        is_animated: Set(new.is_animated),
        ..Default::default()
    };
    media::Entity::update_many()
        .set(row)
        .filter(media::Column::Id.eq(old.id))
        .exec(db)
        .await?;
    media_variant::Entity::delete_many()
        .filter(media_variant::Column::MediaId.eq(old.id))
        .exec(db)
        .await?;
    insert_variants(db, old.id, new.variants).await
}

/// The file that had this token before.
pub async fn find_by_former_token(
    db: &impl ConnectionTrait,
    token: &str,
) -> Result<Option<MediaId>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::MediaId)
        .filter(Column::Token.eq(token))
        .into_tuple()
        .one(db)
        .await?)
}

/// Those of these tokens that files had before, each with its file.
pub async fn list_by_former_tokens(
    db: &impl ConnectionTrait,
    tokens: &[String],
) -> Result<Vec<(String, MediaId)>> {
    if tokens.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .select_only()
        .columns([Column::Token, Column::MediaId])
        .filter(Column::Token.is_in(tokens))
        .into_tuple()
        .all(db)
        .await?)
}
