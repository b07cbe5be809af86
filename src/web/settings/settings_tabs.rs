//! The tabs above the pages of the settings.

use maud::Markup;

use crate::texts::Texts;
use crate::ui::tabs::{Tab, tabs};

/// A page of the settings with a tab of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPage {
    Site,
    Design,
    Navigation,
    General,
    Discussion,
    Mail,
    Jobs,
}

impl SettingsPage {
    const ALL: [Self; 7] = [
        Self::Site,
        Self::Design,
        Self::Navigation,
        Self::General,
        Self::Discussion,
        Self::Mail,
        Self::Jobs,
    ];

    /// The path of the page.
    pub fn address(self) -> &'static str {
        match self {
            Self::Site => "/settings/",
            Self::Design => "/settings/design",
            Self::Navigation => "/settings/navigation",
            Self::General => "/settings/general",
            Self::Discussion => "/settings/discussion",
            Self::Mail => "/settings/mail",
            Self::Jobs => "/settings/jobs",
        }
    }

    /// The message with its label, which is its title too.
    pub fn label_id(self) -> &'static str {
        match self {
            Self::Site => "settings-site",
            Self::Design => "design-title",
            Self::Navigation => "navigation-title",
            Self::General => "general-title",
            Self::Discussion => "discussion-title",
            Self::Mail => "mail-title",
            Self::Jobs => "jobs-title",
        }
    }
}

/// The tabs, seen on `current`.
pub fn settings_tabs(texts: &Texts, current: SettingsPage) -> Markup {
    let labels = SettingsPage::ALL.map(|page| texts.text(page.label_id()));
    let pages: Vec<Tab<'_>> = SettingsPage::ALL
        .into_iter()
        .zip(&labels)
        .map(|(page, label)| Tab {
            href: page.address(),
            label,
            count: None,
            is_current: page == current,
        })
        .collect();
    tabs(&texts.text("settings"), &pages)
}
