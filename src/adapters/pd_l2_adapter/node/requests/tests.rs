//! Tests of the notices to the proxy: their content and their time.

use super::*;

/// A tracker, and the time.
struct Followed {
    tracker: RequestTracker,
    now: Duration,
}

impl Followed {
    fn new() -> Self {
        Self::of_receiver(None)
    }

    fn of_receiver(name: Option<&str>) -> Self {
        let tracker = RequestTracker::new(name.map(str::to_owned), RequestLimits::default());
        Self { tracker, now: Duration::from_secs(1) }
    }

    fn expect(&mut self, request: &str, keys: &[u8]) -> bool {
        self.expect_with(request, keys, &RequestWords::default())
    }

    fn expect_at(&mut self, request: &str, keys: &[u8], receiver: &str) -> bool {
        self.expect_with(request, keys, &named(receiver))
    }

    fn expect_with(&mut self, request: &str, keys: &[u8], words: &RequestWords) -> bool {
        self.tracker.expect(self.now, request, keys.iter().map(|number| key(*number)), words)
    }

    /// A store task begins. Returns the keys that are for this sender.
    fn begin(&mut self, keys: &[u8]) -> Vec<ObjectKey> {
        let keys = keys.iter().map(|number| key(*number));
        keys.filter(|key| self.tracker.key_begins(self.now, key)).collect()
    }

    fn end(&mut self, keys: &[ObjectKey], failure: Option<&str>) {
        self.tracker.task_ends(self.now, keys, failure);
    }

    fn store(&mut self, keys: &[u8]) {
        let task = self.begin(keys);
        self.end(&task, None);
    }

    fn finish(&mut self, request: &str) {
        self.tracker.finish(self.now, request);
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.tracker.expire(self.now);
    }

    /// The notifications since the last call: requests, and whether they failed.
    fn notices(&mut self) -> Vec<(String, bool)> {
        let notices = self.tracker.take_notices().into_iter();
        notices.map(|notice| (notice.request, notice.failure.is_some())).collect()
    }

    /// Asserts that nothing is left of any request after the time in which it is remembered.
    fn assert_empty(mut self) {
        assert_eq!(self.notices(), []);
        self.wait(self.tracker.limits.after_notice * 2);
        let RequestTracker { requests, keys, expected_keys, deadlines, .. } = &self.tracker;
        assert!(requests.is_empty() && keys.is_empty() && deadlines.is_empty(), "{:?}", self.tracker);
        assert_eq!(*expected_keys, 0);
    }
}

fn key(number: u8) -> ObjectKey {
    ObjectKey::new("model", 0, &[number]).unwrap()
}

fn named(receiver: &str) -> RequestWords {
    RequestWords { receiver: Some(receiver.to_owned()), proxy_request: None }
}

fn completed(request: &str) -> (String, bool) {
    (request.to_owned(), false)
}

fn failed(request: &str) -> (String, bool) {
    (request.to_owned(), true)
}

#[test]
fn a_request_is_notified_after_its_last_commit_and_its_end() {
    let mut followed = Followed::new();
    followed.expect("r", &[1, 2]);
    followed.store(&[1]);
    followed.finish("r");
    assert_eq!(followed.notices(), []);
    followed.store(&[2]);
    assert_eq!(followed.notices(), [completed("r")]);
    followed.assert_empty();
}

#[test]
fn the_end_of_a_request_may_overtake_its_last_store() {
    let mut followed = Followed::new();
    followed.expect("r", &[1]);
    followed.finish("r");
    followed.wait(followed.tracker.limits.after_end - Duration::from_millis(1));
    let task = followed.begin(&[1]);
    followed.wait(Duration::from_secs(60));
    assert_eq!(followed.notices(), [], "the task is open");
    followed.end(&task, None);
    assert_eq!(followed.notices(), [completed("r")]);
    followed.assert_empty();
}

#[test]
fn the_first_ready_rank_waits_for_the_others() {
    let mut followed = Followed::new();
    let of_rank = |rank| ObjectKey::new("model", rank, &[1]).unwrap();
    followed.tracker.expect(followed.now, "r", [0, 1].map(of_rank), &RequestWords::default());
    followed.finish("r");
    for rank in 0..2 {
        assert_eq!(followed.notices(), []);
        let task = [of_rank(rank)];
        assert!(followed.tracker.key_begins(followed.now, &task[0]));
        followed.end(&task, None);
    }
    assert_eq!(followed.notices(), [completed("r")]);
    followed.assert_empty();
}

#[test]
fn one_store_task_completes_a_key_for_all_requests_that_expect_it() {
    let mut followed = Followed::new();
    for request in ["first", "second"] {
        followed.expect(request, &[1]);
        followed.finish(request);
    }
    followed.store(&[1]);
    assert_eq!(followed.notices(), [completed("first"), completed("second")]);
    followed.assert_empty();
}

