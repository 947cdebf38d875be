// The exported schema loads in every engine, with the engine's default strictness.

import assert from 'node:assert/strict';
import test from 'node:test';

import { corpus } from './support/corpus.mjs';
import { holdsAt } from './support/findings.mjs';
import { Ajv, l2Adapter, python } from './support/peers.mjs';
import { annotations, schema as editorSchema, types, wholeLanguage } from './support/schema.mjs';

/** Without the keywords of editors, as tests/language shows the plain schema to be. */
const plain = (key, value) =>
    value instanceof Object && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).filter(([key]) => !annotations.includes(key)))
        : value;

const exported = [
    { name: 'any spec', text: l2Adapter(['schema']) },
    { name: 'the whole language', text: JSON.stringify(wholeLanguage(), plain) },
    ...types.map((name) => ({ name, text: l2Adapter(['schema', name]) })),
    ...types.map((name) => ({ name: `${name} for editors`, text: l2Adapter(['schema', name, '--editor']) })),
];

/** ajv as it comes; what it logs is a failure too. */
function strictly(schema) {
    const refuse = (message) => {
        throw new Error(message);
    };
    return new Ajv({ logger: { log: refuse, warn: refuse, error: refuse } }).compile(schema);
}

test('every schema except those for editors compiles in ajv without a warning', () =>
    holdsAt(exported.filter(({ name }) => !name.endsWith('for editors')), ({ text }) => {
        strictly(JSON.parse(text));
    }));

test('every pattern of every schema compiles in RE2, and every schema is valid in Python', () => {
    const lines = exported.map(({ text }) => text.replaceAll('\n', ' '));
    assert.ok(JSON.parse(python('patterns_in_re2.py', lines.join('\n'))) > 100);
});

test('the schema accepts the same documents with and without the keywords for editors', () => {
    const plain = strictly(JSON.parse(exported[0].text));
    const forEditors = new Ajv({ strict: false }).compile(editorSchema);
    const differing = corpus.filter((text) => plain(JSON.parse(text)) !== forEditors(JSON.parse(text)));
    assert.deepEqual(differing, []);
});
