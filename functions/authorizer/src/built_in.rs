//! The rules of `routes.toml`, which the build script turns into code.

use rules::Rules;

/// Returns the rules of `routes.toml`.
#[must_use]
pub fn built_in_rules() -> Rules {
    include!(concat!(env!("OUT_DIR"), "/routes.rs"))
}

#[cfg(test)]
mod tests {
    use rules::{Assurance, ParameterRoute, Rule, RuleFile};

    #[test]
    fn the_built_in_file_is_valid() {
        assert!(RuleFile::parse(include_str!("../routes.toml")).is_ok());
    }

    /// The file has examples in comments. Without the first `# ` of each line, they are valid rules.
    #[test]
    fn the_examples_in_the_file_are_rules() {
        let lines = include_str!("../routes.toml")
            .lines()
            .filter_map(|line| line.strip_prefix("# "));
        let examples = lines.filter(|line| line.starts_with("[[") || *line == "]" || line.contains(" = "));
        let is_setting = |line: &&str| {
            ["longest", "parameter", "  {", "]"]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let (settings, rules): (Vec<&str>, Vec<&str>) = examples.partition(is_setting);

        let file = RuleFile::parse(&[settings, rules].concat().join("\n")).unwrap();

        let patterns: Vec<String> = file.rules.iter().flat_map(Rule::patterns).collect();
        let expected = [
            "POST/reports",
            "POST/reports/",
            "*/admin/*",
            "DELETE/reports",
            "DELETE/reports/",
        ];
        assert_eq!(patterns, expected);
        let routes: Vec<String> = file.routes.iter().map(ParameterRoute::pattern).collect();
        assert_eq!(routes, ["*/admin/*", "GET/reports/*"]);
        assert_eq!(file.longest_stage, 16);
        let last = file.rules.last().unwrap();
        assert_eq!((last.acr, last.max_age), (Some(Assurance::Aal2), Some(600)));
    }
}
