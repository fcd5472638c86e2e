// The labels of series: of what a resource, a scope, a metric and a point say. Later words win, but attributes
// whose names fall together are joined.

import { compareStrings, type Label, METRIC_NAME } from '../../model/labels.ts';
import type { RejectReason } from '../../storage/errors.ts';
import type { Attribute, Resource, Scope } from './model.ts';
import type { OtlpNames } from './names.ts';

/** Why a point is refused. */
export interface Refusal {
  readonly reason: RejectReason;
  readonly message: string;
}

const SERVICE_NAME = 'service.name';
const SERVICE_NAMESPACE = 'service.namespace';
const SERVICE_INSTANCE = 'service.instance.id';

/** What `job` and `instance` are made of. */
const IDENTIFYING: readonly string[] = [SERVICE_NAMESPACE, SERVICE_NAME, SERVICE_INSTANCE];

export function isRefusal(of: readonly Label[] | Refusal): of is Refusal {
  return 'reason' in of;
}

/** Labels of one series while they are put together, always sorted. An empty value is the same as none. */
class LabelDraft {
  readonly labels: Label[] = [];

  value(name: string): string {
    const at = this.#find(name);
    return at < 0 ? '' : this.labels[at]!.value;
  }

  set(name: string, value: string): void {
    this.#put(this.#find(name), name, value);
  }

  /** Joins values whose keys have become the same name. */
  join(name: string, value: string): void {
    const at = this.#find(name);
    this.#put(at, name, at < 0 ? value : `${this.labels[at]!.value};${value}`);
  }

  setAll(labels: readonly Label[]): void {
    for (const { name, value } of labels) this.set(name, value);
  }

  /** Index of the label, or -1 minus the index where it would be. Labels mostly come in order. */
  #find(name: string): number {
    const { labels } = this;
    let at = labels.length;
    while (at > 0) {
      const order = compareStrings(labels[at - 1]!.name, name);
      if (order === 0) return at - 1;
      if (order < 0) break;
      at--;
    }
    return -1 - at;
  }

  #put(found: number, name: string, value: string): void {
    const { labels } = this;
    if (found >= 0) {
      if (value === '') labels.splice(found, 1);
      else labels[found] = { name, value };
    } else if (value !== '') {
      const at = -1 - found;
      if (at === labels.length) labels.push({ name, value });
      else labels.splice(at, 0, { name, value });
    }
  }
}

/** Makes the labels of one request's series. */
export class SeriesLabels {
  readonly #names: OtlpNames;
  readonly #extraLabels: readonly Label[];
  #resource: readonly Attribute[] = [];
  #promoted: readonly Label[] = [];
  #identity: readonly Label[] = [];
  #resourceRefusal: Refusal | undefined;
  #scope: readonly Label[] = [];
  #scopeRefusal: Refusal | undefined;

  /** `extraLabels` are set on every series, over what the sender says. */
  constructor(names: OtlpNames, extraLabels: readonly Label[]) {
    this.#names = names;
    this.#extraLabels = extraLabels;
  }

