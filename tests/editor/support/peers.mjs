// The packages that scripts/install-editor-peers has installed, and the command under test.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));
const requirePeer = createRequire(path.join(repository, 'target/editor-peers/package.json'));

export const { DiagnosticSeverity, getLanguageService, TextDocument } = requirePeer('vscode-json-languageservice');
export const { findNodeAtLocation, parseTree } = requirePeer('jsonc-parser');
export const Ajv = requirePeer('ajv/dist/2020').default;

const command = path.resolve(repository, process.env.CARGO_TARGET_DIR ?? 'target', 'debug/l2-adapter');

/** The output of `l2-adapter`; `input` is its standard input. A refused document is not an error. */
export function l2Adapter(args, input = '') {
    return run(command, args, input, [0, 1]);
}

/** What a Python script of this folder prints. */
export function python(script, input) {
    const interpreter = path.join(repository, 'target/python-peers/bin/python');
    return run(interpreter, [path.join(repository, 'tests/editor', script)], input, [0]);
}

function run(program, args, input, expected) {
    const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 1 << 30 });
    if (error || !expected.includes(status)) {
        throw new Error(`${program} ${args.join(' ')}: ${error ?? `exit ${status}: ${stderr}`}`);
    }
    return stdout;
}
