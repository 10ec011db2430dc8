import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, readCases, writeCases } from './cases.js';

/** Asks the library for every path in cases.json, and writes its answers there. Needs Maven and a JDK. */
const work = mkdtempSync(join(tmpdir(), 'json-path-oracle-'));
const jars = join(work, 'jars');
const run = (command: string, args: readonly string[], input = '') =>
  execFileSync(command, args, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });

run('mvn', ['-q', '-f', join(__dirname, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`]);
run('javac', ['-cp', join(jars, '*'), '-d', work, join(__dirname, 'Oracle.java')]);

const cases = readCases();
const questions = cases.flatMap(({ document, answers }) =>
  Object.keys(answers).map((path) => JSON.stringify([path, document])),
);
const lines = run('java', ['-cp', `${join(jars, '*')}:${work}`, 'Oracle'], questions.join('\n'))
  .trimEnd()
  .split('\n');
const answers = lines.map((line) => JSON.parse(line) as Answer).values();
writeCases(
  cases.map((kind) => ({
    ...kind,
    answers: Object.fromEntries(Object.keys(kind.answers).map((path) => [path, answers.next().value!])),
  })),
);
rmSync(work, { recursive: true });
