//! One line of the report of `rejoinder doctor`. Holds a result; the checks are elsewhere.

/// Whether the checked thing is fine, and what was found or how to fix it.
pub struct Finding {
    pub is_ok: bool,
    pub text: String,
}

impl Finding {
    pub fn ok(text: impl Into<String>) -> Self {
        Self {
            is_ok: true,
            text: text.into(),
        }
    }

    pub fn fix(text: impl Into<String>) -> Self {
        Self {
            is_ok: false,
            text: text.into(),
        }
    }
}
