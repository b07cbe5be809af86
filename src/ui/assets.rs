//! What `static/` holds, built in, under names that change with the content, so that browsers may
//! keep it forever. Serving it is left to `web::assets`.

/// A file of `static/` with its compressed forms, made by `build.rs`; those of pictures and fonts are empty.
pub struct Asset {
    name: &'static str,
    path: &'static str,
    pub media_type: &'static str,
    pub plain: &'static [u8],
    pub gzip: &'static [u8],
    pub brotli: &'static [u8],
}

impl Asset {
    /// Whether its format is a compressed one.
    pub fn is_packed(&self) -> bool {
        self.gzip.is_empty()
    }
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file in `static/`; a name that is not there is a defect that a test finds.
pub fn path(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/static/missing", |asset| asset.path)
}

/// The file that is served at `path`, as [`path`] made it.
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_file_changes_with_its_content() {
        let address = path("site.css");
        assert!(
            address.starts_with("/static/site.") && address.ends_with(".css"),
            "{address}"
        );
        assert!(find(address).is_some());
        assert_eq!(path("nothing.css"), "/static/missing");
        let font = path("fonts/public-sans-latin.woff2");
        assert!(font.starts_with("/static/public-sans-latin."), "{font}");
        assert!(find(font).is_some_and(Asset::is_packed));
    }
}
