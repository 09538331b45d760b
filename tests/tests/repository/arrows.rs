//! The dependencies between the modules of `auth`. They have no cycles: no module needs itself by way of other modules.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    Item, UseTree,
    visit::{self, Visit},
};

use crate::{files, read};

/// For each module, the modules that it needs.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_module_of_auth_needs_one_that_needs_it() {
    let arrows = arrows("shared/auth/src");

    assert!(arrows.values().map(BTreeSet::len).sum::<usize>() > 10, "{arrows:?}");
    for module in arrows.keys() {
        let reached = reachable(module, &arrows);
        assert!(!reached.contains(module), "{module} needs itself by way of {reached:?}");
    }
}

#[test]
fn the_root_of_auth_has_nothing_but_its_modules() {
    let root = syn::parse_file(&read("shared/auth/src/lib.rs")).unwrap();

    for item in root.items {
        let is_module = matches!(&item, Item::Mod(module) if module.content.is_none());
        assert!(is_module, "`shared/auth/src/lib.rs` has an item besides `pub mod`");
    }
}

#[test]
fn a_circle_is_found() {
    let arrow = |from: &str, to: &str| (from.to_owned(), BTreeSet::from([to.to_owned()]));

    let arrows = Arrows::from([
        arrow("session", "user"),
        arrow("user", "keys"),
        arrow("keys", "session"),
    ]);

    assert!(reachable("session", &arrows).contains("session"));
}

#[test]
fn imports_and_paths_are_arrows_and_those_of_tests_are_not() {
    let text = "
        use crate::{session::Session, user};
        fn begin() { crate::keys::read(); }
        #[cfg(test)]
        mod tests { use crate::login::login; }
    ";

    assert_eq!(
        needs(text),
        BTreeSet::from(["keys", "session", "user"].map(str::to_owned))
    );
}

/// Returns the dependencies between the modules at the root of a crate.
fn arrows(source: &str) -> Arrows {
    let mut arrows = Arrows::new();
    for file in files(source) {
        let within = file.trim_start_matches(source).trim_start_matches('/');
        let module = within.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let needed = needs(&read(&file)).into_iter().filter(|other| *other != module);
        arrows.entry(module.clone()).or_default().extend(needed);
    }
    arrows
}

/// Returns the modules at the crate's root that the code of a file names. The file's tests do not count.
fn needs(text: &str) -> BTreeSet<String> {
    let mut needs = Needs::default();
    needs.visit_file(&syn::parse_file(text).unwrap());
    needs.0
}

fn reachable(from: &str, arrows: &Arrows) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![from.to_owned()];
    while let Some(module) = left.pop() {
        for next in arrows.get(&module).into_iter().flatten() {
            if found.insert(next.clone()) {
                left.push(next.clone());
            }
        }
    }
    found
}

#[derive(Default)]
struct Needs(BTreeSet<String>);

impl Visit<'_> for Needs {
    fn visit_item_mod(&mut self, module: &syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, import: &syn::ItemUse) {
        if let UseTree::Path(path) = &import.tree
            && path.ident == "crate"
        {
            self.0.extend(first_names(&path.tree));
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let mut names = path.segments.iter().map(|segment| segment.ident.to_string());
        if names.next().is_some_and(|first| first == "crate") {
            self.0.extend(names.next());
        }
        visit::visit_path(self, path);
    }
}

fn first_names(tree: &UseTree) -> Vec<String> {
    match tree {
        UseTree::Path(path) => vec![path.ident.to_string()],
        UseTree::Name(name) => vec![name.ident.to_string()],
        UseTree::Rename(renamed) => vec![renamed.ident.to_string()],
        UseTree::Glob(_) => Vec::new(),
        UseTree::Group(group) => group.items.iter().flat_map(first_names).collect(),
    }
}
