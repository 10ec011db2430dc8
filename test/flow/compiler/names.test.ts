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
