//! The welcome text of a running stack, with commands to paste.

use std::net::SocketAddr;

use crate::{
    certificate::{Authority, NAME},
    folder::Folder,
    options::{PORT, TO_DATABASE},
    seed::{DEMO_EMAIL, DemoUser},
};

/// Returns the notice about the API's settings that the local gateway does not imitate.
pub(crate) fn not_imitated(settings: &[String]) -> String {
    format!(
        "settings of the template's API that are not imitated here: {}",
        settings.join(", ")
    )
}

/// The facts about a running stack that its welcome text shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Welcome<'a> {
    pub(crate) url: &'a str,
    pub(crate) functions: SocketAddr,
    pub(crate) database_port: u16,
    /// The origins whose pages may call the API and use cookies.
    pub(crate) origins: &'a [String],
    pub(crate) folder: &'a Folder,
    /// The authority of the certificate, with `--tls`.
    pub(crate) authority: Option<&'a Authority>,
}

impl Welcome<'_> {
    /// Returns the text for the terminal, with the demo user's credentials and one `curl` per step.
    pub(crate) fn text(&self, user: &DemoUser) -> String {
        let Self { url, functions, .. } = self;
        let DemoUser { email, password } = user;
        let origins = self.origins.join(" ");
        let (authctl, steps) = (self.authctl(), self.steps(password));
        let (trust, place) = (self.trust(), self.authority.map_or("", |_| " in this checkout"));
        format!(
            "Gatehouse is up at {url} (Ctrl-C stops it). Its functions are at http://{functions}

  page      {url} (log in there as this user; it shows every request)
  email     {email}
  password  {password}
  origins   {origins} (their pages may use cookies; --allow-origin adds one)
  mails     {url}/_mail (what the functions send; it reaches nobody)
  users     {authctl} user list
{trust}
To log in, call a protected route, refresh and log out, paste this into a second terminal{place}:

{steps}"
        )
    }

    /// Returns the text at `/` for clients that do not accept HTML. It does not contain the password, since every
    /// program on this machine can read it.
    pub(crate) fn page(&self) -> String {
        let file = self.folder.short("demo-user.json");
        let (url, authctl, steps) = (self.url, self.authctl(), self.steps("$password"));
        let steps = steps.replacen(
            "  tokens=",
            &format!("  password=$(sed 's/.*\"password\":\"\\([^\"]*\\)\".*/\\1/' {file})\n  tokens="),
            1,
        );
        format!(
            "This is Gatehouse at {url}, an API that logs users in and issues JWTs, run by `cargo dev`.
A browser shows its pages there. The README lists the endpoints, and {url}/openapi.json describes them for programs. The
public keys are at {url}/.well-known/jwks.json. Mails reach nobody, and are shown at {url}/_mail.

To log in, call a protected route, refresh and log out, paste this into a terminal in the folder of `cargo dev`:

{steps}
To manage the users:

  {authctl} user list
"
        )
    }

    fn steps(&self, password: &str) -> String {
        let (url, email) = (self.url, DEMO_EMAIL);
        let authority = self
            .authority_file()
            .map_or_else(String::new, |file| format!(" --cacert {file}"));
        format!(
            r#"  tokens=$(curl{authority} -s {url}/auth/login -H 'content-type: application/json' -d "{{\"email\":\"{email}\",\"password\":\"{password}\"}}"); echo "$tokens"
  token() {{ echo "$tokens" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }}
  curl{authority} -s {url}/auth/me -H "authorization: Bearer $(token access_token)"; echo
  tokens=$(curl{authority} -s {url}/auth/refresh -H 'content-type: application/json' -d "{{\"refresh_token\":\"$(token refresh_token)\"}}"); echo "$tokens"
  curl{authority} -si {url}/auth/logout -H 'content-type: application/json' -d "{{\"refresh_token\":\"$(token refresh_token)\"}}"
"#
        )
    }

    /// Returns the file with the certificate of the authority, with `--tls`.
    fn authority_file(&self) -> Option<String> {
        Some(self.folder.shorten(&self.authority?.path))
    }

    /// Returns the line about the authority, with `--tls`.
    fn trust(&self) -> String {
        let Some(file) = self.authority_file() else {
            return String::new();
        };
        let state = if self.authority.is_some_and(|authority| authority.is_new) {
            "is new, so browsers warn until they trust it"
        } else {
            "is what browsers have to trust"
        };
        format!("  trust     {file} {state} (docs/local-https.md says how; its name is \"{NAME}\")\n")
    }

    /// Returns the command that manages this stack.
    fn authctl(&self) -> String {
        let port =
            (self.database_port != PORT + TO_DATABASE).then(|| format!("--database-port {}", self.database_port));
        let keys = (!self.folder.is_usual()).then(|| format!("--keys {}", self.folder.short("keys")));
        let command = Some("cargo authctl --local".to_owned());
        let words: Vec<String> = [command, port, keys].into_iter().flatten().collect();
        words.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_page_shows_the_commands_but_not_the_password() {
        let folder = Folder::new(Path::new("/checkout"), 3001);
        let welcome = welcome("http://localhost:3001", 8001, &folder);
        let user = DemoUser {
            email: "demo@example.com".to_owned(),
            password: "canary".to_owned(),
        };

        let (text, page) = (welcome.text(&user), welcome.page());

        assert!(text.contains("  password  canary\n"), "{text}");
        assert!(!page.contains("canary"), "{page}");
        assert!(page.contains(".local/port-3001/demo-user.json"), "{page}");
        for told in [&text, &page] {
            assert!(told.contains("http://localhost:3001/auth/refresh"), "{told}");
            assert!(told.contains("http://localhost:3001/_mail"), "{told}");
            let authctl = "cargo authctl --local --database-port 8001 --keys .local/port-3001/keys user list";
            assert!(told.contains(authctl), "{told}");
        }
    }

    #[test]
    fn with_tls_the_commands_trust_its_authority() {
        let folder = Folder::new(Path::new("/checkout"), 3001);
        let [new, kept] = [true, false].map(|is_new| Authority {
            path: folder.certificate().join("ca.pem"),
            is_new,
        });
        let user = DemoUser {
            email: "demo@example.com".to_owned(),
            password: "canary".to_owned(),
        };
        let welcome = |authority| Welcome {
            authority,
            ..welcome("https://localhost:3001", 8001, &folder)
        };

        let text = |authority| welcome(authority).text(&user);

        assert!(text(Some(&new)).contains("  trust     .local/tls/ca.pem is new"));
        assert!(text(Some(&kept)).contains("  trust     .local/tls/ca.pem is what"));
        assert!(!text(None).contains(".local/tls"));
        for told in [text(Some(&new)), welcome(Some(&new)).page()] {
            let trusting = told.matches("curl --cacert .local/tls/ca.pem -s").count();
            assert_eq!((trusting, told.matches("curl ").count()), (4, 4), "{told}");
        }
    }

    #[test]
    fn the_usual_stack_needs_no_options() {
        let folder = Folder::new(Path::new("/checkout"), PORT);

        let page = welcome("http://localhost:3000", 8000, &folder).page();

        assert!(page.contains("  cargo authctl --local user list\n"), "{page}");
    }

    fn welcome<'a>(url: &'a str, database_port: u16, folder: &'a Folder) -> Welcome<'a> {
        Welcome {
            url,
            functions: ([127, 0, 0, 1], 9000).into(),
            database_port,
            origins: &[],
            folder,
            authority: None,
        }
    }
}
