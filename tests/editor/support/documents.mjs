// Valid documents: for each type one with the required keys, and for each key one that also has that key.

import { l2Adapter } from './peers.mjs';
import { allowedValues, jsonTypes, keysOf, meets, resolved, schema, shapeOf, types, variants } from './schema.mjs';

const example = (...args) => JSON.parse(l2Adapter(['example', ...args]));

export const minimal = Object.fromEntries(types.map((type) => [type, example(type)]));
const full = Object.fromEntries(types.map((type) => [type, example(type, '--full')]));

/** A value that the schema takes. */
function sample(part) {
    const value = resolved(part);
    const given = [part.default, ...(part.examples ?? []), ...allowedValues(value)].find((each) => each != null);
    if (given !== undefined) return given;
    const [type] = jsonTypes(value).filter((name) => name !== 'null');
    switch (type) {
        case 'object': return completed({}, value);
        case 'array': return Array.from({ length: Math.max(1, value.minItems ?? 1) }, () => sample(value.items));
        case 'integer': return Math.max(value.minimum ?? 0, Math.min(0, value.maximum ?? 0)) || (value.multipleOf ?? 0);
        case 'number': return value.minimum ?? value.maximum ?? (value.exclusiveMinimum ?? -1) + 1;
        case 'string': return 'x'.repeat(Math.max(1, value.minLength ?? 1));
        default: return {};
    }
}

/** The object with what its schema asks for beside the keys it has. */
function completed(object, part) {
    const [variant] = variants(resolved(part));
    if (variant && object[variant.key] === undefined) object[variant.key] = variant.name;
    const shape = shapeOf(part, object);
    const ruledOut = new Set();
    let before;
    do {
        before = JSON.stringify(object);
        for (const key of shape.required ?? []) object[key] ??= sample(shape.properties[key]);
        for (const condition of [shape, ...(shape.allOf ?? [])]) meet(condition, object, shape, ruledOut);
        for (const key of Object.keys(object)) {
            for (const other of Object.keys(shape.dependentSchemas?.[key]?.properties ?? {})) delete object[other];
        }
    } while (JSON.stringify(object) !== before);
    return object;
}

/** Gives an object what a condition asks for. A key that was ruled out is not asked for again. */
function meet({ if: premise, then: consequence, else: otherwise, anyOf }, object, shape, ruledOut) {
    const met = premise !== undefined && meets(object, premise);
    const asked = premise === undefined ? anyOf ?? [] : met && consequence ? consequence.anyOf ?? [consequence] : [];
    const names = asked.map(({ required }) => required?.[0]).filter(Boolean);
    const [absent] = premise?.not?.required ?? [];
    if (names.length > 0 && !names.some((name) => name in object)) {
        const name = ruledOut.has(names[0]) ? absent : names[0];
        object[name] = sample(shape.properties[name]);
    }
    if (met || !Object.keys(otherwise?.properties ?? {}).some((key) => key in object)) return;
    if (absent) {
        ruledOut.add(absent);
        delete object[absent];
    }
    for (const [other, accepted] of Object.entries(premise.properties ?? {})) {
        object[other] = (accepted.enum ?? allowedValues(shape.properties[other])).find((value) => meets(value, accepted));
    }
}

/** A spec of this type that has the key. */
function specWith(type, key) {
    const part = schema.$defs[type];
    const value = full[type][key] ?? sample(part.properties[key]);
    return key in minimal[type] ? minimal[type] : completed({ ...minimal[type], [key]: value }, part);
}

/** The value at a path. */
export function at(document, path) {
    return path.reduce((value, step) => value[step], document);
}

/** A copy of the document with another value at the path. */
export function withValue(document, path, value) {
    if (path.length === 0) return value;
    const copy = structuredClone(document);
    at(copy, path.slice(0, -1))[path.at(-1)] = value;
    return copy;
}

/** Each object of the schema, once, in a valid document: `{ type, document, path, shape }`. */
export const objects = types.flatMap((type) => {
    const found = new Map();
    for (const document of [minimal[type], ...keysOf(schema.$defs[type]).map(([key]) => specWith(type, key))]) {
        for (const object of objectsIn(document, document, schema.$defs[type], [])) {
            const name = `${type} /${object.path.join('/')} ${object.variant ?? ''}`;
            if (!found.has(name)) found.set(name, { type, name, ...object });
        }
    }
    return [...found.values()];
});

function* objectsIn(document, value, part, path) {
    const object = resolved(part);
    if (Array.isArray(value)) {
        if (value.length > 0) yield* objectsIn(document, value[0], object.items ?? {}, [...path, 0]);
        return;
    }
    if (value === null || typeof value !== 'object' || !(object.properties || object.additionalProperties)) return;
    const choices = path.length > 0 ? variants(object) : [];
    if (choices.length === 0) yield* objectWithin(document, value, shapeOf(object, value), path);
    // A nested spec of any type would repeat all types at each place.
    if (choices.length > 0 && choices[0].schema.$ref) return;
    for (const { key, name, schema: variant } of choices) {
        const chosen = value[key] === name ? value : completed({ [key]: name }, variant);
        for (const found of objectWithin(withValue(document, path, chosen), chosen, shapeOf(variant, chosen), path)) {
            yield { variant: name, ...found };
        }
    }
}

function* objectWithin(document, value, shape, path) {
    yield { document, path, shape };
    for (const [key, inner] of Object.entries(value)) {
        const part = shape.properties?.[key] ?? shape.additionalProperties;
        yield* objectsIn(document, inner, part || {}, [...path, key]);
    }
}

/** Each key of each object, in a valid document that has it: `{ type, document, path, part, shape }`. */
export const keys = objects.flatMap((object) =>
    keysOf(object.shape).map(([key, part]) => {
        const name = `${object.name} ${key}`;
        const path = [...object.path, key];
        if (object.path.length === 0) return { ...object, name, document: specWith(object.type, key), path, part };
        const value = at(object.document, object.path);
        const inside = key in value ? value : completed({ ...value, [key]: sample(part) }, object.shape);
        return { ...object, name, document: withValue(object.document, object.path, inside), path, part };
    }),
);

/** Each key and each item of a list below one, with its schema. */
export const values = keys.flatMap(function nested(place) {
    const value = at(place.document, place.path);
    const item = Array.isArray(value) && value.length > 0 ? resolved(place.part).items : undefined;
    const inner = item && { ...place, name: `${place.name} [0]`, path: [...place.path, 0], part: item };
    return inner ? [place, ...nested(inner)] : [place];
});
