// The completions that an editor offers in a spec.

import test from 'node:test';

import { at, minimal, objects, values } from './support/documents.mjs';
import { atNewKey, Editor, withoutValue } from './support/editor.mjs';
import { holdsAt } from './support/findings.mjs';
import { allowedValues, isRefused, schema, suggestedKeys, types } from './support/schema.mjs';

const inList = ({ document, path, ...place }) => ({ ...place, document: [minimal[types[0]], document], path: [1, ...path] });
const withValues = values.filter(({ part }) => allowedValues(part).length > 0);

async function wrongKeys({ document, path, shape }) {
    const { editor, offset } = atNewKey(document, path);
    const there = Object.keys(at(document, path));
    const wanted = suggestedKeys(shape).filter((key) => !there.includes(key));
    const offered = (await editor.completions(offset)).map(({ label }) => label);
    const wrong = [...wanted.filter((key) => !offered.includes(key)), ...offered.filter((key) => !wanted.includes(key))];
    return wrong.length > 0 && `${wrong.join(', ')}; offered: ${offered.join(', ')}`;
}

async function offeredAt({ document, path }) {
    const { editor, offset } = withoutValue(document, path);
    return { editor, offered: await editor.completions(offset) };
}

async function missingValues(place) {
    const { offered } = await offeredAt(place);
    const labels = offered.map(({ label }) => label);
    const allowed = allowedValues(place.part).map((value) => JSON.stringify(value));
    const missing = allowed.filter((value) => !labels.includes(value));
    return missing.length > 0 && `${missing.join(', ')} not among ${labels.join(', ')}`;
}

test('exactly the missing keys are offered', () => holdsAt(objects, wrongKeys));

test('exactly the missing keys are offered in a list of specs', () => holdsAt(objects.map(inList), wrongKeys));

test('a key comes with its colon and documentation', () =>
    holdsAt(objects, async ({ document, path, shape }) => {
        const { editor, offset } = atNewKey(document, path);
        const wrong = (await editor.completions(offset)).filter(({ label, insertText, documentation }) => {
            const documented = documentation?.value === shape.properties?.[label]?.markdownDescription;
            return !insertText.startsWith(`${JSON.stringify(label)}: `) || !documented;
        });
        return wrong.length > 0 && JSON.stringify(wrong);
    }));

test('every allowed value is offered', () => holdsAt(withValues, missingValues));

test('every allowed value is offered in a list of specs', () => holdsAt(withValues.map(inList), missingValues));

/** What a key may be told because of other keys: an editor offers what the key's own schema takes. */
function conditionalMessages({ shape, path }) {
    return (shape.allOf ?? []).map(({ then }) => then?.properties?.[path.at(-1)]?.errorMessage);
}

test('no value is offered that its key refuses', () =>
    holdsAt(values, async (place) => {
        const { editor, offered } = await offeredAt(place);
        const wrong = [];
        for (const item of offered.filter(({ insertText }) => !insertText.includes('$'))) {
            const accepted = new Editor(editor.accepted(item));
            const { start, end } = accepted.range(place.path);
            const marked = (await accepted.diagnostics())
                .filter((found) => found.start >= start && found.end <= end)
                .filter(({ message }) => !conditionalMessages(place).includes(message));
            if (marked.length > 0) wrong.push(`${item.label}: ${marked[0].message}`);
        }
        return wrong.join('; ');
    }));

test('the key `type` offers all types with their summaries', async () => {
    await holdsAt([{ name: 'type' }], async () => {
        const { offered } = await offeredAt({ document: { type: '' }, path: ['type'] });
        const undocumented = offered.filter(({ documentation }) => !documentation).map(({ label }) => label);
        const missing = types.filter((type) => !offered.some(({ label }) => label === JSON.stringify(type)));
        return [...undocumented, ...missing].join(', ');
    });
});

test('a forbidden key is not offered', () =>
    holdsAt(types.map((name) => ({ name })), async ({ name }) => {
        const refused = Object.entries(schema.$defs[name].properties).filter(([, part]) => isRefused(part));
        const { editor, offset } = atNewKey(minimal[name], []);
        const offered = (await editor.completions(offset)).map(({ label }) => label);
        return refused.map(([key]) => key).filter((key) => offered.includes(key)).join(', ');
    }));
