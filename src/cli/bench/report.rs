//! The report, for people and for programs, and compared with an earlier one.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{
    BenchArgs,
    rows::{Aim, RUNS_FOR_A_VERDICT, Row, Unit, Values, Verdict},
};

/// What was measured so far: a list of numbers for each row, one of each run.
#[derive(Debug)]
pub(super) struct Report {
    settings: Value,
    is_busy: bool,
    rows: Vec<(&'static Row, Vec<f64>)>,
}

/// Why an earlier report is of no use here.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum BaselineError {
    #[error("it is not the JSON that `bench --format json` writes")]
    Unreadable(#[source] serde_json::Error),
    #[error("it has no `rows`: it is not a report of this version's `bench`")]
    NoRows,
    #[error("it was measured with {theirs}, this run is with {ours}: give the same options, on the same machine")]
    OtherSettings { theirs: Value, ours: Value },
}

/// An earlier report.
#[derive(Debug)]
pub(super) struct Baseline(Map<String, Value>);

impl Baseline {
    /// # Errors
    ///
    /// A text that is not a report, or one of other settings.
    pub(super) fn new(text: &str, report: &Report) -> Result<Self, BaselineError> {
        let earlier: Value = serde_json::from_str(text).map_err(BaselineError::Unreadable)?;
        let Some(Value::Object(rows)) = earlier.get("rows") else { return Err(BaselineError::NoRows) };
        let theirs = earlier.get("settings").cloned().unwrap_or_default();
        if theirs != report.settings {
            return Err(BaselineError::OtherSettings { theirs, ours: report.settings.clone() });
        }
        Ok(Self(rows.clone()))
    }

    fn values(&self, row: &Row) -> Option<Values> {
        let values = self.0.get(row.name)?.get("values")?.as_array()?;
        Values::new(values.iter().filter_map(Value::as_f64).collect())
    }
}

impl Report {
    pub(super) fn new(args: &BenchArgs) -> Self {
        Self {
            settings: json!({
                "transfer_channel": args.transfer_channel.as_str(),
                "chunk_bytes": args.chunk_bytes,
                "rounds": args.rounds,
                "idle_senders": args.idle_senders,
                "busy_neighbours": args.busy,
                "processors": std::thread::available_parallelism().map(usize::from).unwrap_or(1),
            }),
            is_busy: args.busy > 0,
            rows: Vec::new(),
        }
    }

    /// Takes in the number of one run.
    pub(super) fn add(&mut self, row: &'static Row, value: f64) {
        match self.rows.iter_mut().find(|(known, _)| known.name == row.name) {
            Some((_, values)) => values.push(value),
            None => self.rows.push((row, vec![value])),
        }
    }

    fn rows(&self) -> impl Iterator<Item = (&'static Row, Values)> {
        self.rows.iter().filter_map(|(row, values)| Some((*row, Values::new(values.clone())?)))
    }

    fn aim(&self, row: &Row) -> Option<Aim> {
        if self.is_busy { row.busy_aim } else { row.aim }
    }

    pub(super) fn to_json(&self) -> Value {
        let row = |(row, values): (&Row, Values)| {
            let aim = self.aim(row);
            let report = json!({
                "what": row.what,
                "unit": row.unit.as_str(),
                "values": values.as_slice(),
                "middle": values.middle(),
                "aim": aim,
                "verdict": aim.and_then(|aim| values.verdict(aim)),
            });
            (row.name.to_owned(), report)
        };
        json!({"settings": self.settings, "rows": self.rows().map(row).collect::<Map<_, _>>()})
    }

