// ajv and Python's jsonschema, with the exported schema, accept the same documents as `check`.

import assert from 'node:assert/strict';
import test from 'node:test';

import { askedOfLmcache, corpus } from './support/corpus.mjs';
import { keys, withValue } from './support/documents.mjs';
import { holdsAt } from './support/findings.mjs';
import { Ajv, l2Adapter, python } from './support/peers.mjs';
import { annotations, resolved, schema, schemaText, types, wholeLanguage } from './support/schema.mjs';

// The faults that a schema cannot state: FaultCode::BEYOND_SCHEMA.
const beyondSchema = ['rule', 'parse_with', 'computed_default', 'missing_environment', 'inexact_integer', 'nesting'];
// A fault that a schema states in part: it has the characters of an address, but not their order.
const partlyInSchema = 'address';

function ajvOn(exported) {
    return new Ajv({ strict: true, strictRequired: false, keywords: annotations }).compile(exported);
}

const validate = ajvOn(schema);
const judges = {
    ajv: (texts) => texts.map((text) => validate(JSON.parse(text))),
    python: (texts) => JSON.parse(python('python_verdicts.py', [schemaText.replaceAll('\n', ' '), ...texts].join('\n'))),
    // Whether the document has no fault that a schema can state; undefined if a schema may accept or refuse it.
    check: (texts) => checked(texts).map(({ errors }) => {
        const codes = errors.map(({ code }) => code).filter((code) => !beyondSchema.includes(code));
        return codes.length > 0 && codes.every((code) => code === partlyInSchema) ? undefined : codes.length === 0;
    }),
};

function checked(texts) {
    const lines = l2Adapter(['check', '--no-pairs', '--quiet', '--format', 'json'], texts.join('\n')).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line));
}

function verdictsOn(texts) {
    return Object.fromEntries(Object.entries(judges).map(([name, judge]) => [name, judge(texts)]));
}

test('the schema of each type compiles in ajv, strictly', () =>
    holdsAt(types.map((name) => ({ name })), ({ name }) => {
        ajvOn(JSON.parse(l2Adapter(['schema', name])));
    }));

test('a schema that uses the whole language compiles in ajv, strictly', () => {
    assert.ok(ajvOn(wholeLanguage()));
});

function agreeOn(texts) {
    const verdicts = verdictsOn(texts);
    const names = Object.keys(judges);
    assert.deepEqual(names.map((name) => verdicts[name].length), names.map(() => texts.length));
    const differing = texts.flatMap((text, index) => {
        const each = names.map((name) => verdicts[name][index]);
        return new Set(each.filter((verdict) => verdict !== undefined)).size > 1 ? [`${names.map((name, place) => `${name} ${each[place]}`).join(', ')}: ${text}`] : [];
    });
    assert.equal(differing.length, 0, `${differing.length} of ${texts.length}:\n${differing.slice(0, 50).join('\n')}`);
}

test('ajv, Python and check agree on every document', () => agreeOn(corpus));

test('ajv, Python and check agree on every document with a recorded answer of LMCache', () => {
    // Validators of values cannot see repeated keys.
    const faults = checked(askedOfLmcache).map(({ errors }) => errors.map(({ code }) => code));
    const distinct = askedOfLmcache.filter((_, index) => !faults[index].includes('repeated_key'));
    assert.ok(distinct.length > 7000, `${distinct.length}`);
    agreeOn(distinct);
});

test('each type has valid and invalid documents', () =>
    holdsAt(types.map((name) => ({ name })), ({ name }) => {
        const ofType = corpus.filter((text) => JSON.parse(text).type === name);
        const accepted = judges.ajv(ofType).filter(Boolean).length;
        return (accepted < 5 || ofType.length - accepted < 20) && `${accepted} of ${ofType.length} are accepted`;
    }));

test('a number beyond 2^64 is refused by Python and check, and accepted by ajv', () => {
    // JavaScript reads 18446744073709551616 and the bound 18446744073709551615 as the same number.
    const unlimited = keys.filter(({ part }) => resolved(part).maximum === 2 ** 64 && !part.enum && !part.multipleOf);
    const tooLarge = ({ document, path }) =>
        JSON.stringify(withValue(document, path, 'beyond')).replace('"beyond"', '18446744073709551616');
    const verdicts = verdictsOn(unlimited.map(tooLarge));
    assert.ok(verdicts.ajv.every(Boolean));
    assert.deepEqual([verdicts.python.some(Boolean), verdicts.check.some(Boolean)], [false, false]);
});