  beginResource({ attributes }: Resource): void {
    this.#resource = attributes;
    this.#resourceRefusal = undefined;
    this.#promoted = [];
    const value = (key: string): string | undefined =>
      attributes.find((attribute) => attribute.key === key)?.value;
    const [name, namespace] = [value(SERVICE_NAME), value(SERVICE_NAMESPACE)];
    const job = namespace === undefined ? name : `${namespace}/${name}`;
    this.#identity = [
      { name: 'job', value: name === undefined ? '' : job! },
      { name: 'instance', value: value(SERVICE_INSTANCE) ?? '' },
    ];
    const isBroken = (one: Attribute): boolean =>
      one.problem !== undefined && IDENTIFYING.includes(one.key);
    const broken = attributes.find(isBroken);
    if (broken !== undefined) {
      this.#resourceRefusal = invalidAttribute(broken);
      return;
    }
    const labels = this.#named(
      attributes.filter(({ key }) => this.#isPromoted(key)),
      '',
    );
    if (isRefusal(labels)) this.#resourceRefusal = labels;
    else this.#promoted = labels;
  }

  beginScope({ name, version, schemaUrl, attributes }: Scope): void {
    this.#scope = [];
    this.#scopeRefusal = undefined;
    if (!this.#names.options.promoteScopeMetadata || name === '') return;
    const labels = this.#named(attributes, 'otel_scope_');
    if (isRefusal(labels)) {
      this.#scopeRefusal = labels;
      return;
    }
    this.#scope = [
      ...labels,
      { name: 'otel_scope_name', value: name },
      { name: 'otel_scope_version', value: version },
      { name: 'otel_scope_schema_url', value: schemaUrl },
    ];
  }

  /**
   * Labels of a point without its metric's name, sorted. `own` are those that its metric adds: `__type__` and
   * `__unit__`.
   */
  ofPoint(attributes: readonly Attribute[], own: readonly Label[]): Label[] | Refusal {
    const refusal = this.#resourceRefusal ?? this.#scopeRefusal;
    if (refusal !== undefined) return refusal;
    const draft = this.#fromAttributes(attributes);
    if (!(draft instanceof LabelDraft)) return draft;
    for (const { name, value } of this.#promoted) {
      if (draft.value(name) === '') draft.set(name, value);
    }
    this.#setIdentity(draft);
    draft.setAll(this.#scope);
    draft.setAll(own);
    draft.setAll(this.#extraLabels);
    return this.#checkNumber(draft.labels);
  }

  /** Labels of the resource's target_info without its name, sorted; undefined if it would tell nothing. */
  ofTarget(): Label[] | Refusal | undefined {
    const { keepIdentifyingResourceAttributes } = this.#names.options;
    const others = this.#resource.filter(({ key }) => !IDENTIFYING.includes(key));
    if (others.length === 0) return undefined;
    const draft = this.#fromAttributes(keepIdentifyingResourceAttributes ? this.#resource : others);
    if (!(draft instanceof LabelDraft)) return draft;
    this.#setIdentity(draft);
    if (draft.value('job') === '' && draft.value('instance') === '') return undefined;
    draft.setAll(this.#extraLabels);
    return this.#checkNumber(draft.labels);
  }

  #isPromoted(key: string): boolean {
    const { options } = this.#names;
    return options.promoteAllResourceAttributes
      ? !options.ignoreResourceAttributes.includes(key)
      : options.promoteResourceAttributes.includes(key);
  }

  /** They stand above attributes of the same names, but only if there are any. */
  #setIdentity(draft: LabelDraft): void {
    for (const { name, value } of this.#identity) if (value !== '') draft.set(name, value);
  }

  /** Labels with a prefix to their names; of equal names the last wins. */
  #named(attributes: readonly Attribute[], prefix: string): Label[] | Refusal {
    const tooMany = this.#farTooMany(attributes);
    if (tooMany !== undefined) return tooMany;
    const draft = new LabelDraft();
    for (const attribute of attributes) {
      const { key, value, problem } = attribute;
      if (problem !== undefined) return invalidAttribute(attribute);
      const name = this.#names.label(`${prefix}${key}`);
      if (name === undefined) return nameless(key);
      draft.set(name, value);
    }
    return draft.labels;
  }

  #fromAttributes(attributes: readonly Attribute[]): LabelDraft | Refusal {
    const tooMany = this.#farTooMany(attributes);
    if (tooMany !== undefined) return tooMany;
    const draft = new LabelDraft();
    for (const attribute of inOrderOfKeys(attributes)) {
      const { key, value, problem } = attribute;
      if (problem !== undefined) return invalidAttribute(attribute);
      // The metric's name has one source.
      if (key === METRIC_NAME) continue;
      const name = this.#names.label(key);
      if (name === undefined) return nameless(key);
      draft.join(name, value);
    }
    return draft;
  }

  #checkNumber(labels: Label[]): Label[] | Refusal {
    // The metric's name comes on top.
    return this.#tooMany(labels.length + 1) ?? labels;
  }

  /** Some attributes make no label, but so many would only cost time. */
  #farTooMany(attributes: readonly Attribute[]): Refusal | undefined {
    const isFar = attributes.length > 2 * this.#names.options.maxLabels;
    return isFar ? this.#tooMany(attributes.length) : undefined;
  }

  #tooMany(number: number): Refusal | undefined {
    const { maxLabels } = this.#names.options;
    if (number <= maxLabels) return undefined;
    return {
      reason: 'too_many_labels',
      message: `${number} labels, at most ${maxLabels} (--limits.max-labels)`,
    };
  }
}

function invalidAttribute({ key, problem }: Attribute): Refusal {
  return {
    reason: 'invalid_label_value',
    message: `attribute ${JSON.stringify(key.slice(0, 80))}: ${problem}`,
  };
}

function nameless(key: string): Refusal {
  return {
    reason: 'invalid_label_name',
    message: `attribute key ${JSON.stringify(key.slice(0, 80))} leaves nothing for a label's name`,
  };
}

/** So that values that are joined are in the same order whatever order they came in. */
function inOrderOfKeys(attributes: readonly Attribute[]): readonly Attribute[] {
  for (let i = 1; i < attributes.length; i++) {
    if (compareStrings(attributes[i - 1]!.key, attributes[i]!.key) > 0) {
      return [...attributes].sort((a, b) => compareStrings(a.key, b.key));
    }
  }
  return attributes;
}

/** A copy of sorted labels with one more in its place, instead of any of the same name. */
export function withLabel(labels: readonly Label[], name: string, value: string): Label[] {
  const result: Label[] = [];
  let i = 0;
  while (i < labels.length && compareStrings(labels[i]!.name, name) < 0) result.push(labels[i++]!);
  result.push({ name, value });
  if (labels[i]?.name === name) i++;
  while (i < labels.length) result.push(labels[i++]!);
  return result;
}
