// Reads the exported schema, as its module documentation describes it: objects are closed, a `type` or a tag chooses the schema of
// the other keys with `if` and `then`, and every key that is not refused is documented.

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Ajv, l2Adapter, repository } from './peers.mjs';

/** As it is printed: JavaScript cannot hold the bounds of 64 bits. */
export const schemaText = l2Adapter(['schema', '--editor']);
export const schema = JSON.parse(schemaText);
export const types = schema.$defs.l2_adapter.properties.type.enum;

/** Keywords of our schemas that are for editors and readers, and do not affect validation. */
export const annotations = [
    'markdownDescription', 'enumDescriptions', 'markdownEnumDescriptions', 'defaultSnippets', 'doNotSuggest', 'errorMessage',
    'patternErrorMessage', 'deprecationMessage', 'x-access', 'x-environment', 'x-exists', 'x-machine-rules', 'x-rules', 'x-secret',
    'x-unit', 'x-warnings',
];

/** The schema for editors of a type that uses the whole language. */
export function wholeLanguage() {
    const snapshot = 'tests/language/snapshots/language__rendered__schema_of_a_type.snap';
    return JSON.parse(readFileSync(path.join(repository, snapshot), 'utf8').split('---\n')[2]);
}

/** The schema with its reference followed; of "an object or null" the object's. */
export function resolved(part) {
    if (part.$ref) return { ...part, ...schema.$defs[part.$ref.replace('#/$defs/', '')] };
    return part.then?.$ref ? resolved(part.then) : part;
}

/** The tag by which a member of `allOf` chooses a schema, if it does. */
function tagOf(member) {
    const [[key, value] = []] = Object.entries(member.if?.properties ?? {});
    return value?.const === undefined ? undefined : { key, name: value.const };
}

/** The members of `allOf` that choose a schema by a tag. */
export function variants(object) {
    return (object.allOf ?? []).map((member) => ({ ...tagOf(member), schema: member.then })).filter(({ key }) => key);
}

/** The schema of an object that knows its keys. */
export function shapeOf(part, value) {
    const object = resolved(part);
    const chosen = variants(object).find(({ key, name }) => value[key] === name);
    return chosen ? shapeOf(chosen.schema, value) : object;
}

/** The allowed keys; keys that are always refused have `not`. */
export function keysOf(shape) {
    return Object.entries(shape.properties ?? {}).filter(([, key]) => !isRefused(key));
}

/** The keys that completion should offer in an object: those that an editor is told to hide are hidden. */
export function suggestedKeys(shape) {
    const declared = keysOf(shape).filter(([, part]) => !part.doNotSuggest).map(([key]) => key);
    return [...declared, ...(shape.propertyNames?.enum ?? [])];
}

export function isRefused(part) {
    return part.not !== undefined && part.doNotSuggest === true && part.deprecated === undefined;
}

/** The values a key is limited to, or none. */
export function allowedValues(part) {
    if (part.const !== undefined) return [part.const];
    const listed = part.enum ?? (part.anyOf ?? []).find((choice) => choice.enum)?.enum;
    if (listed) return listed;
    const values = { boolean: [true, false], null: [null] };
    return jsonTypes(part).includes('boolean') ? jsonTypes(part).flatMap((type) => values[type] ?? []) : [];
}

export function jsonTypes(part) {
    return [part.type ?? []].flat();
}

const ajv = new Ajv({ strict: false });

/** Whether a value meets a schema that refers to nothing. */
export function meets(value, part) {
    return ajv.validate(part, value);
}
