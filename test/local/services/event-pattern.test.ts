import type { Json } from '../../../lib/asl/language/json.js';
import { readEventPattern } from '../../../lib/local/services/events/event-pattern.js';

const EVENT: Json = {
  source: 'shop.orders',
  'detail-type': 'Order placed',
  detail: {
    id: 'o-17',
    total: 250.5,
    express: true,
    note: null,
    ip: '10.0.0.7',
    file: 'in/2026/scan.PDF',
    tags: ['new', 'gift'],
    items: [
      { sku: 'a', count: 1 },
      { sku: 'b', count: 5 },
    ],
  },
};

describe('an event pattern', () => {
  test.each<[string, Json, boolean]>([
    ['a value of several', { source: ['x', 'shop.orders'] }, true],
    ['another value', { source: ['shop'] }, false],
    ['a number, a boolean, a null', { detail: { total: [250.5], express: [true], note: [null] } }, true],
    ['a number is not its text', { detail: { total: ['250.5'] } }, false],
    ['every field must fit', { source: ['shop.orders'], detail: { id: ['other'] } }, false],
    ['one element of a list', { detail: { tags: ['gift'] } }, true],
    ['a field of one object in a list', { detail: { items: { sku: ['b'] } } }, true],
    ['an absent field', { detail: { none: ['x'] } }, false],
    ['prefix', { source: [{ prefix: 'shop.' }] }, true],
    ['prefix without case', { detail: { file: [{ prefix: { 'equals-ignore-case': 'IN/' } }] } }, true],
    ['suffix', { detail: { file: [{ suffix: '.pdf' }] } }, false],
    ['suffix without case', { detail: { file: [{ suffix: { 'equals-ignore-case': '.pdf' } }] } }, true],
    ['equals-ignore-case', { 'detail-type': [{ 'equals-ignore-case': 'order PLACED' }] }, true],
    ['wildcard', { detail: { file: [{ wildcard: 'in/*/scan.*' }] } }, true],
    ['wildcard knows no question mark', { detail: { id: [{ wildcard: 'o-1?' }] } }, false],
    ['cidr', { detail: { ip: [{ cidr: '10.0.0.0/24' }] } }, true],
    ['cidr elsewhere', { detail: { ip: [{ cidr: '10.0.1.0/24' }] } }, false],
    ['exists', { detail: { id: [{ exists: true }], none: [{ exists: false }] } }, true],
    ['exists under an absent parent', { nothing: { at: { all: [{ exists: false }] } } }, true],
    ['exists of an absent field', { detail: { none: [{ exists: true }] } }, false],
    ['numeric range', { detail: { total: [{ numeric: ['>', 100, '<=', 250.5] }] } }, true],
    ['numeric outside', { detail: { total: [{ numeric: ['<', 100] }] } }, false],
    ['anything-but a value', { detail: { id: [{ 'anything-but': 'o-18' }] } }, true],
    ['anything-but a list', { detail: { id: [{ 'anything-but': ['o-17', 'o-18'] }] } }, false],
    ['anything-but a prefix', { detail: { id: [{ 'anything-but': { prefix: 'o-' } }] } }, false],
    ['anything-but suffixes', { detail: { id: [{ 'anything-but': { suffix: ['-18', '-19'] } }] } }, true],
    ['anything-but a wildcard', { detail: { file: [{ 'anything-but': { wildcard: '*/scan.*' } }] } }, false],
    ['anything-but of an absent field', { detail: { none: [{ 'anything-but': 'x' }] } }, false],
    ['$or', { $or: [{ source: ['x'] }, { detail: { express: [true] } }] }, true],
    ['$or inside', { detail: { $or: [{ id: ['x'] }, { total: [{ numeric: ['<', 1] }] }] } }, false],
    ['$or beside a field', { source: ['x'], $or: [{ detail: { express: [true] } }] }, false],
  ])('%s', (_, pattern, fits) => {
    expect(readEventPattern(pattern, 'Rule.EventPattern')(EVENT)).toBe(fits);
  });

  test.each<[string, Json, string]>([
    ['a filter that does not exist', { a: [{ regex: 'x' }] }, '`P.a[0]`: expected one of the filters'],
    ['a bare value', { a: 'x' }, '`P.a`: expected a list of values or an object, got `"x"`'],
    ['an empty list', { a: [] }, '`P.a`: expected a list of values or an object'],
    ['half a comparison', { a: [{ numeric: ['>'] }] }, '`P.a[0].numeric`: expected pairs of a comparison and a number'],
  ])('refuses %s', (_, pattern, message) => {
    expect(() => readEventPattern(pattern, 'P')).toThrow(message);
  });
});
