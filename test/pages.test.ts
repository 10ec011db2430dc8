import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const root = path.resolve(__dirname, '..');
const PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** Pages about the code itself, whose names of files are held to be true. */
const MAINTAINERS_PAGES = ['CONTRIBUTING.md', 'docs/architecture.md'];

describe('the pages', () => {
  test.each(PAGES)('%s links to nothing that is missing', (page) => {
    const links = [...readPage(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, target]) => target!);
    const broken = links.filter((target) => !existsSync(path.join(root, path.dirname(page), target)));
    expect(broken).toEqual([]);
  });

  test.each(MAINTAINERS_PAGES)('%s names only files that exist', (page) => {
    const named = [...readPage(page).matchAll(/`((?:lib|lambda|bin|test|docs|scripts|\.ci)\/[\w./-]+)`/g)];
    expect(named.length).toBeGreaterThan(10);
    expect(named.map(([, file]) => file!).filter((file) => !isThere(file))).toEqual([]);
  });

  test('CONTRIBUTING.md names only commands that exist', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = [...readPage('CONTRIBUTING.md').matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('docs/architecture.md has a line for every room of lib', () => {
    const page = readPage('docs/architecture.md');
    const rooms = readdirSync(path.join(root, 'lib'), { withFileTypes: true })
      .map((entry) => entry.name.replace(/\.ts$/, ''))
      .filter((name) => name !== 'index');
    expect(rooms.filter((room) => !page.includes(`| \`lib/${room}\` |`))).toEqual([]);
  });

  test('every page is in the package', () => {
    const { files } = JSON.parse(readPage('package.json')) as { readonly files: readonly string[] };
    const shipped = (page: string) =>
      page === 'README.md' || files.some((one) => page === one || page.startsWith(`${one}/`));
    expect(PAGES.filter((page) => !shipped(page))).toEqual([]);
  });

  test('docs/README.md leads to every page', () => {
    const index = readPage('docs/README.md');
    const names = PAGES.map((page) => (page.startsWith('docs/') ? page.slice('docs/'.length) : `../${page}`));
    expect(names.filter((name) => name !== 'README.md' && !index.includes(`(${name})`))).toEqual([]);
  });
});

function readPage(name: string): string {
  return readFileSync(path.join(root, name), 'utf8');
}

/** Whether a file or folder of that name is there, or a room that is one file: `lib/clock`. */
function isThere(name: string): boolean {
  return existsSync(path.join(root, name)) || existsSync(path.join(root, `${name}.ts`));
}
