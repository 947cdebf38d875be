//! Runs every interleaving of threads that use a board. Without a bound on preemptions the model checker takes two seconds.

use loom::{
    model,
    sync::{Arc, Condvar, Mutex},
    thread,
};

use super::*;

/// An event of the model checker, which reports waiting in vain as a deadlock.
#[derive(Debug, Default)]
struct Event {
    signalled: Mutex<bool>,
    changed: Condvar,
}

impl Signal for Event {
    fn signal(&self) {
        *self.signalled.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

impl Event {
    fn drain(&self) -> bool {
        mem::take(&mut *self.signalled.lock().unwrap())
    }

    /// The controller's part: waits until the event is signalled, and resets it.
    fn wait(&self) {
        let mut signalled = self.signalled.lock().unwrap();
        while !mem::take(&mut *signalled) {
            signalled = self.changed.wait(signalled).unwrap();
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Undone(Undone),
}

impl TaskResult for Outcome {
    fn undone(_: usize, reason: Undone) -> Self {
        Self::Undone(reason)
    }
}

type Shared = Arc<Board<Outcome, Event>>;

const FIRST: TaskId = TaskId(1);
const SECOND: TaskId = TaskId(2);

/// A board with these tasks open.
fn board(limit: usize, open: &[TaskId]) -> Shared {
    let board = Board::new(Event::default(), limit);
    open.iter().for_each(|task| board.begin(*task, 1));
    Arc::new(board)
}

fn beside(board: &Shared, act: impl FnOnce(&Board<Outcome, Event>) + 'static) -> thread::JoinHandle<()> {
    let board = Arc::clone(board);
    thread::spawn(move || act(&board))
}

#[test]
fn a_result_can_be_taken_once_its_event_is_seen() {
    model(|| {
        let board = board(4, &[FIRST]);
        let completing = beside(&board, |board| board.complete(FIRST, Outcome::Done));
        if board.event.drain() {
            assert_eq!(board.take(FIRST), Some(Outcome::Done));
        }
        completing.join().unwrap();
    });
}

#[test]
fn a_thread_that_waits_for_the_event_gets_every_result() {
    model(|| {
        let board = board(4, &[FIRST, SECOND]);
        let threads = [FIRST, SECOND].map(|task| beside(&board, move |board| board.complete(task, Outcome::Done)));
        let mut taken = 0;
        while taken < 2 {
            board.event.wait();
            taken += board.take_all().len();
        }
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(board.take_all(), []);
    });
}

#[test]
fn each_task_completes_once_even_if_the_board_closes_meanwhile() {
    model(|| {
        let board = board(4, &[FIRST]);
        let completing = beside(&board, |board| board.complete(FIRST, Outcome::Done));
        let closing = beside(&board, Board::close);
        board.begin(SECOND, 1);
        completing.join().unwrap();
        closing.join().unwrap();
        assert!(board.event.drain());
        let results = board.take_all();
        let [(FIRST, first), (SECOND, Outcome::Undone(Undone::Closed))] = results.as_slice() else {
            panic!("{results:?}")
        };
        assert!(matches!(first, Outcome::Done | Outcome::Undone(Undone::Closed)), "{first:?}");
        assert_eq!((board.open_tasks(), board.lost_results()), (0, 0));
    });
}

#[test]
fn only_one_of_two_threads_gets_a_result() {
    model(|| {
        let board = board(4, &[FIRST]);
        board.complete(FIRST, Outcome::Done);
        let taken = Arc::new(Mutex::new(0));
        let other = Arc::clone(&taken);
        let taking = beside(&board, move |board| *other.lock().unwrap() += board.take_all().len());
        let mine = usize::from(board.take(FIRST).is_some());
        taking.join().unwrap();
        assert_eq!(mine + *taken.lock().unwrap(), 1);
    });
}

#[test]
fn taken_and_lost_results_add_up_to_the_tasks() {
    model(|| {
        let board = board(1, &[FIRST]);
        let completing = beside(&board, |board| board.complete(FIRST, Outcome::Done));
        board.begin(SECOND, 1);
        board.complete(SECOND, Outcome::Done);
        completing.join().unwrap();
        assert_eq!((board.take_all().len(), board.lost_results(), board.open_tasks()), (1, 1, 0));
    });
}
