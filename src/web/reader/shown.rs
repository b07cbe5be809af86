//! What the address of a post or a page shows, by its query and by the segment below it: the page itself, a
//! page of its thread, or one response. Finds no post: see [`crate::web::reader::permalink`].

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};

use crate::error::{Error, Result};
use crate::posts::find;
use crate::responses::comment;
use crate::responses::thread;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::{Model as Post, PostKind};
use crate::store::entity::response::ResponseState;
use crate::store::entity::user;
use crate::web::page_request::{PageRequest, Param, parse_number};
use crate::web::reader::page_view::page_page;
use crate::web::reader::permalink::{comment_status_path, page_of};
use crate::web::reader::post_view::{PostView, post_page};
use crate::web::reader::single_response;
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::comment_form::CommentForm;

/// The page of a post, or of a page such as About.
pub async fn show_view(web: &Web, visitor: Option<&user::Model>, view: PostView<'_>) -> PageResult {
    match view.post.kind {
        PostKind::Post => post_page(web, visitor, view).await,
        PostKind::Page => page_page(web, visitor, view).await,
    }
}

/// The page of a post or page, with what its query asks for.
pub async fn show(
    web: &Web,
    visitor: Option<&user::Model>,
    post: &Post,
    request: &PageRequest,
) -> PageResult {
    // A query that means nothing here redirects to the page itself: anybody can make up any number
    // of such addresses, and none of them gets a page of its own.
    let plain = || Ok(Redirect::to(&find::permalink(&web.app, post)).into_response());
    let receipt = match &request.receipt {
        Param::Missing => None,
        Param::Value(receipt) => match own_response(web, post, receipt).await? {
            Some(own) => Some(own),
            None => return plain(),
        },
        Param::Invalid => return plain(),
    };
    if let (Some(own), Param::Value(receipt)) = (&receipt, &request.receipt)
        && matches!(own.state, ResponseState::Spam | ResponseState::Trash)
    {
        let to = comment_status_path(&find::permalink(&web.app, post), receipt);
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
    form.visitor = visitor;
    let page = match (&receipt, &parent) {
        (Some(own), _) => {
            let shown = own.state == ResponseState::Approved;
            thread::page_number_of(&web.app, post.id, &own.path, shown).await?
        }
        (None, Some(parent)) => page_of(web, parent).await?,
        (None, None) => 1,
    };
    let view = PostView {
        post,
        page,
        own: receipt.map(|own| own.id),
        form,
        status: StatusCode::OK,
    };
    show_view(web, visitor, view).await
}

/// What a segment below a permalink names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Child {
    Response(ResponseId),
    /// A page of the thread.
    ThreadPage(u64),
}

impl Child {
    pub fn read(segment: &str) -> Option<Self> {
        if let Some(id) = single_response::read_segment(segment) {
            return Some(Self::Response(id));
        }
        let page = segment.strip_prefix("comment-page-")?;
        parse_number(page).map(Self::ThreadPage)
    }

    /// The address below the permalink; the first page of a thread is at the permalink itself.
    pub fn segment(self) -> String {
        match self {
            Self::Response(id) => single_response::segment(id),
            Self::ThreadPage(1) => String::new(),
            Self::ThreadPage(page) => format!("comment-page-{page}/"),
        }
    }
}

/// What is at a segment below the permalink of a post or page.
pub async fn show_child(
    web: &Web,
    visitor: Option<&user::Model>,
    post: &Post,
    child: Child,
) -> PageResult {
    let page = match child {
        Child::Response(id) => return single_response::show(web, post, id).await,
        Child::ThreadPage(1) => {
            return Ok(Redirect::permanent(&find::permalink(&web.app, post)).into_response());
        }
        Child::ThreadPage(0) => return Err(Error::NotFound("page").into()),
        Child::ThreadPage(page) => page,
    };
    let view = PostView {
        post,
        page,
        own: None,
        form: CommentForm {
            visitor,
            ..CommentForm::default()
        },
        status: StatusCode::OK,
    };
    show_view(web, visitor, view).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_below_a_permalink_has_one_spelling() {
        assert_eq!(
            Child::read("comment-7"),
            Some(Child::Response(ResponseId(7)))
        );
        assert_eq!(Child::read("comment-page-2"), Some(Child::ThreadPage(2)));
        for segment in [
            "comment-07",
            "comment-page-02",
            "comment-page-",
            "comment-",
            "feed",
            "",
        ] {
            assert_eq!(Child::read(segment), None, "{segment}");
        }
        assert_eq!(Child::ThreadPage(2).segment(), "comment-page-2/");
        assert_eq!(Child::ThreadPage(1).segment(), "");
    }
}
