// The marks and messages of an editor for an invalid spec.

import assert from 'node:assert/strict';
import test from 'node:test';

import { at, keys, minimal, values, withValue } from './support/documents.mjs';
import { Editor } from './support/editor.mjs';
import { holdsAt, notJust } from './support/findings.mjs';
import { isRefused, jsonTypes, resolved, schema, types } from './support/schema.mjs';

/** A value of another JSON type, or undefined where every type is right. */
function wrongValue(part) {
    const accepted = jsonTypes(resolved(part));
    if (accepted.length === 0) return part.const === undefined ? undefined : 7;
    if (accepted.includes('integer')) accepted.push('number');
    const ofType = { boolean: true, number: 7.5, string: 'text', array: [], object: {}, null: null };
    return Object.entries(ofType).find(([type]) => !accepted.includes(type))[1];
}

/** A value of the same JSON type that is not on the list. */
function notAmong(listed) {
    const [first] = listed;
    if (typeof first === 'boolean') return !first;
    if (typeof first === 'string') return `${first}x`;
    return Array.from(listed, (_, index) => first + index + 1).find((number) => !listed.includes(number));
}

/** Numbers just outside the range that doubles can tell from the bound. */
function outside(part) {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf: step = 1 } = resolved(part);
    const beyond = [minimum - step, maximum + step, exclusiveMinimum, exclusiveMaximum];
    return part.enum ? [] : beyond.filter((value) => Math.abs(value) < 2 ** 53);
}

const misspelt = (key) => `${key}x`;
const closed = keys.filter(({ shape, path }) => shape.additionalProperties === false && path.at(-1) !== 'type');
const typed = values.filter(({ part }) => wrongValue(part) !== undefined);

function renamed({ document, path }) {
    const owner = at(document, path.slice(0, -1));
    const entries = Object.entries(owner).map(([key, value]) => [key === path.at(-1) ? misspelt(key) : key, value]);
    return withValue(document, path.slice(0, -1), Object.fromEntries(entries));
}

async function afterChange({ document, path }, value, words) {
    const editor = new Editor(withValue(document, path, value));
    return notJust(await editor.diagnostics(), editor.range(path), words);
}

test('a valid spec has no marks', () =>
    holdsAt(keys, async ({ document }) => {
        const found = await new Editor(document).diagnostics();
        return found.length > 0 && JSON.stringify(found);
    }));

test('a misspelt key is marked and named', () =>
    holdsAt(closed, async (place) => {
        const editor = new Editor(renamed(place));
        const key = misspelt(place.path.at(-1));
        // The message about the missing key is at the object.
        const found = (await editor.diagnostics()).filter(({ message }) => !message.startsWith('Missing property '));
        return notJust(found, editor.range([...place.path.slice(0, -1), key], 'key'), new RegExp(`${key} is not allowed`));
    }));

test('a value of the wrong type is marked, with the right type', () =>
    holdsAt(typed, (place) =>
        afterChange(place, wrongValue(place.part), /^Incorrect type. Expected |^must be |^Value must be /),
    ));

test('a value that is not allowed is marked, with all allowed ones', () =>
    holdsAt(values.filter(({ part }) => part.enum), (place) => {
        const { enum: listed, errorMessage: message } = place.part;
        const unnamed = listed.filter((value) => !message.includes(JSON.stringify(value)));
        if (unnamed.length > 0 && message !== 'must be a power of two') return `${unnamed.join(', ')} not in: ${message}`;
        return afterChange(place, notAmong(listed.filter((value) => value !== null)), /^must be /);
    }));

test('a number out of range is marked, with the bound', () =>
    holdsAt(values.filter(({ part }) => outside(part).length > 0), async (place) => {
        for (const number of outside(place.part)) {
            const found = await afterChange(place, number, /^Value is (below|above) the .*(minimum|maximum) of -?[0-9.e+]+\.$/);
            if (found) return found;
        }
    }));

test('a missing required key is named', () =>
    holdsAt(types.map((name) => ({ name })), async ({ name }) => {
        const missing = [];
        for (const key of schema.$defs[name].required ?? []) {
            const { [key]: _, ...rest } = minimal[name];
            const found = (await new Editor(rest).diagnostics()).map(({ message }) => message);
            if (found.join() !== `Missing property "${key}".`) missing.push(`${key}: ${found.join()}`);
        }
        return missing.join('; ');
    }));

test('a forbidden key is marked with the reason', () =>
    holdsAt(types.map((name) => ({ name })), async ({ name }) => {
        for (const [key, part] of Object.entries(schema.$defs[name].properties).filter(([, each]) => isRefused(each))) {
            const place = { document: { ...minimal[name], [key]: {} }, path: [key] };
            const found = await afterChange(place, {}, /^\S/);
            if (found || part.errorMessage !== part.description) return `${key}: ${found}`;
        }
    }));

test('a deprecated key is marked as deprecated, with its replacement', () =>
    holdsAt(keys.filter(({ part }) => part.deprecated), async ({ document, path, part }) => {
        const editor = new Editor(document);
        const { start } = editor.range(path, 'key');
        const found = await editor.warnings();
        const { message } = found.find((mark) => mark.start === start) ?? {};
        return message !== part.deprecationMessage && JSON.stringify(found);
    }));

test('an unknown type is marked, with all types', async () => {
    const editor = new Editor({ type: 'nonesuch' });
    const all = types.map((type) => JSON.stringify(type));
    const [found, ...others] = await editor.diagnostics();
    assert.deepEqual(others, []);
    assert.equal(found.marked, '"nonesuch"');
    assert.deepEqual(all.filter((type) => !found.message.includes(type)), []);
});

test('a document that is neither a spec nor a list has one mark', async () => {
    const found = await new Editor('7').diagnostics();
    assert.deepEqual(found.map(({ marked, message }) => [marked, message]), [['7', 'Incorrect type. Expected "object".']]);
});

test('a fault in one spec of a list does not mark the others', () =>
    holdsAt(typed.concat(closed.map((place) => ({ ...place, misspelt: true }))), async (place) => {
        const faulty = place.misspelt ? renamed(place) : withValue(place.document, place.path, wrongValue(place.part));
        const position = types.indexOf(place.type);
        const list = types.map((type, index) => (index === position ? faulty : minimal[type]));
        const editor = new Editor(list);
        const { start, end } = editor.range([position]);
        const found = await editor.diagnostics();
        const elsewhere = found.filter((each) => each.start < start || each.end > end);
        return (found.length === 0 || elsewhere.length > 0) && JSON.stringify(found);
    }));

test('an integer written as 1.0 is refused only by VS Code', async () => {
    // For JSON Schema 1 and 1.0 are equal, and `check` accepts 1.0 with a warning.
    const place = keys.find(({ part, path }) => jsonTypes(part)[0] === 'integer' && path.length === 1);
    const value = at(place.document, place.path);
    const text = JSON.stringify(place.document).replace(`"${place.path[0]}":${value}`, `"${place.path[0]}":${value}.0`);
    const editor = new Editor(text);
    const [only, ...others] = await editor.diagnostics();
    assert.deepEqual([only.marked, others], [`${value}.0`, []]);
    assert.match(only.message, /^Incorrect type. Expected .*integer/);
});
