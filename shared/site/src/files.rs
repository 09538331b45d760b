//! The files, which are part of the program.

/// A file that pages load.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The name without the path.
    pub name: &'static str,
    /// The content.
    pub text: &'static str,
}

/// The pages with their paths. A path is the file's name without `.html`.
pub(crate) const PAGES: [(&str, &str); 4] = [
    ("/", include_str!("../../../clients/pages/index.html")),
    ("/account", include_str!("../../../clients/pages/account.html")),
    (
        "/account/password",
        include_str!("../../../clients/pages/account/password.html"),
    ),
    (
        "/account/sessions",
        include_str!("../../../clients/pages/account/sessions.html"),
    ),
];

/// The name of the file that follows from the accent colour.
pub(crate) const ACCENT: &str = "accent.css";

/// What the pages load, without [`ACCENT`].
pub(crate) const ASSETS: [Asset; 9] = [
    Asset {
        name: "account.js",
        text: include_str!("../../../clients/pages/assets/account.js"),
    },
    Asset {
        name: "auth.js",
        text: include_str!("../../../clients/browser/auth.min.js"),
    },
    Asset {
        name: "errors.js",
        text: include_str!("../../../clients/pages/assets/errors.js"),
    },
    Asset {
        name: "login.js",
        text: include_str!("../../../clients/pages/assets/login.js"),
    },
    Asset {
        name: "mark.svg",
        text: include_str!("../../../clients/pages/assets/mark.svg"),
    },
    Asset {
        name: "page.js",
        text: include_str!("../../../clients/pages/assets/page.js"),
    },
    Asset {
        name: "pages.css",
        text: include_str!("../../../clients/pages/assets/pages.css"),
    },
    Asset {
        name: "password.js",
        text: include_str!("../../../clients/pages/assets/password.js"),
    },
    Asset {
        name: "sessions.js",
        text: include_str!("../../../clients/pages/assets/sessions.js"),
    },
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;

    #[test]
    fn every_file_of_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../clients/pages");
        let names = |folder: &Path| -> BTreeSet<String> {
            let entries = std::fs::read_dir(folder).unwrap();
            let paths = entries.map(|entry| entry.unwrap().path());
            paths
                .filter(|path| path.is_file())
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect()
        };

        let assets = ASSETS.iter().map(|asset| asset.name).chain([ACCENT]);
        // The client is in another folder.
        let assets: BTreeSet<String> = assets.filter(|name| *name != "auth.js").map(str::to_owned).collect();
        assert_eq!(names(&folder.join("assets")), assets);
        let within = names(&folder.join("account"))
            .into_iter()
            .map(|name| format!("account/{name}"));
        let pages = names(&folder).into_iter().chain(within);
        let pages: BTreeSet<String> = pages
            .filter_map(|name| {
                name.strip_suffix(".html")
                    .map(|name| format!("/{name}").replace("/index", "/"))
            })
            .collect();
        assert_eq!(pages, PAGES.iter().map(|(path, _)| (*path).to_owned()).collect());
    }

    #[test]
    fn no_page_has_a_script_a_style_or_a_handler_of_its_own() {
        for (path, html) in PAGES {
            for tag in html.split('<').skip(1) {
                let tag = tag.split('>').next().unwrap();
                assert!(!tag.starts_with("style"), "{path}: {tag}");
                assert!(
                    !tag.starts_with("script") || tag.contains(" src=\"/assets/"),
                    "{path}: {tag}"
                );
                for attribute in tag.split_whitespace().skip(1) {
                    assert!(!attribute.starts_with("on"), "{path}: {tag}");
                    assert!(!attribute.starts_with("style="), "{path}: {tag}");
                    assert!(!attribute.contains("javascript:"), "{path}: {tag}");
                }
            }
            assert!(!html.contains("http"), "{path} loads something from elsewhere");
        }
    }

    #[test]
    fn no_form_puts_what_is_typed_into_a_url() {
        for (path, html) in PAGES {
            for form in html.split("<form").skip(1) {
                let tag = form.split('>').next().unwrap();

                assert!(tag.contains("method=\"post\""), "{path}: {tag}");
                assert!(!tag.contains("action="), "{path}: {tag}");
            }
            assert!(
                html.matches("<form").count() <= 1,
                "{path}: a password manager expects one form"
            );
        }
    }

    #[test]
    fn every_field_has_a_label_and_a_token_for_password_managers() {
        for (path, html) in PAGES {
            for input in html.split("<input").skip(1) {
                let tag = input.split('>').next().unwrap();
                let id = tag.split("id=\"").nth(1).unwrap().split('"').next().unwrap();

                assert!(tag.contains("autocomplete=\""), "{path}: {tag}");
                let has_label = html.contains(&format!("<label for=\"{id}\">")) || tag.ends_with(" hidden");
                assert!(has_label, "{path}: {tag}");
            }
        }
    }
}
