// Documents as text: valid ones, and for each key its possible faults.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { at, keys, minimal, objects, values, withValue } from './documents.mjs';
import { repository } from './peers.mjs';
import { allowedValues, resolved } from './schema.mjs';

const ofEachType = [true, 7, 7.5, -1, 0, 'text', '', ' ', [], {}, { x: 1 }, ['text', 'text'], null];
const blanks = ['\t', '\u00a0', '\u200b', ' text', 'text ', 'text\n', 'x'.repeat(1000), '😀'.repeat(20)];
// JSON.stringify cannot write 1.0: this string is written instead, and its quotes are removed.
const float = (integer) => `float:${integer}.0`;

/** Whether JavaScript distinguishes a number from its neighbours. */
const isExact = (value) => typeof value !== 'number' || Math.abs(value) < 2 ** 53;

function* otherValues(part, value) {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems, maxItems } = resolved(part);
    yield* ofEachType;
    if (typeof value === 'string') yield* blanks;
    for (const allowed of allowedValues(part).filter(isExact)) {
        yield allowed;
        if (typeof allowed === 'string') yield* [allowed.toUpperCase(), `${allowed}x`];
    }
    const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((bound) => bound !== undefined);
    for (const bound of bounds.filter(isExact)) {
        yield* [bound, bound - 1, bound + 1, bound + 0.5];
        if (Number.isInteger(bound)) yield float(bound);
    }
    for (const length of [minLength, maxLength].filter((each) => each !== undefined)) {
        yield* [length, length + 1, Math.max(0, length - 1)].flatMap((count) => ['x'.repeat(count), '😀'.repeat(count)]);
    }
    if (!Array.isArray(value) || value.length === 0) return;
    for (const count of [minItems, maxItems].filter((each) => each !== undefined)) {
        yield* [count, count + 1].map((length) => Array(length).fill(value[0]));
    }
    yield* [[...value, ...value], [...value, null]];
}

function* mutants() {
    yield* Object.values(minimal);
    for (const { document, path } of objects) {
        yield* [document, withValue(document, path, { ...at(document, path), nonesuch: 1 })];
    }
    for (const { document, path } of keys) {
        yield document;
        const { [path.at(-1)]: taken, ...rest } = at(document, path.slice(0, -1));
        yield withValue(document, path.slice(0, -1), rest);
        yield withValue(document, path.slice(0, -1), { ...rest, [`${path.at(-1)}x`]: taken });
    }
    for (const { document, path, part } of values) {
        for (const other of otherValues(part, at(document, path))) yield withValue(document, path, other);
    }
}

const written = (document) => JSON.stringify(document).replaceAll(/"float:([^"]*)"/g, '$1');

export const corpus = [...new Set([...mutants()].map(written))];

/** Whether JavaScript distinguishes every number in a document from its neighbours. */
function holdsExactly(value) {
    if (value !== null && typeof value === 'object') return Object.values(value).every(holdsExactly);
    return isExact(value);
}

/**
 * Whether JavaScript reads a text exactly, and validators can read it as one line, in which a list is not a list of specs. For
 * `check`, half of a surrogate pair and very deep nesting are not JSON.
 */
function isReadable(text) {
    const isPlain = !/^\s*\[|\n|\\ud[89a-f]/i.test(text) && !text.includes('['.repeat(100));
    try {
        return isPlain && holdsExactly(JSON.parse(text));
    } catch {
        return false;
    }
}

const answers = path.join(repository, 'tests/lmcache/answers');
const recordings = readdirSync(answers).filter((file) => file.endsWith('.jsonl'));

/** The documents of tests/lmcache. */
export const askedOfLmcache = recordings
    .flatMap((file) => readFileSync(path.join(answers, file), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line).document)
    .filter(isReadable);