#[test]
fn a_key_in_l1_that_is_never_stored_is_unclaimed_and_finally_fails_the_request() {
    let mut followed = Followed::new();
    // Earlier stores do not count: the receiver may have lost their chunks.
    followed.store(&[1]);
    followed.expect("r", &[1, 2]);
    followed.store(&[2]);
    followed.finish("r");
    assert_eq!(followed.tracker.unclaimed("r"), [key(1)]);
    followed.wait(followed.tracker.limits.after_end - Duration::from_millis(1));
    assert_eq!(followed.notices(), []);
    followed.wait(Duration::from_millis(1));
    assert_eq!(followed.notices(), [failed("r")]);
    assert_eq!(followed.tracker.counters(), RequestCounters { open: 0, failed: 1, missing_chunks: 1 });
    followed.assert_empty();
}

#[test]
fn a_key_that_is_pushed_from_l1_completes_like_any_other() {
    let mut followed = Followed::new();
    followed.expect("r", &[1]);
    followed.finish("r");
    let task = followed.begin(&[1]);
    assert_eq!(followed.tracker.unclaimed("r"), []);
    followed.end(&task, None);
    assert_eq!(followed.notices(), [completed("r")]);
    followed.assert_empty();
}

#[test]
fn a_failed_store_is_notified_with_the_first_reason() {
    let mut followed = Followed::new();
    followed.expect("r", &[1, 2, 3]);
    followed.store(&[1]);
    for (number, reason) in [(2, "first"), (3, "second")] {
        let task = followed.begin(&[number]);
        followed.end(&task, Some(reason));
    }
    followed.finish("r");
    let notices = followed.tracker.take_notices();
    assert_eq!(notices, [Notice { request: "r".to_owned(), failure: Some("first".to_owned()) }]);
    followed.assert_empty();
}

#[test]
fn a_failed_store_of_a_key_that_another_store_has_stored_fails_no_request() {
    let mut followed = Followed::new();
    followed.expect("r", &[1]);
    let tasks = [followed.begin(&[1]), followed.begin(&[1])];
    followed.finish("r");
    followed.end(&tasks[0], Some("too late"));
    assert_eq!(followed.notices(), []);
    followed.end(&tasks[1], None);
    assert_eq!(followed.notices(), [completed("r")]);
    followed.assert_empty();
}

#[test]
fn keys_that_the_server_could_not_store_fail_the_request_at_its_end_unless_a_store_task_has_them() {
    let mut followed = Followed::new();
    followed.expect("r", &[1, 2, 3]);
    followed.store(&[1]);
    let task = followed.begin(&[2]);
    followed.finish("r");
    followed.tracker.fail_keys(followed.now, "r", &[1, 2, 3, 3, 4].map(key), "no room");
    followed.tracker.fail_keys(followed.now, "unknown", &[key(1)], "no room");
    assert_eq!(followed.notices(), []);
    followed.end(&task, None);
    assert_eq!(followed.notices(), [failed("r")]);
    followed.assert_empty();
}

#[test]
fn a_request_shorter_than_a_chunk_is_notified_at_its_end() {
    let mut followed = Followed::new();
    followed.finish("never announced");
    followed.expect("no keys", &[]);
    assert_eq!(followed.notices(), [completed("never announced")]);
    followed.finish("no keys");
    assert_eq!(followed.notices(), [completed("no keys")]);
    followed.assert_empty();
}

#[test]
fn an_aborted_request_is_notified_as_failed() {
    let mut followed = Followed::new();
    followed.expect("r", &[1, 2]);
    followed.finish("r");
    followed.wait(followed.tracker.limits.after_end);
    assert_eq!(followed.notices(), [failed("r")]);
    // A store that still arrives does not start a second request.
    followed.expect("r", &[1, 2]);
    followed.store(&[1, 2]);
    followed.finish("r");
    followed.assert_empty();
}

#[test]
fn a_request_that_never_ends_is_notified_as_failed_after_a_long_idle_time() {
    let mut followed = Followed::new();
    followed.expect("r", &[1]);
    followed.store(&[1]);
    followed.wait(followed.tracker.limits.before_end - Duration::from_millis(1));
    assert_eq!(followed.notices(), []);
    followed.wait(Duration::from_millis(1));
    assert_eq!(followed.notices(), [failed("r")]);
    followed.assert_empty();
}

#[test]
fn a_request_that_ends_twice_is_notified_once() {
    let mut followed = Followed::new();
    followed.expect("r", &[1]);
    followed.store(&[1]);
    followed.finish("r");
    followed.finish("r");
    assert_eq!(followed.notices(), [completed("r")]);
    followed.assert_empty();
}

#[test]
fn closing_the_adapter_ends_every_request() {
    let mut followed = Followed::new();
    followed.expect("open", &[1]);
    followed.expect("over", &[]);
    followed.finish("over");
    followed.tracker.close(followed.now);
    assert_eq!(followed.notices(), [completed("over"), failed("open")]);
    followed.assert_empty();
}

#[test]
fn the_proxy_is_notified_with_the_id_in_the_requests_parameters() {
    let mut followed = Followed::new();
    let words = RequestWords { receiver: None, proxy_request: Some("17".to_owned()) };
    followed.expect_with("cmpl-r", &[], &words);
    followed.expect("cmpl-r", &[1]);
    followed.store(&[1]);
    followed.finish("cmpl-r");
    assert_eq!(followed.notices(), [completed("17")]);
    followed.assert_empty();
}

