import {
  ROOT_CONTEXT,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  type Tracer,
} from '@opentelemetry/api';

/** A span as an exporter would see it. */
export class KeptSpan implements Span {
  readonly events: [name: string, atMs: TimeInput | undefined][] = [];
  readonly attributes: Attributes;
  readonly parent: Span | undefined;
  readonly beganAtMs: TimeInput | undefined;
  readonly name: string;
  status: SpanStatus | undefined;
  endedAtMs: TimeInput | undefined;
  /** A span may be ended once. */
  ends = 0;

  constructor(name: string, options: SpanOptions, parent: Span | undefined) {
    this.name = name;
    this.attributes = { ...options.attributes };
    this.beganAtMs = options.startTime;
    this.parent = parent;
  }

  spanContext() {
    return { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1 };
  }
  setAttribute(key: string, value: string): this {
    this.attributes[key] = value;
    return this;
  }
  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes);
    return this;
  }
  addEvent(name: string, atMs?: unknown): this {
    this.events.push([name, typeof atMs === 'number' ? atMs : undefined]);
    return this;
  }
  addLink(): this {
    return this;
  }
  addLinks(): this {
    return this;
  }
  setStatus(status: SpanStatus): this {
    this.status = status;
    return this;
  }
  updateName(): this {
    return this;
  }
  end(atMs?: TimeInput): void {
    this.ends++;
    this.endedAtMs = atMs;
  }
  isRecording(): boolean {
    return this.ends === 0;
  }
  recordException(): void {}
}

/** A tracer that keeps its spans. */
export class KeptTracer implements Pick<Tracer, 'startSpan'> {
  readonly spans: KeptSpan[] = [];

  startSpan(name: string, options: SpanOptions = {}, context: Context = ROOT_CONTEXT): Span {
    const span = new KeptSpan(name, options, trace.getSpan(context));
    this.spans.push(span);
    return span;
  }
}
