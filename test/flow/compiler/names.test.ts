import { Names } from '../../../lib/flow/compiler/names.js';

test.each([
  ['charge', 'charge'],
  ['3', 'v3'],
  ['_1st', 'v_1st'],
  ['🚀', 'v_'],
  ['', 'v'],
  ['Größe in m²', 'Größe_in_m_'],
  ['states', 'statesResult'],
])('the variable for a step named "%s" is the identifier %s', (wanted, variable) => {
  expect(new Names().variable(wanted)).toBe(variable);
});

test('state names have at most 80 characters, are whole characters, and differ', () => {
  const names = new Names();
  const wanted = [...'ab'].map((last) => `${'x'.repeat(70)}${'😀'.repeat(20)}${last}`);
  const given = wanted.map((name) => names.state(name));
  expect(new Set(given).size).toBe(2);
  for (const name of given) {
    expect(name.length).toBeLessThanOrEqual(80);
    expect(name).not.toMatch(/\p{Cs}/u);
  }
});
