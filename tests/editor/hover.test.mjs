// The documentation that an editor shows for the key under the cursor.

import test from 'node:test';

import { keys, objects } from './support/documents.mjs';
import { Editor } from './support/editor.mjs';
import { holdsAt } from './support/findings.mjs';
import { resolved, schema } from './support/schema.mjs';

const documented = keys.filter(({ part }) => part.markdownDescription);
const plain = (markdown) => markdown.replaceAll('\\', '');

/** The numbers between which a value lies, where a reader may come near them. */
function bounds({ part }) {
    const keywords = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'];
    const near = keywords.map((keyword) => resolved(part)[keyword]).filter((bound) => Math.abs(bound) < 2 ** 31 - 1);
    return part.enum ? [] : near;
}

/** Asserts that hovering over each key shows all of `parts`. */
async function shows(places, parts) {
    await holdsAt(places, async (place) => {
        const shown = plain(await new Editor(place.document).hover(place.path));
        const missing = parts(place).filter((part) => !shown.includes(plain(String(part))));
        return missing.length > 0 && `${missing.join(', ')} not in: ${shown}`;
    });
}

test('every key shows its documentation', () => shows(documented, ({ part }) => [part.description]));

test('every key shows its default', () =>
    shows(documented.filter(({ part }) => 'default' in part), ({ part }) => [`default ${JSON.stringify(part.default)}`]));

test('every key shows whether it is required', () =>
    shows(documented, ({ part, path, shape }) => {
        if (shape.required?.includes(path.at(-1))) return [', required'];
        const environment = `required unless ${part['x-environment']} is set`;
        return [plain(part.markdownDescription).includes(environment) ? environment : ', optional'];
    }));

test('every key shows its unit', () =>
    shows(documented.filter(({ part }) => part['x-unit']), ({ part }) => [`in ${part['x-unit']}`]));

test('every key shows its range', () => shows(documented.filter((place) => bounds(place).length > 0), bounds));

test('every key shows only its own documentation', () =>
    holdsAt(documented, async ({ document, path, part }) => {
        const [first] = (await new Editor(document).hover(path)).split('\n\n`');
        return !first.startsWith(part.markdownDescription.split('\n\n`')[0]) && first;
    }));

test('every type shows its summary', () =>
    holdsAt(objects.filter(({ path }) => path.length === 0), async ({ type, document }) => {
        const shown = await new Editor(document).hover(['type']);
        return !shown.includes(schema.$defs[type].$comment) && shown;
    }));
