// DataDog's series of version 2 as protobuf, as its agent sends them.

import { ProtobufReader } from '../protobuf-reader.ts';
import type { RowCollector } from '../row-collector.ts';
import type { StreamDecoder } from '../stream-decoder.ts';
import {
  type DatadogOptions,
  type DatadogPoint,
  type DatadogSeries,
  DatadogWriter,
} from './series.ts';

const PAYLOAD = 'MetricPayload';
const SERIES = 'MetricSeries';
const POINT = 'MetricPoint';
const RESOURCE = 'Resource';

export class DatadogV2ProtobufDecoder implements StreamDecoder {
  readonly #writer: DatadogWriter;

  constructor(collector: RowCollector, options: DatadogOptions) {
    this.#writer = new DatadogWriter(collector, options);
  }

  /** A whole body. Throws PROTOBUF_MALFORMED. */
  push(bytes: Uint8Array): void {
    const reader = new ProtobufReader(bytes, PAYLOAD);
    for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
      if (field !== 1) {
        reader.skip();
        continue;
      }
      const outer = reader.beginMessage(SERIES);
      const series = readSeries(reader);
      reader.endMessage(outer, PAYLOAD);
      if (series === undefined) this.#writer.skip('a text is not valid UTF-8');
      else this.#writer.add(series);
    }
  }

  end(): void {}
}

/** Undefined if one of its texts is not valid UTF-8. */
function readSeries(reader: ProtobufReader): DatadogSeries | undefined {
  const series: DatadogSeries = {
    metric: '',
    resources: [],
    tags: [],
    sourceTypeName: '',
    points: [],
  };
  let isText = true;
  const text = (): string => {
    const read = reader.string();
    if (read === undefined) isText = false;
    return read ?? '';
  };
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) readResource(reader, series.resources, text);
    else if (field === 2) series.metric = text();
    else if (field === 3) series.tags.push(text());
    else if (field === 4) series.points.push(readPoint(reader));
    else if (field === 7) series.sourceTypeName = text();
    else reader.skip();
  }
  return isText ? series : undefined;
}

function readResource(reader: ProtobufReader, resources: string[], text: () => string): void {
  const outer = reader.beginMessage(RESOURCE);
  let type = '';
  let name = '';
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) type = text();
    else if (field === 2) name = text();
    else reader.skip();
  }
  reader.endMessage(outer, SERIES);
  if (type !== '' && name !== '') resources.push(type, name);
}

function readPoint(reader: ProtobufReader): DatadogPoint {
  const outer = reader.beginMessage(POINT);
  let seconds = 0;
  let value = 0;
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field === 1) value = reader.double();
    else if (field === 2) seconds = reader.int64();
    else reader.skip();
  }
  reader.endMessage(outer, SERIES);
  return { seconds, value: { value, isRounded: false } };
}
