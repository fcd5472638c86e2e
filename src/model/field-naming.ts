// What metrics are called whose samples came as fields of measurements.

/** Measurement and field; with `value-as-name` the measurement alone, if the field is called `value`. */
export const FIELD_NAMINGS = ['value-as-name', 'always-suffix'] as const;

export type FieldNaming = (typeof FIELD_NAMINGS)[number];
