//! `check` of long inputs, and with outputs that nothing reads.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};

use crate::program::l2_adapter;

const FS: &str = r#"{"type": "fs", "base_path": "/cache"}"#;

#[test]
fn a_document_is_reported_before_the_next_is_written() {
    let mut program = l2_adapter(&["check", "--format", "json"]);
    let mut child = program.start();
    let mut stdin = child.stdin.take().unwrap();
    let mut reports = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        writeln!(stdin, "{FS}").unwrap();
        let report = reports.next().unwrap().unwrap();
        assert!(report.contains("\"ok\":true"), "{report}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_closed_output_is_not_a_failure() {
    let mut program = l2_adapter(&["check", "--format", "json"]);
    let mut child = program.start();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // The program may have ended before it was given everything.
    let _ = stdin.write_all(format!("{FS}\n").repeat(5_000).as_bytes());
    drop(stdin);
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

/// The most memory a process has had, in KiB.
#[cfg(target_os = "linux")]
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn two_hundred_thousand_lines_take_no_more_memory_than_two_thousand() {
    // Every thousandth line is invalid: its report shows how far the program has read.
    let valid = format!("{{\"type\": \"fs\", \"base_path\": \"/cache\", \"affinity_tag\": \"{:0100}\"}}\n", 1);
    let lines = format!("{}{{\"type\": \"fs\"}}\n", valid.repeat(999));
    let mut program = l2_adapter(&["check", "--quiet"]);
    let mut child = program.start();
    let mut stdin = child.stdin.take().unwrap();
    let mut reports = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut peaks_kib = Vec::new();
    for thousands in 1..=200 {
        stdin.write_all(lines.as_bytes()).unwrap();
        let report = reports.next().unwrap().unwrap();
        assert!(report.starts_with(&format!("<stdin>:{thousands}000:1: error[missing]")), "{report}");
        if thousands == 2 || thousands == 200 {
            peaks_kib.push(peak_kib(child.id()));
        }
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
    // The kernel's counts are approximate: the second peak may be slightly below the first.
    let grown_kib = peaks_kib[1].saturating_sub(peaks_kib[0]);
    assert!(grown_kib < 1_024, "198 times {} KiB of text took {grown_kib} KiB more", lines.len() / 1_024);
}

#[test]
#[cfg(target_os = "linux")]
fn a_document_beyond_the_limit_is_reported_and_takes_no_memory() {
    let too_long = |line: usize, column: usize| {
        format!(
            "<stdin>:{line}:{column}: error[syntax]: the text is longer than 1048576 bytes, the most that one document may have"
        )
    };
    // The memory of the program itself, which differs between builds.
    let mut program = l2_adapter(&["check", "--quiet"]);
    let mut child = program.start();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{}\n").unwrap();
    assert!(BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap().contains("missing"));
    let own_kib = peak_kib(child.id());
    drop(stdin);
    child.wait().unwrap();
    // As a line, and as an item of a list, in which brackets are counted.
    for (begin, end, place) in [("{}\n", "\n", (2, 1)), ("[", "", (1, 2))] {
        let mut program = l2_adapter(&["check", "--quiet"]);
        let mut child = program.start();
        let mut stdin = child.stdin.take().unwrap();
        let reports = BufReader::new(child.stdout.take().unwrap()).lines();
        stdin.write_all(begin.as_bytes()).unwrap();
        for _ in 0..32 {
            stdin.write_all(&[b'['; 1 << 20]).unwrap();
        }
        stdin.write_all(end.as_bytes()).unwrap();
        let peak_kib = peak_kib(child.id());
        drop(stdin);
        let report = reports.map(Result::unwrap).find(|line| line.contains("longer than"));
        assert_eq!(report, Some(too_long(place.0, place.1)));
        assert_eq!(child.wait().unwrap().code(), Some(2));
        // Less than a quarter of the 32 MiB.
        let grown_kib = peak_kib.saturating_sub(own_kib);
        assert!(grown_kib < 8 << 10, "{begin:?}: {grown_kib} KiB");
    }
}
