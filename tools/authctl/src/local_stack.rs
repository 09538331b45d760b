//! What `cargo dev` leaves in the folder of a local stack for this program.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The file with the variables of the functions, in the folder of the stack.
const VARIABLES: &str = "functions.env";
/// The file with the certificate of the authority, in the folder that all stacks of a checkout share. The default stack
/// has this folder as its own, and the others have theirs in it.
const AUTHORITY: &str = "tls/ca.pem";

/// Returns the address of the API at this port. It begins with `https://` if the stack was last started with `--tls`.
pub(crate) fn url(folder: Option<&Path>, port: u16) -> String {
    let issuer = format!("ISSUER=https://localhost:{port}");
    let variables = folder.and_then(|folder| fs::read_to_string(folder.join(VARIABLES)).ok());
    let has_tls = variables.is_some_and(|text| text.lines().any(|line| line == issuer));
    let scheme = if has_tls { "https" } else { "http" };
    format!("{scheme}://localhost:{port}")
}

/// Returns the certificate of the authority that `cargo dev --tls` made, if there is one.
pub(crate) fn authority(folder: &Path) -> Option<PathBuf> {
    let folders = [Some(folder), folder.parent()].into_iter().flatten();
    folders.map(|folder| folder.join(AUTHORITY)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_that_of_the_last_start() {
        let folder = std::env::temp_dir().join(format!("authctl-local-stack-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let with = |variables: &str| {
            fs::write(folder.join(VARIABLES), variables).unwrap();
            url(Some(&folder), 3001)
        };

        let addresses = [
            with("AUDIENCE=a\nISSUER=https://localhost:3001\n"),
            with("ISSUER=http://localhost:3001\n"),
            with("ISSUER=https://auth.example.com\n"),
            url(None, 3001),
        ];

        fs::remove_dir_all(&folder).unwrap();
        let [tls, others @ ..] = addresses;
        assert_eq!(tls, "https://localhost:3001");
        assert_eq!(others, ["http://localhost:3001"; 3]);
    }

    #[test]
    fn the_authority_is_in_the_folder_that_all_stacks_share() {
        let shared = std::env::temp_dir().join(format!("authctl-authority-{}", std::process::id()));
        let other = shared.join("port-3001");
        fs::create_dir_all(shared.join("tls")).unwrap();
        let before = authority(&shared);
        fs::write(shared.join(AUTHORITY), "").unwrap();

        let found = [&shared, &other].map(|folder| authority(folder));

        fs::remove_dir_all(&shared).unwrap();
        assert_eq!(before, None);
        assert_eq!(found, [Some(shared.join(AUTHORITY)), Some(shared.join(AUTHORITY))]);
    }
}
