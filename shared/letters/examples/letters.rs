//! Writes every letter in every language to a folder, for people to look at:
//! `cargo run --package letters --example letters -- FOLDER`.

#[path = "../tests/letters/samples.rs"]
mod samples;

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("the folder is missing")?;
    for language in letters::LANGUAGES {
        let folder = PathBuf::from(&folder).join(language);
        fs::create_dir_all(&folder)?;
        for (name, letter) in samples::letters() {
            let rendered = letters::render(language, &letter);
            let text = format!("Subject: {}\n\n{}", rendered.subject, rendered.text);
            fs::write(folder.join(format!("{name}.txt")), text)?;
            fs::write(folder.join(format!("{name}.html")), rendered.html)?;
        }
    }
    Ok(())
}
