import { storageConformance } from './conformance.ts';
import { MemoryStorage } from './memory-store.ts';

storageConformance('memory', async () => {
  const storage = new MemoryStorage();
  return { storage, cleanup: () => storage.close() };
});
