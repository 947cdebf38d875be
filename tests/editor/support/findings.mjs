// Tests many places at once: a failing test names every place and the finding there.

import assert from 'node:assert/strict';

/** Asserts that `check`, which returns a finding as text, finds nothing at any of the places. */
export async function holdsAt(places, check) {
    assert.ok(places.length > 0, 'there is no place to look at');
    const findings = [];
    for (const place of places) {
        const found = await check(place);
        if (found) findings.push(`${place.name}: ${found}`);
    }
    assert.equal(findings.length, 0, `${findings.length} of ${places.length} places:\n${findings.slice(0, 20).join('\n')}`);
}

/** What is wrong with diagnostics that should be one, on this range, with words that match. */
export function notJust(diagnostics, range, words) {
    const [only] = diagnostics;
    const inPlace = diagnostics.length === 1 && only.start === range.start && only.end === range.end;
    return inPlace && words.test(only.message) ? undefined : JSON.stringify(diagnostics);
}