    pub(super) fn write_human(&self, baseline: Option<&Baseline>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.settings)?;
        for (row, values) in self.rows() {
            let unit = row.unit.as_str();
            write!(out, "{:46} {:>9} {unit:15}", row.what, number(row.unit, values.middle()))?;
            if values.as_slice().len() > 1 {
                let (low, high) = (number(row.unit, values.lowest()), number(row.unit, values.highest()));
                write!(out, " {:21}", format!("({low} to {high})"))?;
            }
            if let Some(aim) = self.aim(row) {
                let said = match values.verdict(aim) {
                    Some(Verdict::Reached) => ": reached",
                    Some(Verdict::Missed) => ": missed",
                    Some(Verdict::Unclear) => ": in some runs",
                    None => "",
                };
                write!(out, " aim {}{said}", aim_words(row.unit, aim))?;
            }
            if let Some(earlier) = baseline.and_then(|baseline| baseline.values(row)) {
                let compared = compared(row.unit, &earlier, &values);
                write!(out, ", before {}{compared}", number(row.unit, earlier.middle()))?;
            }
            writeln!(out)?;
        }
        if self.rows().any(|(_, values)| values.as_slice().len() < RUNS_FOR_A_VERDICT) {
            writeln!(
                out,
                "whether an aim is reached is said of {RUNS_FOR_A_VERDICT} runs: --runs {RUNS_FOR_A_VERDICT}"
            )?;
        }
        Ok(())
    }
}

fn aim_words(unit: Unit, aim: Aim) -> String {
    match aim {
        Aim::AtLeast(least) => format!(">= {}", number(unit, least)),
        Aim::AtMost(most) => format!("<= {}", number(unit, most)),
        Aim::NotAbove(most) => format!("{} within the spread", number(unit, most)),
    }
}

/// Something is said where the two spreads have no value in common.
fn compared(unit: Unit, earlier: &Values, now: &Values) -> &'static str {
    let (more, less) = if unit.wants_more() { (": better", ": worse") } else { (": worse", ": better") };
    if now.lowest() > earlier.highest() {
        more
    } else if now.highest() < earlier.lowest() {
        less
    } else {
        ""
    }
}

fn number(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Microseconds if value >= 10.0 => format!("{value:.0}"),
        Unit::Microseconds | Unit::MicrosecondsAChunk => format!("{value:.1}"),
        Unit::PercentOfACore => format!("{value:.3}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rows, *};

    fn values<const N: usize>(values: [f64; N]) -> Values {
        Values::new(values.to_vec()).unwrap()
    }

    fn report(small_stores: [f64; 5]) -> Report {
        let mut report = Report { settings: json!({"rounds": 3}), is_busy: false, rows: Vec::new() };
        small_stores.into_iter().for_each(|value| report.add(&rows::SMALL_STORE, value));
        report
    }

    #[test]
    fn the_report_has_the_middle_run_the_spread_the_aim_and_the_earlier_run() {
        let earlier = report([2.5, 2.4, 2.6, 2.5, 2.7]).to_json().to_string();
        let now = report([1.5, 1.9, 1.7, 1.6, 1.8]);
        let baseline = Baseline::new(&earlier, &now).unwrap();
        let mut out = Vec::new();
        now.write_human(Some(&baseline), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        {"rounds":3}
        the same, of its floor                              1.70 floors          (1.50 to 1.90)        aim <= 1.80: in some runs, before 2.50: better
        "#);
    }

    #[test]
    fn a_text_that_is_not_a_report_is_refused_as_a_baseline() {
        let now = report([1.0; 5]);
        assert!(matches!(Baseline::new("not JSON", &now), Err(BaselineError::Unreadable(_))));
        assert!(matches!(Baseline::new("{}", &now), Err(BaselineError::NoRows)));
        let other = r#"{"settings": {"rounds": 4}, "rows": {}}"#;
        assert!(matches!(Baseline::new(other, &now), Err(BaselineError::OtherSettings { .. })));
    }

    #[test]
    fn a_row_is_worse_only_if_the_spreads_do_not_overlap() {
        let (slow, fast, both) = (values([1.0, 1.2]), values([1.3, 1.5]), values([1.1, 1.4]));
        assert_eq!(compared(Unit::OfLimit, &slow, &fast), ": better");
        assert_eq!(compared(Unit::OfLimit, &fast, &slow), ": worse");
        assert_eq!(compared(Unit::Floors, &slow, &fast), ": worse");
        assert_eq!(compared(Unit::Floors, &slow, &both), "");
    }
}
