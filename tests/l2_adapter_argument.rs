//! The `--l2-adapter` argument of a server: order, files, and every fault of every spec at once.

use std::{fs, path::Path};

use l2_adapter::{
    FaultCode,
    adapters::pd_l2_adapter::PdL2AdapterConfig,
    specs::{L2AdapterArgs, L2AdapterArgsError, Problem},
};

const PD: &str =
    r#"{"type": "pd", "role": "sender", "peer_host": "10.0.0.1", "peer_init_port": [9051], "peer_alloc_port": [9052]}"#;
const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

/// The error for these arguments.
fn refused<const N: usize>(arguments: [&str; N]) -> L2AdapterArgsError {
    L2AdapterArgs::from_iter(arguments).parse().expect_err("these arguments have faults")
}

/// The faults of each report: its source, its type, pointers and codes.
fn faults(error: L2AdapterArgsError) -> Vec<(String, Option<&'static str>, Vec<(String, FaultCode)>)> {
    let L2AdapterArgsError::Specs { problems, .. } = error else { panic!("{error}") };
    problems
        .into_iter()
        .map(|problem| match problem {
            Problem::Spec(report) => {
                let faults = report.faults.into_iter().map(|fault| (fault.item.pointer, fault.item.code)).collect();
                (report.source, report.adapter_type, faults)
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

/// The argument that names a file with this content.
fn in_file(folder: &Path, content: &str) -> String {
    let file = folder.join("specs.json");
    fs::write(&file, content).expect("the folder is writable");
    format!("@{}", file.display())
}

#[test]
fn specs_are_parsed_in_the_order_of_the_arguments() {
    let specs = L2AdapterArgs::from_iter([FS, PD, FS]).parse().unwrap();
    let types: Vec<_> = specs.iter().map(|parsed| parsed.value.type_name()).collect();
    assert_eq!(types, ["fs", "pd", "fs"]);
}

#[test]
fn a_spec_has_the_config_of_its_type() {
    let specs = L2AdapterArgs::from_iter([PD]).parse().unwrap();
    let config = specs[0].value.downcast_ref::<PdL2AdapterConfig>().unwrap();
    assert_eq!(config.peer_host, "10.0.0.1");
}

#[test]
fn an_argument_is_one_object_as_in_lmcache() {
    for (argument, code) in [
        (format!("[{FS}]"), FaultCode::WrongType),
        ("[]".to_owned(), FaultCode::WrongType),
        (format!("{FS} {FS}"), FaultCode::Syntax),
        ("  ".to_owned(), FaultCode::Syntax),
    ] {
        let expected = [("--l2-adapter #1".to_owned(), None, vec![(String::new(), code)])];
        assert_eq!(faults(refused([argument.as_str()])), expected, "{argument:?}");
    }
}

#[test]
fn no_arguments_are_no_adapters_and_no_faults() {
    assert!(L2AdapterArgs::default().parse().unwrap().is_empty());
}

#[test]
fn every_fault_of_every_spec_is_reported_at_once() {
    let found = faults(refused([r#"{"type": "fs", "use_odirect": 1}"#, PD, r#"{"type": "pdd"}"#, "{"]));
    assert_eq!(
        found,
        [
            (
                "--l2-adapter #1".to_owned(),
                Some("fs"),
                vec![("/base_path".into(), FaultCode::Missing), ("/use_odirect".into(), FaultCode::WrongType)]
            ),
            ("--l2-adapter #3".to_owned(), None, vec![("/type".into(), FaultCode::UnknownType)]),
            ("--l2-adapter #4".to_owned(), None, vec![(String::new(), FaultCode::Syntax)]),
        ]
    );
}

#[test]
fn a_spec_needs_a_type() {
    let found = faults(refused([r#"{"base_path": "/cache"}"#]));
    assert_eq!(found[0].2, [("/type".into(), FaultCode::Missing)]);
}

#[test]
fn a_repeated_key_is_a_fault() {
    let found = faults(refused([r#"{"type": "fs", "base_path": "/a", "base_path": "/b"}"#]));
    assert_eq!(found[0].2, [("/base_path".into(), FaultCode::RepeatedKey)]);
}

#[test]
fn each_fault_is_a_line_with_its_place_and_code_and_a_hint_names_each_type_once() {
    let broken = "{\"type\": \"fs\",\n \"use_odirect\": 1, \"base_pth\": \"/\"}";
    assert_eq!(
        refused([broken, FS, broken]).to_string(),
        "\
the L2 adapter specs cannot be used:
--l2-adapter #1:1:1: error[missing]: /base_path: `base_path` is required, expected a string
--l2-adapter #1:2:17: error[wrong_type]: /use_odirect: `use_odirect` must be true or false, got 1
  hint: did you mean `true`?
--l2-adapter #1:2:20: error[unknown_key]: /base_pth: `base_pth` is not a key of `fs`
  hint: did you mean `base_path`?
--l2-adapter #3:1:1: error[missing]: /base_path: `base_path` is required, expected a string
--l2-adapter #3:2:17: error[wrong_type]: /use_odirect: `use_odirect` must be true or false, got 1
  hint: did you mean `true`?
--l2-adapter #3:2:20: error[unknown_key]: /base_pth: `base_pth` is not a key of `fs`
  hint: did you mean `base_path`?
hint: `l2-adapter explain fs` lists what `fs` accepts"
    );
}

#[test]
fn a_fault_in_a_file_has_the_place_in_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let argument = in_file(folder.path(), &format!("[{FS},\n {{\"type\": \"fs\"}}]"));
    let text = refused([argument.as_str()]).to_string();
    let place = format!("{}:2:2: error[missing]: /base_path: ", &argument[1..]);
    assert!(text.lines().nth(1).unwrap().starts_with(&place), "{text}");
}

#[test]
fn a_file_may_hold_several_specs() {
    let folder = tempfile::tempdir().unwrap();
    let argument = in_file(folder.path(), &format!("{FS}\n{PD}\n"));
    assert_eq!(L2AdapterArgs::from_iter([argument]).parse().unwrap().len(), 2);
}

#[test]
fn a_file_without_a_spec_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for empty in ["", " \n", "[]"] {
        let argument = in_file(folder.path(), empty);
        let text = refused([argument.as_str()]).to_string();
        let line = format!("--l2-adapter #1: there is no document in {}", &argument[1..]);
        assert_eq!(text.lines().nth(1), Some(&*line), "{empty:?}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.json");
    let text = refused([format!("@{}", missing.display()).as_str()]).to_string();
    let line = format!("--l2-adapter #1: cannot read {}: ", missing.display());
    assert!(text.lines().nth(1).unwrap().starts_with(&line), "{text}");
}

#[cfg(unix)]
#[test]
fn endless_files_and_fifos_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    assert!(std::process::Command::new("mkfifo").arg(path("fifo")).status().unwrap().success());
    std::os::unix::fs::symlink(path("round"), path("round")).unwrap();
    let longest = 64 << 20;
    for (name, length) in [("longest", longest), ("longer", longest + 1)] {
        fs::File::create(path(name)).unwrap().set_len(length).unwrap();
    }
    for (file, reason) in [
        (path("fifo"), "it is a FIFO, which may never have a writer"),
        (path("round"), "Too many levels of symbolic links"),
        (path("longer"), "has more than 67108864 bytes: name a file of specs"),
        ("/dev/zero".to_owned(), "has more than 67108864 bytes: name a file of specs"),
        // It is read, but has no spec.
        (path("longest"), "the text is longer than 1048576 bytes"),
    ] {
        let text = refused([format!("@{file}").as_str()]).to_string();
        assert!(text.contains(&file) && text.contains(reason), "{text}");
    }
}

#[test]
fn a_spec_cannot_forge_lines_of_the_report() {
    let text = refused([r#"{"type": "fs", "base_path": "/", "\u001b[2J\nserver started": 1}"#]).to_string();
    assert!(!text.contains('\u{1b}') && text.lines().count() == 3, "{text}");
}

#[test]
fn the_debug_form_of_the_arguments_shows_no_spec() {
    let arguments = L2AdapterArgs::from_iter([r#"{"type": "resp", "password": "hunter2"}"#, "@specs.json"]);
    assert_eq!(format!("{arguments:?}"), r#"L2AdapterArgs { l2_adapter: ["[redacted]", "@specs.json"] }"#);
}

/// clap shows the documentation of a flattened group as the description of a program that has none of its own.
#[cfg(feature = "cli")]
#[test]
fn a_server_keeps_its_own_description_and_gets_that_of_the_argument() {
    use clap::{Args as _, Command};

    for about in [None, Some("A server.")] {
        let command = L2AdapterArgs::augment_args(Command::new("server").about(about));
        assert_eq!(command.get_about().map(ToString::to_string).as_deref(), about);
        assert_eq!(command.get_long_about(), None);
        let help = command.get_arguments().next().and_then(|argument| argument.get_help()).map(ToString::to_string);
        assert!(help.is_some_and(|help| help.starts_with("An L2 adapter: a JSON object")));
    }
}

#[cfg(feature = "cli")]
#[test]
fn arguments_may_be_optional_and_updated() {
    use clap::Parser;

    #[derive(Parser)]
    struct Server {
        #[command(flatten)]
        l2_adapters: Option<L2AdapterArgs>,
    }

    let mut server = Server::parse_from(["server"]);
    assert!(server.l2_adapters.is_none());
    for spec in [PD, FS] {
        server.update_from(["server", "--l2-adapter", spec]);
        assert_eq!(server.l2_adapters, Some(L2AdapterArgs::from_iter([spec])));
    }
    server.update_from(["server"]);
    assert_eq!(server.l2_adapters, Some(L2AdapterArgs::from_iter([FS])));
}
