// Compensated summation (Kahan, in Neumaier's variant): what rounding loses is added up beside the sum.

export class CompensatedSum {
  sum = 0;
  /** What the sum lacks by rounding; 0 once it is infinite. */
  compensation = 0;

  add(value: number): void {
    const { sum } = this;
    const next = sum + value;
    if (next === Infinity || next === -Infinity) this.compensation = 0;
    else if (Math.abs(sum) >= Math.abs(value)) this.compensation += sum - next + value;
    else this.compensation += value - next + sum;
    this.sum = next;
  }

  /** The best value of the sum. */
  get total(): number {
    return this.sum + this.compensation;
  }

  /** Multiplies what was added so far. */
  scale(factor: number): void {
    this.sum *= factor;
    this.compensation *= factor;
  }
}