#[test]
fn keys_of_a_request_for_another_receiver_are_not_stored_and_the_proxy_is_not_notified() {
    let mut followed = Followed::of_receiver(Some("decode-0"));
    assert!(!followed.expect_at("theirs", &[1, 2], "decode-1"));
    assert!(followed.expect_at("ours", &[2, 3], "decode-0"));
    assert!(followed.expect("of all", &[4]));
    let task = followed.begin(&[1, 2, 3, 4, 5]);
    assert_eq!(task, [2, 3, 4, 5].map(key), "a key of two requests goes to both, and one of no request to all");
    followed.end(&task, None);
    for request in ["theirs", "ours", "of all"] {
        followed.finish(request);
    }
    assert_eq!(followed.notices(), [completed("ours"), completed("of all")]);
    followed.assert_empty();
}

#[test]
fn a_key_for_another_or_an_unknown_receiver_is_not_stored_even_after_the_requests_end() {
    let mut followed = Followed::of_receiver(Some("decode-0"));
    followed.expect_at("theirs", &[1], "decode-1");
    followed.expect_at("of nobody", &[2], "decode-9");
    followed.tracker.reject(followed.now, "of nobody", "nobody has it");
    followed.store(&[1]);
    ["theirs", "of nobody"].iter().for_each(|request| followed.finish(request));
    assert_eq!(followed.notices(), [failed("of nobody")]);
    followed.wait(followed.tracker.limits.after_end - Duration::from_millis(1));
    assert!(followed.begin(&[1, 2]).is_empty());
    assert_eq!(followed.tracker.counters(), RequestCounters { open: 0, failed: 1, missing_chunks: 0 });
    followed.assert_empty();
}

#[test]
fn a_key_that_only_another_receiver_got_is_unclaimed_when_it_is_needed_here() {
    let mut followed = Followed::of_receiver(Some("decode-0"));
    followed.expect_at("theirs", &[1], "decode-1");
    followed.store(&[1]);
    followed.finish("theirs");
    followed.expect_at("ours", &[1], "decode-0");
    followed.finish("ours");
    assert_eq!(followed.tracker.unclaimed("ours"), [key(1)]);
    followed.store(&[1]);
    assert_eq!(followed.notices(), [completed("ours")]);
    followed.assert_empty();
}

#[test]
fn a_request_for_an_unknown_receiver_fails_at_its_end_without_a_wait() {
    let mut followed = Followed::of_receiver(Some("decode-0"));
    followed.expect_at("r", &[1], "decode-9");
    followed.tracker.reject(followed.now, "r", "nobody has it");
    assert_eq!(followed.notices(), []);
    followed.finish("r");
    assert_eq!(followed.notices(), [failed("r")]);
    followed.assert_empty();
}

#[test]
fn a_request_of_a_removed_sender_is_left_to_that_sender() {
    let mut followed = Followed::of_receiver(Some("decode-0"));
    followed.expect_at("r", &[1], "decode-1");
    // The sender to decode-1 is removed, and notifies the proxy of "r" at its close. Then more of "r" is announced.
    followed.expect_at("r", &[2], "decode-1");
    followed.tracker.reject(followed.now, "r", "nobody has it");
    followed.finish("r");
    assert_eq!(followed.notices(), []);
    // A request that begins now has its own state.
    followed.expect_at("s", &[3], "decode-1");
    followed.tracker.reject(followed.now, "s", "nobody has it");
    followed.expect_at("s", &[4], "decode-1");
    followed.tracker.reject(followed.now, "s", "nobody has it");
    followed.finish("s");
    assert_eq!(followed.notices(), [failed("s")]);
}

#[test]
fn a_request_beyond_the_limit_ends_the_one_that_was_idle_for_longest() {
    let mut followed = Followed::new();
    followed.tracker.limits.requests_max = 2;
    followed.expect("a", &[1]);
    followed.now += Duration::from_secs(1);
    followed.expect("b", &[2]);
    followed.now += Duration::from_secs(1);
    followed.store(&[1]);
    assert_eq!(followed.notices(), []);
    followed.expect("c", &[3]);
    assert_eq!(followed.notices(), [failed("b")]);
    followed.store(&[3]);
    ["a", "c"].iter().for_each(|request| followed.finish(request));
    assert_eq!(followed.notices(), [completed("a"), completed("c")]);
    followed.assert_empty();
}

#[test]
fn a_request_with_keys_beyond_the_limit_fails_at_its_end() {
    let mut followed = Followed::new();
    followed.tracker.limits.keys_max = 2;
    followed.expect("at the bound", &[1, 2]);
    followed.expect("beyond", &[3]);
    followed.store(&[1, 2, 3]);
    ["at the bound", "beyond"].iter().for_each(|request| followed.finish(request));
    assert_eq!(followed.notices(), [completed("at the bound"), failed("beyond")]);
    followed.assert_empty();
}
