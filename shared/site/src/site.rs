//! The site: every path with its file.

use std::{borrow::Cow, collections::BTreeMap};

use config::Colour;

use crate::{
    accent,
    files::{ACCENT, ASSETS, Asset, CONTRACT, PAGES},
};

/// Where the pages load their assets from, in the files of `clients/pages`. The name in a response has a hash besides.
const PLACE: &str = "\"/assets/";

/// The content security policy of every file: only what this site serves, and no script or style in a page. Forms are
/// sent by scripts only, so no page puts a password into a URL, not even without its script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// The headers that every file has.
const HEADERS: [(&str, &str); 5] = [
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// A cache asks each time whether a page or the contract has changed.
const CHECKED: &str = "no-cache";
/// An asset with another content has another name.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// The pages with their assets, and the contract of the API.
#[derive(Debug)]
pub struct Site {
    files: BTreeMap<String, File>,
}

/// A file as it is sent.
#[derive(Debug)]
pub struct File {
    /// The content.
    pub text: Cow<'static, str>,
    media_type: &'static str,
    caching: &'static str,
}

impl Site {
    /// Returns the site in this colour.
    #[must_use]
    pub fn new(accent: Colour) -> Self {
        Self::with_assets(accent, &[])
    }

    /// Returns the site in this colour. Every page also loads `extra` scripts and style sheets, before its own.
    #[must_use]
    pub fn with_assets(accent: Colour, extra: &[Asset]) -> Self {
        let own = ASSETS
            .iter()
            .chain(extra)
            .map(|asset| (asset.name, Cow::Borrowed(asset.text)));
        let accent = Cow::Owned(accent::style(accent));
        let assets: BTreeMap<&str, Cow<'static, str>> = own.chain([(ACCENT, accent)]).collect();
        let folder = format!("/assets/{:016x}/", hash(&assets));
        let tags: String = extra.iter().map(|asset| tag(asset.name)).collect();
        let pages = PAGES.iter().map(|(path, html)| {
            let html = html.replacen("</title>\n", &format!("</title>\n{tags}"), 1);
            let text = html.replace(PLACE, &format!("\"{folder}"));
            ((*path).to_owned(), File::new("html", text.into(), CHECKED))
        });
        let assets = assets
            .into_iter()
            .map(|(name, text)| (format!("{folder}{name}"), File::new(kind(name), text, IMMUTABLE)));
        let (path, text) = CONTRACT;
        let contract = (path.to_owned(), File::new("json", text.into(), CHECKED));
        Self {
            files: pages.chain(assets).chain([contract]).collect(),
        }
    }

    /// Returns the file at a path, or `None` if there is none.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Returns every path.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

impl File {
    fn new(kind: &str, text: Cow<'static, str>, caching: &'static str) -> Self {
        let media_type = match kind {
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "json" => "application/json; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        };
        Self {
            text,
            media_type,
            caching,
        }
    }

    /// Returns the headers.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let own = [("cache-control", self.caching), ("content-type", self.media_type)];
        HEADERS.into_iter().chain(own)
    }
}

/// Returns the element with which a page loads an asset.
fn tag(name: &str) -> String {
    if kind(name) == "css" {
        format!("<link rel=\"stylesheet\" href={PLACE}{name}\">\n")
    } else {
        format!("<script type=\"module\" src={PLACE}{name}\"></script>\n")
    }
}

/// Returns the end of a file's name.
fn kind(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}

/// Returns one hash for all assets, so that a script can import another one by its plain name (FNV-1a, 64 bits). It
/// only has to change with the content: nobody else can add a file.
fn hash(assets: &BTreeMap<&str, Cow<'_, str>>) -> u64 {
    let parts = assets
        .iter()
        .flat_map(|(name, text)| [*name, "\0", text.as_ref(), "\0"]);
    parts
        .flat_map(str::bytes)
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GREEN: Colour = Colour {
        red: 45,
        green: 106,
        blue: 79,
    };
    const PANEL: [Asset; 2] = [
        Asset {
            name: "panel.css",
            text: "body {}",
        },
        Asset {
            name: "panel.js",
            text: "fetch();",
        },
    ];

    #[test]
    fn every_path_in_a_page_and_in_a_script_leads_to_a_file() {
        let site = Site::with_assets(GREEN, &PANEL);
        for path in site.paths() {
            let text = &site.file(path).unwrap().text;
            let folder = path.rsplit_once('/').unwrap().0;
            let loaded = ["src=\"", "href=\""].map(|start| text.split(start).skip(1));
            let loaded = loaded
                .into_iter()
                .flatten()
                .map(|rest| rest.split('"').next().unwrap().to_owned());
            let imported = text.split(" from './").skip(1);
            let imported = imported.map(|rest| format!("{folder}/{}", rest.split('\'').next().unwrap()));

            for target in loaded.chain(imported) {
                assert!(site.file(&target).is_some(), "{path} needs {target}");
            }
        }
    }

    #[test]
    fn every_file_is_protected_and_only_assets_are_kept() {
        let site = Site::new(GREEN);
        for path in site.paths() {
            let file = site.file(path).unwrap();
            let headers: BTreeMap<&str, &str> = file.headers().collect();

            let policy = headers["content-security-policy"];
            assert!(policy.starts_with("default-src 'none';"), "{policy}");
            for part in ["form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
                assert!(policy.contains(part), "{policy}");
            }
            assert!(
                !policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'),
                "{policy}"
            );
            assert_eq!(headers["referrer-policy"], "no-referrer");
            assert_eq!(headers["x-content-type-options"], "nosniff");
            let is_asset = path.starts_with("/assets/");
            assert_eq!(headers["cache-control"], if is_asset { IMMUTABLE } else { "no-cache" });
            let is_page = PAGES.iter().any(|(page, _)| *page == path);
            assert_eq!(file.media_type.starts_with("text/html"), is_page, "{path}");
            assert_ne!(file.media_type, "text/plain; charset=utf-8", "{path}");
        }
    }

    #[rstest]
    #[case("")]
    #[case("/index.html")]
    #[case("/account/")]
    #[case("/assets/")]
    #[case("/assets/pages.css")]
    #[case("/assets/0000000000000000/pages.css")]
    #[case("/../Cargo.toml")]
    #[case("/openapi.yaml")]
    fn nothing_else_is_there(#[case] path: &str) {
        assert!(Site::new(GREEN).file(path).is_none());
    }

    #[test]
    fn another_content_has_another_name() {
        let folder = |site: &Site| {
            site.paths()
                .find(|path| path.ends_with("/pages.css"))
                .unwrap()
                .to_owned()
        };
        let blue = Colour { blue: 255, ..GREEN };

        let own = folder(&Site::new(GREEN));

        assert_eq!(folder(&Site::new(GREEN)), own);
        assert_ne!(folder(&Site::new(blue)), own);
        assert_ne!(folder(&Site::with_assets(GREEN, &PANEL)), own);
    }

    #[test]
    fn only_a_site_with_a_panel_has_one() {
        let [without, with] = [&[][..], &PANEL].map(|extra| Site::with_assets(GREEN, extra));

        for path in without.paths() {
            assert!(!without.file(path).unwrap().text.contains("panel"), "{path}");
        }
        let page = &with.file("/").unwrap().text;
        let place = |part: &str| page.find(part).unwrap();
        assert!(place("panel.js") < place("login.js"), "{page}");
        assert!(with.paths().any(|path| path.ends_with("/panel.css")));
    }
}
