// Takes the picture of page.html in headless Chromium: `render.mjs SCHEMA PACKAGES PICTURE`.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const [schema, packages, picture] = process.argv.slice(2).map((argument) => path.resolve(argument));
const { chromium } = createRequire(path.join(packages, 'package.json'))('playwright-core');

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.ttf': 'font/ttf' };

function fileOf(url) {
    if (url === '/') return new URL('page.html', import.meta.url);
    if (url === '/schema.json') return schema;
    return path.join(packages, 'node_modules/monaco-editor', url.replace('/monaco/', ''));
}

async function serve(request, response) {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    try {
        const content = await readFile(fileOf(pathname));
        response.writeHead(200, { 'content-type': types[path.extname(pathname)] ?? 'text/html' }).end(content);
    } catch {
        response.writeHead(404).end();
    }
}

async function take(page, address) {
    await page.goto(address);
    await page.waitForFunction(() => window.ready && window.markers().length > 0);
    await page.evaluate(() => window.listProblems());
    await page.evaluate(() => window.complete());
    await page.locator('.suggest-widget .monaco-list-row').first().waitFor();
    // The documentation of the key that is chosen.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Control+Space');
    await page.locator('.suggest-details').first().waitFor();
    await page.locator('#broken').getByText('"buffer_size"').hover();
    await page.locator('.monaco-hover:not(.hidden) .hover-contents').first().waitFor();
    await page.screenshot({ path: picture, clip: await page.locator('main').boundingBox() });
}

const server = createServer(serve).listen(0, '127.0.0.1');
const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
        '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
        '--disable-sync',
    ],
});
try {
    const page = await browser.newPage({ viewport: { width: 1420, height: 640 } });
    page.on('pageerror', (error) => console.error(error));
    await take(page, `http://127.0.0.1:${server.address().port}/`);
} finally {
    await browser.close();
    server.close();
}
