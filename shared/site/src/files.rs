//! The files, which are part of the program.

/// A file that pages load.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// The name without the path.
    pub name: &'static str,
    /// The content.
    pub text: &'static str,
}

/// Returns the text of a file in `clients/`.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("../../../clients/", $path))
    };
}

/// Returns an asset of `clients/pages/assets/`.
macro_rules! asset {
    ($name:literal) => {
        Asset {
            name: $name,
            text: include_str!(concat!("../../../clients/pages/assets/", $name)),
        }
    };
}

/// The pages with their paths. A path is the file's name without `.html`.
pub(crate) const PAGES: [(&str, &str); 13] = [
    ("/", text!("pages/index.html")),
    ("/account", text!("pages/account.html")),
    ("/account/address", text!("pages/account/address.html")),
    ("/account/delete", text!("pages/account/delete.html")),
    ("/account/keep", text!("pages/account/keep.html")),
    ("/account/password", text!("pages/account/password.html")),
    ("/account/second-factor", text!("pages/account/second-factor.html")),
    ("/account/sessions", text!("pages/account/sessions.html")),
    ("/address/confirm", text!("pages/address/confirm.html")),
    ("/forgot", text!("pages/forgot.html")),
    ("/register", text!("pages/register.html")),
    ("/register/confirm", text!("pages/register/confirm.html")),
    ("/reset", text!("pages/reset.html")),
];

/// The contract of the API, `openapi.yaml` as JSON, with its path.
pub(crate) const CONTRACT: (&str, &str) = ("/openapi.json", include_str!(concat!(env!("OUT_DIR"), "/openapi.json")));

/// The name of the file that follows from the accent colour.
pub(crate) const ACCENT: &str = "accent.css";

/// What the pages load, without [`ACCENT`].
pub(crate) const ASSETS: [Asset; 27] = [
    asset!("account.js"),
    Asset {
        name: "account.min.js",
        text: text!("browser/account.min.js"),
    },
    asset!("account-delete.js"),
    asset!("account-keep.js"),
    asset!("address-confirm.js"),
    asset!("address.js"),
    Asset {
        name: "auth.js",
        text: text!("browser/auth.min.js"),
    },
    asset!("confirm.js"),
    asset!("dialog.js"),
    asset!("errors.js"),
    asset!("factor.js"),
    asset!("forgot.js"),
    asset!("link.js"),
    asset!("login.js"),
    asset!("mail.js"),
    asset!("mark.svg"),
    asset!("page.js"),
    asset!("pages.css"),
    asset!("password.js"),
    asset!("program.js"),
    asset!("qr.js"),
    asset!("register-confirm.js"),
    asset!("register.js"),
    asset!("reset.js"),
    asset!("second-factor.js"),
    Asset {
        name: "second-factor.min.js",
        text: text!("browser/second-factor.min.js"),
    },
    asset!("sessions.js"),
];

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use serde_json::{Value, json};

    use super::*;

    /// The folders with pages.
    const FOLDERS: [&str; 3] = ["account", "address", "register"];

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
        // The clients are in another folder.
        let assets = assets.filter(|name| !["account.min.js", "auth.js", "second-factor.min.js"].contains(name));
        assert_eq!(names(&folder.join("assets")), assets.map(str::to_owned).collect());
        let within = FOLDERS.iter().flat_map(|within| {
            let names = names(&folder.join(within));
            names.into_iter().map(move |name| format!("{within}/{name}"))
        });
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
    fn the_contract_is_json_in_the_order_of_its_file() {
        let (_, text) = CONTRACT;

        assert!(text.starts_with(r#"{"openapi":"3.1.0","info":"#), "{text}");
        let contract: Value = serde_json::from_str(text).unwrap();
        assert!(contract["paths"]["/auth/login"]["post"]["responses"]["200"].is_object());
        let deliveries = &contract["components"]["schemas"]["Delivery"]["enum"];
        assert_eq!(*deliveries, json!(["body", "cookie", null]));
    }

    /// The pages have no build step, so each repeats the lines that they share.
    #[test]
    fn the_pages_repeat_the_same_lines() {
        let between = |html: &'static str, start: &str, end: &str| Some(html.split_once(start)?.1.split_once(end)?.0);
        let heads = PAGES.map(|(_, html)| {
            let head = between(html, "<head>", "</head>").unwrap().lines();
            let shared = head.filter(|line| !line.starts_with("<title>") && !line.starts_with("<script "));
            shared.collect::<Vec<_>>()
        });
        let marks = PAGES.map(|(_, html)| between(html, "<header", "</p>").unwrap());
        let navigation =
            PAGES.map(|(_, html)| Some(between(html, "<nav", "</nav>")?.replace(" aria-current=\"page\"", "")));
        let messages = PAGES.map(|(_, html)| between(html, "<noscript>", "</div>").unwrap());

        let first = (&heads[0], marks[0], messages[0]);
        for (at, (path, html)) in PAGES.iter().enumerate() {
            assert_eq!((&heads[at], marks[at], messages[at]), first, "{path}");
            // On the other pages, nobody has to be logged in.
            let is_of_account = path.starts_with("/account") && !is_behind_a_link(path);
            let expected = if is_of_account { &navigation[1] } else { &None };
            assert_eq!(&navigation[at], expected, "{path}");
            let current = format!("<a href=\"{path}\" aria-current=\"page\">");
            let is_in_navigation = navigation[at]
                .as_ref()
                .is_some_and(|links| links.contains(&format!("<a href=\"{path}\"")));
            assert_eq!(html.contains(&current), is_in_navigation, "{path}");
        }
    }

    /// Returns whether the links of letters lead to this page.
    fn is_behind_a_link(path: &str) -> bool {
        path.ends_with("/confirm") || ["/reset", "/account/keep"].contains(&path)
    }

    /// The token of a link must not stay in the address bar, not even if the script of the page does not load.
    #[test]
    fn a_page_behind_a_link_removes_the_token_first() {
        for (path, html) in PAGES {
            let scripts: Vec<&str> = html.split("<script").skip(1).collect();
            let is_first = scripts[0].contains(" src=\"/assets/link.js\"");
            let has_link = is_behind_a_link(path);

            assert_eq!(is_first, has_link, "{path}");
            assert_eq!(scripts.len(), if has_link { 2 } else { 1 }, "{path}");
        }
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
