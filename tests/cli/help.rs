//! Help, version and completions.

use insta::assert_snapshot;

use crate::program::l2_adapter;

const COMMANDS: [&str; 8] = ["types", "explain", "schema", "docs", "example", "check", "size", "completions"];

#[test]
fn help_teaches_by_example() {
    assert_snapshot!(l2_adapter(&["--help"]).run());
}

#[test]
fn each_command_has_help_with_an_example() {
    let helps: Vec<_> = COMMANDS.iter().map(|command| format!("{}", l2_adapter(&[command, "--help"]).run())).collect();
    assert_snapshot!(helps.join("\n"));
}

#[test]
fn help_fits_a_terminal_of_eighty_columns_but_for_argument_lists() {
    for command in COMMANDS {
        let help = l2_adapter(&[command, "--help"]).run().out;
        for line in help.lines().filter(|line| !line.contains("--") || line.starts_with("  l2-adapter")) {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

#[test]
fn without_a_command_the_help_is_an_error() {
    let ended = l2_adapter(&[]).run();
    assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""));
    assert!(ended.err.contains("Usage: l2-adapter <COMMAND>"), "{ended}");
}

#[test]
fn a_misspelt_command_is_refused_with_a_suggestion() {
    assert_snapshot!(l2_adapter(&["chek"]).run());
}

#[test]
fn version_is_the_packages() {
    assert_eq!(l2_adapter(&["--version"]).run().out, format!("l2-adapter {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_of_every_shell_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = l2_adapter(&["completions", shell]).run();
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{shell}");
        for command in COMMANDS {
            assert!(ended.out.contains(command), "{shell} does not know {command}");
        }
    }
}
