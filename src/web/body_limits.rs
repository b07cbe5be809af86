//! How large the bodies of requests may be, by their paths. Reads no body.

use axum::http::Method;

use crate::config::Config;
use crate::posts::draft::MAX_BODY;

/// Where pictures and documents are uploaded.
const UPLOADS: &str = "/desk/media";
/// Where logos and the icon are uploaded, with the other choices of the site's design.
const DESIGN: &str = "/settings/design";
/// The largest form with a post in it, in bytes: the longest text, each character of which may take twelve
/// bytes in a form, and the other fields.
pub const MAX_POST_FORM: usize = 12 * MAX_BODY + 64 * 1024;
/// The most files of one upload.
pub const MAX_FILES: usize = 10;
/// The other fields of an upload, and what separates its files, in bytes.
const UPLOAD_EXTRA: usize = 64 * 1024;

/// The largest bodies, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimits {
    pub ordinary: usize,
    /// Of an upload with all of its files.
    pub upload: usize,
    /// Of an upload with one file, which takes the place of another one.
    pub replacement: usize,
}

impl BodyLimits {
    pub fn new(config: &Config) -> Self {
        Self {
            ordinary: config.server.max_body * 1024,
            upload: config
                .media
                .max_bytes()
                .saturating_mul(MAX_FILES)
                .saturating_add(UPLOAD_EXTRA),
            replacement: config.media.max_bytes().saturating_add(UPLOAD_EXTRA),
        }
    }

    /// The largest body of a request to `path`.
    pub fn of_path(self, path: &str) -> usize {
        match path {
            UPLOADS | DESIGN => self.upload,
            path if is_replacement(path) => self.replacement,
            path => of_form(self.ordinary, path),
        }
    }
}

/// The largest form that is sent to `path`, where others may have `ordinary` bytes.
pub fn of_form(ordinary: usize, path: &str) -> usize {
    let has_post = path.starts_with("/desk/posts") || path == "/desk/preview" || path == "/login";
    match has_post {
        true => ordinary.max(MAX_POST_FORM),
        false => ordinary,
    }
}

/// Whether a request uploads files: they are streamed, and may take longer.
pub fn is_upload(method: &Method, path: &str) -> bool {
    *method == Method::POST && (path == UPLOADS || path == DESIGN || is_replacement(path))
}

fn is_replacement(path: &str) -> bool {
    path.strip_prefix(UPLOADS)
        .and_then(|rest| rest.strip_prefix('/')?.strip_suffix("/replace"))
        .is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
}
