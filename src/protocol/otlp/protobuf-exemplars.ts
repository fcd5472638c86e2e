// Exemplars in protobuf, of today's senders and of those before 0.9.

import type { ProtobufReader } from '../protobuf-reader.ts';
import { addExemplar, MAX_ID_BYTES, significantId } from './exemplar-reading.ts';
import type { Attribute, OtlpExemplar } from './model.ts';
import { readAttribute, readLegacyLabel } from './protobuf-attributes.ts';
import { msOfNanos } from './time.ts';

/** Appends one exemplar. `isInteger` tells what field 3 holds, which old senders have for integers as well. */
export function readExemplar(
  reader: ProtobufReader,
  outerName: string,
  isInteger: boolean,
  to: OtlpExemplar[],
): void {
  const outer = reader.beginMessage('Exemplar');
  let value = 0;
  let t = 0;
  let traceId: string | undefined = '';
  let spanId: string | undefined = '';
  const attributes: Attribute[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    switch (field) {
      case 1:
        readLegacyLabel(reader, 'Exemplar', attributes);
        break;
      case 2:
        reader.fixed64();
        t = msOfNanos(reader.high, reader.low);
        break;
      case 3:
        if (isInteger) {
          reader.fixed64();
          value = reader.signed();
        } else value = reader.double();
        break;
      case 4:
        spanId = readId(reader);
        break;
      case 5:
        traceId = readId(reader);
        break;
      case 6:
        reader.fixed64();
        value = reader.signed();
        break;
      case 7:
        readAttribute(reader, 'Exemplar', attributes);
        break;
      default:
        reader.skip();
    }
  }
  reader.endMessage(outer, outerName);
  addExemplar(to, { value, t, traceId, spanId, attributes });
}

/** In hex; an id of nothing but zeros is none. */
function readId(reader: ProtobufReader): string | undefined {
  const start = reader.bytesField();
  const length = reader.position - start;
  if (length > MAX_ID_BYTES) return undefined;
  return significantId(Buffer.from(reader.bytes.subarray(start, reader.position)).toString('hex'));
}
