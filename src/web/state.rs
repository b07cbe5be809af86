//! What handlers are handed.

use std::ops::Deref;
use std::sync::{Arc, RwLock};

use metrics_exporter_prometheus::PrometheusHandle;

use crate::app::App;
use crate::error::Result;
use crate::store::settings;
use crate::web::page_cache::PageCache;
use crate::web::session_memory::SessionMemory;
use crate::web::texts::Texts;

/// The application and what only pages need; cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Parts>);

/// What there is.
pub struct Parts {
    /// The application.
    pub app: App,
    /// Whole anonymous pages.
    pub pages: PageCache,
    /// Which sessions there are.
    pub sessions: SessionMemory,
    /// The words around posts.
    pub texts: Texts,
    /// Figures for `/metrics`.
    pub metrics: PrometheusHandle,
    /// What the site was called when it was last asked.
    last_name: RwLock<Option<SiteName>>,
}

impl Deref for Web {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What the site calls itself.
#[derive(Clone, Debug)]
pub struct SiteName {
    /// Its name.
    pub name: String,
    /// A line under it; may be empty.
    pub tagline: String,
}

impl Web {
    /// For `app`.
    pub fn new(app: App, metrics: PrometheusHandle) -> Result<Self> {
        let texts = Texts::load(&app.config.site.language)?;
        let pages = PageCache::new(app.config.cache.pages, app.store.changes().clone());
        let sessions = SessionMemory::new(app.store.clone(), app.clock.clone());
        Ok(Self(Arc::new(Parts {
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
        let identity = settings::find_identity(self.app.store.read()).await?;
        let name = SiteName {
            name: identity
                .name
                .unwrap_or_else(|| self.app.config.site.name.clone()),
            tagline: identity.tagline.unwrap_or_default(),
        };
        *self.last_name.write().unwrap_or_else(|e| e.into_inner()) = Some(name.clone());
        Ok(name)
    }

    /// The same as far as it is known without asking the database.
    pub fn last_site_name(&self) -> SiteName {
        let last = self.last_name.read().unwrap_or_else(|e| e.into_inner());
        last.clone().unwrap_or_else(|| SiteName {
            name: self.app.config.site.name.clone(),
            tagline: String::new(),
        })
    }
}
