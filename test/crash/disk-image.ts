// A file system in a file, whose power can be cut: FS_IOC_SHUTDOWN without a flush of its journal, the
// way xfstests does it. What had not reached the "disk" by then is gone, as after a real power cut.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../support/app.ts';
import { removeFolder, temporaryFolder } from '../support/child.ts';
import type { Ground } from './ground.ts';

export type FileSystemKind = 'ext4' | 'xfs';

/** Sparse. XFS refuses less than 300 MB, and the server wants 512 MiB free to take writes. */
const IMAGE_BYTES = 2 * 2 ** 30;

const MAKE: Readonly<Record<FileSystemKind, readonly string[]>> = {
  ext4: ['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1'],
  xfs: ['mkfs.xfs', '-q', '-f'],
};

/** 0x8004587d is FS_IOC_SHUTDOWN of both file systems, 2 says not even the journal is flushed. */
const SHUT_DOWN = [
  'import fcntl, os, struct, sys',
  "print('ready', flush=True)",
  'sys.stdin.readline()',
  'fd = os.open(sys.argv[1], os.O_RDONLY)',
  "fcntl.ioctl(fd, 0x8004587d, struct.pack('I', 2))",
].join('\n');

/** A process that was killed may hold the mount for a moment. */
const UNMOUNT_ATTEMPTS = 50;
const UNMOUNT_PAUSE_MS = 20;

/** Why power cannot be cut on this machine; undefined if it can. */
export async function whyNoPowerCuts(kind: FileSystemKind): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'it takes root to mount file systems';
  for (const program of [MAKE[kind][0]!, 'mount', 'umount', 'python3']) {
    try {
      execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    } catch {
      return `there is no ${program} (Debian: e2fsprogs, xfsprogs, mount, python3)`;
    }
  }
  let image: DiskImage | undefined;
  try {
    image = new DiskImage(kind);
    await image.cutPower();
    image.restorePower();
    return undefined;
  } catch (error) {
    return `loop devices or FS_IOC_SHUTDOWN do not work here: ${String(error)}`;
  } finally {
    image?.remove();
  }
}

/** Made and mounted by the constructor. */
export class DiskImage {
  readonly mountPoint: string;
  readonly #folder = temporaryFolder('disk');
  readonly #image: string;

  constructor(kind: FileSystemKind) {
    this.#image = join(this.#folder, 'image');
    this.mountPoint = join(this.#folder, 'mounted');
    mkdirSync(this.mountPoint);
    writeFileSync(this.#image, '');
    truncateSync(this.#image, IMAGE_BYTES);
    const [program, ...args] = MAKE[kind];
    run(program!, [...args, this.#image]);
    this.restorePower();
    process.once('exit', () => this.remove());
  }

  /**
   * Once it resolves nothing reaches the disk any more, and every write fails. `now` is called right
   * before: an fdatasync under way at that moment may succeed without having written (seen on both file
   * systems), so an acknowledgement that comes later proves nothing. With the real power gone nobody
   * would have received it.
   */
  async cutPower(now: () => void = () => {}): Promise<void> {
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    const helper = spawn('python3', ['-c', SHUT_DOWN, this.mountPoint], { stdio: [...stdio] });
    const ended = once(helper, 'close');
    await Promise.race([once(helper.stdout!, 'data'), ended]);
    now();
    helper.stdin!.end('go\n');
    const [code] = await ended;
    if (code !== 0) throw new Error(`FS_IOC_SHUTDOWN of ${this.mountPoint} failed`);
  }

  /** Mounts what the disk holds; the file system repairs itself from its journal. */
  restorePower(): void {
    this.#unmount();
    run('mount', ['-o', 'loop', this.#image, this.mountPoint]);
  }

  /** Idempotent. */
  remove(): void {
    if (!existsSync(this.#folder)) return;
    this.#unmount();
    removeFolder(this.#folder);
  }

  #unmount(): void {
    for (let attempt = 1; this.#isMounted(); attempt++) {
      try {
        run('umount', [this.mountPoint]);
      } catch (error) {
        if (attempt >= UNMOUNT_ATTEMPTS) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, UNMOUNT_PAUSE_MS);
      }
    }
  }

  #isMounted(): boolean {
    return readFileSync('/proc/mounts', 'utf8').includes(` ${this.mountPoint} `);
  }
}

/** A folder on such a disk; the catastrophe is the power cut, with the server in the middle of it. */
export function powerCutGround(kind: FileSystemKind): Ground {
  const disk = new DiskImage(kind);
  return {
    dataDir: join(disk.mountPoint, 'data'),
    strike: async (app: App, struck: () => void) => {
      await disk.cutPower(struck);
      await app.kill();
      disk.restorePower();
    },
    remove: () => disk.remove(),
  };
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
