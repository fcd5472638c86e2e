import { storageConformance } from './conformance.ts';
import { MemoryStorage } from './memory-store.ts';

const open = async () => {
  const storage = new MemoryStorage();
  return { storage, cleanup: () => storage.close() };
};
storageConformance('memory', open, { restarts: false });
