// A store whose queriers go the way of another thread: every view is pinned, posted (cloned, that is) and
// opened from its descriptor.

import type { TimeRange } from '../../model/time-range.ts';
import { type FileSystem, nodeFileSystem } from '../../runtime/file-system.ts';
import type { Database, Querier, Storage } from '../../storage/interface.ts';
import { openSharedView, type SharedViewDescriptor } from '../query/shared-view.ts';

/** The same store with such databases. */
export function readingSharedViews<S extends Storage>(
  storage: S,
  fileSystem: FileSystem = nodeFileSystem,
): S {
  const overrides: Partial<Storage> = {
    database: (name) => {
      const database = storage.database(name);
      return (
        database &&
        withOverrides(database, { querier: (range) => openQuerier(database, range, fileSystem) })
      );
    },
  };
  return withOverrides(storage, overrides as Partial<S>);
}

function openQuerier(database: Database, range: TimeRange, fileSystem: FileSystem): Querier {
  const view = database.share!(range);
  try {
    const descriptor = structuredClone(view.descriptor) as SharedViewDescriptor;
    const querier = openSharedView(descriptor, undefined, fileSystem);
    return withOverrides(querier, {
      close: () => {
        querier.close();
        view.release();
      },
    });
  } catch (error) {
    view.release();
    throw error;
  }
}

/** The object with some methods replaced; private fields keep working because the others keep their `this`. */
function withOverrides<T extends object>(object: T, overrides: Partial<T>): T {
  return new Proxy(object, {
    get: (target, key) => {
      const own = overrides[key as keyof T];
      if (own !== undefined) return own;
      const value = target[key as keyof T];
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
