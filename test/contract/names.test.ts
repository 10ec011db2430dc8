import { instanceKey, isDerivedKey } from '../../lib/contract/instance-id.js';
import { decodeName, encodeName } from '../../lib/contract/names.js';

test.each([
  ['charge', 'charge'],
  ['Charge_card-2', 'Charge_card-2'],
  ['ship to', 'ship!20to'],
  ['ship.to', 'ship!2eto'],
  ['Ann’s', 'Ann!e2!80!99s'],
  ['Ł', '!c5!81'],
  ['a/b', 'a!2fb'],
  ['!g', '!21g'],
  ['3', '!33'],
  ['42', '!342'],
  ['4 2', '4!202'],
  ['\ud800', '!ud800'],
  ['', ''],
])('the name %j is encoded as %s, and back', (name, encoded) => {
  expect(encodeName(name)).toBe(encoded);
  expect(decodeName(encoded)).toBe(name);
});

test('a name that gets long is a digest of 42 characters', () => {
  expect(encodeName('x'.repeat(80))).toBe('x'.repeat(80));
  expect(encodeName('注文'.repeat(20))).toMatch(/^!h[0-9a-f]{40}$/);
});

/** Numbers that look random and are the same each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const PIECES = ['!', '!!', '!g', '!r1', '!2', '.', '..', '/', '-', '_', ' ', '0', '7', 'a', 'A', 'b', 'f', 'Ł', '’'];

/** Texts of pieces that an encoding may confuse, and of any code units, halves of surrogate pairs among them. */
function randomTexts(count: number, longest: number): ReadonlySet<string> {
  const random = generator(7);
  const piece = () => PIECES[random(PIECES.length)] ?? '';
  const texts = new Set<string>();
  while (texts.size < count) {
    const length = random(longest);
    texts.add(Array.from({ length }, () => (random(4) > 0 ? piece() : String.fromCharCode(random(65_536)))).join(''));
  }
  return texts;
}

test('of 20,000 random names no two are encoded alike, and each stays within the signs that everything takes', () => {
  const names = randomTexts(20_000, 12);
  const encoded = [...names].map(encodeName);
  expect(new Set(encoded).size).toBe(names.size);
  expect(encoded.filter((name) => !/^[A-Za-z0-9_!-]{0,80}$/.test(name))).toEqual([]);
  expect(encoded.filter((name) => /!!|![gr]|^\d+$|\/|\.\./.test(name))).toEqual([]);
  expect([...names].filter((name) => encodeName(name)[1] !== 'h' && decodeName(encodeName(name)) !== name)).toEqual([]);
});

test('of 20,000 random ids that may be started no two have one key, and none has the key of a sub-orchestration', () => {
  // Whole characters only: the hub refuses others.
  const ids = [...randomTexts(20_000, 12)].filter((id) => !/\p{Cs}/u.test(id) && !isDerivedKey(id));
  const keys = ids.map(instanceKey);
  expect(new Set(keys).size).toBe(ids.length);
  expect(keys.filter((key) => !/^[A-Za-z0-9_.@=+'()-]{1,64}$/.test(key))).toEqual([]);
});

test.each(['one!!ship!20to', 'one!g2!!ship', 'one!!each!!0!r1', `!${'0f'.repeat(20)}`])(
  'the id %s of a sub-orchestration is its own key, and none to start',
  (id) => {
    expect(instanceKey(id)).toBe(id);
    expect(isDerivedKey(id)).toBe(true);
  },
);

test.each(['one!', 'one!g2', '!', `!${'0f'.repeat(19)}`, 'a..b!!c', 'a!!b c', 'a!!b.'])(
  'the id %s is one like any other, and has a hashed key',
  (id) => {
    expect(instanceKey(id)).toMatch(/^h-[0-9a-f]{40}$/);
    expect(isDerivedKey(id)).toBe(false);
  },
);
