import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chooseProcessor } from '../../../lambda/video/processor.js';

let log: jest.SpyInstance;
beforeEach(() => {
  log = jest.spyOn(console, 'log').mockImplementation(() => {});
});
afterEach(() => log.mockRestore());

/** A program that stands for ffmpeg, in a directory of its own. */
function fakeFfmpeg(): { readonly directory: string; readonly file: string } {
  const directory = mkdtempSync(join(tmpdir(), 'ffmpeg-'));
  const file = join(directory, 'ffmpeg');
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return { directory, file };
}

test('ffmpeg is found on the search path', () => {
  const { directory, file } = fakeFfmpeg();
  expect(chooseProcessor({ PATH: ['/nowhere', directory].join(delimiter) }).name).toBe('ffmpeg');
  expect(log).toHaveBeenCalledWith(`video processor: ffmpeg (${file})`);
});

test('FFMPEG_PATH names the one to take', () => {
  const { file } = fakeFfmpeg();
  expect(chooseProcessor({ FFMPEG_PATH: file, PATH: '' }).name).toBe('ffmpeg');
  expect(chooseProcessor({ FFMPEG_PATH: '/nowhere/ffmpeg', PATH: '' }).name).toBe('simulated');
});

test('without ffmpeg the work is simulated, and its files say so', () => {
  const processor = chooseProcessor({ PATH: '/nowhere' });
  expect(processor.name).toBe('simulated');
  expect(processor.suffix('mp4')).toBe('.simulated.mp4.txt');
  expect(log).toHaveBeenCalledWith('video processor: simulated (nothing is really encoded)');
});

test('VIDEO_PROCESSOR decides, and ffmpeg that is demanded has to be there', () => {
  const { directory } = fakeFfmpeg();
  expect(chooseProcessor({ VIDEO_PROCESSOR: 'simulated', PATH: directory }).name).toBe('simulated');
  expect(() => chooseProcessor({ VIDEO_PROCESSOR: 'ffmpeg', PATH: '/nowhere' })).toThrow('none is found');
});
