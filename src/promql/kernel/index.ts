// Where the evaluator meets the kernel. Each function either does its work in kernel memory or says that it
// did nothing (false, undefined, -1), and then the caller goes its plain way.

export { addRowInKernel, finishGroupInKernel } from './group-rows.ts';
export { type KernelColumns, KernelRows } from './kernel-rows.ts';
export { KERNEL_FUNCTION_NAMES, kernelRangeFunction } from './range-functions.ts';
export { lookbackValues, presentSteps, withoutStaleFloats } from './selector-rows.ts';
export { countFloatWindows, type WindowFigures } from './series-windows.ts';
