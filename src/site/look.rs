//! The choices of how the site looks: header, home page, fonts. Pure: each is an enum with a name for forms and for
//! the stored settings.

use serde::{Deserialize, Serialize};

use crate::store::entity::ids::PostId;

/// How the header is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderStyle {
    /// Name at the start, menu at the end of one line.
    #[default]
    Left,
    /// Name above the menu, both centred.
    Centred,
    /// As `Left`, on the accent colour.
    Banner,
}

impl HeaderStyle {
    pub const ALL: [Self; 3] = [Self::Left, Self::Centred, Self::Banner];

    /// In forms, and in the class of the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Centred => "centred",
            Self::Banner => "banner",
        }
    }

    /// The message with its name for people.
    pub fn label_id(self) -> &'static str {
        match self {
            Self::Left => "header-style-left",
            Self::Centred => "header-style-centred",
            Self::Banner => "header-style-banner",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.name() == name)
    }
}

/// What the home page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HomeStyle {
    /// The newest posts, one under the other.
    #[default]
    List,
    /// The newest posts with their pictures, side by side.
    Cards,
    /// A page; the posts are at `/page/1/`.
    Page,
}

impl HomeStyle {
    pub const ALL: [Self; 3] = [Self::List, Self::Cards, Self::Page];

    /// In forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Cards => "cards",
            Self::Page => "page",
        }
    }

    /// The message with its name for people.
    pub fn label_id(self) -> &'static str {
        match self {
            Self::List => "home-style-list",
            Self::Cards => "home-style-cards",
            Self::Page => "home-style-page",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.name() == name)
    }
}

/// The fonts of texts and of what is around them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FontPairing {
    /// Those of the reader's device.
    #[default]
    System,
    /// Source Serif with Public Sans.
    Serif,
    /// Atkinson Hyperlegible throughout.
    Sans,
}

impl FontPairing {
    pub const ALL: [Self; 3] = [Self::System, Self::Serif, Self::Sans];

    /// In forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Serif => "serif",
            Self::Sans => "sans",
        }
    }

    /// The message with its name for people.
    pub fn label_id(self) -> &'static str {
        match self {
            Self::System => "fonts-system",
            Self::Serif => "fonts-serif",
            Self::Sans => "fonts-sans",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fonts| fonts.name() == name)
    }
}

/// A logo, for each colour scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub light: LogoPicture,
    /// None if the one for light mode is also used in dark mode.
    pub dark: Option<LogoPicture>,
}

/// A picture of a logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoPicture {
    pub address: String,
    /// In pixels.
    pub width: i64,
    pub height: i64,
}

/// How the site looks, as pages need it.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub logo: Option<Logo>,
    /// Whether the name is left to screen readers where there is a logo.
    pub hides_name: bool,
    pub fonts: FontPairing,
    pub header_style: HeaderStyle,
    pub home_style: HomeStyle,
    /// The page that is the home page; with [`HomeStyle::Page`] alone.
    pub home_page: Option<PostId>,
    /// In the addresses of its icons; None where it has those of the design.
    pub icon: Option<String>,
    /// The address of the stylesheet with fonts and accent colour; None where neither was chosen.
    pub stylesheet: Option<String>,
    /// The address of the stylesheet that administrators wrote.
    pub custom_css: Option<String>,
    /// The address of the web app manifest.
    pub manifest: String,
}
