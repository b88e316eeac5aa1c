import { parentPort, workerData } from 'node:worker_threads';
import { csvOf } from './history-csv.ts';
import { fileError, historyBytes, openHistoryFile } from './history-file.ts';
import { HistoryStore } from './history-store.ts';
import { HISTORY_FILE } from './records.ts';
import { setAside } from './set-aside.ts';
import type { WorkerOrder, WorkerReport, WorkerStart } from './worker-words.ts';

/*
 * The thread that SQLite runs in, so that a slow disk delays no sound. Its life is one opening of the file: the file is
 * closed, and may be renamed or opened again, when the thread has ended.
 */

const start: WorkerStart = workerData;
const { dir } = start;

function report(words: WorkerReport, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(words, transfer);
}

function end(): void {
  parentPort?.close();
}

function fail(error: unknown, isOpen: boolean): void {
  const { code, message } = fileError(error, dir);
  // A full disk may have room again; after all else the file is opened anew.
  const over = !isOpen || code !== 'disk-full';
  report({ kind: 'failed', code, message, over });
  if (over) end();
}

function opened(): HistoryStore | undefined {
  try {
    const aside = start.setAside ? setAside(dir, HISTORY_FILE, start.atMs) : null;
    const store = new HistoryStore(openHistoryFile(dir));
    const leftCalls = start.endLeftCalls ? store.endLeftCalls() : 0;
    report({ kind: 'opened', setAside: aside, leftCalls, fileBytes: historyBytes(dir) });
    return store;
  } catch (error) {
    fail(error, false);
    return undefined;
  }
}

function answer(store: HistoryStore, { id, as, table, query }: WorkerOrder & { kind: 'read' }): void {
  try {
    const { rows, more } = store.read(table, query);
    if (as === 'rows') return report({ kind: 'rows', id, rows, more });
    const csv = new Uint8Array(new TextEncoder().encode(csvOf(table, rows, { header: !query.offset })));
    report({ kind: 'csv', id, csv, more }, [csv.buffer]);
  } catch (error) {
    const { code } = fileError(error, dir);
    report({ kind: 'not-read', id, code });
    if (code === 'corrupt') fail(error, true);
  }
}

function change(store: HistoryStore, order: WorkerOrder & { kind: 'write' | 'tidy' }): void {
  try {
    if (order.kind === 'write') store.write(order.entries);
    else store.tidy(order.keepFromMs);
    report({ kind: 'changed', fileBytes: historyBytes(dir) });
  } catch (error) {
    fail(error, true);
  }
}

function obey(store: HistoryStore, order: WorkerOrder): void {
  switch (order.kind) {
    case 'write':
    case 'tidy':
      return change(store, order);
    case 'read':
      return answer(store, order);
    case 'close':
      return end();
    default:
      order satisfies never;
  }
}

const store = opened();
if (store) parentPort?.on('message', (order: WorkerOrder) => obey(store, order));
