// An editor on one document: VS Code's JSON language service with our schema, and a cursor.

import { DiagnosticSeverity, findNodeAtLocation, getLanguageService, parseTree, TextDocument } from './peers.mjs';
import { schema } from './schema.mjs';

const completionItem = { documentationFormat: ['markdown'], snippetSupport: true };
const service = getLanguageService({ clientCapabilities: { textDocument: { completion: { completionItem } } } });
service.configure({ schemas: [{ uri: schema.$id, fileMatch: ['*.json'], schema }] });

export class Editor {
    /** An editor on a text, or on a value written as an editor would. */
    constructor(content) {
        this.text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
        this.document = TextDocument.create('file:///spec.json', 'json', 0, this.text);
        this.parsed = service.parseJSONDocument(this.document);
    }

    /** The marked faults, as `{ start, end, marked, message }`. */
    async diagnostics() {
        return this.#marks(DiagnosticSeverity.Error);
    }

    /** What is marked as right but better not written. */
    async warnings() {
        return this.#marks(DiagnosticSeverity.Warning);
    }

    async #marks(wanted) {
        const found = await service.doValidation(this.document, this.parsed, { schemaValidation: 'error' });
        return found.filter(({ severity }) => severity === wanted).map(({ range, message }) => {
            const [start, end] = [this.document.offsetAt(range.start), this.document.offsetAt(range.end)];
            return { start, end, marked: this.text.slice(start, end), message };
        });
    }

    /** The range of the value at a path, or of its key. */
    range(path, part = 'value') {
        const value = findNodeAtLocation(parseTree(this.text), path);
        const node = part === 'key' ? value.parent.children[0] : value;
        return { start: node.offset, end: node.offset + node.length };
    }

    /** What completion offers at an offset. */
    async completions(offset) {
        const { items } = await service.doComplete(this.document, this.document.positionAt(offset), this.parsed);
        return items;
    }

    /** What hovering over the key at a path shows. */
    async hover(path) {
        const inKey = this.document.positionAt(this.range(path, 'key').start + 1);
        const shown = await service.doHover(this.document, inKey, this.parsed);
        return [shown?.contents ?? []].flat().join('\n');
    }

    /** The text after a completion is accepted and nothing is typed at its stops. */
    accepted({ textEdit }) {
        const edit = { range: textEdit.range, newText: expanded(textEdit.newText) };
        return TextDocument.applyEdits(this.document, [edit]);
    }
}

/** The text of a snippet whose stops are left as they are. */
export function expanded(snippet) {
    return snippet.replace(/\\([$}\\])|\$\{\d+:((?:\\[$}\\]|[^\\}])*)\}|\$\d+/g, (whole, escaped, value) =>
        escaped ?? (value === undefined ? '' : value.replace(/\\([$}\\])/g, '$1')),
    );
}

/** An editor on a document with the value at a path taken out, and the offset where it was. */
export function withoutValue(document, path) {
    const editor = new Editor(document);
    const { start, end } = editor.range(path);
    return { editor: new Editor(editor.text.slice(0, start) + editor.text.slice(end)), offset: start };
}

/** An editor on a document and the offset of an empty line at the beginning of the object at a path. */
export function atNewKey(document, path) {
    const editor = new Editor(document);
    const offset = editor.range(path).start + 1;
    return { editor: new Editor(`${editor.text.slice(0, offset)}\n\n${editor.text.slice(offset)}`), offset: offset + 1 };
}
