import { Counter, Gauge, type Registry } from 'prom-client';
import type { FileCount } from './open-files.ts';

const MICROS = 1e6;

/**
 * The process under names that dashboards for Node know. Not all of `collectDefaultMetrics`: that lists every open file
 * and handle at each scrape, which holds the sound up by 2 ms per thousand listeners (measured), and it starts observers
 * that nobody can stop.
 */
export class ProcessMetrics {
  readonly #files: () => FileCount | undefined;
  readonly #cpu: Counter;
  readonly #rss: Gauge;
  readonly #heapUsed: Gauge;
  readonly #heapTotal: Gauge;
  readonly #external: Gauge;
  readonly #openFiles: Gauge;
  readonly #mostFiles: Gauge;

  /** `files` are counted without listing them. */
  constructor(registry: Registry, files: () => FileCount | undefined) {
    this.#files = files;
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
    this.#cpu = new Counter({
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the process, kernel and user.',
      registers: [registry],
    });
    this.#rss = gauge('process_resident_memory_bytes', 'Memory of the process.');
    this.#heapUsed = gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use.');
    this.#heapTotal = gauge('nodejs_heap_size_total_bytes', 'JavaScript heap.');
    this.#external = gauge('nodejs_external_memory_bytes', 'Memory of buffers outside the heap.');
    this.#openFiles = gauge(
      'process_open_fds',
      'Open files; a connection is one. Absent where no /proc tells.',
    );
    this.#mostFiles = gauge('process_max_fds', 'Files that the process may open.');
    const startSec = Math.round(Date.now() / 1000 - process.uptime());
    gauge('process_start_time_seconds', 'When the process began, Unix seconds.').set(startSec);
  }

  /** Takes the figures of this moment. */
  collect(): void {
    const { user, system } = process.cpuUsage();
    this.#cpu.reset();
    this.#cpu.inc((user + system) / MICROS);
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
    this.#rss.set(rss);
    this.#heapTotal.set(heapTotal);
    this.#heapUsed.set(heapUsed);
    this.#external.set(external);
    const files = this.#files();
    if (files) {
      this.#openFiles.set(files.open);
      this.#mostFiles.set(files.limit);
    } else {
      this.#openFiles.remove();
      this.#mostFiles.remove();
    }
  }
}
