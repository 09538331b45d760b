//! These tests check what the help shows, and the completions.

use crate::harness::Gatehouse;

#[tokio::test]
async fn the_help_of_a_command_has_its_own_options_only() {
    let gatehouse = Gatehouse::new().await;

    let all = gatehouse.authctl(&["--help"]).await;
    let add = gatehouse.authctl(&["user", "add", "--help"]).await;
    let list = gatehouse.authctl(&["user", "list", "--help"]).await;

    for option in [
        "--stack",
        "--profile",
        "--region",
        "--local",
        "--output",
        "--users-table",
        "Exit codes:",
    ] {
        assert!(all.out.contains(option), "{option}: {}", all.out);
        let mentioned = ["--stack", "--local"].contains(&option);
        assert_eq!(add.out.contains(option), mentioned, "{option}: {}", add.out);
    }
    assert!(add.out.contains("--generate"), "{}", add.out);
    assert!(add.out.contains("`authctl --help`"), "{}", add.out);
    assert!(list.out.lines().count() < 16, "{}", list.out);
}

#[tokio::test]
async fn shells_complete_the_command_line() {
    let gatehouse = Gatehouse::new().await;

    for (shell, begins) in [
        ("bash", "_authctl()"),
        ("zsh", "#compdef authctl"),
        ("fish", "# Print an optspec"),
    ] {
        let ran = gatehouse.authctl(&["completions", shell]).await;

        assert!(
            ran.succeeded && ran.out.starts_with(begins),
            "{shell}: {}",
            &ran.out[..200]
        );
        assert!(ran.out.contains("set-password") && ran.out.contains("stack"), "{shell}");
    }
    let manual = gatehouse.authctl(&["manual"]).await;
    assert!(manual.succeeded && manual.out.contains(".TH authctl 1"), "{manual:?}");
}
