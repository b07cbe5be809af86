//! The picture of a post: large above it, and smaller in lists. Pictures in texts are placed by
//! `markup::pictures`.

use maud::{Markup, html};

use crate::markup::pictures::OwnPicture;

/// From this width on, in pixels, a picture fills the place above a post.
const WIDE: i64 = 1120;

/// How large the picture of a post is in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardSize {
    /// With the newest post of the home page.
    Lead,
    /// Beside a line of a list.
    Line,
    /// Above the text of a card.
    Card,
}

impl CardSize {
    /// How wide it is shown there (the layouts of site.css).
    fn sizes(self) -> &'static str {
        match self {
            Self::Lead => "(min-width: 60rem) 56rem, calc(100vw - 2rem)",
            Self::Line => "(min-width: 56rem) 15rem, (min-width: 36rem) 28vw, calc(100vw - 2rem)",
            Self::Card => "(min-width: 74rem) 22rem, (min-width: 42rem) 46vw, calc(100vw - 2rem)",
        }
    }
}

/// When a browser loads a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loading {
    /// At once and before others: the largest thing that readers see first.
    First,
    /// When it comes into view.
    InView,
}

/// Above a post; loaded first.
pub fn featured(picture: &OwnPicture) -> Markup {
    let shape = match picture {
        picture if picture.width < WIDE => "picture featured small",
        picture if picture.height > picture.width => "picture featured tall",
        _ => "picture featured",
    };
    let sizes = "(min-width: 74rem) 70rem, calc(100vw - 2rem)";
    html! {
        figure class=(shape) {
            (image(picture, &picture.alt, sizes, Loading::First))
            @if !(picture.caption.is_empty() && picture.credit.is_empty()) {
                figcaption dir="auto" {
                    @if !picture.caption.is_empty() { span.caption { (picture.caption) } " " }
                    @if !picture.credit.is_empty() { span.credit { (picture.credit) } }
                }
            }
        }
    }
}

/// In a list, as a link to the post at `href` beside the link of its title.
pub fn card(picture: &OwnPicture, href: &str, size: CardSize, loading: Loading) -> Markup {
    html! {
        a.card-picture href=(href) tabindex="-1" aria-hidden="true" {
            (image(picture, "", size.sizes(), loading))
        }
    }
}

/// Small, beside a field that names it.
pub fn thumbnail(picture: &OwnPicture) -> Markup {
    image(picture, "", "16rem", Loading::InView)
}

fn image(picture: &OwnPicture, alt: &str, sizes: &str, loading: Loading) -> Markup {
    let srcset = Some(&picture.srcset).filter(|srcset| !srcset.is_empty());
    let is_first = loading == Loading::First;
    html! {
        img src=(picture.src) srcset=[srcset] sizes=[srcset.map(|_| sizes)] alt=(alt)
            width=(picture.width) height=(picture.height)
            loading=[(!is_first).then_some("lazy")] fetchpriority=[is_first.then_some("high")]
            decoding="async";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: i64, height: i64) -> OwnPicture {
        OwnPicture {
            src: "/media/ab/640.webp".into(),
            srcset: "/media/ab/640.webp 640w".into(),
            width,
            height,
            alt: "Ships".into(),
            ..OwnPicture::default()
        }
    }

    #[test]
    fn a_picture_above_a_post_keeps_its_shape() {
        for (width, height, class) in [
            (1600, 900, "picture featured"),
            (1120, 1120, "picture featured"),
            (1120, 1121, "picture featured tall"),
            (1119, 500, "picture featured small"),
            (500, 2000, "picture featured small"),
        ] {
            let html = featured(&picture(width, height)).into_string();
            let begins = format!("<figure class=\"{class}\"><img ");
            assert!(html.starts_with(&begins), "{width} x {height}: {html}");
            assert!(!html.contains("figcaption"), "{html}");
        }
    }

    #[test]
    fn caption_and_credit_are_told_apart() {
        let picture = OwnPicture {
            caption: "The <old> harbour".into(),
            credit: "Ada & Ben".into(),
            ..picture(1600, 900)
        };
        let html = featured(&picture).into_string();
        assert!(html.contains(
            "<span class=\"caption\">The &lt;old&gt; harbour</span> <span class=\"credit\">Ada &amp; Ben</span>"
        ));
    }

    #[test]
    fn pictures_in_lists_are_loaded_when_they_come_into_view() {
        for (loading, lazy, high) in [(Loading::First, 0, 1), (Loading::InView, 1, 0)] {
            let html = card(&picture(1600, 900), "/x/", CardSize::Card, loading).into_string();
            assert_eq!(html.matches("loading=\"lazy\"").count(), lazy);
            assert_eq!(html.matches("fetchpriority=\"high\"").count(), high);
            assert!(
                html.contains("alt=\"\"") && html.contains("width=\"1600\""),
                "{html}"
            );
        }
    }
}
