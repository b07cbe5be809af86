//! The state of all handlers: the application, and what only pages need. Answers no requests by itself.

use std::ops::Deref;
use std::sync::{Arc, RwLock};

use metrics_exporter_prometheus::PrometheusHandle;

use crate::app::App;
use crate::error::Result;
use crate::site::{design, identity, navigation, social_links};
use crate::texts::Texts;
use crate::ui::frame::{PageFrame, SiteName};
use crate::web::look;
use crate::web::page_cache::PageCache;
use crate::web::session_cache::SessionCache;

/// Cheap to clone; its fields are those of [`WebState`].
#[derive(Clone)]
pub struct Web(Arc<WebState>);

/// The fields of [`Web`].
pub struct WebState {
    pub app: App,
    pub pages: PageCache,
    pub sessions: SessionCache,
    pub texts: Texts,
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
    /// The name that was read last, for pages of errors that cannot ask the database.
    last_name: RwLock<Option<SiteName>>,
}

impl Deref for Web {
    type Target = WebState;

    fn deref(&self) -> &WebState {
        &self.0
    }
}

impl Web {
    /// For `app`.
    pub fn new(app: App, metrics: PrometheusHandle) -> Result<Self> {
        let texts = app.texts.clone();
        let pages = PageCache::new(app.config.cache.page_memory, app.store.changes().clone());
        let sessions = SessionCache::new(app.store.clone(), app.clock.clone());
        Ok(Self(Arc::new(WebState {
            app,
            pages,
            sessions,
            texts,
            metrics,
            last_name: RwLock::default(),
        })))
    }

    /// What the site calls itself now.
    pub async fn site_name(&self) -> Result<SiteName> {
        let identity = identity::find_current(&self.app).await?;
        let design = design::find_current(&self.app).await?;
        let look = look::find(&self.app, &identity, &design).await?;
        let name = SiteName {
            name: identity.name,
            tagline: identity.tagline,
            footer_text: identity.footer_text,
            social_links: social_links::parse(&identity.social_links),
            menus: navigation::find_current(&self.app).await?,
            look,
        };
        *self.last_name.write().unwrap_or_else(|e| e.into_inner()) = Some(name.clone());
        Ok(name)
    }

    /// The same as far as it is known without asking the database.
    pub fn last_site_name(&self) -> SiteName {
        let last = self.last_name.read().unwrap_or_else(|e| e.into_inner());
        last.clone().unwrap_or_else(|| SiteName {
            name: self.app.config.site.name.clone(),
            ..SiteName::default()
        })
    }

    /// The frame of a page of the site that is called `site`.
    pub fn frame<'a>(&'a self, site: &'a SiteName) -> PageFrame<'a> {
        PageFrame::new(site, &self.texts, &self.app.urls)
    }
}
