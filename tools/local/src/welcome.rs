//! What can be done with a stack that is up: commands that can be pasted as they stand.

use std::net::SocketAddr;

use crate::seed::DemoUser;

/// The demo user's credentials and one `curl` for each step.
pub(crate) fn text(url: &str, user: &DemoUser, functions: SocketAddr) -> String {
    let DemoUser { email, password } = user;
    format!(
        r#"Gatehouse is up at {url} (Ctrl-C stops it), its functions at http://{functions}

  email     {email}
  password  {password}

Log in, call a protected route, refresh, log out; in a second terminal:

  tokens=$(curl -s {url}/auth/login -H 'content-type: application/json' -d '{{"email":"{email}","password":"{password}"}}'); echo "$tokens"
  token() {{ echo "$tokens" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }}
  curl -s {url}/auth/me -H "authorization: Bearer $(token access_token)"; echo
  tokens=$(curl -s {url}/auth/refresh -H 'content-type: application/json' -d "{{\"refresh_token\":\"$(token refresh_token)\"}}"); echo "$tokens"
  curl -si {url}/auth/logout -H 'content-type: application/json' -d "{{\"refresh_token\":\"$(token refresh_token)\"}}"
"#
    )
}
