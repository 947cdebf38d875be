// The specs that an editor offers to insert.

import assert from 'node:assert/strict';
import test from 'node:test';

import { minimal } from './support/documents.mjs';
import { Editor } from './support/editor.mjs';
import { holdsAt } from './support/findings.mjs';
import { l2Adapter } from './support/peers.mjs';
import { types } from './support/schema.mjs';

const named = types.map((name) => ({ name }));

/** The text after the snippet of this name is inserted at the `|`. */
async function inserted(text, name) {
    const editor = new Editor(text.replace('|', ''));
    const item = (await editor.completions(text.indexOf('|'))).find(({ label }) => label === name);
    return item && editor.accepted(item);
}

test('an empty file is offered a spec of each type', () =>
    holdsAt(named, async ({ name }) => {
        const text = await inserted('|', name);
        return text === undefined && 'not offered';
    }));

test('a snippet is the minimal spec, with its type first', () =>
    holdsAt(named, async ({ name }) => {
        const spec = JSON.parse(await inserted('|', name));
        assert.deepEqual(spec, minimal[name]);
        return Object.keys(spec)[0] !== 'type' && Object.keys(spec)[0];
    }));

test('a snippet is valid for the editor and for check', () =>
    holdsAt(named, async ({ name }) => {
        const text = await inserted('|', name);
        const found = await new Editor(text).diagnostics();
        const verdict = JSON.parse(l2Adapter(['check', '--quiet', '--format', 'json'], text));
        return (found.length > 0 || !verdict.ok) && JSON.stringify([found, verdict.errors]);
    }));

test('the cursor stops at each example value', () =>
    holdsAt(named, async ({ name }) => {
        const item = (await new Editor('').completions(0)).find(({ label }) => label === name);
        const stops = [...item.textEdit.newText.matchAll(/\$\{(\d+):/g)].map(([, number]) => Number(number));
        const expected = Object.keys(minimal[name]).length - 1;
        return (stops.length < expected || stops.some((stop, index) => stop !== index + 1)) && item.textEdit.newText;
    }));

test('a spec is inserted into a list', () =>
    holdsAt(named, async ({ name }) => {
        const text = await inserted(`[${JSON.stringify(minimal[types[0]])}, |]`, name);
        const found = await new Editor(text).diagnostics();
        assert.deepEqual(JSON.parse(text)[1], minimal[name]);
        return found.length > 0 && JSON.stringify(found);
    }));
