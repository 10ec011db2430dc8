// node scripts/check-scores.mjs SCORES MINIMUM: fails when a score is lower than the lowest that is accepted, or missing.
// SCORES is what `npm run conformance` prints: its last line is one JSON object. A score is a number, or a list that begins with it.
import { readFileSync } from 'node:fs';

/** One line for each score that fell. */
function fallenScores(scores, minimum) {
  return Object.keys(minimum)
    .filter((name) => !(scoreOf(scores[name]) >= minimum[name]))
    .map((name) => `${name}: expected at least ${minimum[name]}, got ${JSON.stringify(scores[name])}`);
}

function scoreOf(value) {
  return Array.isArray(value) ? value[0] : value;
}

function main([scoresFile, minimumFile]) {
  const lastLine = readFileSync(scoresFile, 'utf8').trim().split('\n').pop();
  const fallen = fallenScores(JSON.parse(lastLine), JSON.parse(readFileSync(minimumFile, 'utf8')));
  for (const line of fallen) console.error(line);
  process.exitCode = fallen.length === 0 ? 0 : 1;
}

main(process.argv.slice(2));
