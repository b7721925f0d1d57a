import { describe, expect, it } from '@jest/globals';
import { findProgram, nativePrograms, sentenceWithoutApt, sentenceWithoutRoot } from './native-programs.mjs';

const neededWith = (env: Record<string, string>) =>
  nativePrograms.filter((program) => program.needed(env)).flatMap(({ packages }) => packages);

describe('the native programs', () => {
  it('are all needed when nothing is configured', () => {
    expect(neededWith({})).toEqual(['nats-server', 'libpocketsphinx3', 'pocketsphinx-en-us', 'libflite1']);
    expect(neededWith({ NATS_URL: '', STT_ENGINE: '', TTS_ENGINE: '' })).toHaveLength(4);
    expect(neededWith({ STT_ENGINE: 'pocketsphinx', TTS_ENGINE: 'flite' })).toHaveLength(4);
  });

  it('are left out where a broker or another engine is configured', () => {
    expect(neededWith({ NATS_URL: 'nats://broker:4222' })).not.toContain('nats-server');
    expect(neededWith({ STT_ENGINE: 'scripted' })).toEqual(['nats-server', 'libflite1']);
    expect(neededWith({ TTS_ENGINE: 'scripted' })).not.toContain('libflite1');
  });

  it('are needed for the last engine of a chain as well', () => {
    expect(neededWith({ STT_ENGINE: 'assemblyai > local', TTS_ENGINE: 'elevenlabs>flite' })).toHaveLength(4);
    expect(neededWith({ STT_ENGINE: 'assemblyai > deepgram', TTS_ENGINE: 'elevenlabs' })).toEqual(['nats-server']);
  });

  it('are found in the system folders a PATH lacks', () => {
    expect(findProgram('sh', '/nowhere:/bin')).toBe('/bin/sh');
    expect(findProgram('no-such-program', '/bin')).toBeUndefined();
    expect(findProgram('nologin', '/nowhere')).toBe('/usr/sbin/nologin');
  });

  it('are named with what to run instead where they cannot be installed', () => {
    expect(sentenceWithoutRoot(['nats-server', 'libflite1'])).toMatch(
      /sudo apt-get update && sudo apt-get install -y --no-install-recommends nats-server libflite1$/,
    );
    expect(sentenceWithoutApt(nativePrograms)).toContain('nats-server 2.9 or newer (or set NATS_URL');
  });
});
