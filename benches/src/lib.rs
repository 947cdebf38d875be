//! Measurements of l2-adapter and its peers: both sides in one run, interleaved, with the ratio printed.
//!
//! Common harnesses measure one side after the other, which is useless on a machine whose speed varies by 30 % from minute to
//! minute. Here every round measures every side once, and ratios are those of the same round.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

pub mod documents;
pub mod peers;
pub mod peers_deserr;

/// One side of a comparison.
pub struct Side<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
}

impl<'a> Side<'a> {
    /// A side that runs `run`. The optimizer cannot remove its result.
    pub fn new<T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Self {
        Self { name, run: Box::new(move || drop(black_box(run()))) }
    }
}

/// The result of one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The side's name.
    pub name: &'static str,
    /// Median nanoseconds for one run.
    pub median_ns: f64,
    /// The first side's time divided by this side's, within a round: 10th percentile, median, 90th percentile.
    pub ratio: [f64; 3],
}

/// Many short rounds, so that interruptions of milliseconds affect few of them, and not the medians.
const ROUNDS: usize = 2001;
const ROUND: Duration = Duration::from_micros(250);

/// Measures all sides, interleaved. Ratios are of the first side's time to each side's.
pub fn compare(sides: &mut [Side<'_>]) -> Vec<Measured> {
    let batches: Vec<u32> = sides.iter_mut().map(|side| batch_size(&mut side.run)).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); sides.len()];
    for _ in 0..ROUNDS {
        for (index, side) in sides.iter_mut().enumerate() {
            times[index].push(time(&mut side.run, batches[index]));
        }
    }
    sides
        .iter()
        .zip(&times)
        .map(|(side, own)| {
            let ratios = times[0].iter().zip(own).map(|(first, own)| first / own).collect();
            Measured {
                name: side.name,
                median_ns: percentile(own.clone(), 0.5),
                ratio: [0.1, 0.5, 0.9].map(|share| percentile(Vec::clone(&ratios), share)),
            }
        })
        .collect()
}

/// Prints the results as a table.
#[expect(clippy::print_stdout, reason = "a benchmark prints its table")]
pub fn print(title: &str, measured: &[Measured]) {
    let first = measured.first().map(|side| side.name).unwrap_or_default();
    println!("\n{title}\n{:<44} {:>10}   {first} / this (p10 .. p90)", "", "ns");
    for side in measured {
        let [low, median, high] = side.ratio;
        println!("{:<44} {:>10.0}   {median:.2} ({low:.2} .. {high:.2})", side.name, side.median_ns);
    }
}

/// How many runs fill a round.
fn batch_size(run: &mut dyn FnMut()) -> u32 {
    let mut batch = 1;
    loop {
        let start = Instant::now();
        (0..batch).for_each(|_| run());
        if start.elapsed() >= ROUND {
            return batch;
        }
        batch *= 2;
    }
}

fn time(run: &mut dyn FnMut(), batch: u32) -> f64 {
    let start = Instant::now();
    (0..batch).for_each(|_| run());
    start.elapsed().as_secs_f64() * 1e9 / f64::from(batch)
}

fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}
