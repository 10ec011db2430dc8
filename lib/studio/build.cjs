// Bundles Studio's page: for the package by scripts/build.mjs, and on the fly in a clone.
const path = require('node:path');

/** The page's script and style as text. */
async function buildStudio(sources = path.join(__dirname, 'page')) {
  const { build } = require('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path.join(sources, 'main.tsx')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    outdir: path.join(sources, 'out'),
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const find = (ending) => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return { script: find('.js'), style: find('.css') };
}

module.exports = { buildStudio };
