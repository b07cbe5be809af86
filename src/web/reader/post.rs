//! `GET` of a post and of the pages of its thread: which page it is, and where an address that is
//! not its own redirects to. The page itself is [`crate::web::reader::post_view`].

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::error::{Error, Result};
use crate::posts::find;
use crate::responses::comment;
use crate::responses::thread;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::web::page_request::{PageRequest, Param, parse_number};
use crate::web::reader::permalink::{
    Permalink, PermalinkChild, comment_status_path, find_post, page_of,
};
use crate::web::reader::post_view::{PostView, post_page};
use crate::web::reader::single_response;
use crate::web::respond::PageResult;
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::comment_form::CommentForm;

/// `GET /YYYY/MM/DD/SLUG/`
pub async fn show(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Path(permalink): Path<Permalink>,
    request: PageRequest,
) -> PageResult {
    let post = match find_post(&web, &permalink, &request.post_query()).await? {
        Ok(post) => post,
        Err(redirect) => return Ok(redirect),
    };
    // A query that means nothing here redirects to the page itself: anybody can make up any number
    // of such addresses, and none of them gets a page of its own.
    let plain = || Ok(Redirect::to(&find::permalink(&web.app, &post)).into_response());
    let receipt = match &request.receipt {
        Param::Missing => None,
        Param::Value(receipt) => match own_response(&web, &post, receipt).await? {
            Some(own) => Some(own),
            None => return plain(),
        },
        Param::Invalid => return plain(),
    };
    if let (Some(own), Param::Value(receipt)) = (&receipt, &request.receipt)
        && matches!(own.state, ResponseState::Spam | ResponseState::Trash)
    {
        let to = comment_status_path(&find::permalink(&web.app, &post), receipt);
        return Ok(Redirect::to(&to).into_response());
    }
    let parent = match request.reply_to {
        Param::Missing => None,
        Param::Value(id) => match thread::find_published(&web.app, post.id, id).await? {
            Some(parent) => Some(parent),
            None => return plain(),
        },
        Param::Invalid => return plain(),
    };
    let mut form = CommentForm::default();
    if let Some(parent) = &parent {
        form.input.parent = parent.id.to_string();
    }
    form.parent = parent.as_ref();
    form.visitor = visitor.as_ref();
    let page = match (&receipt, &parent) {
        (Some(own), _) => {
            let shown = own.state == ResponseState::Approved;
            thread::page_number_of(&web.app, post.id, &own.path, shown).await?
        }
        (None, Some(parent)) => page_of(&web, parent).await?,
        (None, None) => 1,
    };
    let view = PostView {
        post: &post,
        page,
        own: receipt.map(|own| own.id),
        form,
        status: StatusCode::OK,
    };
    post_page(&web, visitor.as_ref(), view).await
}

/// `GET /YYYY/MM/DD/SLUG/comment-page-N/`
pub async fn show_page(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Path((year, month, day, slug, page)): Path<PermalinkChild>,
) -> PageResult {
    if let Some(id) = single_response::read_segment(&page) {
        return match find_post(
            &web,
            &(year, month, day, slug),
            &single_response::segment(id),
        )
        .await?
        {
            Ok(post) => single_response::show(&web, &post, id).await,
            Err(redirect) => Ok(redirect),
        };
    }
    let page: u64 = page
        .strip_prefix("comment-page-")
        .and_then(parse_number)
        .ok_or(Error::NotFound("page"))?;
    let rest = match page {
        1 => String::new(),
        page => format!("comment-page-{page}/"),
    };
    let post = match find_post(&web, &(year, month, day, slug), &rest).await? {
        Ok(post) => post,
        Err(redirect) => return Ok(redirect),
    };
    if page == 1 {
        return Ok(Redirect::permanent(&find::permalink(&web.app, &post)).into_response());
    }
    let view = PostView {
        post: &post,
        page,
        own: None,
        form: CommentForm {
            visitor: visitor.as_ref(),
            ..CommentForm::default()
        },
        status: StatusCode::OK,
    };
    post_page(&web, visitor.as_ref(), view).await
}

struct OwnResponse {
    id: ResponseId,
    path: Vec<u8>,
    state: ResponseState,
}

async fn own_response(web: &Web, post: &Post, receipt: &str) -> Result<Option<OwnResponse>> {
    let Some((id, token)) = receipt.split_once('-') else {
        return Ok(None);
    };
    let Ok(id) = id.parse() else { return Ok(None) };
    let found = comment::find_by_receipt(&web.app, post.id, id, token).await?;
    Ok(found.map(|response| OwnResponse {
        id: response.id,
        path: response.path,
        state: response.state,
    }))
}
